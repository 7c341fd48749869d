"""Cases as tables: whatever is tried, a case is in one of its states, and only its steps lead on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.houses import MEMBER_TEXT, ROOT
from troth.rules.cases import CONVERSATION, MACHINES, VERIFICATION, Side, consents, grants_of, label, of_sides
from troth.rules.compiling import compile_rules
from troth.rules.decision import Act
from troth.rules.rulebook import passage
from troth.terms.agreement import CaseRule, Who
from troth.terms.grammar import CASES
from troth.terms.parse import parse

EACH = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
FED, DECIDED = (
    Who(subject=True, programs=frozenset({"portal"})),
    Who(frozenset({"clerk"}), frozenset({"robot"})),
)
machines = st.sampled_from([*MACHINES.values()])


def case(kind="verification", **more):
    told = {"of": ("a",), "by": FED, "decided_by": DECIDED, "event": "decision", "reasons": ("blurred",)}
    return CaseRule("check", kind, **{**told, **more})


def reached(machine, *, without=()):
    """Every state that steps lead to from where a case opens, but for steps of some sides alone."""
    found = {machine.first, machine.consented}
    while (
        more := {s.after for s in machine.steps if s.before in found and set(s.sides) - set(without)} - found
    ):
        found |= more
    return found


def test_each_kind_that_the_language_knows_has_its_states():
    assert tuple(MACHINES) == CASES


@EACH
def test_every_state_is_reached_and_no_step_is_told_twice(machine):
    assert reached(machine) == set(machine.states)
    assert len({(s.before, s.after) for s in machine.steps}) == len(machine.steps)


@EACH
def test_a_case_is_fed_in_some_state_and_in_none_after_its_end(machine):
    assert machine.fed
    assert machine.fed <= set(machine.states)
    assert not machine.fed & machine.ended


@EACH
def test_from_every_state_that_has_not_ended_people_can_bring_a_case_to_an_end(machine):
    for state in set(machine.states) - machine.ended:
        found = {state}
        while (
            more := {s.after for s in machine.steps if s.before in found and s.sides != (Side.TIME,)} - found
        ):
            found |= more
        assert found & machine.ended


@EACH
def test_time_ends_whatever_has_not_ended_and_decides_nothing(machine):
    for state in set(machine.states) - machine.ended:
        assert [s.after for s in machine.steps if s.before == state and Side.TIME in s.sides] in (
            ["expired"],
            ["closed"],
        )
    assert all(machine.ends(s.before, s.after) for s in machine.steps if Side.TIME in s.sides)


@EACH
def test_only_the_person_s_side_takes_a_case_up_again(machine):
    again = [s for s in machine.steps if machine.takes_up(s.before, s.after)]
    assert again
    assert all(s.sides == (Side.FEEDING,) for s in again)


def test_nobody_decides_on_their_own_side():
    for step in VERIFICATION.steps:
        if step.after in ("verified", "rejected", "needs_more", "in_review") and step.before != "rejected":
            assert step.sides == (Side.DECIDING,)
    assert reached(VERIFICATION, without={Side.DECIDING}) == {
        "consented", "collecting", "submitted", "withdrawn", "expired"
    }  # fmt: skip


def test_what_goes_against_somebody_takes_a_reason_and_a_rejection_takes_a_person():
    assert {s.after for s in VERIFICATION.steps if s.reasoned} == {"needs_more", "rejected"}
    assert {s.after for s in VERIFICATION.steps if s.human} == {"rejected"}
    assert not any(s.reasoned or s.human for s in CONVERSATION.steps)


def test_a_decision_is_appealed_once_and_a_conversation_opens_as_often_as_wanted():
    assert (VERIFICATION.resumes, CONVERSATION.resumes) == (1, None)


@given(
    machines,
    st.lists(st.text(max_size=12) | st.sampled_from([s for m in MACHINES.values() for s in m.states])),
)
def test_no_walk_leaves_the_states_nor_ends_or_resumes_twice_in_a_row(machine, wishes):
    state, ended = machine.first, False
    for wish in wishes:
        if machine.step(state, wish) is None:
            continue
        ends, again = machine.ends(state, wish), machine.takes_up(state, wish)
        assert not (ends and again)
        assert not (ends and ended)
        assert not (again and not ended)
        ended = (ended or ends) and not again
        state = wish
        assert state in machine.states
        assert ended == (state in machine.ended)


@given(st.sampled_from(CASES))
def test_every_step_that_somebody_may_make_is_granted_to_its_sides_alone(kind):
    rule = case(kind)
    granted = {key: grant.by for key, grant in grants_of("c", rule)}
    assert granted[Act.OPEN, "", "check"] == FED
    for step in MACHINES[kind].steps:
        by = granted.get((Act.MOVE, "", passage("check", step.before, step.after)))
        if step.sides == (Side.TIME,):
            assert by is None
        else:
            sides = of_sides(rule, step.sides)
            assert (by.roles, by.subject) == (sides.roles, sides.subject)
            assert by.programs == (frozenset() if step.human else sides.programs)
    assert len(granted) == 1 + sum(s.sides != (Side.TIME,) for s in MACHINES[kind].steps)


def test_both_sides_together_are_whoever_is_on_either():
    both = of_sides(case(), (Side.FEEDING, Side.DECIDING, Side.TIME))
    assert both == Who(frozenset({"clerk"}), frozenset({"portal", "robot"}), subject=True)
    assert of_sides(case(), (Side.TIME,)) == Who()


def test_the_consents_of_a_case_are_those_of_what_may_belong_to_it():
    book = compile_rules(parse(MEMBER_TEXT))
    assert consents(book, book.cases["identity-check"][1]) == {"camera.identity"}
    assert consents(book, book.cases["conversation"][1]) == frozenset()


def test_the_word_of_what_is_proven_names_its_case():
    assert label("identity-check") == "case:identity-check"


@EACH
def test_the_page_of_the_language_names_every_state(machine):
    page = (ROOT / "docs/reference/agreement-language.md").read_text("utf-8")
    table = page.partition("### Cases")[2].partition("\n## ")[0]

    assert all(f"`{state}`" in table for state in machine.states)
