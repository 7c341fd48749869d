"""Waiting: how packages of a person stand, for whoever may follow the requests that they answer.

The look is a line, also one that found nothing. Of somebody unknown there is none: that they are unknown is
not said. Nothing of what is in a package is seen.
"""

from dataclasses import dataclass, replace

from troth.custody.desk import About, Desk
from troth.custody.packages import parcels
from troth.custody.packages.covering import RIGHTS
from troth.custody.packages.parcels import Package
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Permit, Refusal, Request
from troth.terms.vocabulary import Circumstance


@dataclass(frozen=True, slots=True)
class Waiting:
    """Packages of a person as they stand, oldest first, and the receipt of the look."""

    packages: tuple[Package, ...]
    receipt: Receipt


def waiting(desk: Desk, request: Request, about: About) -> Waiting | TrothError:
    """Return the packages of the rights that whoever asks may follow; `request` is to FOLLOW."""
    desk.find([about])
    subject = desk.people.get(about)
    asked = [replace(request, circumstance=Circumstance(right)) for right in sorted(RIGHTS.values())]
    decided = [(each, desk.admit(each, about)) for each in asked]
    allowed = {each.circumstance: (each, permit) for each, permit in decided if isinstance(permit, Permit)}
    if not allowed:
        first, refusal = decided[0]
        assert isinstance(refusal, Refusal)  # noqa: S101 - none is a permit
        return desk.refuse(first, refusal, None)
    every = () if subject is None else parcels.of(desk, subject)
    found = tuple(each for each in every if each.right in allowed)
    seen = sorted({each.right for each in found}) or [next(iter(allowed))]
    receipts = [
        desk.remember_act(
            *allowed[Circumstance(right)],
            subject,
            fields=frozenset(),
            count=sum(each.right == right for each in found),
        )
        for right in seen
    ]
    return Waiting(found, receipts[-1])
