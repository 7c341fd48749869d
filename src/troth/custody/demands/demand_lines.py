"""The lines of demands: what happened to each, in the agreement's own words and codes only."""

from collections.abc import Iterator, Sequence

from troth.custody.desk import Desk
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.decision import ENTRY_KIND, Act, Actor
from troth.rules.rights_cases import Event, Happened, RightsCase

_KINDS = {
    Event.FILED: ENTRY_KIND[Act.FILE],
    Event.PROVEN: ENTRY_KIND[Act.VOUCH],
    Event.CANCELLED: ENTRY_KIND[Act.CANCEL],
}
MOVED = "right.moved"  # by the engine itself, or by time


def line(
    desk: Desk, case: RightsCase, event: Happened, clauses: Sequence[str], *, actor: Actor | None = None
) -> Receipt:
    """Append what happened to a demand: the right, the event, and the codes that were given."""
    named, behalf = desk.actor(actor) if actor is not None else ("time", None)
    kind = _KINDS.get(event.event) or (MOVED if actor is None else ENTRY_KIND[Act.DETERMINE])
    return desk.remember(
        Entry(
            at=desk.now,
            kind=kind,
            actor=named,
            on_behalf_of=behalf,
            act="move" if kind == MOVED else next(a.value for a, k in ENTRY_KIND.items() if k == kind),
            outcome="done" if kind == MOVED else "permitted",
            subject=desk.pseudonym(case.subject),
            category=case.scope.category if event.event is Event.FILED else None,
            circumstance=case.right.value,
            fields=(event.event.value, *(_said(case) if event.event is Event.FILED else ())),
            purpose=case.scope.purpose if event.event is Event.FILED else None,
            clauses=tuple(clauses),
            agreement=desk.house.book.agreement.version,
            reasons=event.codes,
            case=case.reference,
        )
    )


def failed(desk: Desk, case: RightsCase | None, code: str) -> Receipt:
    """Append that a demand met something broken; nothing was changed by that."""
    return desk.remember(
        Entry(
            at=desk.now,
            kind="request.failed",
            actor="time",
            act="move",
            outcome="refused",
            circumstance=case.right.value if case else None,
            agreement=desk.house.book.agreement.version,
            reasons=(code,),
            case=case.reference if case else None,
        )
    )


def _said(case: RightsCase) -> Iterator[str]:
    """Yield what a demand is about beyond category and purpose, as its first line names it."""
    scope = case.scope
    yield from (f"class:{name}" for name in scope.classes)
    for name, word in (("channel", scope.channel), ("within", scope.within)):
        if word:
            yield f"{name}:{word}"
