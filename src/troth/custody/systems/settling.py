"""Settle: say by hand what becomes of a duty that its system will never say is done.

What is settled was not read back: its demand ends as done in part, and says which part, why, and in which
role somebody settled it. Only what is stuck, what has failed for a day, what was begun a month ago, and what
is of a system that is declared no more can be settled; again for the same reason, it is answered alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from troth.clock import DAY, FOREVER
from troth.custody.asking import of_act, refusal_of
from troth.custody.demands.filing import told_as
from troth.custody.desk import Desk
from troth.custody.systems.attempts import PATIENCE
from troth.errors import NothingThere, RowBroken, TrothError
from troth.gates.systems.system import CORRECT, ERASE, LIFT, RESTRICT
from troth.ledger.entry import Entry, parse
from troth.ledger.receipt import Receipt
from troth.ledger.tree import leaf_hash
from troth.rules.decision import ENTRY_KIND, Act, Permit, Refusal, Request, Why
from troth.store import duties, entries, rights_cases
from troth.store.duties import SETTLED, STUCK, WAITING, Duty
from troth.terms.vocabulary import Circumstance, RightName

NOBODY = 0
LONGEST_BEGUN = 30 * DAY  # how long a system may say that it has begun, before somebody may give it up
REASONS: Final = ("system-gone", "nothing-there", "done-by-hand", "not-possible")
_RIGHT_OF = {
    ERASE: RightName.ERASE,
    CORRECT: RightName.CORRECT,
    RESTRICT: RightName.RESTRICT,
    LIFT: RightName.RESTRICT,
}


@dataclass(frozen=True, slots=True)
class Settle:
    """A SETTLE request: one duty, and one of `REASONS` why nobody waits for it any longer."""

    request: Request
    duty: bytes
    code: str

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.SETTLE)


@dataclass(frozen=True, slots=True)
class Settled:
    """A duty that was settled, and the receipt of the line that says so."""

    duty: Duty
    receipt: Receipt


def settle_duties(desk: Desk, jobs: Sequence[Settle]) -> list[Settled | TrothError]:
    """Settle duties, one after the other, as two may be the same."""
    return [_settle(desk, job) for job in jobs]


def right_of(duty: Duty) -> str:
    """Return the right whose clause says who settles a duty; raises `RowBroken`."""
    if duty.act not in _RIGHT_OF:
        raise RowBroken(table="duties")
    return _RIGHT_OF[duty.act].value


def owed(desk: Desk, request: Request, after: bytes, limit: int) -> tuple[Duty, ...] | TrothError:
    """Return up to `limit` open duties behind an id, of the rights that whoever asks may follow.

    `request` is to FOLLOW; the look is a line, and so is its refusal where they may follow none.
    """
    words = sorted({right.value for right in _RIGHT_OF.values()})
    asked = [replace(request, circumstance=Circumstance(word)) for word in words]
    decided = [(each, desk.admit(each, NOBODY)) for each in asked]
    allowed = [(each, permit) for each, permit in decided if isinstance(permit, Permit)]
    if not allowed:
        first, refusal = decided[0]
        assert isinstance(refusal, Refusal)  # noqa: S101 - none is a permit
        return desk.refuse(first, refusal, None)
    rights = frozenset(each.circumstance for each, _ in allowed)
    found: list[Duty] = []
    while len(found) < limit and (some := duties.open_after(desk.unit, after, limit)):
        after = some[-1].id
        found += [duty for duty in some if right_of(duty) in rights]
    del found[limit:]
    desk.remember_act(*allowed[0], None, fields=frozenset(), count=len(found))
    return tuple(found)


def _settle(desk: Desk, job: Settle) -> Settled | TrothError:
    duty = duties.one(desk.unit, job.duty)
    if duty is None:
        desk.refuse(job.request, refusal_of(Why.UNKNOWN_CASE), None)
        return NothingThere()
    request = replace(job.request, circumstance=Circumstance(right_of(duty)), case=duty.reference)
    desk.find([duty.subject])
    decision = desk.admit(request, duty.subject)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, duty.subject)
    if duty.state == SETTLED and duty.code == job.code:
        return Settled(duty, _receipt(desk, duty.entry))
    if not _may_be(desk, duty):
        why = refusal_of(Why.WRONG_STATE, *decision.clauses, word=duty.state)
        return desk.refuse(request, why, duty.subject)
    actor, behalf = desk.actor(request.by)
    receipt = desk.remember(
        Entry(
            at=desk.now,
            kind=ENTRY_KIND[Act.SETTLE],
            actor=actor,
            on_behalf_of=behalf,
            act=Act.SETTLE.value,
            outcome="permitted",
            subject=desk.pseudonym(duty.subject),
            circumstance=request.circumstance,
            recipient=duty.system,
            clauses=decision.clauses,
            agreement=desk.house.book.agreement.version,
            reasons=(job.code,),
            case=duty.reference or None,
        )
    )
    after = replace(
        duty, state=SETTLED, due_at=FOREVER, sealed=b"", code=job.code, failing=0, asked=False,
        settled_by=told_as(desk, request.by), entry=receipt.entry,
    )  # fmt: skip
    duties.put(desk.unit, after)
    rights_cases.look_on(desk.unit, duty.case_id, desk.now)
    return Settled(after, receipt)


def _may_be(desk: Desk, duty: Duty) -> bool:
    """Whether nobody can expect any more that the system says by itself that it did it."""
    if duty.state == STUCK:
        return True
    failing = bool(duty.code) and 0 < duty.failed <= desk.now - PATIENCE
    begun = duty.asked and duty.since <= desk.now - LONGEST_BEGUN
    return duty.state == WAITING and (failing or begun or duty.system not in desk.house.systems)


def _receipt(desk: Desk, entry: int) -> Receipt:
    """Return the receipt of a line that was written before, maybe in this very transaction."""
    if entry >= desk.unit.size:
        leaf = desk.appended()[entry - desk.unit.size]
    else:
        (leaf,) = entries.leaves(desk.unit, entry, entry + 1)
    line = parse(leaf)
    return Receipt(entry, leaf_hash(leaf), line.kind, line.at)
