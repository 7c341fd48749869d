"""Send: may somebody be reached for a purpose by a channel? Decided and remembered before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from troth.custody.asking import of_act
from troth.custody.desk import About, Desk
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Refusal, Request
from troth.terms.vocabulary import FieldName


@dataclass(frozen=True, slots=True)
class Send:
    """A SEND request: to reach one person, for a purpose, by a channel."""

    request: Request
    about: About = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.SEND)


def send(desk: Desk, jobs: Sequence[Send]) -> list[Receipt | TrothError]:
    """Serve them: whoever is answered with a receipt may send one message."""
    desk.find(job.about for job in jobs)
    return [_send(desk, job) for job in jobs]


def refused_now(desk: Desk, job: Send) -> TrothError | None:
    """Return what refuses, and is remembered, what was permitted before; None where it still may be sent."""
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    return desk.refuse(request, decision, job.about) if isinstance(decision, Refusal) else None


def _send(desk: Desk, job: Send) -> Receipt | TrothError:
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    channel = frozenset({FieldName(request.channel)})
    return desk.remember_act(request, decision, desk.people[job.about], fields=channel)
