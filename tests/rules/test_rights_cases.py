"""Rights cases as values: the table of steps, proof before work, and a clock that follows from events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.houses import MEMBER_TEXT
from troth.clock import DAY, SECOND, instant, iso
from troth.custody.demands.regimes import regimes
from troth.rules.compiling import compile_rules
from troth.rules.decision import ASSURANCES
from troth.rules.rights_cases import (
    ENDED,
    PARTIAL,
    Event,
    Happened,
    RightsCase,
    Scope,
    State,
    deadline,
    next_look,
    rule_of,
    state_of,
)
from troth.terms.parse import parse
from troth.terms.vocabulary import Category, Period, Purpose, RightName

START = instant("2027-06-01T09:00:00Z")
WORK = (Event.REVIEWED, Event.GRANTED, Event.BEGUN, Event.PERFORMED, Event.CONFIRMED)
BOOK = compile_rules(parse(MEMBER_TEXT, "agreement.md"))


def case(*events, needs="step_up", regimes=("eu-gdpr",), right=RightName.ERASE):
    """A demand with events, each an `Event` or (event, code), an hour apart."""
    happened = []
    for number, said in enumerate((Event.FILED, *events)):
        event, *codes = said if isinstance(said, tuple) else (said,)
        happened.append(Happened(START + number * 3600 * SECOND, event, "self", tuple(codes)))
    return RightsCase(bytes(16), 1, right, "ER-0000-0000", regimes, Scope(), tuple(happened), needs)


PROVEN = (Event.PROVEN, "step_up")


def test_nothing_is_begun_before_it_is_proven_who_asks_from_wherever_it_stands():
    for before in ((), (Event.ASKED,), ((Event.EXTENDED, "complex"),), ((Event.PROVEN, "signed_in"),)):
        assert not any(case(*before).may(event) for event in WORK), before
    assert case(PROVEN).may(Event.BEGUN)
    assert case((Event.PROVEN, "signed_in"), needs="signed_in").may(Event.BEGUN)


@given(st.lists(st.sampled_from([e for e in Event if e is not Event.FILED]), max_size=12))
def test_whatever_happens_a_demand_is_never_done_unproven_and_never_goes_on_after_its_end(events):
    here = case()
    for event in events:
        codes = ("step_up",) if event is Event.PROVEN else ()
        if not here.may(event):
            continue
        assert here.state not in ENDED
        happened = (*here.events, Happened(here.events[-1].at + 1, event, "self", codes))
        here = RightsCase(
            here.id, here.subject, here.right, here.reference, here.regimes, here.scope, happened, here.needs
        )
        assert here.state in State
    if here.state in (State.DONE, State.PARTLY, State.WORKING, State.DECIDING):
        assert here.is_proven
    assert (here.ended_at is not None) == (here.state in ENDED)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), State.RECEIVED),
        ((Event.ASKED,), State.VERIFYING),
        ((Event.ASKED, PROVEN), State.RECEIVED),
        ((PROVEN, Event.REVIEWED), State.DECIDING),
        ((PROVEN, Event.REVIEWED, Event.ASKED), State.VERIFYING),
        ((PROVEN, Event.REVIEWED, Event.GRANTED), State.WORKING),
        ((PROVEN, Event.BEGUN, Event.PERFORMED), State.WORKING),
        ((PROVEN, Event.BEGUN, Event.CONFIRMED), State.DONE),
        ((PROVEN, Event.BEGUN, (Event.CONFIRMED, PARTIAL)), State.PARTLY),
        ((PROVEN, Event.BEGUN, (Event.REFUSED, "held")), State.REFUSED),
        (((Event.REFUSED, "denied"),), State.REFUSED),
        ((Event.EXTENDED, Event.CANCELLED), State.CANCELLED),
    ],
)
def test_events_lead_where_the_table_says(events, state):
    assert case(*events).state is state


def test_what_was_begun_cannot_be_taken_back():
    assert case(PROVEN).may(Event.CANCELLED)
    assert not case(PROVEN, Event.BEGUN).may(Event.CANCELLED)


def test_events_that_no_demand_has_are_no_state():
    with pytest.raises(ValueError, match="does not follow"):
        state_of([Happened(START, Event.BEGUN, "self")])
    with pytest.raises(ValueError, match="no events"):
        state_of([])


def test_it_is_extended_once():
    assert case(PROVEN).may(Event.EXTENDED)
    assert not case((Event.EXTENDED, "complex")).may(Event.EXTENDED)


@pytest.mark.parametrize("level", ASSURANCES)
def test_the_best_proof_counts(level):
    assert case((Event.PROVEN, "signed_in"), (Event.PROVEN, level)).proven == level


def test_a_proof_that_is_asked_for_anew_is_open_until_it_comes():
    asked = case(PROVEN, Event.REVIEWED, Event.ASKED)
    assert (asked.proven, asked.was_proven, asked.waits) == ("", True, True)
    assert not asked.may(Event.BEGUN)
    assert case(PROVEN, Event.REVIEWED, Event.ASKED, PROVEN).is_proven
    assert not case(Event.ASKED).was_proven


def test_what_was_begun_is_not_refused_by_whoever_decides():
    assert case(PROVEN, Event.REVIEWED, Event.GRANTED).may(Event.REFUSED)
    assert not case(PROVEN, Event.BEGUN).may(Event.REFUSED)


# ---- the clock


def test_the_clock_starts_with_receipt_and_ends_a_month_later():
    due = deadline(case(), regimes(), START)
    assert (iso(due.at), due.regime, due.paused, due.extended) == (
        "2027-07-01T09:00:00Z",
        "eu-gdpr",
        False,
        False,
    )


def test_it_stands_still_while_a_proof_is_waited_for_and_no_longer():
    asked = case(Event.ASKED)
    later = START + 10 * DAY
    waiting = deadline(asked, regimes(), later)
    assert waiting.paused
    assert waiting.at == deadline(case(), regimes(), START).at + later - asked.events[1].at
    proven = deadline(case(Event.ASKED, PROVEN), regimes(), later)
    assert not proven.paused
    assert proven.at == deadline(case(), regimes(), START).at + 3600 * SECOND


def test_a_regime_that_counts_the_proof_in_does_not_stand_still():
    asked = case(Event.ASKED, regimes=("us-ccpa",))
    due = deadline(asked, regimes(), START + 10 * DAY)
    assert (iso(due.at), due.paused) == ("2027-07-16T09:00:00Z", False)


def test_every_time_that_a_proof_is_waited_for_counts():
    twice = case(Event.ASKED, PROVEN, Event.ASKED, PROVEN)
    due = deadline(twice, regimes(), START + 10 * DAY)
    assert due.at == deadline(case(), regimes(), START).at + 2 * 3600 * SECOND


def test_an_extension_adds_what_the_regime_gives():
    due = deadline(case((Event.EXTENDED, "complex")), regimes(), START)
    assert (iso(due.at), due.extended) == ("2027-09-01T09:00:00Z", True)
    without = deadline(case((Event.EXTENDED, "complex"), regimes=("sg-pdpa",)), regimes(), START)
    assert not without.extended


def test_the_clause_may_promise_less_time_and_never_more():
    soon = deadline(case(), regimes(), START, promised=Period(days=7))
    assert (soon.at, soon.regime) == (START + 7 * DAY, "agreement")
    assert deadline(case(), regimes(), START, promised=Period(days=70)).regime == "eu-gdpr"


def test_nobody_promises_a_time_where_neither_law_nor_clause_does():
    assert deadline(case(regimes=("atlantis",)), regimes(), START) is None


def test_somebody_is_told_a_week_before_the_end_and_at_the_end():
    open_ = case()
    due = deadline(open_, regimes(), START).at
    assert next_look(open_, regimes(), START) == due - 7 * DAY
    told = case((Event.ESCALATED, "soon"))
    assert next_look(told, regimes(), START) == due
    assert next_look(case((Event.ESCALATED, "soon"), (Event.ESCALATED, "late")), regimes(), START) == 0
    assert next_look(case(Event.CANCELLED), regimes(), START) == 0


def test_more_time_has_an_end_of_its_own_of_which_somebody_is_told_again():
    longer = case((Event.ESCALATED, "soon"), (Event.EXTENDED, "complex"))
    due = deadline(longer, regimes(), START).at
    assert next_look(longer, regimes(), START) == due - 7 * DAY
    again = case((Event.ESCALATED, "soon"), (Event.EXTENDED, "complex"), (Event.ESCALATED, "soon"))
    assert next_look(again, regimes(), START) == due


def test_of_a_short_time_half_is_left_when_somebody_is_told():
    due = deadline(case(regimes=("id-pdp",)), regimes(), START).at
    assert next_look(case(regimes=("id-pdp",)), regimes(), START) == START + (due - START) // 2


# ---- the clause


@pytest.mark.parametrize(
    ("right", "scope", "how"),
    [
        ("correct", Scope(category=Category("account")), "self"),
        ("correct", Scope(category=Category("identity")), "review"),
        ("erase", Scope(), "self"),
        ("object", Scope(purpose=Purpose("service.upkeep")), "self"),
        ("complain", Scope(), "review"),
    ],
)
def test_the_clause_that_speaks_of_it_governs_it(right, scope, how):
    clause, rule = rule_of(BOOK, RightName(right), scope)
    assert rule.how == how
    assert clause.startswith("right.")


@pytest.mark.parametrize(
    ("right", "scope"),
    [
        ("correct", Scope(category=Category("usage"))),
        ("object", Scope(purpose=Purpose("signin"))),
        ("port", Scope(category=Category("notices"))),
    ],
)
def test_what_no_clause_speaks_of_has_none(right, scope):
    assert rule_of(BOOK, RightName(right), scope) is None
