"""A right is for whoever surely has it: deciding itself is asked with less."""

from dataclasses import replace

import pytest

from tests.cast import MIA, tells_everything
from tests.houses import CLINIC_TEXT, MEMBER_TEXT, MINIMAL_TEXT, START
from troth.evidence import tried
from troth.evidence.report import verify
from troth.evidence.rightchecks import unassured
from troth.evidence.status import Status
from troth.evidence.tried import Tried
from troth.rules.compiling import compile_rules
from troth.rules.decision import ASSURANCES
from troth.terms.agreement import RightRule
from troth.terms.parse import parse

BOOK = compile_rules(parse(MEMBER_TEXT, "agreement.md"))
STEP_UP = ("right.access", "right.correct", "right.erase", "right.leave")


def rights(book, clause):
    return [rule for rule in book.agreement.clause(clause).rules if isinstance(rule, RightRule)]


def asked(book, clause, rule=None):
    rule = rule or rights(book, clause)[0]
    return unassured(book, clause, rule, now=START, at=book.agreement.organisation.place)


@pytest.mark.parametrize("clause", STEP_UP)
def test_deciding_refuses_whoever_is_less_sure_whatever_it_is_about(clause):
    faults, count = asked(BOOK, clause)

    assert faults == []
    assert count > 0


@pytest.mark.parametrize("clause", STEP_UP)
def test_a_rulebook_that_forgot_the_assurance_is_found(clause):
    cells = {
        key: replace(cell, grants=tuple(replace(grant, assurance="") for grant in cell.grants))
        for key, cell in BOOK.cells.items()
    }

    faults, count = asked(replace(BOOK, cells=cells), clause)

    assert 0 < len(faults) <= count
    assert all("is permitted with `signed_in`" in fault for fault in faults)


def test_one_kind_of_data_that_is_given_with_less_is_found():
    key = next(key for key in BOOK.cells if key[0].value == "access" and key[1] == "payment")
    cell = BOOK.cells[key]
    cells = {**BOOK.cells, key: replace(cell, grants=tuple(replace(g, assurance="") for g in cell.grants))}

    faults, _ = asked(replace(BOOK, cells=cells), "right.access")

    assert faults == ["`access` of `payment` is permitted with `signed_in`"]


def test_what_needs_a_proven_identity_is_asked_for_with_each_that_is_less():
    text = MEMBER_TEXT.replace(
        "right: leave\nhow: self\nby: {subject: true, roles: [support-agent]}\nassurance: step_up",
        "right: leave\nhow: self\nby: {subject: true, roles: [support-agent]}\nassurance: verified",
    )
    book = compile_rules(parse(text, "agreement.md"))

    assert rights(book, "right.leave")[0].assurance == ASSURANCES[-1] == "verified"
    assert asked(book, "right.leave") == ([], 2 * asked(BOOK, "right.leave")[1])


def test_each_right_of_a_clause_is_asked_for_by_itself():
    book = compile_rules(parse(CLINIC_TEXT, "agreement.md"))
    erase, *others = rights(book, "right.end")
    assert (erase.assurance, {rule.assurance for rule in others}) == ("step_up", {"signed_in"})

    assert asked(book, "right.end", erase)[0] == []
    assert asked(book, "right.end", erase)[1] > 0


def test_of_two_rules_of_one_right_in_a_clause_the_one_that_demands_less_counts():
    text = MEMBER_TEXT.replace("right: leave\n", "right: leave\n```\n\n```rule\nright: leave\n", 1)
    book = compile_rules(parse(text, "agreement.md"))

    assert asked(book, "right.leave", rights(book, "right.leave")[1]) == ([], 0)


def test_a_right_that_was_exercised_and_refuses_whoever_is_less_sure_is_kept_once_copies_were_tried(house):
    tells_everything(house)
    house.access(about=MIA, category="account")
    house.teller.alone(lambda desk: tried.note(desk, [Tried("copy", passed=True, sample=5)]))

    (clause,) = [each for each in verify(house.teller).clauses if each.clause == "right.access"]

    assert {each.name: each.status for each in clause.checks} == {
        "right-access": Status.KEPT, "assurance": Status.KEPT, "copy": Status.KEPT,
    }  # fmt: skip
    assert clause.status is Status.KEPT


def test_where_no_clause_says_how_members_sign_in_nothing_is_proven(sqlite_house):
    house = sqlite_house(MINIMAL_TEXT.replace("right: leave\n", "right: leave\nassurance: step_up\n"))
    assert house.teller.house.book.sign_in is None

    found = [
        each for clause in verify(house.teller).clauses for each in clause.checks if each.name == "assurance"
    ]

    assert found
    assert {each.status for each in found} == {Status.UNPROVEN}


def test_where_nobody_tried_the_copies_it_is_not_kept_that_they_hold_everything(house):
    tells_everything(house)
    house.access(about=MIA, category="account")

    (clause,) = [each for each in verify(house.teller).clauses if each.clause == "right.access"]

    assert clause.status is Status.UNPROVEN
