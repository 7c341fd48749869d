"""Offers on their way in, and what speaks against one because of the person, or of its neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from troth.clock import Instant
from troth.custody.asking import of_act
from troth.custody.desk import LEAVE, About, Desk
from troth.custody.endings import leaving
from troth.custody.naming import is_taken, keep_for_both
from troth.custody.plans import Plan
from troth.rules.cases import Case
from troth.rules.decision import Act, Permit, Reason, Refusal, Request, Why
from troth.rules.record import lifetime
from troth.store import records, registry
from troth.terms.vocabulary import FieldName


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody wants to be taken in: a COLLECT request, the person, and the values."""

    request: Request
    about: About = field(repr=False)
    values: Mapping[FieldName, Any] = field(repr=False)
    within: bytes | str | None = None  # a case of theirs, or the name of a conversation to open with it

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.COLLECT)


@dataclass(slots=True)
class Draft:
    """One offer on its way: refused (with `refusal`), or to be filed."""

    offer: Offer
    request: Request
    permit: Permit | None = None
    refusal: Refusal | None = None
    subject: int = 0
    opens: bool = False  # a person unknown so far may begin with this
    joins: bool = False  # and did
    left: Instant | None = None  # when the person did, if they are not back
    returns: bool = False  # a person who left may be back with this
    plan: Plan | None = None
    clean: dict[FieldName, Any] = field(default_factory=dict)
    ids: list[bytes] = field(default_factory=list)
    tokens: list[tuple[FieldName, bytes, bool]] = field(default_factory=list)
    case: Case | None = None  # which it belongs to
    _parts: Sequence[int] | None = None

    def parts(self) -> Sequence[int]:
        """The parts of the plan that have any value."""
        if self._parts is None:
            assert self.plan is not None  # noqa: S101 - permitted drafts have one
            here, parts = self.clean.keys(), self.plan.parts
            self._parts = [n for n, (part, _) in enumerate(parts) if not here.isdisjoint(part.fields)]
        return self._parts


def check_left(desk: Desk, drafts: Sequence[Draft]) -> None:
    """Refuse what would be unreadable at once as the person left, unless they return with it."""
    away = [draft for draft in drafts if draft.permit and draft.left is not None]
    back = {draft.subject for draft in away if draft.returns}
    for draft in away:
        if draft.subject in back or not draft.plan or not draft.permit:
            continue
        parts = [draft.plan.parts[n][0] for n in draft.parts()]
        ended = (lifetime(part, desk.now, draft.left)[1] for part in parts if part.keep.event == LEAVE)
        if any(end <= desk.now for end in ended):
            draft.refusal = Refusal((Reason(Why.LEFT, (draft.plan.intake.clause,)),), draft.permit.clauses)
            draft.permit = None


def check_held(desk: Desk, drafts: Sequence[Draft]) -> None:
    """Refuse what somebody else holds by a unique name, and what may be held only once."""
    unique = [token for draft in drafts if draft.permit for _, token, once in draft.tokens if once]
    holders = registry.holders(desk.unit, unique) if unique else {}
    single = [d for d in drafts if d.permit and d.plan and d.plan.intake.rule.records == "one"]
    held: set[tuple[int, int]] = set()
    if single:
        codes = ((d.subject, desk.house.origins.code(d.request.category)) for d in single)
        held = records.held(
            desk.unit, [(s, c) for s, c in codes if c is not None], desk.now, desk.house.origins
        )
    here: set[tuple[int, str]] = set()
    back: set[int] = set()  # who returns; they come first, as it bears on what else is told of them
    for draft in sorted(drafts, key=lambda draft: not draft.returns):
        if not draft.permit or not draft.plan:
            continue
        clause = draft.plan.intake.clause
        reasons = []
        if draft.plan.intake.rule.records == "one":
            pair = (draft.subject, desk.house.origins.code(draft.request.category) or 0)
            returns = draft.returns or draft.subject in back
            again = (draft.subject, draft.request.category) in here
            if again or (pair in held and leaving.counts(desk, *pair, returns=returns)):
                reasons.append(Reason(Why.ALREADY_HELD, (clause,), draft.request.category))
        mine = [(name, token) for name, token, once in draft.tokens if once]
        for name, token in mine:
            if is_taken(desk, token, holders.get(token), draft.subject):
                reasons.append(Reason(Why.TAKEN, (clause,), name))
        if reasons:
            draft.permit, draft.refusal = None, Refusal(tuple(reasons), (clause,))
        else:
            here.add((draft.subject, draft.request.category))
            for _, token in mine:
                keep_for_both(desk, token, holders.get(token), draft.subject)
                holders[token] = draft.subject, b""
            if draft.returns:
                back.add(draft.subject)


def check_opened(desk: Desk, drafts: Sequence[Draft]) -> None:
    """Refuse what is told of newcomers whose own opening was refused: they stay unknown."""
    opened = {draft.subject for draft in drafts if draft.permit and draft.opens}
    for draft in drafts:
        if draft.permit and draft.subject not in opened and desk.is_arriving(draft.subject):
            draft.request = replace(draft.request, known=False)
            draft.permit, draft.refusal = None, Refusal((Reason(Why.UNKNOWN_PERSON),))
