"""Anonymising: what is over is counted as it goes, once, of twenty people or more, and of nobody else."""

import pytest
from sqlalchemy import text

from tests.faults.soundness import must_be_sound
from tests.houses import LIBRARY_TEXT
from tests.inside import count_of, expect_refusal, ledger_of, rows_of
from tests.town import (
    DIRECTOR,
    HOUR,
    LIBRARIAN,
    OVER,
    PEOPLE,
    borrowed,
    came,
    everything,
    joined,
    rated,
    reader,
    swept,
    tallies,
    totals,
)
from troth.clock import DAY
from troth.custody.endings import anonymising, expiring
from troth.store import registry, schema

BOOK = {("loan", "kind", "book", PEOPLE)}


@pytest.fixture
def town(new_house, clock):
    """The house of a town library with readers."""
    house = new_house(LIBRARY_TEXT, clock=clock)
    joined(house)
    return house


def a_book(_):
    return {"kind": "book"}


def test_what_is_over_waits_unreadable_and_is_counted_coarsely_in_time(town, clock):
    borrowed(town, everything)
    swept(town, clock, 91)
    assert count_of(town, schema.records) == 2 * PEOPLE
    with expect_refusal(town, "expired"):
        town.purpose("lending", by=LIBRARIAN).read(about=reader(1), category="loan")
    late = max(each.late for each in swept(town, clock, 39))
    assert count_of(town, schema.records) == PEOPLE
    assert 30 * DAY < late <= 40 * DAY
    clock.forward(30 * DAY)
    assert totals(town) == {
        ("kind", "book", "2027-06"): 24,
        ("days", "14", "2027-06"): 24,
        ("fee", "10 EUR", "2027-06"): 24,
        ("made", "1958", "2027-06"): 24,
        ("at", "2027-05", "2027-06"): 24,
        ("from", "AT", "2027-06"): 24,
        ("tongue", "de", "2027-06"): 24,
    }  # of `late` there are twelve each
    must_be_sound(town, [])


def test_a_house_that_is_swept_seldom_lets_nothing_wait(town, clock):
    borrowed(town, a_book)
    clock.forward(91 * DAY)
    assert town.sweep().expired == PEOPLE
    assert tallies(town) == BOOK


def test_fewer_people_than_the_agreement_says_are_erased_and_not_counted(town, clock):
    borrowed(town, a_book, range(19))
    borrowed(town, a_book, range(19))  # more loans are no more people
    clock.forward(OVER)
    assert town.sweep().expired == 38
    assert tallies(town) == set()
    assert "tally.added" not in {entry.kind for entry in ledger_of(town)}


def test_of_what_goes_later_only_groups_of_enough_people_are_added(town, clock):
    for people in (range(PEOPLE), range(3), range(20)):
        came(town, people)
        clock.forward(DAY)
    clock.forward(26 * DAY)
    counts = []
    for _ in range(4):
        clock.forward(DAY)
        town.sweep()
        counts.append(sum(row.count for row in rows_of(town, schema.tallies)))
    assert count_of(town, schema.streams) == 0
    assert counts[-1] == 44
    assert set(counts) <= {0, 24, 44}


def test_a_month_is_read_when_all_that_was_collected_in_it_is_over_and_not_before(town, clock):
    came(town)
    clock.forward(45 * DAY)
    town.sweep()
    assert tallies(town) == {("visit", "door", "north", PEOPLE)}
    assert totals(town, "visit") == {}
    clock.forward(17 * DAY)  # the 2nd of August: what came on the 30th of June was over on the 30th of July
    assert totals(town, "visit") == {("door", "north", "2027-06"): PEOPLE}


