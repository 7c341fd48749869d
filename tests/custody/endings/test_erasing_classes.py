"""Erasing a class: the right must reach all that it holds; and what is not gone is not said to be."""

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from tests.cast import ACTIVITY, EXCHANGE, MIA, joins, tells
from tests.faults.beside import Beside
from tests.faults.soundness import must_open
from tests.houses import MEMBER_TEXT
from tests.inside import count_of, expect_refusal, ledger_of, rows_of
from troth.acts import collect
from troth.custody.desk import SELF
from troth.errors import NotErased
from troth.store import schema

KEPT = (schema.records, schema.keys, schema.names, schema.erasures)
# Devices may be erased, network addresses may not; both are of the class `technical`.
NARROW = MEMBER_TEXT.replace(
    "right: erase\nhow: self", "right: erase\nof: [account, device, support]\nhow: self"
)


@pytest.fixture
def narrow(new_house):
    """A house whose right to erasure does not reach everything; Mia told of both and more."""
    assert NARROW != MEMBER_TEXT
    house = new_house(NARROW)
    joins(house)
    for category in ("device", "support", "usage"):
        tells(house, MIA, category)
    return house


# ---- the right


def test_a_class_is_not_erased_while_the_right_leaves_out_any_category_of_it(narrow):
    with expect_refusal(narrow, "no-clause", leaving=KEPT) as refused:
        narrow.erase(about=MIA, classes=["technical"])
    assert refused().words == ("network",)
    assert narrow.access(about=MIA, category="device").records


def test_a_class_is_erased_when_the_right_reaches_every_category_of_it(narrow):
    assert narrow.erase(about=MIA, classes=["support"]).erased == ("support",)


def test_of_several_classes_none_is_erased_when_the_right_leaves_out_one(narrow):
    with expect_refusal(narrow, "no-clause", leaving=KEPT) as refused:
        narrow.erase(about=MIA, classes=["support", "usage", "technical"])
    assert set(refused().words) == {"network", "usage"}


def test_everything_is_not_erased_by_a_right_to_some_of_it(narrow):
    with expect_refusal(narrow, "no-clause", leaving=KEPT):
        narrow.erase(about=MIA)


# ---- read back


LEAVES_ROWS = {
    "sqlite": "CREATE TRIGGER stubborn BEFORE DELETE ON {table} BEGIN SELECT RAISE(IGNORE); END",
    "postgresql": "CREATE RULE stubborn AS ON DELETE TO {table} DO INSTEAD NOTHING",
}
LETS_GO = {"sqlite": "DROP TRIGGER stubborn", "postgresql": "DROP RULE stubborn ON {table}"}


@contextmanager
def stubborn(house, table):
    """Let a table of the house keep what is deleted from it, for a while."""
    filing = house.teller.house.filing
    which = "keystore" if table.metadata is schema.keystore else "store"

    def run(statements):
        with filing.connect(which) as connection:
            connection.execute(text(statements[connection.dialect.name].format(table=table.name)))

    run(LEAVES_ROWS)
    try:
        yield
    finally:
        run(LETS_GO)


@pytest.mark.parametrize(("table", "left"), [(schema.streams, (1, 0)), (schema.keys, (0, 1))])
def test_what_is_read_back_as_still_there_is_not_said_to_be_erased_and_is_tried_again(house, table, left):
    joins(house)
    tells(house, MIA, "activity")

    with stubborn(house, table), pytest.raises(NotErased) as caught:
        house.erase(about=MIA, classes=["activity"])

    assert (caught.value.rows, caught.value.keys) == left
    assert "erasure.done" not in {entry.kind for entry in ledger_of(house)}
    assert count_of(house, schema.erasures) == 1
    assert house.sweep().resumed == 1
    assert ledger_of(house)[-1].kind == "erasure.done"
    assert count_of(house, schema.erasures) == 0
    assert {row.kept for row in rows_of(house, schema.keys)} == {SELF, "account"}
    assert house.access(about=MIA, category="activity").records == ()


# ---- writers meanwhile


def test_whoever_writes_while_a_class_is_erased_loses_nothing_that_was_answered_and_nothing_unreadable_stays(
    new_house,
):
    house = new_house()
    joins(house)
    offer = collect.offering(by=EXCHANGE, about=MIA, category="activity", when="service_use", values=ACTIVITY)
    stop, taken, wrong = threading.Event(), [], []

    def write():
        try:
            while not stop.is_set():
                taken.append(house.teller.ask(collect.taking([offer]))[0])
        except BaseException as problem:  # noqa: BLE001 - the test looks at it
            wrong.append(problem)

    other = Beside(house.teller.house.directory, "writing", MIA)
    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    gone = []
    while other.is_running() or not gone:
        tells(house, MIA, "activity")  # there is always something to erase
        gone.append(house.erase(about=MIA, classes=["activity"]))
    stop.set()
    for thread in threads:
        thread.join(30)
    theirs = other.done()

    assert wrong == []
    assert {once.erased for once in gone} == {("activity",)}
    answered = [(one.receipt.entry, one.records[0]) for one in taken] + theirs
    assert len({entry for entry, _ in answered}) == len(answered) > 40 == len(theirs)
    spans = [(once.begun.entry, once.done.entry) for once in gone]
    assert all(not begun < entry < done for entry, _ in answered for begun, done in spans)
    held = {record for entry, record in answered if entry > spans[-1][1]}
    here = {held.id for held in house.access(about=MIA, category="activity").records}
    assert here == held
    must_open(house)
    house.sweep()
    must_open(house)
    assert count_of(house, schema.records) == 1 + len(held)
