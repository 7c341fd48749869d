"""Data is brought along and sent on by the member alone: an address, a look at who is there, a receipt."""

from hashlib import sha256

import pytest

from tests.cast import MIA, PAYMENT, joins, tells
from tests.gates.test_transfer import answering
from tests.inside import ledger_of, shown
from tests.web.markup import faults
from troth.acts.arrivals import Reception
from troth.custody.packages import packing
from troth.custody.packages.judging import whole_text
from troth.rules.decision import member


@pytest.fixture
def other(sqlite_house):
    """Another provider, where Mia has a bank account on file."""
    house = sqlite_house(name="other")
    joins(house)
    tells(house, MIA, "payment")
    return house


def brought(portal, other, address):
    raw = b"".join(other.open_package(other.package(about=MIA, right="port").id, about=MIA))
    inner = other.teller.house
    signature = packing.signed(inner, whole_text(inner.signer.name, sha256(raw).digest(), len(raw)))
    reception = Reception(portal.hall.teller, address.rpartition("/")[2], signature)
    reception.write(raw)
    return reception.finish()


def address_on(page):
    return next(word for word in page.words.split() if "/api/v1/arrivals/" in word)


@pytest.mark.parametrize("form", ["/move/expect"])
def test_nothing_is_let_come_before_it_is_confirmed_who_asks(portal, form):
    mia = portal.register()
    portal.wait()

    assert mia.send(mia.get("/move").form(form)).path == "/confirm"
    assert portal.visitor().get("/move").path == "/sign-in"


def test_what_comes_waits_to_be_looked_at_and_is_taken_in_as_far_as_a_clause_says(portal, other):
    mia = portal.register()
    page = mia.send(mia.get("/move").form("/move/expect"))
    brought(portal, other, address_on(page))

    waiting = mia.get("/move")
    assert "Data has arrived" in waiting.words
    assert "is not taken in here" in waiting.words
    assert faults(waiting.tree) == []
    after = mia.send(waiting.form("/move/take"))

    assert "1 taken in, 0 not" in after.words
    assert faults(after.tree) == []
    held = portal.house.access(about=mia.subject, category="payment", by=member("portal", "step_up"))
    assert shown(held) == [PAYMENT]


def test_what_comes_can_be_destroyed(portal, other):
    mia = portal.register()
    brought(portal, other, address_on(mia.send(mia.get("/move").form("/move/expect"))))

    page = mia.send(mia.get("/move").form("/move/refuse"))

    assert "Data has arrived" not in page.words
    assert "arrival.refused" in [entry.kind for entry in ledger_of(portal.house)]


def test_who_is_at_an_address_is_shown_before_anything_is_sent(portal):
    mia = portal.register()
    mia.package("port")
    portal.house.package(about=mia.subject, right="port")
    said = (
        b'{"format": "troth-arrival/1", "organisation": "Other Ltd", "vkey": "other+00000000+x", "takes": []}'
    )

    with answering(200, said) as address:
        page = mia.send(mia.get("/move").form("/move/ask"), address=address)

    assert "Other Ltd" in page.words
    assert page.form("/move/send").fields["address"] == address
    assert faults(page.tree) == []
    wrong = mia.send(mia.get("/move").form("/move/ask"), address="https://10.0.0.1/api/v1/arrivals/x")
    assert wrong.status == 422
    assert "Nothing can be sent to this address." in wrong.words
    assert "package.sent" not in [entry.kind for entry in ledger_of(portal.house)]


def test_nothing_that_came_is_taken_in_before_it_is_confirmed_who_asks(portal, other):
    mia = portal.register()
    brought(portal, other, address_on(mia.send(mia.get("/move").form("/move/expect"))))
    form = mia.get("/move").form("/move/take")
    portal.wait()

    assert mia.send(form).path == "/confirm"
    assert "Data has arrived" in mia.get("/move").words


def test_who_lets_us_wait_for_an_answer_keeps_only_so_many_of_us(portal):
    mia = portal.register()
    portal.house.package(about=mia.subject, right="port")
    form = mia.get("/move").form("/move/ask")

    with answering(200, b"x" * 40, slow=0.02) as address:
        pages = portal.at_once(*((mia, form, {"address": address}) for _ in range(5)))

    assert sorted(page.status for page in pages) == [409, 409, 409, 429, 429]
    assert any("The other provider did not answer as they should." in page.words for page in pages)
