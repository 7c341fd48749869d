"""Packages of another provider, signed as they should be, that hold what no house of ours would write."""

import json
from hashlib import sha256

import pytest

from tests.acts.test_arrivals import awaited, brought
from tests.cast import MIA, PAYMENT, joins, tells
from tests.houses import MEMBER_TEXT
from tests.inside import blobs_of, ledger_of, rows_of, shown
from troth.acts import arrivals
from troth.acts.arrivals import Outcome, taking_in
from troth.clock import DAY
from troth.custody.keymaking import PACKAGES
from troth.custody.packages import arriving, packing
from troth.custody.packages.judging import whole_text
from troth.errors import PackageFaulty, PackageGone, TooManyWaiting
from troth.packages import zipping
from troth.packages.manifest import MANIFEST, SIGNATURE, manifest_of, signed_text
from troth.rules.decision import member
from troth.store import schema_keys, schema_rights


@pytest.fixture
def there(new_house, clock):
    """Another provider, where Mia is a member too."""
    house = new_house(clock=clock, name="there")
    joins(house)
    return house


def forged(house, files, counts=None, log=""):
    """A package of any files, and the signature over all of it: by the key of a house, whatever it says."""
    inner, name = house.teller.house, house.teller.house.signer.name
    files = [*files, ("ledger/log.vkey", f"{inner.signer.verifier.vkey}\n".encode())]

    def closing(written):
        raw = manifest_of(
            written, right="port", at=inner.clock(), log=log or name, person="1", case="", organisation="",
            agreement={}, counts=counts or {},
        )  # fmt: skip
        yield MANIFEST, [raw]
        yield SIGNATURE, [packing.signed(inner, signed_text(name, raw))]

    raw = b"".join(zipping.zipped(((path, [held]) for path, held in files), closing, at=inner.clock()))
    return raw, packing.signed(inner, whole_text(name, sha256(raw).digest(), len(raw)))


def records(*items, category="payment"):
    return f"data/{category}.json", json.dumps({"category": category, "records": items}).encode()


def came(house, there, *files):
    expected = awaited(there)
    brought(there, expected.code, *forged(house, files))
    return expected.id


def paid_by(there):
    return sorted(held["holder"] for held in shown(there.access(about=MIA, category="payment")))


@pytest.mark.parametrize(
    "named", [{}, {"id": "the same"}, {"id": "x" * 64 + "y"}, {"id": "\ud800"}, {"id": [1]}]
)
def test_records_are_taken_in_each_by_itself_whatever_their_sender_calls_them(house, there, named):
    names = ["Anna One", "Bela Two", "Carl Three"]
    some = [{**named, "values": {**PAYMENT, "holder": name}} for name in names]

    said = taking_in(there.teller, by=member(), about=MIA, arrival=came(house, there, records(*some)))

    assert said["payment"]["taken"] == 3
    assert paid_by(there) == names


def test_whoever_signs_for_the_ledger_of_another_is_turned_away(house, there):
    expected = awaited(there)

    with pytest.raises(PackageFaulty, match="signature"):
        brought(there, expected.code, *forged(house, [records()], log="bank.example/log"))


@pytest.mark.parametrize("held", [b"[]", b'{"records":{}}', b'{"records":[1]}', b'{"records":[{}]}', b"{"])
def test_what_holds_no_records_is_turned_away_before_anything_is_taken_in(house, there, held):
    expected = awaited(there)

    with pytest.raises(PackageFaulty):
        brought(there, expected.code, *forged(house, [records({"values": PAYMENT}), ("data/x.json", held)]))

    assert blobs_of(there) == []


def test_a_file_that_is_not_there_keeps_no_other_record_from_being_taken_in(house, new_house, clock):
    text = MEMBER_TEXT.replace("when: customer_service", "when: [customer_service, arrival]", 1)
    there = new_house(text, clock=clock, name="takes-letters")
    joins(there)
    lacks = {"values": {"topic": "A", "message": "B", "attachment": {"file": "files/none.pdf"}}}
    arrival = came(house, there, records(lacks, category="support"), records({"values": PAYMENT}))

    said = taking_in(there.teller, by=member(), about=MIA, arrival=arrival)

    assert said["support"]["refused"] == {"malformed": 1}
    assert said["payment"]["taken"] == 1


def test_what_is_taken_in_and_cut_off_is_gone_on_with_for_half_a_day_and_never_taken_in_twice(
    house, there, clock
):
    some = [{"values": {**PAYMENT, "holder": name}} for name in ("Anna One", "Bela Two")]
    arrival = came(house, there, records(*some))
    incoming = there.teller.alone(lambda desk: arrivals.arriving.begun(desk, arrival, MIA))
    with arrivals._package(there.teller, incoming) as package:  # it is cut off after the first
        category, item = next(arrivals._items(package))
        mark = f"arrival {arrival.hex()} 0"
        arrivals._take(there.teller, package, member(), MIA, mark, category, item, Outcome())
    clock.at += DAY
    there.sweep()  # forgets what was done more than a day ago

    with pytest.raises(PackageGone):
        taking_in(there.teller, by=member(), about=MIA, arrival=arrival)

    assert paid_by(there) == ["Anna One"]
    assert blobs_of(there) == []


def test_what_another_writes_stays_out_of_the_ledger_and_of_every_row_that_is_not_sealed(house, there):
    words = "Mia Luna Moon is ill"
    strange = records({"values": {**PAYMENT, words: 1}}), records({"values": {}}, category="Mia_Luna_Moon")
    arrival = came(house, there, *strange)

    said = taking_in(there.teller, by=member(), about=MIA, arrival=arrival)

    assert said["payment"]["left_out"] == [words]
    (kept,) = arrivals.arrivals_of(there.teller, MIA)
    assert kept.outcome["categories"] == said  # told to its person alone
    (row,) = rows_of(there, schema_rights.arrivals)
    assert "Mia" not in row.outcome
    sender = house.teller.house.signer.name
    assert not [entry for entry in ledger_of(there) if entry.recipient == sender]


def test_a_code_counts_on_when_a_package_is_fetched_meanwhile(house, there, clock):
    tells(there, MIA, "payment")
    package = there.package(about=MIA, right="port")
    expected = awaited(there)

    b"".join(there.open_package(package.id, about=MIA))
    brought(there, expected.code, *forged(house, [records({"values": PAYMENT})]))

    assert [each.state for each in arrivals.arrivals_of(there.teller, MIA)] == ["here"]
    clock.at += 7 * DAY
    awaited(there)
    clock.at += DAY
    there.sweep()
    assert not [row for row in rows_of(there, schema_keys.keys) if row.kept == PACKAGES]


def test_one_person_lets_only_so_many_packages_come_at_a_time(there, clock):
    for _ in range(arriving.MOST):
        last = awaited(there)

    with pytest.raises(TooManyWaiting):
        awaited(there)

    clock.at = last.ends_at
    awaited(there)
