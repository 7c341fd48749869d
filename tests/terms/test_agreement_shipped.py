"""The shipped agreements hold what they are there to hold, and their prose says what their rules do."""

import re

import pytest

from tests.house.source import ROOT
from troth.terms.agreement import (
    Agreement,
    CaseRule,
    Change,
    Clause,
    Collect,
    Contact,
    Disclose,
    Keep,
    Never,
    Protect,
    RightRule,
    Rule,
    Store,
    Transfer,
    Use,
)
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.vocabulary import Basis, Period

# Each promise to the member, and the clauses that carry it with the kind of rule each must have.
ROWS: dict[str, dict[str, type[Rule]]] = {
    "P1.1": {"collect.account": Collect, "collect.codes": Protect},
    "P1.2": {
        "collect.identity": Collect,
        "collect.camera.identity": Collect,
        "case.identity": CaseRule,
        "keep.identity-pictures": Keep,
    },
    "P1.3": {
        "collect.transactions": Collect,
        "collect.activity": Collect,
        "collect.device": Collect,
        "collect.network": Collect,
        "keep.activity": Keep,
        "keep.technical": Keep,
    },
    "P1.4": {"collect.payment": Collect, "use.payments": Use, "never.payment-elsewhere": Never},
    "P1.5": {
        "collect.support": Collect,
        "collect.feedback": Collect,
        "case.conversation": CaseRule,
        "use.support": Use,
        "never.support-elsewhere": Never,
    },
    "P1.6": {"collect.usage": Collect, "keep.usage": Keep},
    "P1.7": {
        "collect.camera.identity": Collect,
        "collect.camera.profile": Collect,
        "use.camera.identity": Use,
        "use.camera.profile": Use,
        "never.pictures-elsewhere": Never,
        "protect.attacks": Protect,
    },
    "P1.8": {"never.collect-else": Never},
    "P2.1": {
        "use.account": Use,
        "use.transactions": Use,
        "use.payments": Use,
        "use.support": Use,
        "use.upkeep": Use,
        "use.analysis": Use,
    },
    "P2.2": {"use.identity": Use, "use.camera.identity": Use, "use.security": Use},
    "P2.3": {"use.notices": Use, "use.promotions": Use, "disclose.processors.messages": Disclose},
    "P2.4": {"use.analysis": Use, "protect.aggregates": Protect, "right.object": RightRule},
    "P3.0": {"never.sell": Never},
    "P3.1": {"disclose.authorities": Disclose},
    "P3.2": {"disclose.protection": Disclose},
    "P3.3": {
        "disclose.processors.payments": Disclose,
        "disclose.processors.messages": Disclose,
        "disclose.processors.promotions": Disclose,
        "disclose.processors.identity": Disclose,
        "disclose.processors.hosting": Disclose,
        "right.correct": Protect,
    },
    "P3.4": {"disclose.emergency": Disclose},
    "P3.5": {"never.disclose-analysis": Never, "use.analysis": Use},
    "P3.6": {"right.access": RightRule, "disclose.shown": Protect},
    "P4.1": {"protect.reminders": Protect, "collect.camera.identity": Collect},
    "P4.2": {"protect.encryption": Protect},
    "P4.3": {"protect.incidents": Protect},
    "P4.4": {"protect.attacks": Protect, "collect.codes": Protect},
    "P4.5": {"protect.training": Protect},
    "P4.6": {"protect.staff": Protect},
    "P4.7": {"protect.confidentiality": Protect, "disclose.processors.payments": Disclose},
    "P4.8": {"protect.reminders": Protect, "protect.passwords": Protect},
    "P5.1": {"store.places": Store},
    "P5.2": {"transfer.to-ireland": Transfer, "transfer.to-singapore": Transfer},
    "P6.1": {"change.agreement": Change},
    "P6.2": {"change.agreement": Change},
    "P6.3": {"change.agreement": Change},
    "P6.4": {"change.plan": Protect},
    "P7.1": {"right.access": RightRule},
    "P7.2": {"right.correct": RightRule},
    "P7.3": {"right.erase": RightRule, "protect.encryption": Protect},
    "P7.4": {"right.restrict": RightRule},
    "P7.5": {"right.port": RightRule},
    "P7.6": {"right.object": RightRule},
    "P7.7": {"right.opt-out": RightRule},
    "P7.8": {"right.by-support": Protect, "right.complain": RightRule},
    "P7.9": {
        "right.access": RightRule,
        "right.correct": RightRule,
        "right.erase": RightRule,
        "right.port": RightRule,
        "right.complain": RightRule,
    },
    "P8.1": {
        "keep.account": Keep,
        "keep.identity": Keep,
        "keep.identity-pictures": Keep,
        "keep.profile-picture": Keep,
        "keep.transactions": Keep,
        "keep.payment": Keep,
        "keep.activity": Keep,
        "keep.technical": Keep,
        "keep.usage": Keep,
        "keep.support": Keep,
        "protect.erasure": Protect,
    },
    "P8.2": {"keep.usage": Keep},
    "P8.3": {"keep.technical": Keep, "keep.transactions": Keep, "keep.identity": Keep},
    "P8.4": {"protect.erasure": Protect},
    "P9.1": {"contact.us": Contact, "collect.support": Collect},
}
# How many rows each section of the promises has, and where it begins to count.
SECTIONS = {1: (1, 8), 2: (1, 4), 3: (0, 6), 4: (1, 8), 5: (1, 2), 6: (1, 4), 7: (1, 9), 8: (1, 4), 9: (1, 1)}

