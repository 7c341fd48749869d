"""Public numbers: whole quarters, steps of five, nothing that a sum or another day gives away."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from troth.clock import DAY, instant
from troth.evidence.figures import STEP, Asked, Figures, begin_of, quarter_of, stepped
from troth.ledger.entry import Entry
from troth.rules.rights_cases import PARTIAL

Q1, Q2, Q3, Q4 = (instant(f"2027-{month:02d}-01T00:00:00Z") for month in (1, 4, 7, 10))
TOLD = Q3 + DAY  # when the demands of the first quarter are told
MOVED = {
    "complied": ("confirmed", ()),
    "partly": ("confirmed", (PARTIAL,)),
    "refused": ("refused", ("unfounded",)),
    "taken-back": ("cancelled", ()),
}


def line(at, kind, reference, *fields, right="erase", reasons=()):
    return Entry(
        at=at, kind=kind, actor="time", act="move", outcome="done", circumstance=right, fields=fields,
        reasons=reasons, case=reference,
    )  # fmt: skip


def counted(demands, start=Q1):
    """Count demands of the first quarter: (right, how it ended or nothing, days until then)."""
    figures, lines = Figures(), []
    for number, (right, how, days) in enumerate(demands):
        at, reference = start + number, f"XX-{number}"
        lines.append(line(at, "right.filed", reference, "filed", right=right))
        if how:
            event, reasons = MOVED[how]
            lines.append(line(at + days * DAY, "right.moved", reference, event, right=right, reasons=reasons))
    for each in sorted(lines, key=lambda each: each.at):
        figures.read(each)
    return figures


def row(figures, right="erase", now=TOLD):
    quarter = next(each for each in figures.quarters(now) if each.begins == Q1)
    return next(each for each in quarter.asked if each.right == right)


def test_a_count_is_told_as_its_step_and_none_below_five():
    assert [stepped(n) for n in (0, 1, 4, 5, 9, 10, 14, 15)] == [None, None, None, 5, 5, 10, 10, 15]


def test_demands_are_told_by_right_with_how_they_ended_and_the_median_of_their_days():
    some = [("erase", "complied", days) for days in (1, 2, 3, 4, 50, 60, 70)]
    some += [("erase", "partly", 2)] * 5 + [("erase", "refused", 9)] * 4 + [("object", "complied", 0)] * 4

    figures = counted(some)

    assert row(figures) == Asked("erase", 15, 5, 5, None, 3)
    assert row(figures, "object") == Asked("object", None, None, None, None, None)


def test_nothing_is_told_before_the_quarter_after_it_is_over_for_a_day_and_nothing_changes_then():
    figures = counted([("erase", "complied", 1)] * 6 + [("erase", None, 0)] * 6)
    for now in (Q1, Q1 + 20 * DAY, Q2 + DAY - 1):
        assert figures.quarters(now) == ()
    for now in (Q2 + DAY, Q3 + DAY - 1):
        assert [each.asked for each in figures.quarters(now)] == [()]
    before = row(figures)

    for number in range(6, 12):  # what was open ends when the numbers are told already
        figures.read(line(Q3 + 1, "right.moved", f"XX-{number}", "confirmed"))

    assert (before.received, before.complied) == (10, 5)
    assert row(figures, now=TOLD + 1) == row(figures, now=Q4 + 9 * DAY) == before


def test_what_is_done_in_a_quarter_is_told_when_it_is_over_and_the_next_adds_nothing_to_it():
    figures = Figures()
    for at in (*range(Q1, Q1 + 7), *range(Q2, Q2 + 3)):
        figures.read(line(at, "erasure.done", ""))

    assert figures.quarters(Q2 + DAY - 1) == ()
    (first,) = figures.quarters(Q2 + DAY)
    assert dict(first.deeds)["erasure.done"] == 5
    assert [dict(each.deeds)["erasure.done"] for each in figures.quarters(Q3 + DAY)] == [None, 5]


def test_a_demand_that_was_taken_back_is_received_and_nothing_else():
    assert row(counted([("erase", "taken-back", 1)] * 9)) == Asked("erase", 5, None, None, None, None)


def test_no_median_is_told_where_none_of_what_it_is_of_is_told():
    some = [("erase", "complied", 1)] * 4 + [("erase", "partly", 1)] * 4 + [("erase", "refused", 1)] * 4
    assert row(counted(some)) == Asked("erase", 10, None, None, None, None)


def possible(told, received):
    """Whether counts could be what was told of a right."""
    return stepped(sum(received)) == told.received and [stepped(n) for n in received[:3]] == [
        told.complied, told.partly, told.refused,
    ]  # fmt: skip


@given(st.lists(st.sampled_from(sorted(MOVED)), max_size=24))
def test_whatever_is_told_every_number_that_is_not_told_could_be_any_below_five(ends):
    told = row(counted([("erase", how, 1) for how in ends])) if ends else None
    if told is None:
        return
    counts = [ends.count(how) for how in ("complied", "partly", "refused")]
    spans = [range(n - n % STEP, n - n % STEP + STEP) for n in counts]
    others = range(len(ends) + 2 * STEP)
    for place in (n for n, count in enumerate(counts) if count < STEP):
        for wanted in range(STEP):
            tried = [[wanted] if n == place else span for n, span in enumerate(spans)]
            assert any(possible(told, some) for some in product(*tried, others)), (told, place, wanted)


def test_a_quarter_is_one_of_the_calendar():
    assert [quarter_of(at) - quarter_of(Q1) for at in (Q1 - 1, Q1, Q2 - 1, Q2, Q4)] == [-1, 0, 0, 1, 3]
    assert begin_of(quarter_of(Q3 + 5 * DAY)) == Q3
