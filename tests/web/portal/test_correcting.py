"""One record is corrected or removed by its person, where the agreement lets them; and nobody else's."""

import pytest

from tests.cast import IDENTITY, JPEG, PAYMENT
from tests.custody.systems.test_duties import Standin, with_systems
from tests.web.disclosing import paid_out
from tests.web.markup import faults


def pays(portal, member) -> str:
    taken = portal.house.collect(about=member.subject, category="payment", when="payment", values=PAYMENT)
    return taken.records[0].hex()


def holder(portal, member) -> str:
    return portal.house.access(about=member.subject, category="payment").records[0].values["holder"].reveal()


def test_it_must_be_surely_them_before_the_form_is_shown(portal):
    member = portal.register("mia@example.org")
    record = pays(portal, member)
    portal.wait()
    assert member.get(f"/data/payment/{record}/correct").path == "/confirm"


def test_what_was_typed_is_not_lost_when_it_must_be_surer_that_it_is_them(portal):
    member = portal.register("mia@example.org")
    record = pays(portal, member)
    form = member.get(f"/data/payment/{record}/correct").forms[-1]
    portal.wait()

    page = member.send(form, holder="Mia Example")

    assert (page.status, page.title) == (403, "Confirm that it is you")
    assert faults(page.tree) == []
    (way, _) = page.links("/confirm")
    member.confirmed(member.get(way))
    done = member.send(page.form(form.action))
    assert done.title == "It is corrected"
    assert holder(portal, member) == "Mia Example"


@pytest.mark.parametrize("way", ["correct", "remove"])
def test_a_record_of_somebody_else_is_not_there(portal, way):
    member, other = portal.register("mia@example.org"), portal.register("noor@example.org")
    pays(portal, member)
    record = pays(portal, other)
    assert member.get(f"/data/payment/{record}/{way}").status == 404
    own = member.get("/choices").forms[0].fields["csrf"]
    sent = member.post(f"/data/payment/{record}/{way}", {"csrf": own, "holder": "X"})
    assert sent.status in (403, 404)
    assert holder(portal, other) == PAYMENT["holder"]


@pytest.mark.parametrize("record", ["x", "00", "zz" * 16, "ff" * 16, "%2e%2e"])
def test_what_is_no_record_is_not_there(portal, record):
    member = portal.register("mia@example.org")
    pays(portal, member)
    assert member.get(f"/data/payment/{record}/correct").status == 404


def test_what_wants_a_review_is_not_offered_and_says_where_to_turn(portal):
    member = portal.register("mia@example.org")
    taken = portal.house.collect(
        about=member.subject, category="identity", when="identity_verification", values=IDENTITY, age=36
    )
    page = member.get("/data/identity")
    assert "We review it first" in page.words
    assert page.links(f"/data/identity/{taken.records[0].hex()}") == []
    assert member.get(f"/data/identity/{taken.records[0].hex()}/correct").status == 404


def test_what_is_not_of_its_type_comes_back_with_what_was_typed(portal):
    member = portal.register("mia@example.org")
    page = member.get(f"/data/payment/{pays(portal, member)}/correct")
    again = member.send(page.forms[-1], iban="DE00")
    assert again.status == 422
    assert faults(again.tree) == []
    assert again.forms[-1].fields["iban"] == "DE00"
    assert holder(portal, member) == PAYMENT["holder"]


def test_nothing_changed_is_nothing_done(portal):
    member = portal.register("mia@example.org")
    page = member.get(f"/data/payment/{pays(portal, member)}/correct")
    assert member.send(page.forms[-1]).status == 422


def test_a_correction_ends_on_a_receipt_and_is_in_the_log(portal):
    member = portal.register("mia@example.org")
    page = member.get(f"/data/payment/{pays(portal, member)}/correct")
    assert faults(page.tree) == []
    done = member.send(page.forms[-1], holder="Mia Neu")
    assert done.title == "It is corrected"
    assert holder(portal, member) == "Mia Neu"
    entries = [entry for _n, entry in portal.house.entries(about=member.subject)]
    (corrected,) = [entry for entry in entries if entry.kind == "record.corrected"]
    assert corrected.fields == ("holder",)
    assert "Mia Neu" not in done.text


