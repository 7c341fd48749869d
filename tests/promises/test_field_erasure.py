"""What FIELD.md asks of erasure, items 22 to 32, and of deadlines, 36: what `test_forensics` does not try."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from os import urandom
from typing import Any

import pytest
from sqlalchemy import BigInteger, Integer, LargeBinary, inspect, select

from tests.cast import MIA, NOOR, joins, tells
from tests.copies import scene
from tests.databases import STORES
from tests.inside import audited, ledger_of
from tests.privacy.canaries import sightings
from tests.privacy.lives import AWAY, BACK, EVERYBODY, GONE, STAYS, Lives, declared, end, erase, live
from tests.privacy.test_canaries import everything_in
from troth.clock import DAY
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.rights_cases import State
from troth.store import schema
from troth.vault.blobs import new_name

TABLES = {table.name: table for table in (*schema.store.sorted_tables, *schema.keystore.sorted_tables)}
# How an erasure of a whole person treats each table that names people. A new table is not here, and fails.
GOES = frozenset({
    "subjects", "records", "streams", "names", "tokens", "blobs", "holds", "leavers", "cases", "case_records",
    "approvals", "erasures", "packages", "arrivals", "graces", "keys", "sealed_keys",
})  # fmt: skip
NUMBER_STAYS = frozenset({
    "erased",  # that this number is gone, with the day
    "rights_cases",  # that there was a demand, for the time of its clause
    "duties",  # that other systems did theirs
})  # fmt: skip
MARK_STAYS = frozenset({"repeats"})  # that a program's key was used, for a day: under the number of nobody
# Columns that name a row of another table, and which tables it is in.
EDGES = {
    ("names", "record"): ("records", "streams"),
    ("tokens", "record"): ("records", "streams"),
    ("blobs", "record"): ("records", "streams"),
    ("case_records", "record"): ("records", "streams"),
    ("case_records", "case_id"): ("cases",),
    ("rights_events", "case_id"): ("rights_cases",),
    ("records", "origin"): ("origins",),
    ("streams", "origin"): ("origins",),
}


@dataclass
class Ended:
    """A house from which two people went, with what there was of them before."""

    lives: Lives
    before: dict[str, Counter[int]]
    secret: dict[str, set[bytes]]

    @property
    def house(self) -> Any:
        return self.lives.house


def raw(house: Any, name: str) -> list[Any]:
    """Every row of one table as it is, streams apart from records."""
    table = TABLES[name]
    with house.teller.house.filing.connect("keystore" if name in schema.keystore.tables else "store") as c:
        return list(c.execute(select(table)))


def naming() -> list[str]:
    """The tables that name people."""
    return [name for name, table in TABLES.items() if "subject" in table.c]


def fill(house: Any, number: int) -> None:
    """Give somebody a row in each table in which they have none, as if they had been there."""
    for name in sorted(GOES - {"graces", "erasures", "sealed_keys", "cases"}):
        table = TABLES[name]
        if any(row.subject == number for row in raw(house, name)):
            continue
        row: dict[str, Any] = {}
        for column in table.c:
            whole = isinstance(column.type, BigInteger | Integer)
            row[column.name] = urandom(16) if isinstance(column.type, LargeBinary) else 1 if whole else "x"
        if "blob" in row:
            row["blob"] = new_name()
        with house.teller.house.filing.connect("store") as connection:
            connection.execute(table.insert().values(**{**row, "subject": number}))


@pytest.fixture(scope="module", params=STORES)
def ended(request: Any, houses_of: Any, tmp_path_factory: Any) -> Iterator[Ended]:
    houses, place = houses_of(request.param), tmp_path_factory.mktemp("ended")
    (place / "shop.db").touch()
    with declared(scene(houses, place), f"sqlite:///{place / 'shop.db'}") as lives:
        live(lives, houses(clock=lives.stage.clock))
        for who in (GONE, AWAY):
            fill(lives.house, lives.numbers[who])
        before = {name: Counter(row.subject for row in raw(lives.house, name)) for name in naming()}
        gone = {lives.numbers[who] for who in (GONE, AWAY)}
        secret = {
            name: {
                bytes(value)
                for row in raw(lives.house, name)
                if row.subject in gone
                for value in row
                if isinstance(value, bytes | memoryview) and len(bytes(value)) >= 12
            }
            for name in naming()
        }
        erase(lives)
        for name in ("graces", "sealed_keys"):
            before[name] += Counter(row.subject for row in raw(lives.house, name))
        end(lives)
        yield Ended(lives, before, secret)
    houses.close()


def test_field_31_every_table_that_names_people_says_how_an_erasure_treats_it():
    assert set(naming()) == GOES | NUMBER_STAYS | MARK_STAYS


def test_field_31_every_column_that_names_a_row_of_another_table_is_known():
    owners = {"records", "streams", "cases", "rights_cases", "origins"}  # the rows themselves
    named = {
        (name, column)
        for name, table in TABLES.items()
        for column in ("record", "case_id", "origin")
        if column in table.c and (name not in owners or column == "origin") and name != "origins"
    }
    assert named - EDGES.keys() == {
        ("packages", "case_id"),  # goes with the person
        ("duties", "case_id"),  # a number of its own where no demand was filed
        ("graces", "case_id"),
        ("agent_cases", "case_id"),
        ("tellings", "case_id"),  # that somebody is to be told, for 30 days; nobody who is gone is
    }


def test_field_23_whoever_goes_whole_is_in_no_table_but_those_that_say_that_they_are_gone(ended):
    gone = {who: ended.lives.numbers[who] for who in (GONE, AWAY)}
    filled = {name for name in naming() if any(ended.before[name][number] for number in gone.values())}
    assert filled >= GOES - {"erasures"}  # the search is not blind
    for name in naming():
        left = {row.subject for row in raw(ended.house, name)} & {*gone.values()}
        assert left == set() or name in NUMBER_STAYS, name
    assert {row.subject for row in raw(ended.house, "erased")} == {*gone.values()}
    for name in ("rights_cases", "duties"):  # nothing that was told is in what stays
        assert {row.sealed for row in raw(ended.house, name) if row.subject in gone.values()} == {b""}


def test_field_24_no_row_is_left_that_names_another_which_is_gone(ended):
    for (name, column), targets in EDGES.items():
        key = {"cases": "case_id", "rights_cases": "case_id", "origins": "origin"}
        there = {getattr(row, key.get(t, "record")) for t in targets for row in raw(ended.house, t)}
        named = {getattr(row, column) for row in raw(ended.house, name)} - {b""}
        assert named <= there, (name, column)
    people = {row.subject for row in raw(ended.house, "subjects")}
    for name in GOES:
        assert {row.subject for row in raw(ended.house, name)} <= people, name
    blobs = {row.blob for name in ("blobs", "packages", "arrivals") for row in raw(ended.house, name)}
    assert set(ended.house.teller.house.blobs.names()) == blobs - {""}
    assert {ended.lives.numbers[who] for who in (STAYS, BACK)} < people


def test_field_25_no_row_or_file_of_others_has_an_identifier_of_whoever_is_gone(ended):
    identifying = {
        value: f"of {name}"
        for name in (
            "records",
            "streams",
            "names",
            "tokens",
            "blobs",
            "cases",
            "keys",
            "packages",
            "arrivals",
        )
        for value in ended.secret[name]
    }
    assert len(identifying) > 30
    seen = everything_in(ended.house)
    assert sightings(seen, identifying) == []
    assert sightings(seen, EVERYBODY) == []
    assert sightings(next(iter(identifying)) + seen, identifying)
    for who in (GONE, AWAY):
        assert ended.house.entries(about=ended.lives.numbers[who]) == []


def test_field_27_the_ledger_is_whole_after_erasures_and_says_nothing_of_anybody(ended, tmp_path):
    report = audited(ended.house, tmp_path / "log")
    assert report.size == len(ledger_of(ended.house))
    kinds = {entry.kind for entry in ledger_of(ended.house)}
    assert kinds >= {
        "erasure.begun",
        "erasure.done",
        "grace.begun",
        "grace.sealed",
        "duty.done",
        "package.made",
    }
    for row in raw(ended.house, "entries"):
        assert sightings(bytes(row.leaf), EVERYBODY) == []


@pytest.mark.parametrize("later", [False, True])
def test_field_26_a_house_from_which_somebody_went_counts_as_one_where_nobody_was(new_house, later):
    """But for the ledger, a number with its day, and which kinds of things anybody ever told."""
    houses = [new_house(), new_house()]
    for house in houses:
        joins(house, NOOR)
        tells(house, NOOR, "device")
    house = houses[1]
    joins(house, MIA)
    for category in ("device", "support", "usage"):
        tells(house, MIA, category)
    if later:
        house.erase_later(about=MIA, days=1, code=house.recovery_code())
    else:
        house.erase(about=MIA)
    for each in houses:
        each.teller.house.clock.forward(2 * DAY)
        each.sweep()
    counts = [{name: len(raw(each, name)) for name in TABLES} for each in houses]
    told = {name for name in TABLES if counts[0][name] != counts[1][name]}
    assert told <= {"entries", "tiles", "checkpoints", "sightings", "statuses", "erased", "origins"}
    assert {"entries", "erased"} <= told
    numbers = [row.subject for each in houses for row in raw(each, "subjects")]
    assert min(numbers) > 2**40  # drawn by lot, so that none tells how many came before
    for which in ("store", "keystore"):
        with house.teller.house.filing.connect(which) as connection:
            if house.teller.house.filing.sqlite:
                assert "sqlite_sequence" not in inspect(connection).get_table_names()
                assert "sqlite_stat1" not in inspect(connection).get_table_names()
            else:
                assert inspect(connection).get_sequence_names() == []


def test_field_36_a_deadline_is_told_before_it_comes_and_when_it_passed_and_breaks_the_clause(house, clock):
    joins(house)
    lodged = house.demand(about=MIA, right="complain", text="You never answered me.")

    def said():
        return [
            e.reasons
            for e in ledger_of(house)
            if e.case == lodged.case.reference and e.fields == ("escalated",)
        ]

    def status():
        found = [check for clause in verify(house.teller).clauses for check in clause.checks]
        return {check.status for check in found if check.name == "answered-in-time"}

    assert lodged.due is not None
    clock.at = lodged.due.at - DAY
    house.sweep()
    assert said() == [("soon",)]
    assert Status.BROKEN not in status()
    clock.at = lodged.due.at + 1
    house.sweep()
    house.sweep()
    assert said() == [("soon",), ("late",)]
    assert Status.BROKEN in status()
    assert house.demanded(reference=lodged.case.reference)[0].state not in (State.DONE, State.REFUSED)