@pytest.mark.parametrize("few", [4, 5])
@pytest.mark.parametrize(
    "say",
    [
        lambda house, who: house.object(about=who, purpose="counting"),
        lambda house, who: house.restrict(about=who),
        lambda house, who: house.withdraw(about=who, purpose="opinions"),
        lambda house, who: house.erase(about=who, classes=["opinions"]),
        lambda house, who: house.erase_later(about=who, days=30, code=house.recovery_code()),
    ],
    ids=["objected", "restricted", "withdrew", "erased", "away"],
)
def test_whoever_said_no_is_not_counted(sqlite_house, clock, say, few):
    house = sqlite_house(LIBRARY_TEXT, clock=clock)
    joined(house)
    rated(house)
    clock.forward(59 * DAY)
    for n in range(few):
        say(house, reader(n))
    clock.forward(2 * DAY)
    house.sweep()
    expected = {("opinion", "stars", "5", 20)} if few == 4 else set()
    assert tallies(house) == expected


def test_whoever_is_erased_while_their_records_wait_leaves_no_trace_in_a_total(town, clock):
    borrowed(town, a_book)
    swept(town, clock, 95)
    assert tallies(town) == set()
    for n in range(4):
        town.erase(about=reader(n))
    swept(town, clock, 36)
    assert tallies(town) == {("loan", "kind", "book", 20)}


def test_an_erasure_after_the_end_changes_no_total(town, clock):
    borrowed(town, a_book)
    clock.forward(OVER)
    town.sweep()
    for n in range(PEOPLE):
        town.erase(about=reader(n))
    assert tallies(town) == BOOK


def test_what_a_matter_holds_is_counted_when_it_goes(town, clock):
    borrowed(town, a_book)
    borrowed(town, lambda _: {"kind": "film"}, range(20))
    for n in range(PEOPLE):
        town.hold(about=reader(n), matter="case-1", reason="lawsuit", by=DIRECTOR)
    clock.forward(OVER)
    assert town.sweep().expired == 0
    assert tallies(town) == set()
    for n in range(PEOPLE):
        town.end_hold(about=reader(n), matter="case-1", reason="lawsuit", by=DIRECTOR)
    assert town.sweep().expired == PEOPLE + 20
    assert tallies(town) == {*BOOK, ("loan", "kind", "film", 20)}


def test_a_stream_is_counted_before_its_partition_goes(town, clock):
    clock.at += 20 * HOUR - clock.at % DAY
    came(town)
    clock.forward(30 * DAY - 2 * HOUR)
    found = swept(town, clock, 3, every=HOUR)
    assert sum(each.expired for each in found) == PEOPLE
    assert 20 * HOUR < max(each.late for each in found) <= DAY  # it waited beyond the end of its day
    assert tallies(town) == {("visit", "door", "north", PEOPLE)}
    assert count_of(town, schema.streams) == 0
    if not town.teller.house.filing.sqlite:
        assert sum(each.dropped for each in found) >= 1
    must_be_sound(town, [])


def test_what_was_altered_goes_uncounted_and_keeps_nothing_from_going(town, clock):
    borrowed(town, a_book)
    subjects = sorted({row.subject for row in rows_of(town, schema.records)})[:4]
    loan = max(row.category_code for row in rows_of(town, schema.records))
    with town.teller.house.filing.connect("store") as connection:
        for subject in subjects:
            connection.execute(
                text("UPDATE records SET sealed = :sealed WHERE subject = :who AND category_code = :loan"),
                {"sealed": b"\x01" + bytes(60), "who": subject, "loan": loan},
            )
        connection.commit()
    clock.forward(OVER)
    assert town.sweep().expired == PEOPLE
    assert tallies(town) == {("loan", "kind", "book", 20)}


def test_no_number_record_or_value_of_anybody_is_in_what_remains(town, clock):
    borrowed(town, lambda n: {**everything(n), "days": 900 + n})
    people = {row.subject for row in rows_of(town, schema.subjects)}
    records = {bytes(row.record) for row in rows_of(town, schema.records)}
    clock.forward(OVER)
    town.sweep()
    rows = rows_of(town, schema.tallies)
    assert {row.field for row in rows} == {"kind", "fee", "made", "at", "from", "tongue"}
    said = repr([tuple(row) for row in rows])
    for canary in (
        *map(str, people),
        *(record.hex() for record in records),
        *map(repr, records),
        "R-",
        "Ida",
    ):
        assert canary not in said
    for precise in ("1958-02", "2027-05-", ".50", "T10", *(str(900 + n) for n in range(PEOPLE))):
        assert precise not in said


