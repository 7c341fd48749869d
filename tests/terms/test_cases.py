"""What a `case` rule needs: somebody on either side, reasons to reject, and a name of its own."""

import pytest

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from troth.errors import AgreementFaulty
from troth.terms.agreement import CaseRule, Who
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.sentences import plain

CHECK = """case: identity-check
kind: verification
of: account
by: {subject: true}
decided_by: {roles: [desk]}
event: decision
reasons: [blurred]"""
TALK = "case: talk\nkind: conversation\nof: account\ndecided_by: {roles: [desk]}\nevent: close"
WAITS = KEEP + "\nfrom: decision\nat_most: P2Y"


def told(*rules):
    return [(f.code, f.level, f.clause) for f in check(parse(agreement(*rules)))]


def test_a_rule_is_read_with_its_defaults_filled_in():
    *_, talk = (rule for _, rule in parse(agreement(*BASE, TALK)).rules())

    assert talk == CaseRule(
        "talk", "conversation", ("account",), Who(subject=True), Who(frozenset({"desk"})), "close"
    )


def test_what_is_whole_is_clean():
    assert told(*BASE, CHECK, TALK) == []
    assert told(COLLECT, USE, WAITS, CHECK) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (CHECK, "decided_by: {roles: [desk]}", "decided_by: {subject: true, roles: [desk]}"),
        (CHECK, "\ndecided_by: {roles: [desk]}", ""),
        (CHECK, "\nreasons: [blurred]", ""),
        (CHECK, "by: {subject: true}", "by: {subject: false}"),
        (TALK, "\ndecided_by: {roles: [desk]}", ""),
    ],
    ids=["by oneself", "by nobody", "without reasons", "never opened", "never answered"],
)
def test_a_case_that_cannot_be_carried_out_is_an_error(rule, old, new):
    assert old in rule
    assert told(*BASE, rule.replace(old, new)) == [("L13", "error", "c4")]


def test_two_cases_of_one_name_are_an_error():
    assert told(*BASE, CHECK, TALK.replace("talk", "identity-check")) == [("L13", "error", "c5")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("of: account", "of: accuont"),
        ("kind: verification", "kind: verdict"),
        ("\nkind: verification", ""),
        ("\nof: account", ""),
    ],
    ids=["no such category", "no such kind", "of no kind", "of nothing"],
)
def test_a_case_of_words_that_nothing_declares_is_no_agreement(old, new):
    with pytest.raises(AgreementFaulty):
        parse(agreement(*BASE, CHECK.replace(old, new)))


@pytest.mark.parametrize("cases", [(), (TALK,), (CHECK.replace("\nevent: decision", ""),)])
def test_a_period_that_runs_from_what_no_case_ends_with_is_an_error(cases):
    assert told(COLLECT, USE, WAITS, *cases) == [("L6", "error", "c3")]


def test_a_period_of_which_nothing_belongs_to_the_case_is_an_error():
    other = COLLECT.replace("collect: account", "collect: picture").replace("keep: account", "keep: picture")
    keep = WAITS.replace("keep: account", "keep: picture").replace("of: account", "of: picture")

    assert ("L6", "error", "c5") in told(*BASE, other, keep, CHECK)
    assert ("L6", "error", "c5") not in told(*BASE, other, keep, CHECK.replace("of: account", "of: picture"))


def test_a_period_from_leaving_needs_no_case():
    assert told(COLLECT, USE, KEEP + "\nfrom: leave\nat_most: P2Y") == []


def test_an_event_that_is_nearly_that_of_a_case_is_noticed_as_a_slip():
    found = check(parse(agreement(COLLECT, USE, CHECK, WAITS.replace("decision", "decison"))))

    assert {"L3", "L6"} == {finding.code for finding in found}
    assert any("`decision`" in finding.fix for finding in found if finding.code == "L3")


def test_a_case_reads_as_a_sentence():
    assert plain(parse(agreement(*BASE, CHECK)).clauses[-1].rules[0]) == (
        "You may open a verification (identity check) with account; desk decides it; "
        "periods from “decision” begin when it ends."
    )
    assert plain(parse(agreement(*BASE, TALK.replace("\nevent: close", ""))).clauses[-1].rules[0]) == (
        "You may open a conversation (talk) with account; desk answers it."
    )
