"""Change what is true of a person: consent, objection, restriction, leaving; effective at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from os import urandom

from troth.custody import matters
from troth.custody.asking import of_act
from troth.custody.desk import About, Desk
from troth.custody.endings.leaving import leave
from troth.custody.labels import label
from troth.custody.systems import duties
from troth.errors import TrothError
from troth.gates.systems.system import LIFT, RESTRICT
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Refusal, Request
from troth.rules.standing import Choice, Consent, Standing, write
from troth.store import registry
from troth.terms.vocabulary import FieldName


@dataclass(frozen=True, slots=True)
class Stand:
    """A request that changes a person's standing."""

    request: Request
    about: About = field(repr=False)
    case_id: bytes = b""  # of the demand that it carries out, if any
    terms: matters.Terms = matters.Terms()  # noqa: RUF009 - a frozen value; of a hold that is placed

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of an act that changes no standing."""
        of_act(self.request, *_CHANGES, *matters.ACTS)


def stand(desk: Desk, jobs: Sequence[Stand]) -> list[Receipt | TrothError]:
    """Serve changes of standing, one after the other, as one may bear on the next."""
    found: list[Receipt | TrothError] = []
    for job in jobs:
        desk.find([job.about])
        request, decision = desk.admit_known(job.request, job.about)
        if isinstance(decision, Refusal):
            shown = not matters.is_untold(desk, request, job.terms)
            found.append(desk.refuse(request, decision, job.about if shown else None))
            continue
        subject = desk.people[job.about]
        if request.act in matters.ACTS:
            found.append(matters.change(desk, request, decision, subject, job.terms))
            continue
        before = desk.standings[subject]
        after = _CHANGES[request.act](before, request, desk)
        if after != before:
            desk.standings[subject] = after
            registry.set_standing(desk.unit, subject, write(after))
        if request.act in _ELSEWHERE and request.category == "*":
            _tell_elsewhere(desk, job, subject)
        if request.act is Act.LEAVE and before.left is None:
            leave(desk, subject)
        channel = frozenset({FieldName(request.channel)}) if request.channel else None
        found.append(desk.remember_act(request, decision, subject, fields=channel))
    return found


def _tell_elsewhere(desk: Desk, job: Stand, subject: int) -> None:
    """Note what other systems have to do about a restriction of everything; of one category none is told."""
    act, request = _ELSEWHERE[job.request.act], job.request
    systems = duties.concerned(desk, subject, act)
    if systems:
        known = duties.known_by(desk, job.about, systems, by=request.by, case=request.case)
        case_id = job.case_id or urandom(16)
        duties.note(desk, case_id=case_id, subject=subject, act=act, known=known, systems=systems)


def _choosing(choice: Choice) -> Callable[[Standing, Request, Desk], Standing]:
    def change(standing: Standing, request: Request, desk: Desk) -> Standing:
        version = desk.house.book.agreement.version
        return standing.choosing(Consent(request.purpose, choice, version, desk.now))

    return change


_ELSEWHERE = {Act.RESTRICT: RESTRICT, Act.LIFT: LIFT}
_CHANGES: dict[Act, Callable[[Standing, Request, Desk], Standing]] = {
    Act.CONSENT: _choosing(Choice.GIVEN),
    Act.DECLINE: _choosing(Choice.REFUSED),
    Act.WITHDRAW: _choosing(Choice.WITHDRAWN),
    Act.OBJECT: lambda s, r, _: replace(s, objections=s.objections | {r.purpose}),
    Act.YIELD: lambda s, r, _: replace(s, objections=s.objections - {r.purpose}),
    Act.STOP: lambda s, r, _: replace(s, stopped=s.stopped | {(r.purpose, r.channel)}),
    Act.START: lambda s, r, _: replace(s, stopped=s.stopped - {(r.purpose, r.channel)}),
    Act.RESTRICT: lambda s, r, _: replace(s, restrictions=s.restrictions | {r.category}),
    Act.LIFT: lambda s, r, _: replace(s, restrictions=s.restrictions - {r.category}),
    Act.PROVE: lambda s, r, _: replace(s, proven=s.proven | {label(r.category, name) for name in r.fields}),
    Act.LEAVE: lambda s, _, d: replace(s, left=d.now) if s.left is None else s,
}
