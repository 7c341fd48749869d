"""The checks of requests: in time, proven first, told as the ledger tells, and done when every part is."""

from sqlalchemy import delete, update

from tests.cast import AGENT, MIA, joins
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.evidence.test_checks import check, write
from troth.clock import DAY
from troth.evidence.status import Status
from troth.rules.decision import member
from troth.store import schema

SURE = member("portal", "step_up")
RESTRICT, COMPLAIN, STAFF = "right.restrict", "right.complain", "right.by-support"


def test_a_right_that_people_exercise_themselves_needs_no_requests_to_be_kept(house):
    joins(house)
    house.restrict(about=MIA)
    assert check(house, RESTRICT, "right-restrict").status is Status.KEPT
    assert check(house, COMPLAIN, "answered-in-time").status is Status.UNPROVEN


def test_requests_that_are_answered_keep_their_clause(house):
    joins(house)
    lodged = house.demand(about=MIA, right="restrict", by=AGENT)
    house.prove_demand(case=lodged.case.id, by=SURE)
    for clause, name in (
        (RESTRICT, "answered-in-time"),
        (RESTRICT, "requests-told"),
        (STAFF, "filed-by-staff"),
        (STAFF, "requests-kept"),
    ):
        assert check(house, clause, name).status is Status.KEPT, name


def test_an_end_that_is_near_is_at_risk_and_one_that_passed_is_broken(house, clock):
    joins(house)
    house.demand(about=MIA, right="complain", text="Too slow.")
    assert check(house, COMPLAIN, "answered-in-time").status is Status.KEPT
    clock.forward(25 * DAY)
    assert check(house, COMPLAIN, "answered-in-time").status is Status.AT_RISK
    clock.forward(10 * DAY)
    assert check(house, COMPLAIN, "answered-in-time").status is Status.BROKEN


def test_a_request_that_was_altered_in_the_store_is_not_as_the_ledger_tells(house):
    joins(house)
    house.demand(about=MIA, right="complain", text="Too slow.")
    write(house, update(schema.rights_cases).values(state="done"))
    assert check(house, COMPLAIN, "requests-told").status is Status.BROKEN


def test_a_proof_that_was_written_into_the_store_is_told_by_no_line(house):
    joins(house)
    lodged = house.demand(about=MIA, right="complain", text="Too slow.")
    write(house, delete(schema.rights_events).where(schema.rights_events.c.number == 1))
    assert check(house, COMPLAIN, "requests-told").status is Status.BROKEN
    assert lodged.case.is_proven


def test_a_request_that_is_called_done_while_a_system_did_nothing_is_broken(house):
    joins(house)
    with_systems(house, Standin(away(), away()))
    lodged = house.demand(about=MIA, right="restrict")
    if lodged.case.ended_at is not None:  # it was told to nobody
        lodged = house.demand(about=MIA, right="erase")
    write(house, update(schema.rights_cases).values(state="done"))
    names = {"erase": "right.erase", "restrict": RESTRICT}
    assert check(house, names[lodged.case.right.value], "requests-told").status is Status.BROKEN


def test_requests_that_should_be_forgotten_are_missed_by_nobody_for_a_day_and_then_broken(house, clock):
    joins(house)
    house.demand(about=MIA, right="restrict")
    clock.forward(3 * 366 * DAY)
    assert check(house, STAFF, "requests-kept").status is Status.BROKEN
    house.sweep()
    assert check(house, STAFF, "requests-kept").status is not Status.BROKEN