# Warnings that stand, as (code, clause), each with the reason why.
STANDING: dict[tuple[str, str], str] = {}

GROUNDS = {
    Basis.CONTRACT: "our contract with you",
    Basis.CONSENT: "your consent",
    Basis.LEGAL_OBLIGATION: "legal obligation",
    Basis.LEGITIMATE_INTERESTS: "interest",
    Basis.VITAL_INTERESTS: "vital interests",
}
NEEDS = {
    "case": "the case",
    "reason": "the reason",
    "legal_basis": "the law it rests on",
    "contract": "a contract with us",
    "confidentiality": "a duty of confidentiality",
    "safeguard": "a safeguard for data that crosses borders",
}
TELLS = {
    "unless_forbidden": "unless a law forbids it",
    "after": "you are told afterwards",
    "at_once": "you are told at once",
    "on_change": "We tell you when this list changes",
}
LOOSE = re.compile(
    r"\b(?:may|might|could|possibly|likely|as needed|as necessary|as appropriate|depending|sometimes|"
    r"generally|mostly|typically|usually|normally|some|most|many|certain|various|such as|including|etc|"
    r"partners?|affiliates?|third part(?:y|ies)|from time to time|among others|for example|reasonabl[ey])\b",
    re.IGNORECASE,
)
NUMBERS = {1: "one", 2: "two", 4: "four", 5: "five", 7: "seven", 10: "ten"}


def shipped(name: str) -> Agreement:
    path = ROOT / "agreements" / name / "agreement.md"
    return parse(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))


@pytest.fixture(scope="module")
def member() -> Agreement:
    return shipped("member")


def clauses_with(agreement: Agreement, kind: type) -> list[tuple[Clause, Rule]]:
    return [(clause, rule) for clause, rule in agreement.rules() if isinstance(rule, kind)]


def flat(text: str) -> str:
    return " ".join(text.split())


def in_words(period: Period) -> set[str]:
    """Ways in which prose may say a period: `30 days`, `one year`."""
    if period.months and not period.months % 12:
        count, unit = period.months // 12, "year"
    elif period.days:
        count, unit = period.days, "day"
    else:
        count, unit = period.seconds // 3600, "hour"
    plural = unit if count == 1 else unit + "s"
    return {f"{count} {plural}", f"{NUMBERS.get(count, count)} {plural}"}


def test_every_row_of_the_promises_is_mapped():
    spans = SECTIONS.items()
    rows = {f"P{section}.{row}" for section, (first, last) in spans for row in range(first, last + 1)}
    assert set(ROWS) == rows


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_clauses_with_a_rule_of_the_right_kind(row, member):
    for wanted, kind in ROWS[row].items():
        clause = member.clause(wanted)
        assert clause is not None, f"{row}: no clause `{wanted}`"
        kinds = {type(rule) for rule in clause.rules}
        assert kind in kinds, f"{row}: `{wanted}` has no {kind.__name__}"


@pytest.mark.parametrize("name", ["member", "minimal"])
def test_a_shipped_agreement_has_no_error(name):
    assert [str(finding) for finding in check(shipped(name)) if finding.level == "error"] == []


def test_every_warning_that_stands_has_its_reason(member):
    found = {(finding.code, finding.clause) for finding in check(member) if finding.level != "error"}
    assert found == set(STANDING)


def test_the_minimal_agreement_has_no_warning():
    assert list(check(shipped("minimal"))) == []


def test_every_circumstance_has_a_collection(member):
    assert {when for _, rule in clauses_with(member, Collect) for when in rule.circumstances} == {
        "registration",
        "identity_verification",
        "service_use",
        "payment",
        "customer_service",
        "usage_log",
        "camera",
        "securing_account",
        "entering_account",
        "announcement",
        "arrival",
    }


def test_pictures_are_taken_with_a_consent_of_their_own_each(member):
    consents = [rule.consent for _, rule in clauses_with(member, Collect) if "camera" in rule.circumstances]
    assert len(consents) == len(set(consents)) == 2
    assert None not in consents


def test_usage_logs_have_the_shortest_period_from_collection(member):
    lengths = {
        rule.name: rule.period.roughly() for _, rule in clauses_with(member, Keep) if rule.event is None
    }
    assert min(lengths, key=lengths.__getitem__) == "usage"
    assert min(lengths.values()) < sorted(lengths.values())[1]