def test_the_ledger_tells_which_fields_were_counted_and_how_many_records_went(town, clock):
    borrowed(town, a_book)
    clock.forward(OVER)
    town.sweep()
    (added,) = (entry for entry in ledger_of(town) if entry.kind == "tally.added")
    assert (added.category, added.fields, added.clauses) == (
        "loan",
        ("kind",),
        ("keep.loans", "use.counting"),
    )
    assert (added.actor, added.subject, added.count) == ("time", None, None)
    (went,) = (entry for entry in ledger_of(town) if entry.kind == "record.expired")
    assert (went.category, went.count) == ("loan", PEOPLE)


def test_a_shorter_time_that_somebody_chose_is_heeded_and_they_are_counted_with_who_goes_with_them(
    town, clock
):
    borrowed(town, a_book)
    for n in range(20):
        town.keep_shorter(about=reader(n), kept="loans", days=10)
    clock.forward(11 * DAY)
    assert town.sweep().expired == 20
    clock.forward(OVER)
    assert town.sweep().expired == 4
    assert tallies(town) == {("loan", "kind", "book", 20)}


def test_the_forecast_tells_when_what_waits_will_go(town, clock):
    borrowed(town, a_book)
    swept(town, clock, 92)
    (going,) = (each for each in town.forecast() if each.kept == "loans")
    assert going.overdue == 0
    ((day, count),) = going.days
    assert count == PEOPLE
    assert clock.at < day <= clock.at + 40 * DAY


def test_a_class_that_waits_keeps_no_other_from_being_counted(town, clock):
    borrowed(town, a_book)
    swept(town, clock, 85)
    came(town)
    swept(town, clock, 32)
    assert tallies(town) == {("visit", "door", "north", PEOPLE)}
    assert count_of(town, schema.records) == 2 * PEOPLE
    swept(town, clock, 13)
    assert tallies(town) == {("visit", "door", "north", PEOPLE), *BOOK}
    assert count_of(town, schema.records) == PEOPLE


def test_a_group_that_is_larger_than_one_step_is_judged_step_by_step(sqlite_house, clock):
    house = sqlite_house(LIBRARY_TEXT, clock=clock)
    joined(house)
    borrowed(house, lambda _: {"kind": "book", "late": True})
    clock.forward(DAY)
    borrowed(house, lambda n: {"kind": "book" if n else "game", "late": True})
    clock.forward(OVER)
    house.teller.alone(expiring.begin)
    steps = []
    while (step := house.teller.alone(lambda desk: expiring.expire(desk, limit=10))).more:
        steps.append(step.removed)
    assert sum(steps) == 2 * PEOPLE
    assert len(steps) >= 2
    for _, _, _, count in tallies(house):
        assert count >= 20
    must_be_sound(house, [])


def test_the_forecast_tells_that_a_class_goes_as_one(town, clock):
    borrowed(town, a_book)
    swept(town, clock, 20)
    borrowed(town, a_book)
    went = []
    for _ in range(130):
        clock.forward(DAY)
        said = sum(each.overdue for each in town.forecast() if each.kept == "loans")
        assert said == town.sweep().expired
        went += [said] if said else []
    assert went == [2 * PEOPLE]


def test_the_forecast_tells_that_what_was_over_before_a_restore_waits_for_nothing(town, clock):
    borrowed(town, a_book)
    swept(town, clock, 92)
    town.teller.alone(lambda desk: registry.set_setting(desk.unit, anonymising.RESTORED_AT, str(desk.now)))
    clock.forward(HOUR)
    (going,) = (each for each in town.forecast() if each.kept == "loans")
    assert going.overdue == town.sweep().expired == PEOPLE


def test_the_forecast_is_of_a_sweep_that_began_now(town, clock):
    borrowed(town, a_book)
    swept(town, clock, 92)
    clock.forward(30 * DAY)  # nobody swept: the next one lets nothing wait
    (going,) = (each for each in town.forecast() if each.kept == "loans")
    assert going.overdue == town.sweep().expired == PEOPLE
