"""Totals: hand out what was counted of data whose time is over; no row of anybody is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.custody.asking import of_act
from troth.custody.desk import Desk
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules import tallying
from troth.rules.decision import Act, Refusal, Request
from troth.store import tallies
from troth.terms.vocabulary import FieldName


@dataclass(frozen=True, slots=True)
class Tallying:
    """A TALLY request: what was counted of one category, for a purpose whose clause leaves aggregates."""

    request: Request

    about = None  # it is about nobody

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.TALLY)


@dataclass(frozen=True, slots=True)
class Total:
    """How often a value of a field stood in what was collected in a month."""

    field: FieldName
    value: str  # coarse: a year, a month, a power of ten with its currency, or the value itself
    month: str  # of collection, in UTC: `YYYY-MM`
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What was counted, of months that are entirely over; and the receipt of the line that remembers it."""

    totals: tuple[Total, ...]
    receipt: Receipt


def total(desk: Desk, jobs: Sequence[Tallying]) -> list[Totals | TrothError]:
    """Serve readings of tallies, one after the other; each is remembered."""
    return [_total(desk, job) for job in jobs]


def _total(desk: Desk, job: Tallying) -> Totals | TrothError:
    request = job.request
    decision = desk.admit(request, "")
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, None)
    books = desk.house.books.values()
    found = [tally for tally in tallies.of(desk.unit, request.category) if tally.field in decision.fields]
    months = {tally.month for tally in found}
    over = {m for m in months if tallying.is_over(books, request.category, m, desk.now)}
    totals = tuple(
        Total(FieldName(tally.field), tally.value, tallying.month_text(tally.month), tally.often)
        for tally in found
        if tally.month in over
    )
    return Totals(totals, desk.remember_act(request, decision, None, count=len(totals)))