def test_every_disclosure_outside_of_emergencies_to_people_of_authority_has_two_approvals(member):
    for _, rule in clauses_with(member, Disclose):
        if {party.relationship for party in rule.parties} & {"authority", "protection"}:
            assert rule.approvals == 2
            assert rule.approvers


def test_every_company_that_works_for_us_has_contract_and_confidentiality(member):
    for clause, rule in clauses_with(member, Disclose):
        if {party.relationship for party in rule.parties} == {"processor"}:
            assert {"contract", "confidentiality"} <= set(rule.needs), clause.id


def test_every_consent_can_be_withdrawn_and_every_objection_made(member):
    rights = {rule.right: set(rule.purposes) for _, rule in clauses_with(member, RightRule)}
    uses = [rule for _, rule in clauses_with(member, Use)]
    assert rights["withdraw"] == {rule.purpose for rule in uses if rule.consent}
    assert rights["object"] == {rule.purpose for rule in uses if rule.objection}


def test_every_right_leaves_its_deadline_to_the_law(member):
    assert {rule.deadline for _, rule in clauses_with(member, RightRule)} == {None}


def test_the_prose_of_a_collection_names_the_clause_that_keeps_it(member):
    keeps = {rule.name: clause.number for clause, rule in clauses_with(member, Keep)}
    for clause, rule in clauses_with(member, Collect):
        assert f"Kept: clause {keeps[rule.keep]}." in flat(clause.text), clause.id


def test_the_prose_of_a_rule_with_a_ground_names_that_ground(member):
    for clause, rule in member.rules():
        if isinstance(rule, Collect | Use | Disclose):
            grounds = " ".join(re.findall(r"Ground(?: of both)?: ([^.]*)\.", flat(clause.text)))
            assert GROUNDS[rule.basis] in grounds, f"{clause.id}: {grounds}"


def test_the_prose_of_a_period_names_its_length(member):
    for clause, rule in clauses_with(member, Keep):
        reasons = [reason.period for reason in rule.longer]
        for period in filter(None, [rule.period, rule.maximum, *reasons]):
            assert any(words in flat(clause.text) for words in in_words(period)), f"{clause.id}: {period}"


def test_the_prose_says_where_a_member_chooses_less_and_where_a_matter_holds(member):
    for clause, rule in clauses_with(member, Keep):
        assert ("shorter time" in flat(clause.text)) == rule.shorter, clause.id
        assert ("hold" in flat(clause.text)) == bool(rule.holds), clause.id
        assert ("law " in flat(clause.text)) == bool(rule.duty), clause.id


def test_the_prose_says_where_a_case_or_a_reason_is_needed_and_what_is_masked(member):
    for clause in {clause.id: clause for clause, _ in clauses_with(member, Use)}.values():
        uses = [rule for rule in clause.rules if isinstance(rule, Use)]
        text = flat(clause.text)
        for need in ("case", "reason"):
            assert (f"a {need}" in text) == any(need in rule.needs for rule in uses), f"{clause.id}: {need}"
        assert ("masked" in text) == any(rule.mask for rule in uses), clause.id
        assert ("object" in text) == any(rule.objection for rule in uses), clause.id
        assert ("consent" in text) == any(rule.consent for rule in uses), clause.id


def test_the_prose_of_a_disclosure_says_what_it_needs_and_when_the_member_is_told(member):
    for clause in {clause.id: clause for clause, _ in clauses_with(member, Disclose)}.values():
        given = [rule for rule in clause.rules if isinstance(rule, Disclose)]
        text = flat(clause.text)
        for need, words in NEEDS.items():
            assert (words in text) == any(need in rule.needs for rule in given), f"{clause.id}: {need}"
        for tell, words in TELLS.items():
            assert (words in text) == any(rule.tell == tell for rule in given), f"{clause.id}: {tell}"
        assert ("reviewed" in text) == any(rule.review for rule in given), clause.id
        assert ("Two people" in text) == any(rule.approvals == 2 for rule in given), clause.id


def test_every_clause_that_prose_refers_to_stands_in_the_text(member):
    numbers = {clause.number for clause in member.clauses}
    named = {
        number
        for clause in member.clauses
        for phrase in re.findall(r"clauses? (\d+\.\d+(?:(?:, | and | to )\d+\.\d+)*)", flat(clause.text))
        for number in re.findall(r"\d+\.\d+", phrase)
    }
    assert named
    assert named <= numbers


def test_clauses_are_numbered_in_order(member):
    numbers = [tuple(int(part) for part in clause.number.split(".")) for clause in member.clauses]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("name", ["member", "minimal"])
def test_no_clause_hedges_or_leaves_a_list_open(name):
    hits = [(clause.id, found) for clause in shipped(name).clauses for found in LOOSE.findall(clause.text)]
    assert hits == []
