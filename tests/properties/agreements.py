"""Whole agreements, and what is asked under them, out of few words so that rules meet often.

A rule is made from a handful of bytes, one for every choice: that is many times quicker than drawing
each choice by itself, and nought chooses what stands first, so that small examples are still found.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st

from troth.rules.decision import NO_CATEGORY, TIME, Act, Actor, Facts, Request, member, program, staff
from troth.rules.standing import Choice, Consent, Hold, Standing
from troth.terms.agreement import (
    Agreement,
    CaseRule,
    Clause,
    Collect,
    Disclose,
    FieldSpec,
    Keep,
    Longer,
    Never,
    Organisation,
    Party,
    Protect,
    RightRule,
    Rule,
    Scope,
    SignIn,
    Spot,
    Store,
    Target,
    Transfer,
    Use,
    Who,
)
from troth.terms.vocabulary import Basis, Category, Period, Relationship, RightName

HOUSE = "E.I"
# `ab` is not below `a`, though it begins like it.
CATEGORIES = ["a", "a.b", "a.b.c", "ab"]
FIELDS = ["x", "y", "z", "i"]
SPECS = {
    "x": ("email", "unique"),
    "y": ("text",),
    "z": ("secret",),
    "i": ("integer",),
}  # a field is one thing everywhere
CHANNELS = ["email", "sms", "inbox"]
PURPOSES = ["p", "p.q", "p.q.r", "s", "pq"]
CIRCUMSTANCES = ["w", "v"]
PLACES = ["E", "E.I", "E.I.D", "E.F", "U", "U.C", "EU"]
ABROAD = {"c.m": "U.C", "c.n": "E", "c.d.m": "E.F", "c.d.n": "E.I.D"}  # each recipient, and where it is
RECIPIENTS = [*ABROAD, "c", "c.d"]
CASES = ["n", "n.m"]
CODES = ["blurred", "altered"]
STATES = {
    "verification": ["collecting", "submitted", "in_review", "rejected", "needs_more", "verified", "expired",
                     "withdrawn", "consented"],
    "conversation": ["open", "answered", "closed"],
}  # fmt: skip
MATTERS = ["litigation", "fraud"]
INSTRUMENTS = ["contract", "safeguard"]
TELLS = ["record", "on_change", "before", "at_once", "after", "unless_forbidden"]
EFFECTIVE = 1_000

T = TypeVar("T")
R1, R2 = frozenset({"r1"}), frozenset({"r1", "r2"})
WHO = [Who(R1, frozenset({"g"}), subject=True), Who(R2), Who(subject=True), Who(R2, subject=True)]
SURE = [member("g", "signed_in"), member("g", "step_up"), member("g", "verified")]
ACTORS = [staff("ann", "r1"), staff("bob", "r2"), member(), program("g"), TIME, *SURE]
PERIODS = [Period(days=1), Period(days=30), Period(months=1), Period(months=12)]
OVER_FIELDS = [Act.ACCESS, Act.CORRECT, Act.ERASE, Act.REMOVE, Act.RESTRICT, Act.LIFT, Act.PORT]
OVER_WORDS = {
    RightName.LEAVE: [Act.LEAVE],
    RightName.OBJECT: [Act.OBJECT, Act.YIELD],
    RightName.OPT_OUT: [Act.OBJECT, Act.YIELD, Act.WITHDRAW],
    RightName.WITHDRAW: [Act.WITHDRAW],
}
TARGETS = [
    Target("*"),
    *(Target(category) for category in CATEGORIES),
    *(Target(category, name) for category in CATEGORIES for name in FIELDS),
]


class Choices:
    """Choices out of bytes; when they run out, always the first."""

    def __init__(self, drawn: bytes) -> None:
        self.left = iter(drawn)

    def upto(self, count: int) -> int:
        return next(self.left, 0) % count

    def one(self, among: Sequence[T]) -> T:
        return among[self.upto(len(among))]

    def some(self, among: Sequence[T], least: int = 0, most: int = 2) -> tuple[T, ...]:
        left = list(among)
        return tuple(left.pop(self.upto(len(left))) for _ in range(least + self.upto(most - least + 1)))

    def seldom(self, make: Callable[[], T], otherwise: T, of: int = 3) -> T:
        return make() if self.upto(of) == of - 1 else otherwise

    def wide(self) -> tuple[Target, ...]:
        return self.some(TARGETS[:5], 1) if self.upto(2) == 0 else self.some(TARGETS, 1, 3)

    def scope(self, depth: int = 3) -> Scope:
        return Scope(
            of=self.seldom(self.wide, ()),
            purposes=self.seldom(lambda: self.some(PURPOSES), ()),
            recipients=self.seldom(lambda: self.some(RECIPIENTS), ()),
            places=self.seldom(lambda: self.some(PLACES), ()),
            excepts=self.scopes(depth - 1) if depth and self.upto(2) else (),
        )

    def scopes(self, depth: int) -> tuple[Scope, ...]:
        return tuple(self.scope(depth) for _ in range(self.upto(3)))

    def narrow_scope(self) -> Scope:
        """A prohibition that has a chance of leaving something allowed."""
        return Scope(
            of=self.some(TARGETS[1:], 1),
            purposes=self.some(PURPOSES),
            recipients=self.seldom(lambda: self.some(RECIPIENTS, 1), ()),
            places=self.seldom(lambda: self.some(PLACES, 1), ()),
            excepts=self.scopes(2),
        )

    def collect(self) -> Collect:
        return Collect(
            self.one(CATEGORIES),
            self.some(CIRCUMSTANCES, 1),
            tuple(FieldSpec(name, *SPECS[name]) for name in self.some(FIELDS, 1, 3)),
            Basis.CONTRACT,
            self.some(PURPOSES, 1),
            "k",
            self.one(WHO),
            consent=self.seldom(lambda: self.one(PURPOSES), None),
            opens=self.upto(2) == 1,
            minimum_age=self.seldom(lambda: 18, None),
        )

    def use(self) -> Use:
        return Use(
            self.one(PURPOSES),
            self.wide(),
            self.one(WHO),
            Basis.CONTRACT,
            consent=self.upto(3) == 2,
            objection=self.upto(2) == 1,
            leaves=self.one(["rows", "rows", "rows", "rows", "aggregates"]),
            mask=self.seldom(self.wide, ()),
            needs=self.seldom(lambda: self.some(["case", "reason"]), ()),
            channels=self.seldom(lambda: self.some(CHANNELS, 1), ()),
        )

    def disclose(self) -> Disclose:
        name = self.one(["c", "c.d"])
        shorts = self.some(["m", "n"], 1)
        return Disclose(
            name,
            tuple(Party(short, ABROAD[f"{name}.{short}"], Relationship.PROCESSOR) for short in shorts),
            tuple((short, self.wide()) for short in shorts),
            self.some(PURPOSES, 1),
            self.one(WHO),
            self.one([Basis.CONTRACT, Basis.CONTRACT, Basis.CONSENT]),
            needs=self.seldom(lambda: self.some([*INSTRUMENTS, "case", "reason"]), ()),
            approvals=self.one([0, 0, 0, 1, 2]),
            approvers=self.seldom(lambda: R1, frozenset()),
            tell=self.one(TELLS),
        )

    def never(self) -> Never:
        practices = self.some(["use", "disclose", "collect", "transfer", "sell"], 1, 3)
        return Never(practices, self.seldom(self.scope, None) or self.narrow_scope())

    def right(self) -> RightRule:
        return RightRule(
            self.one([*RightName]),
            self.seldom(self.wide, ()),
            self.one(["self", "self", "review"]),
            self.one(WHO),
            self.one(["signed_in", "step_up", "verified"]),
            purposes=self.seldom(lambda: self.some(PURPOSES), ()),
        )

    def protect(self) -> Protect:
        measures = [
            ("threshold", "20"),
            ("threshold", "20"),
            ("epsilon", "0.5"),
            ("filed_by_staff", "step_up"),
        ]
        return Protect((self.one(measures),))

    def sign_in(self) -> SignIn:
        named, credentials, sessions = (self.one(CATEGORIES) for _ in range(3))
        return SignIn("g", named, credentials, sessions, self.one(PURPOSES), ("code",))

    def case(self) -> CaseRule:
        return CaseRule(
            self.one(CASES),
            self.one([*STATES]),
            self.some(CATEGORIES, 1),
            self.one(WHO),
            self.one(WHO),
            self.one([None, "decision"]),
            self.some(CODES),
        )

    def store(self) -> Store:
        return Store(
            self.one([("E",), ("E", "U"), (), ("U",)]),
            self.upto(2) == 1,
            self.seldom(lambda: ((self.one(CATEGORIES), self.some(PLACES, 1, 3)),), ()),
        )

    def transfer(self) -> Transfer:
        return Transfer(self.one(["E", "E.I", "U"]), self.one(PLACES), "scc", self.seldom(self.wide, ()))

    def keep(self) -> Keep:
        return Keep(
            "k",
            tuple(CATEGORIES),
            self.one(PERIODS),
            event=self.one([None, "leave"]),
            maximum=self.one([None, *PERIODS, Period(months=120)]),
            then=self.one(["erase", "anonymise"]),
            longer=tuple(Longer(why, self.wide(), self.one(PERIODS)) for why in self.some(PURPOSES)),
            holds=self.some(MATTERS),
            held_by=self.one(WHO),
        )

    def standing(self) -> Standing:
        choices = [Choice.GIVEN, Choice.GIVEN, Choice.GIVEN, Choice.REFUSED, Choice.WITHDRAWN]
        return Standing(
            home=self.one([None, "E", "E.I", None, "U"]),
            consents=tuple(Consent(p, self.one(choices), 1, 0) for p in self.some(PURPOSES, 0, 5)),
            objections=frozenset(self.seldom(lambda: self.some(PURPOSES, 1), (), of=2)),
            restrictions=frozenset(self.seldom(lambda: self.some([*CATEGORIES, "*"], 1, 1), (), 8)),
            holds=self.seldom(lambda: (Hold("m", "litigation", frozenset()),), ()),
            stopped=frozenset(self.seldom(lambda: [(self.one(PURPOSES), self.one(CHANNELS))], [], of=3)),
            grace=self.seldom(lambda: EFFECTIVE + 9, None, of=9),
        )

    def facts(self) -> Facts:
        everyone = {("r1", "ann"), ("r1", "eve"), ("r2", "dan")}
        whole = {(recipient, instrument) for recipient in ABROAD for instrument in INSTRUMENTS}
        return Facts(
            now=EFFECTIVE + self.one([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, -1]),
            place=self.one([HOUSE, HOUSE, HOUSE, "E.I.D", HOUSE, "U"]),
            instruments=frozenset(
                self.one(
                    [whole, whole, {each for each in whole if each[1] == "safeguard"}, set[tuple[str, str]]()]
                )
            ),
            approvals=frozenset(self.one([everyone, everyone, {("r1", "ann")}, set[tuple[str, str]]()])),
        )

    def fields(self) -> frozenset[str]:
        return frozenset(self.one([(), (), self.some(FIELDS), self.some([*FIELDS, "unheard"], 1, 3)]))

    def asker(self, by: Who) -> Actor:
        asker = self.one(ACTORS)
        if self.upto(5) == 4:
            return asker
        named = [staff("ann", role) for role in sorted(by.roles)] + [self.one([member(), *SURE])] * by.subject
        return self.one(named)

    def request(self, agreement: Agreement, kind: type) -> Request:
        """A request that a rule of some kind speaks of, sometimes bent out of its reach."""
        rules = [rule for _, rule in agreement.rules()]
        rule = self.one([rule for rule in rules if isinstance(rule, kind)] or rules)
        request = Request(
            self.one([*Act]),
            self.asker(getattr(rule, "by", None) or getattr(rule, "held_by", WHO[0])),
            self.one(CATEGORIES),
            self.fields(),
            self.one(PURPOSES),
            self.one(CIRCUMSTANCES),
            self.one([*ABROAD]),
            case=self.one(["case-1", "case-1", "case-1", ""]),
            reason=self.one(["asked to", "asked to", "asked to", ""]),
            age=self.one([18, 40, 99, 17, None]),
            known=self.upto(20) != 11,
            masked=self.upto(4) == 3,
            reviewed=self.upto(4) == 3,
            channel=self.one([*CHANNELS, ""]),
        )
        request = self.aimed(request, rule, [rule.category for rule in rules if isinstance(rule, Collect)])
        if self.upto(8) < 7:
            return request
        bent = self.one(["category", "purpose", "recipient", "circumstance"])
        return replace(request, **{bent: self.one(["", "unheard", "p.unheard", "a", "s", "*"])})

    def aimed(self, request: Request, rule: object, collected: list[Category]) -> Request:
        match rule:
            case Collect():
                act = self.one([Act.COLLECT, Act.COLLECT, Act.COLLECT, Act.JOIN, Act.CONSENT, Act.DECLINE])
                category = rule.category if act is Act.COLLECT else NO_CATEGORY
                when, purpose = rule.circumstances[0], rule.consent or request.purpose
                return replace(request, act=act, category=category, circumstance=when, purpose=purpose)
            case Use():
                others = [Act.CONSENT, Act.OBJECT, Act.WITHDRAW, Act.SEND, Act.STOP, Act.START]
                totals = [Act.COUNT, Act.TALLY] * (3 if rule.leaves == "aggregates" else 1)
                act = self.one([Act.USE] * 5 + [Act.FIND] * 2 + others + totals)
                if act is Act.COUNT:
                    request = replace(request, by=self.one([TIME, TIME, TIME, request.by]))
                data = (Act.USE, Act.FIND, Act.COUNT, Act.TALLY)
                category = self.within(rule.of, collected) if act in data else NO_CATEGORY
                purpose = self.one([rule.purpose, rule.purpose, request.purpose])
                return replace(request, act=act, category=category, purpose=purpose)
            case Disclose():
                short, targets = self.one(rule.of)
                return replace(
                    request,
                    act=Act.DISCLOSE,
                    category=self.within(targets, collected),
                    purpose=self.one([*rule.purposes, request.purpose]),
                    recipient=f"{rule.name}.{short}",
                )
            case Keep():
                act = self.one([Act.HOLD, Act.RELEASE, Act.RETIME, Act.SHORTEN, Act.LENGTHEN])
                if act in (Act.SHORTEN, Act.LENGTHEN):
                    return replace(request, act=act, category=NO_CATEGORY, circumstance=rule.name)
                return replace(request, act=act, category=NO_CATEGORY, reason=self.one([*MATTERS, "a whim"]))
            case SignIn():
                act, category = self.one(
                    [
                        (Act.PROVE, rule.identifiers),
                        (Act.REMOVE, rule.credentials),
                        (Act.CORRECT, rule.credentials),
                        (Act.REMOVE, rule.sessions),
                        (Act.USE, rule.credentials),
                    ]
                )
                by = self.one([program("g"), program("g"), request.by])
                return replace(request, act=act, category=category, by=by, purpose=rule.purpose)
            case CaseRule():
                act = self.one([Act.MOVE, Act.MOVE, Act.MOVE, Act.OPEN])
                states = self.one(STATES[rule.kind]), self.one(STATES[rule.kind])
                by = self.asker(self.one([rule.by, rule.decided_by]))
                code = self.one(["", *rule.reasons, "a whim", "blurred altered"])
                aimed = replace(request, act=act, by=by, category=NO_CATEGORY, circumstance=rule.name)
                fields = self.one([frozenset(), frozenset(), frozenset(), request.fields])
                return replace(aimed, states=states, reason=code, fields=fields)
            case RightRule() if self.upto(5) == 4:
                steps = [Act.FILE, Act.VOUCH, Act.DETERMINE, Act.CANCEL]
                act = self.one([*steps, Act.HEAR, Act.FOLLOW, Act.SETTLE])
                fields = self.one([frozenset(), frozenset(), request.fields])
                named = replace(request, act=act, category=NO_CATEGORY, fields=fields)
                return replace(named, circumstance=rule.right.value)
            case RightRule() if rule.right in OVER_WORDS:
                return replace(request, act=self.one(OVER_WORDS[rule.right]), category=NO_CATEGORY)
            case RightRule():
                category = self.one([self.within(rule.of, collected), "*"])
                return replace(request, act=self.one(OVER_FIELDS), category=category)
        return request

    def within(self, targets: tuple[Target, ...], collected: list[Category]) -> Category:
        """A category that is collected and, where there is one, that the targets reach."""
        near = [
            c for c in collected if any(t.category == "*" or f"{c}.".startswith(t.category) for t in targets)
        ]
        return self.one(near or collected)


def drawn(size: int, make: Callable[[Choices], T]) -> st.SearchStrategy[T]:
    return st.binary(min_size=size, max_size=size).map(lambda each: make(Choices(each)))


nevers = drawn(48, Choices.never)
scopes = drawn(24, Choices.scope)
standings = drawn(16, Choices.standing)
facts = drawn(4, Choices.facts)


def agreement_of(rules: Sequence[Rule]) -> Agreement:
    """One clause for every rule, in their order."""
    return Agreement(
        "n",
        "t",
        Organisation("o", "o@example.org", HOUSE, ()),
        version=1,
        effective=EFFECTIVE,
        language="en",
        clauses=tuple(
            Clause(f"clause{n}", "1", "t", "t", (rule,), Spot("f", 1)) for n, rule in enumerate(rules)
        ),
        hash="00",
        source="",
    )


@st.composite
def agreements(draw):
    """Several rules of the kinds that decide, and a few of the others."""
    return agreement_of(
        [
            *draw(st.lists(drawn(16, Choices.collect), min_size=1, max_size=4)),
            *draw(st.lists(drawn(20, Choices.use), min_size=1, max_size=4)),
            *draw(st.lists(drawn(24, Choices.disclose), min_size=1, max_size=3)),
            *draw(st.lists(nevers, max_size=2)),
            *draw(st.lists(drawn(12, Choices.right), max_size=4)),
            *draw(st.lists(drawn(8, Choices.store), max_size=2)),
            *draw(st.lists(drawn(8, Choices.transfer), max_size=3)),
            draw(drawn(16, Choices.keep)),
            *draw(st.lists(drawn(4, Choices.protect), max_size=1)),
            *draw(st.lists(drawn(8, Choices.sign_in), max_size=1)),
            *draw(st.lists(drawn(12, Choices.case), max_size=2, unique_by=lambda rule: rule.name)),
        ]
    )


KINDS = [Use, Disclose, Collect, RightRule, Keep, SignIn, CaseRule]


def requests(agreement: Agreement, kind: type) -> st.SearchStrategy[Request]:
    return drawn(32, lambda choices: choices.request(agreement, kind))


@st.composite
def situations(draw):
    """An agreement, and everything a decision under it looks at."""
    agreement = draw(agreements())
    kind = draw(st.sampled_from(KINDS))
    return agreement, draw(requests(agreement, kind)), draw(standings), draw(facts)