def test_what_a_duty_keeps_is_not_offered_for_removal_and_refused(portal):
    member = portal.register("mia@example.org")
    record = pays(portal, member)
    assert "Why you cannot remove it" in member.get("/data/payment").words
    page = member.get(f"/data/payment/{record}/remove")
    assert member.send(page.forms[-1]).status == 403
    assert holder(portal, member) == PAYMENT["holder"]


def test_a_removal_shows_what_goes_and_takes_it_at_once(portal):
    member = portal.register("mia@example.org")
    portal.house.consent(about=member.subject, purpose="camera.profile")
    taken = portal.house.collect(
        about=member.subject, category="camera.profile", when="camera", values={"picture": JPEG}
    )
    page = member.get(f"/data/camera.profile/{taken.records[0].hex()}/remove")
    assert faults(page.tree) == []
    done = member.send(page.forms[-1])
    assert done.title == "It is removed"
    assert "Nothing of this kind is held" in member.get("/data/camera.profile").words
    again = member.send(page.forms[-1])
    assert again.words == done.words


def test_what_was_changed_meanwhile_is_not_put_back_unasked(portal):
    mia = portal.register()
    path = f"/data/payment/{pays(portal, mia)}/correct"
    first = mia.get(path).form(path)
    mia.send(mia.get(path).form(path), iban="GB29 NWBK 6016 1331 9268 19")

    page = mia.send(first, holder="Mia Sun")

    assert page.status == 422
    assert "changed since you opened the page" in page.words
    held = portal.house.access(about=mia.subject, category="payment").records[0]
    assert held.values["iban"].reveal().startswith("GB29")
    assert page.form(path).fields["holder"] == "Mia Sun"
    form = page.form(path)
    assert mia.send(form, iban="GB29 NWBK 6016 1331 9268 19").title == "It is corrected"
    assert mia.send(form, iban="GB29 NWBK 6016 1331 9268 19").path == "/data/payment"


@pytest.mark.parametrize("way", ["correct", "remove"])
def test_that_nobody_tells_a_recipient_is_said_with_who_got_it(portal, way):
    mia = portal.register()
    record = pays(portal, mia)
    paid_out(portal, mia, times=2)

    page = mia.get(f"/data/payment/{record}/{way}")

    assert "Nobody tells these yet" in page.words
    assert "Example Payments Ltd, Dublin: 2 times, last on 1 June 2027" in page.words
    last = [n for n, each in portal.house.entries(about=mia.subject) if each.kind == "record.disclosed"]
    assert page.links("/seen/") == [f"/seen/{max(last)}"]
    assert faults(page.tree) == []


@pytest.mark.parametrize("way", ["correct", "remove"])
def test_that_a_system_tells_a_recipient_is_said_with_who_got_it(portal, way):
    mia = portal.register()
    record = pays(portal, mia)
    paid_out(portal, mia, times=2)
    (recipient,) = {each.recipient for _, each in portal.house.entries(about=mia.subject)
                    if each.kind == "record.disclosed"}  # fmt: skip
    with_systems(portal.house, Standin(recipient=recipient))

    page = mia.get(f"/data/payment/{record}/{way}")

    assert "These are told by a system" in page.words
    assert "Nobody tells these yet" not in page.words
    assert faults(page.tree) == []


@pytest.mark.parametrize("way", ["correct", "remove"])
def test_where_nobody_got_it_nothing_is_said_of_recipients(portal, way):
    mia, noor = portal.register(), portal.register("noor@example.org")
    record = pays(portal, mia)
    pays(portal, noor)
    paid_out(portal, noor)

    page = mia.get(f"/data/payment/{record}/{way}")

    assert "is told" not in page.words
    assert "are told" not in page.words
    assert "Example Payments Ltd" not in page.words
