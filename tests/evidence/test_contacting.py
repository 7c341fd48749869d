"""Nobody who wrote waits for ever; and whoever has no page to write on proves nothing."""

import pytest

from tests.cast import AGENT, MIA, NOOR, joins
from troth.clock import DAY
from troth.evidence import tried
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.evidence.tried import Tried


def checks(house):
    (clause,) = [each for each in verify(house.teller).clauses if each.clause == "contact.us"]
    return {each.name: each for each in clause.checks}


@pytest.fixture
def wrote(house):
    joins(house)
    house.open_case(about=MIA, name="conversation")
    return house


def test_where_nobody_wrote_nothing_is_proven(house):
    found = checks(house)
    assert found["answered"].status is found["contact"].status is Status.UNPROVEN


def test_whoever_wrote_may_wait_for_a_month(wrote, clock):
    assert checks(wrote)["answered"].status is Status.KEPT
    clock.forward(30 * DAY)
    assert checks(wrote)["answered"].status is Status.KEPT


def test_whoever_waits_longer_breaks_the_promise_until_they_are_answered(wrote, clock):
    clock.forward(31 * DAY)
    assert checks(wrote)["answered"].status is Status.BROKEN

    (case,) = wrote.cases(about=MIA)
    wrote.move_case(about=MIA, case=case.id, to="answered", by=AGENT)

    assert checks(wrote)["answered"].status is Status.KEPT


def test_a_page_that_was_tried_shows_the_rest(wrote):
    wrote.teller.alone(lambda desk: tried.note(desk, [Tried("contact:contact.us", True, 5)]))
    assert checks(wrote)["contact"].status is Status.KEPT
    wrote.teller.alone(lambda desk: tried.note(desk, [Tried("contact:contact.us", False, 1, "closed")]))
    assert checks(wrote)["contact"].status is Status.BROKEN


# ---- what may not be read may not be answered


def test_whoever_has_what_they_wrote_stored_without_use_breaks_no_promise(wrote, clock):
    wrote.restrict(about=MIA)
    clock.forward(40 * DAY)
    assert checks(wrote)["answered"].status is Status.KEPT


def test_it_does_not_wait_though_they_waited_for_long_before(wrote, clock):
    clock.forward(40 * DAY)
    assert checks(wrote)["answered"].status is Status.BROKEN
    wrote.restrict(about=MIA, category="support")
    assert checks(wrote)["answered"].status is Status.KEPT


def test_the_time_of_a_restriction_does_not_count_and_what_went_before_does(wrote, clock):
    clock.forward(20 * DAY)
    wrote.restrict(about=MIA)
    clock.forward(40 * DAY)
    wrote.lift(about=MIA)
    clock.forward(9 * DAY)
    assert checks(wrote)["answered"].status is Status.KEPT
    clock.forward(3 * DAY)
    assert checks(wrote)["answered"].status is Status.BROKEN


@pytest.mark.parametrize("category", ["account", "support.feedback"])
def test_a_restriction_of_something_else_excuses_nobody(wrote, clock, category):
    wrote.restrict(about=MIA, category=category)
    clock.forward(40 * DAY)
    assert checks(wrote)["answered"].status is Status.BROKEN


def test_somebody_else_s_restriction_excuses_nobody(wrote, clock):
    joins(wrote, NOOR)
    wrote.restrict(about=NOOR)
    clock.forward(40 * DAY)
    assert checks(wrote)["answered"].status is Status.BROKEN


def test_a_restriction_that_ended_before_they_wrote_changes_nothing(house, clock):
    joins(house)
    house.restrict(about=MIA)
    clock.forward(40 * DAY)
    house.lift(about=MIA)
    house.open_case(about=MIA, name="conversation")
    clock.forward(32 * DAY)
    assert checks(house)["answered"].status is Status.BROKEN
