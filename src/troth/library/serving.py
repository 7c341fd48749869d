"""What all parts of the library's door share: the teller, and how a job of one person is settled."""

from typing import Any

from troth.custody.take_in import Taken
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Actor, member
from troth.teller import Teller


class Serving:
    """An open house's teller, and nothing else."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def _settle(self, job: Any) -> Receipt:  # noqa: ANN401 - Stand or Amend
        receipt: Receipt = self.teller.ask(job)
        return receipt


def own(by: Actor | None) -> Actor:
    """Return who asks: the person themself when nobody is named."""
    return member() if by is None else by


def single(outcome: tuple[Taken | TrothError, ...]) -> Taken:
    """Return what a single offer came to; raises it when it is an error."""
    (only,) = outcome
    if isinstance(only, TrothError):
        raise only
    return only
