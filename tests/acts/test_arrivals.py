"""What somebody brings along is judged, sealed and answered; the agreement says what of it is taken in."""

import io
import json
from hashlib import sha256
from zipfile import ZipFile

import pytest

from tests.cast import MIA, NOOR, PAYMENT, joins, tells, tells_everything
from tests.houses import CLINIC_TEXT
from tests.inside import blobs_of, kinds_since, ledger_of, rows_of, shown
from troth.acts import arrivals
from troth.acts.arrivals import Reception, expecting, taking_in, turning_away
from troth.clock import DAY
from troth.custody.keymaking import PACKAGES
from troth.custody.packages import packing
from troth.custody.packages.judging import whole_text
from troth.errors import BlobTooLarge, NotAbout, PackageFaulty, PackageGone, Refused
from troth.ledger.checkpoint import open_note
from troth.rules.decision import member
from troth.store import schema_keys, schema_rights


@pytest.fixture
def there(new_house, clock):
    """Another provider, where Mia is a member too."""
    house = new_house(clock=clock, name="there")
    joins(house, MIA, email="mia@elsewhere.example")
    return house


def packed(house, who=MIA):
    """A package to move with, and the signature over all of it."""
    raw = b"".join(house.open_package(house.package(about=who, right="port").id, about=who))
    inner = house.teller.house
    text = whole_text(inner.signer.name, sha256(raw).digest(), len(raw))
    return raw, packing.signed(inner, text)


def awaited(house, who=MIA):
    return expecting(house.teller, by=member(), about=who)


def brought(house, code, raw, signature, step=10_000):
    reception = Reception(house.teller, code, signature)
    for low in range(0, len(raw), step):
        reception.write(raw[low : low + step])
    return reception.finish()


def moved(here, there):
    """Mia's package, gone from here to there; the arrival that it is."""
    expected = awaited(there)
    brought(there, expected.code, *packed(here))
    return expected.id


# ---- refused


def test_where_no_clause_takes_anything_in_nothing_is_let_come(new_house, clock):
    clinic = new_house(CLINIC_TEXT, clock=clock)

    with pytest.raises(Refused) as caught:
        expecting(clinic.teller, by=member(), about="P-77")

    assert "unknown-circumstance" in caught.value.codes


@pytest.mark.parametrize("code", ["", "nothing", "A" * 32])
def test_a_code_that_names_nothing_lets_nothing_in(there, code):
    with pytest.raises(PackageGone):
        Reception(there.teller, code, b"")


def test_a_code_counts_for_an_hour(there, clock):
    expected = awaited(there)
    clock.at = expected.ends_at

    with pytest.raises(PackageGone):
        Reception(there.teller, expected.code, b"")
    there.sweep()
    assert rows_of(there, schema_rights.arrivals) == []


@pytest.mark.parametrize("what", ["bytes", "signature", "whole", "other"])
def test_what_is_not_as_its_sender_signed_it_is_not_kept(house, there, what):
    tells_everything(house)
    raw, signature = packed(house)
    expected = awaited(there)
    if what == "bytes":
        raw = raw[:-100] + bytes([raw[-100] ^ 1]) + raw[-99:]
    elif what == "signature":
        signature = b"troth\n"
    elif what == "other":
        signature = packing.signed(there.teller.house, "something else\n")
    else:
        raw = raw[:-1]

    with pytest.raises(PackageFaulty):
        brought(there, expected.code, raw, signature)

    assert blobs_of(there) == []
    assert [each.state for each in arrivals.arrivals_of(there.teller, MIA)] == ["awaited"]
    brought(there, expected.code, *packed_again(house))


def packed_again(house):
    return packed(house)


def test_more_than_is_let_in_is_stopped_while_it_comes(there):
    expected = awaited(there)
    reception = Reception(there.teller, expected.code, b"", most=100_000)

    reception.write(bytes(100_000))
    with pytest.raises(BlobTooLarge):
        reception.write(b"x")
    reception.stop()

    assert blobs_of(there) == []


def test_what_came_for_somebody_is_opened_by_nobody_else(house, there):
    tells(house, MIA, "account")
    tells(house, MIA, "payment")
    joins(there, NOOR)
    arrival = moved(house, there)

    with pytest.raises(NotAbout):
        taking_in(there.teller, by=member(), about=NOOR, arrival=arrival)
    with pytest.raises(NotAbout):
        turning_away(there.teller, by=member(), about=NOOR, arrival=arrival)


