"""Remove: take single records away at once, where no duty and no matter keeps them (GDPR Art. 17)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.plans import stem_of
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Reason, Refusal, Request, Why
from troth.rules.record import Record, fates
from troth.store import cases, files, records, registry
from troth.terms.vocabulary import RetentionClass


@dataclass(frozen=True, slots=True)
class Remove:
    """A REMOVE request, and the records it takes away; none named: all of the category."""

    request: Request
    about: About = field(repr=False)
    records: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.REMOVE)


def remove(desk: Desk, jobs: Sequence[Remove]) -> list[Receipt | TrothError]:
    """Serve removals, one after the other; those that name nothing that is here are refused."""
    return [_remove(desk, job) for job in jobs]


def _remove(desk: Desk, job: Remove) -> Receipt | TrothError:
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    code = desk.house.origins.code(request.category)
    here = () if code is None else records.of(desk.unit, [(subject, code)], desk.house.origins)
    stems = {stem_of(record) for record in job.records}
    gone = [record for record in here if not job.records or stem_of(record.id) in stems]
    if not gone:
        none = refusal_of(Why.FIELD_MISSING, *decision.clauses, word=request.category)
        return desk.refuse(request, none, job.about)
    kept = _kept(desk, gone, subject)
    if kept:
        return desk.refuse(request, Refusal(kept, decision.clauses), job.about)
    for record in gone:
        take_away(desk, record, code or 0)
    return desk.remember_act(
        request, decision, subject, count=len(gone), commitment=desk.commitment(r.id for r in gone)
    )


def _kept(desk: Desk, gone: Sequence[Record], subject: int) -> tuple[Reason, ...]:
    """Return why some of these records stay: a duty whose time is not over, or a matter."""
    standing = desk.standings[subject]
    classes = frozenset[RetentionClass](record.origin.kept for record in gone)
    over = frozenset(
        kept
        for kept in classes
        if all(record.expires_at <= desk.now for record in gone if record.origin.kept == kept)
    )
    plan = fates(desk.house.book, standing, classes, over, desk.now)
    return tuple(
        Reason(Why.DUTY if fate.why.startswith("duty") else Why.HELD, (fate.clause,), fate.kept)
        for fate in plan
        if not fate.erase
    )


def take_away(desk: Desk, record: Record, code: int) -> None:
    """Remove a record with the tokens that find it and the files that belong to it."""
    registry.drop_names(desk.unit, record.subject, record.id)
    for name, of in files.of(desk.unit, record.subject):
        if of == record.id:
            files.supersede(desk.unit, name)  # the file goes with the sweep, once this is committed
    records.remove(desk.unit, record.subject, code, record.id, desk.house.origins)
    cases.unlink(desk.unit, [(record.subject, record.id)])
