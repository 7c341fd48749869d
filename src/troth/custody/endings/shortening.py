"""Shorten: a shorter time that a person chooses for a retention class; effective at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from troth.clock import DAY
from troth.custody.asking import of_act
from troth.custody.desk import About, Desk
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Permit, Reason, Refusal, Request, Why
from troth.rules.rulebook import class_of
from troth.rules.standing import write
from troth.store import belongings, leaving, registry
from troth.store import shorter as rows
from troth.terms.vocabulary import RetentionClass


@dataclass(frozen=True, slots=True)
class Shorten:
    """A request to keep a retention class for some days only, or to end that choice for what is to come."""

    request: Request  # its circumstance names the class
    about: About = field(repr=False)
    days: int = 0  # from collection; 0 with `Act.LENGTHEN`

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.SHORTEN, Act.LENGTHEN)


def shorten(desk: Desk, jobs: Sequence[Shorten]) -> list[Receipt | TrothError]:
    """Serve choices of a shorter time, one after the other."""
    return [_shorten(desk, job) for job in jobs]


def _shorten(desk: Desk, job: Shorten) -> Receipt | TrothError:
    desk.find([job.about])
    request, decision = desk.admit_known(job.request, job.about)
    kept = RetentionClass(request.circumstance)
    if isinstance(decision, Permit) and job.days and not _is_shorter(desk, kept, job.days):
        decision = Refusal((Reason(Why.MALFORMED, decision.clauses, "days"),), decision.clauses)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    before = desk.standings[subject]
    desk.standings[subject] = after = before.shortened(kept, job.days or None, desk.now)
    if after != before:
        registry.set_standing(desk.unit, subject, write(after))
    if job.days:
        shorten_held(desk, subject, kept, job.days)
        leaving.look(desk.unit, subject, desk.now)
    return desk.remember_act(request, decision, subject, count=job.days or None)


def _is_shorter(desk: Desk, kept: RetentionClass, days: int) -> bool:
    """Whether so many days are shorter than all that the class would be kept for otherwise."""
    keep = desk.house.book.keeps[kept][1]
    longest = keep.period if keep.event is None else keep.maximum
    return longest is None or desk.now + days * DAY < longest.after(desk.now)


def shorten_held(desk: Desk, subject: int, kept: RetentionClass, days: int) -> None:
    """Bring the end of what is held forward; what would be over already ends now.

    What is kept longer for one purpose alone is narrowed to it sooner, and ends when it would have.
    """
    some = belongings.present(desk.unit, subject, desk.house.origins)
    for number, origin in some.items():
        if class_of(origin.kept) == kept:
            rows.shorten(
                desk.unit, subject, number, days * DAY, desk.now, desk.house.origins,
                ends=origin.only_for is None,
            )  # fmt: skip
