"""Follow: see where demands stand, of one reference, of one person, or of everybody in a state.

Whoever may demand a right for somebody, or decides it, may see where its demands stand; the person always
may. Each look is a line, also one that found nothing. Nothing that a person told is in what is seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from troth.clock import Instant
from troth.custody.asking import of_act, refusal_of
from troth.custody.demands.filing import due_of
from troth.custody.desk import About, Desk
from troth.errors import NothingThere, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Permit, Refusal, Request, Why
from troth.rules.rights_cases import Deadline, RightsCase
from troth.store import rights_cases
from troth.terms.vocabulary import Circumstance, RightName

START: tuple[Instant, bytes] = (-1, b"")
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Follow:
    """A FOLLOW request: of one `reference`, `about` one person, or of up to `limit` people in a `state`.

    Of a `reference` with `about`, it is to be that person's.

    Its circumstance is the one right that is meant, or empty: every right that may be followed.
    """

    request: Request
    reference: str = ""
    about: About | None = field(default=None, repr=False)
    state: str = ""
    after: tuple[Instant, bytes] = START  # (`filed_at`, `id`) of the last one that was seen
    limit: int = 100

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.FOLLOW)


@dataclass(frozen=True, slots=True)
class Followed:
    """Demands as they stand, the oldest first, each with when it is due; and the receipt of the look."""

    cases: tuple[tuple[RightsCase, Deadline | None], ...]
    receipt: Receipt


def follow_demands(desk: Desk, jobs: Sequence[Follow]) -> list[Followed | TrothError]:
    """Let demands be seen by whoever may follow them."""
    return [_one(desk, job) if job.reference else _several(desk, job) for job in jobs]


def _one(desk: Desk, job: Follow) -> Followed | TrothError:
    """Find one demand; one that is not there and one that is none of theirs are answered alike."""
    found = rights_cases.named(desk.unit, job.reference)
    if found is None or (job.about is not None and _subject(desk, job.about) != found.subject):
        desk.refuse(job.request, refusal_of(Why.UNKNOWN_CASE), None)
        return NothingThere()
    request = replace(job.request, circumstance=Circumstance(found.right.value), case=found.reference)
    desk.find([found.subject])
    decision = desk.admit(request, found.subject)
    if isinstance(decision, Refusal):
        desk.refuse(request, decision, found.subject)
        return NothingThere()
    receipt = desk.remember_act(request, decision, found.subject, fields=frozenset())
    return Followed(((found, due_of(desk, found)),), receipt)


def _several(desk: Desk, job: Follow) -> Followed | TrothError:
    subject = _subject(desk, job.about)
    asked = _asked(desk, job)
    decided = [(request, desk.admit(request, NOBODY if subject is None else subject)) for request in asked]
    allowed = [(request, permit) for request, permit in decided if isinstance(permit, Permit)]
    if not allowed:
        request, refusal = decided[0]
        assert isinstance(refusal, Refusal)  # noqa: S101 - none is a permit
        return desk.refuse(request, refusal, None)
    found = list(_found(desk, job, subject, frozenset(request.circumstance for request, _ in allowed)))
    seen = frozenset(case.right.value for case in found)
    receipts = [
        desk.remember_act(
            request,
            permit,
            subject,
            fields=frozenset(),
            count=sum(case.right.value == request.circumstance for case in found),
        )
        for n, (request, permit) in enumerate(allowed)
        if request.circumstance in seen or (not seen and n == 0)
    ]
    return Followed(tuple((case, due_of(desk, case)) for case in found), receipts[-1])


def _subject(desk: Desk, about: About | None) -> int | None:
    """Return whose demands are meant: their number also when nothing else is held of them any more."""
    if about is None:
        return None
    desk.find([about])
    return desk.people.get(about) or desk.away.get(about) or (about if type(about) is int else None)


def _asked(desk: Desk, job: Follow) -> list[Request]:
    """Return one request for each right that is meant; at least one."""
    words = [job.request.circumstance] if job.request.circumstance else sorted(desk.house.book.rights)
    return [replace(job.request, circumstance=Circumstance(word)) for word in words] or [job.request]


def _found(
    desk: Desk, job: Follow, subject: int | None, rights: frozenset[Circumstance]
) -> Iterator[RightsCase]:
    if job.about is not None:
        mine = rights_cases.of(desk.unit, subject) if subject is not None else []
        yield from (case for case in mine if case.right.value in rights)
        return
    some = [
        case
        for right in RightName
        if right.value in rights
        for case in rights_cases.waiting(desk.unit, job.state, right.value, job.after, job.limit)
    ]
    yield from sorted(some, key=lambda case: (case.filed_at, case.id))[: job.limit]
