from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.clinic import agreement, collect, of
from troth.clock import DAY, FOREVER, instant, iso
from troth.rules.compiling import compile_rules
from troth.rules.record import Fate, Origin, Record, ends, fates, lifetime, readable
from troth.rules.rulebook import Part
from troth.rules.standing import NEWCOMER, Hold, Standing
from troth.terms.agreement import Keep, Longer
from troth.terms.vocabulary import Period

ORIGIN = Origin("chart", "visit", "chart", 1, "file", ("weight",))
instants = st.integers(0, instant("2200-01-01T00:00:00Z"))
periods = st.builds(Period, st.integers(0, 240), st.integers(0, 800), st.integers(0, 90_000))
longer = st.builds(Longer, st.just("safety"), st.just(of("chart")), periods)


@st.composite
def parts(draw):
    """A part of a collection: ordinary, or kept longer for one purpose."""
    keep = Keep(
        "file",
        ("chart",),
        draw(periods),
        event=draw(st.sampled_from([None, "leave"])),
        maximum=draw(st.none() | periods),
        longer=(draw(longer),),
    )
    if draw(st.booleans()):
        return Part("file", ("weight",), keep)
    return Part("file:safety", ("weight",), keep, only_for="safety", longer=0)


def record_of(part: Part, collected_at: int, left: int | None = None) -> Record:
    narrows, expires = lifetime(part, collected_at, left)
    origin = replace(ORIGIN, kept=part.kept, only_for=part.only_for)
    return Record(b"r", 1, origin, collected_at, expires, narrows, b"")


@pytest.mark.parametrize(
    ("collected", "period", "gone"),
    [
        ("2027-01-31T12:00:00Z", "P1M", "2027-02-28T12:00:00Z"),
        ("2028-01-31T12:00:00Z", "P1M", "2028-02-29T12:00:00Z"),
        ("2028-02-29T00:00:00Z", "P1Y", "2029-02-28T00:00:00Z"),
        ("2028-02-29T00:00:00Z", "P4Y", "2032-02-29T00:00:00Z"),
        ("2027-01-31T00:00:00Z", "P1M1D", "2027-03-01T00:00:00Z"),
        ("2027-01-31T00:00:00Z", "P13M", "2028-02-29T00:00:00Z"),
        ("2027-12-31T23:59:59.999999Z", "P1M", "2028-01-31T23:59:59.999999Z"),
        ("2099-11-30T00:00:00Z", "P3M", "2100-02-28T00:00:00Z"),  # 2100 is no leap year
        ("2027-03-28T00:30:00Z", "PT24H", "2027-03-29T00:30:00Z"),
        ("2027-01-01T00:00:00Z", "P90D", "2027-04-01T00:00:00Z"),
        ("2027-01-01T00:00:00Z", "P9999Y", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_record_goes_on_the_date_that_people_would_name(collected, period, gone):
    keep = Keep("file", ("chart",), Period.parse(period))
    assert iso(ends(keep, instant(collected), None)) == gone


@given(parts(), instants, st.none() | instants)
def test_a_record_narrows_before_it_expires_and_both_have_an_end(part, collected_at, left):
    narrows, expires = lifetime(part, collected_at, left)
    assert narrows <= expires <= FOREVER
    if part.keep.maximum:
        assert expires <= max(part.keep.maximum.after(collected_at), collected_at)


@given(parts(), instants, instants)
def test_an_event_never_moves_an_end_later(part, collected_at, left):
    before, after = lifetime(part, collected_at), lifetime(part, collected_at, left)
    if part.keep.event:
        assert after[0] <= before[0]
        assert after[1] <= before[1]
    else:
        assert after == before


@given(parts(), instants, instants, st.integers(4 * DAY, 4_000 * DAY))
def test_the_later_the_event_the_later_the_end(part, collected_at, first, days):
    # Not sooner than some days: 29, 30 and 31 January have the same P1M, and keep their time of day.
    sooner, later = lifetime(part, collected_at, first), lifetime(part, collected_at, first + days)
    assert sooner[0] <= later[0]
    assert sooner[1] <= later[1]


@given(parts(), instants, instants)
def test_no_class_is_kept_from_an_event_longer_than_it_says(part, collected_at, left):
    narrows, _ = lifetime(part, collected_at, left)
    start = left if part.keep.event else collected_at
    assert narrows <= part.keep.period.after(start)


@given(
    parts(), instants, st.none() | instants, st.sampled_from(["care", "safety", "safety.alarm", "safetynet"])
)
def test_a_record_is_unreadable_from_the_very_instant_of_its_end(part, collected_at, left, purpose):
    record = record_of(part, collected_at, left)
    assert not readable(record, purpose, record.expires_at)
    assert not readable(record, purpose, FOREVER)
    spared = part.only_for is not None and purpose in ("safety", "safety.alarm")
    if record.narrows_at < record.expires_at:
        assert readable(record, purpose, record.narrows_at) is spared
        assert readable(record, purpose, record.expires_at - 1) is spared
    assert readable(record, purpose, record.narrows_at - 1)


@given(parts(), instants, instants, instants)
def test_what_is_unreadable_stays_so(part, collected_at, sooner, later):
    record = record_of(part, collected_at)
    sooner, later = sorted((sooner, later))
    if not readable(record, "safety", sooner):
        assert not readable(record, "safety", later)


@given(parts(), instants, instants, instants)
def test_an_event_does_not_bring_back_what_had_ended(part, collected_at, left, now):
    if not readable(record_of(part, collected_at), "safety", now):
        assert not readable(record_of(part, collected_at, left), "safety", now)


def held(duty: str = ""):
    keep = Keep(
        "file",
        ("chart",),
        Period(days=1),
        duty=duty,
        longer=(Longer("safety", of("chart:ip"), Period(days=9)),),
    )
    return compile_rules(agreement(keeping=keep, chart=collect("chart", "weight", "ip")))


CLASSES = frozenset({"file", "file:safety"})


def test_a_wish_to_erase_reaches_every_class_and_its_longer_parts():
    assert fates(held(), NEWCOMER, CLASSES) == (
        Fate("file", erase=True, clause="keeping"),
        Fate("file:safety", erase=True, clause="keeping"),
    )


def test_a_legal_duty_keeps_a_class_whatever_else_stands():
    holding = Standing(holds=(Hold("m", "litigation", frozenset()),))
    for standing in (NEWCOMER, holding):
        found = fates(held("the tax code"), standing, CLASSES)
        assert {(fate.erase, fate.why) for fate in found} == {(False, "duty: the tax code")}


@pytest.mark.parametrize(
    ("classes", "kept"),
    [
        (frozenset(), {"file", "file:safety"}),
        (frozenset({"file"}), {"file", "file:safety"}),
        (frozenset({"file:safety"}), {"file:safety"}),
        (frozenset({"usage"}), set()),
    ],
)
def test_a_hold_keeps_the_classes_it_names(classes, kept):
    found = fates(held(), Standing(holds=(Hold("m", "litigation", classes),)), CLASSES)
    assert {fate.kept for fate in found if not fate.erase} == kept
    assert {fate.why for fate in found if not fate.erase} <= {"held: litigation"}


def test_only_classes_that_the_person_has_something_in_have_a_fate():
    assert fates(held(), NEWCOMER, frozenset()) == ()
