"""What came of trying the pages counts for two hours; never green because nothing was tried."""

import pytest

from tests.inside import rows_of
from troth.clock import SECOND
from troth.evidence import tried
from troth.evidence.protection import OF_PAGES
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.evidence.tried import EARLY, FOUND, FRESH, KINDS, UNTRIED, Tried, judge, named
from troth.store import schema

KEPT, BROKEN, UNPROVEN = Status.KEPT, Status.BROKEN, Status.UNPROVEN
NOW, SINCE = 10**15, 10**14


def judged(row=None, *, since=SINCE):
    found = {} if row is None else {row.promise: row}
    return judge("lockout", "10/hour", found, now=NOW, since=since)


def a_row(**more):
    return Tried(**{"promise": "lockout:10/hour", "passed": True, "sample": 5, "at": NOW, **more})


def test_what_was_never_tried_is_unproven():
    assert judged().status is UNPROVEN
    assert "never tried" in judged().detail


@pytest.mark.parametrize(
    ("ago", "status"),
    [(0, KEPT), (FRESH, KEPT), (FRESH + 1, UNPROVEN), (-EARLY, KEPT), (-EARLY - 1, UNPROVEN)],
)
def test_what_was_tried_counts_for_two_hours_and_not_before_its_time(ago, status):
    assert FRESH == 2 * 3_600 * SECOND
    assert judged(a_row(at=NOW - ago)).status is status
    assert judged(a_row(at=NOW - ago, passed=False, detail="never-paused")).status is (
        BROKEN if status is KEPT else UNPROVEN
    )


def test_what_was_tried_before_the_agreement_took_effect_is_unproven():
    assert judged(a_row(at=NOW - 1), since=NOW).status is UNPROVEN


def test_another_value_is_another_promise():
    assert judged(a_row(promise="lockout:20/hour")).status is UNPROVEN
    assert len(named("reminders", "w" * 300)) <= schema.probes.c.name.type.length


@pytest.mark.parametrize("code", sorted(set(FOUND) - UNTRIED))
def test_what_failed_is_broken_and_says_how(code):
    found = judged(a_row(passed=False, detail=f"{code}:word"))
    assert found.status is BROKEN
    assert found.detail == FOUND[code].format(word="word")


@pytest.mark.parametrize("code", sorted(UNTRIED))
def test_what_could_not_be_tried_is_unproven_and_says_why(code):
    found = judged(a_row(sample=0, detail=code))
    assert (found.status, found.detail) == (UNPROVEN, FOUND[code])


def test_a_code_that_somebody_wrote_into_the_store_is_repeated_nowhere():
    assert "mia@example.org" not in judged(a_row(passed=False, detail="mia@example.org")).detail


def test_every_promise_of_the_pages_says_what_trying_it_cannot_see():
    assert set(KINDS) >= OF_PAGES
    assert all(measures and blind for measures, blind in KINDS.values())


def test_a_row_is_noted_read_and_replaced(house, clock):
    house.teller.alone(lambda desk: tried.note(desk, [a_row(at=0), a_row(promise="contact:c", sample=0)]))
    clock.forward(SECOND)
    house.teller.alone(lambda desk: tried.note(desk, [a_row(passed=False, detail="never-paused")]))
    house.teller.alone(lambda desk: tried.note(desk, []))

    found = house.teller.alone(tried.read)

    assert found["lockout:10/hour"] == a_row(passed=False, detail="never-paused", at=clock.at)
    assert found["contact:c"] == a_row(promise="contact:c", sample=0, at=clock.at - SECOND)
    assert len(rows_of(house, schema.probes)) == 2


def test_verify_reads_what_was_noted(house, clock):
    names = {"rate_limit:60/minute": True, "lockout:10/hour": False}
    rows = [Tried(name, passed, 5, "" if passed else "never-paused") for name, passed in names.items()]
    house.teller.alone(lambda desk: tried.note(desk, rows))

    def checks():
        clauses = {each.clause: each for each in verify(house.teller).clauses}
        return {each.name: each.status for each in clauses["protect.attacks"].checks}

    assert (checks()["rate-limit"], checks()["lockout"]) == (KEPT, BROKEN)
    clock.forward(FRESH + 1)
    assert (checks()["rate-limit"], checks()["lockout"]) == (UNPROVEN, UNPROVEN)