# ---- taken in


def test_the_receipt_names_what_came_and_is_signed_by_whoever_got_it(house, there):
    tells_everything(house)
    raw, signature = packed(house)
    expected = awaited(there)
    before = len(ledger_of(there))

    receipt = brought(there, expected.code, raw, signature)

    text = open_note(receipt, there.teller.house.signer.verifier).text
    assert f"sha256:{sha256(raw).hexdigest()}\nsize {len(raw)}\n" in text
    assert kinds_since(there, before) == ["arrival.received"]
    assert brought(there, expected.code, raw, signature) == receipt  # sent again, it is answered alike
    with pytest.raises(PackageGone):
        brought(there, expected.code, raw[:-1] + b"x", signature)


def test_what_a_clause_takes_is_taken_in_by_the_persons_own_act_and_the_rest_is_named(house, there):
    tells_everything(house)
    arrival = moved(house, there)
    assert arrivals.review(there.teller, about=MIA, arrival=arrival)["payment"]["clause"] == "collect.payment"

    said = taking_in(there.teller, by=member(), about=MIA, arrival=arrival)

    assert shown(there.access(about=MIA, category="payment")) == [PAYMENT]
    assert (said["payment"]["taken"], said["payment"]["refused"]) == (1, {})
    assert (said["identity"]["taken"], said["identity"]["refused"]) == (0, {"no-clause": 1})
    assert blobs_of(there) == []
    assert not [row for row in rows_of(there, schema_keys.keys) if row.kept == PACKAGES]
    (entry,) = [e for e in ledger_of(there) if e.kind == "record.collected" and e.category == "payment"]
    assert (entry.circumstance, entry.clauses) == ("arrival", ("collect.payment",))
    with pytest.raises(PackageGone):
        taking_in(there.teller, by=member(), about=MIA, arrival=arrival)


def test_taken_in_twice_by_halves_it_is_there_once(house, there):
    tells(house, MIA, "account")
    for number in range(3):
        tells(house, MIA, "payment", holder=f"Mia {number}")
    arrival = moved(house, there)
    incoming = there.teller.alone(lambda desk: arrivals.arriving.opened(desk, arrival, MIA))
    outcome = arrivals.Outcome()
    with arrivals._package(there.teller, incoming) as package:  # it is cut off after two of three
        for number, (category, item) in enumerate(arrivals._items(package)):
            mark = f"arrival {arrival.hex()} {number}"
            if category == "payment" and outcome.offered < 2:
                arrivals._take(there.teller, package, member(), MIA, mark, category, item, outcome)

    said = taking_in(there.teller, by=member(), about=MIA, arrival=arrival)

    assert said["payment"]["taken"] == 3
    assert len(there.access(about=MIA, category="payment").records) == 3


def test_turned_away_nothing_of_it_is_kept(house, there):
    tells_everything(house)
    arrival = moved(house, there)

    turning_away(there.teller, by=member(), about=MIA, arrival=arrival)

    assert blobs_of(there) == []
    assert [each.state for each in arrivals.arrivals_of(there.teller, MIA)] == ["refused"]


def test_what_nobody_takes_in_goes_after_seven_days_and_with_its_person(house, there, clock):
    tells(house, MIA, "account")
    moved(house, there)
    clock.at += 7 * DAY
    there.sweep()
    assert blobs_of(there) == rows_of(there, schema_rights.arrivals) == []

    moved(house, there)
    there.erase(about=MIA)
    assert blobs_of(there) == rows_of(there, schema_rights.arrivals) == []


def test_what_came_goes_on_as_it_is_when_it_is_taken_along_again(house, there):
    tells(house, MIA, "account")
    for number in range(5):
        tells(house, MIA, "payment", holder=f"Mia {number}")
    before = ZipFile(io.BytesIO(packed(house)[0]))
    taking_in(there.teller, by=member(), about=MIA, arrival=moved(house, there))

    after = ZipFile(io.BytesIO(packed(there)[0]))

    values = [
        sorted(str(each["values"]) for each in json.loads(package.read("data/payment.json"))["records"])
        for package in (before, after)
    ]
    assert values[0] == values[1]
