from dataclasses import replace

import pytest

from tests.houses import CLINIC_TEXT, MEMBER_TEXT
from tests.properties.agreements import WHO
from troth.evidence.later import later
from troth.evidence.protection import CHECKED_MEASURES, UNBUILT
from troth.evidence.status import CheckResult, Status, worst
from troth.terms.agreement import (
    Change,
    Collect,
    Contact,
    Disclose,
    Inform,
    Keep,
    Never,
    Party,
    Protect,
    RightRule,
    Store,
    Target,
    Transfer,
    Use,
)
from troth.terms.grammar import ASSURANCES, MEASURES, RULES, SAFEGUARDS
from troth.terms.parse import parse
from troth.terms.vocabulary import Basis, Period, Relationship, RightName

KEPT = CheckResult("a check", "what it measures", "what it cannot see", Status.KEPT, 1)
COLLECT = Collect("a", ("w",), (), Basis.CONTRACT, ("p",), "k", WHO[0])
USE = Use("p", (Target("a"),), WHO[0], Basis.CONTRACT)
DISCLOSE = Disclose("c", (Party("m", "E", Relationship.PROCESSOR),), (), ("p",), WHO[0], Basis.CONTRACT)
KEEP = Keep("k", ("a",), Period(days=1))
STORE = Store(("E",))
TRANSFER = Transfer("E", "U", "scc")
RIGHT = RightRule(RightName.ACCESS)

# Every key of the grammar, by what becomes of it. Whoever adds a key says here which it is.
CARRIED = {
    "collect": "when fields basis for keep need by consent opens records minimum_age notice",
    "use": "of by basis consent objection mask needs",
    "disclose": "recipients of for by basis needs approvals",
    "never": "of for to in except",
    "keep": "of for at_most longer duty holds held_by shorter gone_within",
    "store": "residency",
    "transfer": "of",
    "right": "of by for assurance how deadline",
    "case": "kind of by decided_by event reasons",
    "sign_in": "identifiers credentials sessions messages activity usage for methods",
    "contact": "authority",
}
SAID = {  # it promises nothing: where data comes from, what may come in batches, what is read by people alone
    "collect": "source stream",
    "contact": "languages",
}
IN_PART = {  # carried out for some values; for the others a part of its rule comes later
    "collect": "special_condition",
    "use": "leaves",
    "disclose": "tell",
    "keep": "from then",
    "transfer": "safeguard",
}
LATER = {
    "use": "channels",
    "disclose": "review within",
    "store": "home",
    "change": "material fresh_consent continued_use_accepts",
}


@pytest.mark.parametrize("kind", RULES.values(), ids=lambda kind: kind.head)
def test_every_key_of_the_language_is_carried_out_or_named_here(kind):
    said = [word for table in (CARRIED, SAID, IN_PART, LATER) for word in table.get(kind.head, "").split()]

    assert sorted(said) == sorted(key.name for key in kind.keys)


@pytest.mark.parametrize(
    "rule", [COLLECT, USE, DISCLOSE, Never(("sell",)), KEEP, STORE, TRANSFER, RIGHT, Inform("nothing")]
)
def test_a_rule_that_is_carried_out_as_a_whole_has_nothing_left_for_later(rule):
    assert later(rule) == ()


PARTS = [
    (replace(COLLECT, special_condition="explicit_consent"), "explicit-consent"),
    (replace(USE, leaves="aggregates"), "releases"),
    (replace(USE, channels=("email",)), "channels"),
    *((replace(DISCLOSE, tell=when), "member-told") for when in ("before", "at_once", "after", "on_change")),
    (replace(DISCLOSE, tell="unless_forbidden"), "member-told"),
    (replace(DISCLOSE, review=True), "reviewed"),
    (replace(DISCLOSE, within=Period(seconds=3600)), "opening-ends"),
    *((replace(KEEP, event=event), "from-event") for event in ("decision", "close", "Leave")),
    (replace(STORE, home=True), "home-places"),
    (replace(TRANSFER, safeguard="consent"), "safeguard-of-person"),
    (replace(TRANSFER, safeguard="derogation"), "safeguard-of-person"),
    (Change(("email",), Period(days=30), ("loosens",)), "changes"),
    *(
        (Protect(((key.name, "1"),)), key.name.replace("_", "-"))
        for key in MEASURES.keys
        if key.name not in CHECKED_MEASURES
    ),
    *((Protect((each,)), each[0].replace("_", "-")) for each in sorted(UNBUILT)),
]


@pytest.mark.parametrize(("rule", "name"), PARTS, ids=[f"{n}-{name}" for n, (_, name) in enumerate(PARTS)])
def test_a_part_that_nothing_carries_out_makes_its_clause_unproven_beside_a_check_that_is_kept(rule, name):
    (result,) = later(rule)

    assert result.name == name
    assert worst([KEPT, result]) is Status.UNPROVEN


@pytest.mark.parametrize(
    "rule",
    [
        replace(COLLECT, special_condition="explicit_consent", consent="p"),
        replace(COLLECT, notice="We take this."),
        replace(DISCLOSE, tell="record"),
        *(replace(RIGHT, assurance=word) for word in ASSURANCES),
        Contact((("email", "us@example.org"),), ("en",), ""),
        replace(KEEP, event="leave"),
        replace(KEEP, shorter=True),
        replace(KEEP, then="anonymise"),
        *(replace(TRANSFER, safeguard=word) for word in SAFEGUARDS if word not in ("consent", "derogation")),
        *(Protect(((name, "PT1H"),)) for name in CHECKED_MEASURES),
    ],
)
def test_the_values_that_are_carried_out_leave_nothing(rule):
    assert later(rule) == ()


def test_a_period_from_the_end_of_cases_leaves_nothing_where_there_are_such_cases():
    keep = replace(KEEP, event="decision")

    assert [part.name for part in later(keep, frozenset({"close"}))] == ["from-event"]
    assert later(keep, frozenset({"close", "decision"})) == ()


@pytest.mark.parametrize("text", [MEMBER_TEXT, CLINIC_TEXT], ids=["member", "clinic"])
def test_no_rule_of_an_agreement_names_two_parts_alike(text):
    for _, rule in parse(text, "agreement.md").rules():
        names = [result.name for result in later(rule)]
        assert len(names) == len(set(names))
