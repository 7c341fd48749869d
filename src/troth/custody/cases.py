"""Cases: open one, bring it from state to state, see what may belong to it; and what its end starts.

Whether somebody may do so, the agreement says (`decide`); what a state allows, `troth.rules.cases`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from os import urandom

from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.drafts import Draft
from troth.custody.endings import clocks
from troth.custody.references import drawn
from troth.errors import TrothError
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.cases import MACHINES, Case, Machine, consents, label, of_sides
from troth.rules.decide import is_by
from troth.rules.decision import (
    ENTRY_KIND,
    Act,
    Actor,
    ActorKind,
    Permit,
    Reason,
    Refusal,
    Request,
    Why,
)
from troth.rules.record import Record
from troth.rules.standing import NEWCOMER, Choice, write
from troth.store import cases, leaving, records, registry
from troth.terms.agreement import CaseRule
from troth.terms.vocabulary import Circumstance, covers


@dataclass(frozen=True, slots=True)
class Open:
    """A request to open a case of one person."""

    request: Request
    about: About = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.OPEN)


@dataclass(frozen=True, slots=True)
class Move:
    """A request to bring one case of a person to another state."""

    request: Request
    about: About = field(repr=False)
    case: bytes

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.MOVE)


@dataclass(frozen=True, slots=True)
class Filed:
    """A case as it stands now, and the receipt of the line that says so."""

    case: Case
    receipt: Receipt


def machine_of(rule: CaseRule) -> Machine:
    """Return the states of the cases of a rule."""
    return MACHINES[rule.kind]


def line(desk: Desk, request: Request, permit: Permit, case: Case) -> Receipt:
    """Append what was done with a case: its name, the state it is in now, and the codes that were given."""
    actor, behalf = desk.actor(request.by)
    return desk.remember(
        Entry(
            at=desk.now,
            kind=ENTRY_KIND[request.act],
            actor=actor,
            on_behalf_of=behalf,
            act=request.act.value,
            outcome="permitted",
            subject=desk.pseudonym(case.subject),
            circumstance=case.name,
            fields=(case.state,),
            clauses=permit.clauses,
            agreement=desk.house.book.agreement.version,
            reasons=case.reasons,
            case=case.reference,
        )
    )


# ---- opening


def open_cases(desk: Desk, jobs: Sequence[Open]) -> list[Filed | TrothError]:
    """Open cases, one after the other, as one may exclude the next."""
    return [_open(desk, job) for job in jobs]


def _open(desk: Desk, job: Open) -> Filed | TrothError:
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    clause, rule = desk.house.book.cases[request.circumstance]
    if _is_open(desk, subject, rule):
        return desk.refuse(request, refusal_of(Why.ALREADY_OPEN, clause, word=rule.name), job.about)
    case = new_case(desk, rule, subject, job.about)
    cases.add(desk.unit, case)
    return Filed(case, line(desk, request, decision, case))


def _is_open(desk: Desk, subject: int, rule: CaseRule) -> bool:
    """Whether a case that has not ended keeps another one of its name from being open."""
    machine = machine_of(rule)
    mine = (case for case in cases.of(desk.unit, subject) if case.name == rule.name)
    return machine.alone and any(case.state not in machine.ended for case in mine)


def new_case(desk: Desk, rule: CaseRule, subject: int, about: About) -> Case:
    """Return a case that opens now, with a reference that no other has."""
    machine, standing = machine_of(rule), desk.standing(about)
    asked = consents(desk.house.book, rule)
    stand = bool(asked) and all(standing.choice(purpose) is Choice.GIVEN for purpose in asked)
    state = machine.consented if stand else machine.first
    return Case(urandom(16), subject, rule.name, state, _reference(desk, rule), desk.now, desk.now, None)


def _reference(desk: Desk, rule: CaseRule) -> str:
    """Return initials of the name and 40 random bits: `IC-7K3M-Q2XD`."""
    initials = "".join(word[0] for word in rule.name.replace("_", "-").replace(".", "-").split("-") if word)
    return drawn(initials, lambda reference: cases.is_known(desk.unit, reference))


# ---- moving


def move_cases(desk: Desk, jobs: Sequence[Move]) -> list[Filed | TrothError]:
    """Bring cases from state to state, one after the other, as one may bear on the next."""
    return [_move(desk, job) for job in jobs]


def _move(desk: Desk, job: Move) -> Filed | TrothError:
    desk.find([job.about])
    subject, request = desk.people.get(job.about), job.request
    if subject is None:
        return desk.refuse(replace(request, known=False), refusal_of(Why.UNKNOWN_PERSON), job.about)
    case = cases.one(desk.unit, job.case, subject)
    if case is not None:  # of nobody else's case is anything told
        states = (case.state, request.states[1])
        name = Circumstance(case.name)
        request = replace(request, circumstance=name, case=case.reference, states=states)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    assert case is not None  # noqa: S101 - a case that is none is refused
    clause, rule = desk.house.book.cases[case.name]
    machine = machine_of(rule)
    resumes = machine.takes_up(*request.states)
    if resumes and machine.resumes is not None and case.resumed >= machine.resumes:
        return desk.refuse(request, refusal_of(Why.WRONG_STATE, clause, word=case.state), job.about)
    if resumes and _is_open(desk, case.subject, rule):
        return desk.refuse(request, refusal_of(Why.ALREADY_OPEN, clause, word=case.name), job.about)
    codes = tuple(dict.fromkeys(request.reason.split()))
    after = moved(desk, case, rule, request.states[1], codes)
    return Filed(after, line(desk, request, decision, after))


def moved(desk: Desk, case: Case, rule: CaseRule, state: str, codes: tuple[str, ...] = ()) -> Case:
    """Bring a case to a state, with all that follows: clocks, and what is proven of the person."""
    machine = machine_of(rule)
    ends, resumes = machine.ends(case.state, state), machine.takes_up(case.state, state)
    after = replace(
        case,
        state=state,
        changed_at=desk.now,
        ended_at=desk.now if ends else None if resumes else case.ended_at,
        reasons=codes,
        resumed=case.resumed + resumes,
    )
    cases.put(desk.unit, after)
    if ends or resumes:
        for record in running(desk, after, rule):
            (clocks.start if ends else clocks.stop)(desk, record)
        leaving.look(desk.unit, case.subject, desk.now)
    if machine.label and machine.label in (case.state, state):
        prove(desk, case.subject, rule)
    return after


def running(desk: Desk, case: Case, rule: CaseRule) -> Iterator[Record]:
    """Yield the records of a case whose class runs from its end."""
    linked = cases.links_of(desk.unit, case)
    if rule.event is None or not linked:
        return
    origins = desk.house.origins
    origins.load(desk.unit)
    codes = {
        code
        for category in {origin.category for origin in origins.by_number.values()}
        if any(covers(word, category) for word in rule.of) and (code := origins.code(category)) is not None
    }
    for record in list(records.of(desk.unit, [(case.subject, code) for code in codes], origins)):
        _, keep = desk.house.book.keep(record.origin.kept)
        if record.id in linked and keep.event == rule.event:
            yield record


def prove(desk: Desk, subject: int, rule: CaseRule) -> None:
    """Let the person's standing say whether a case of a rule is decided for them."""
    state, word = machine_of(rule).label, label(rule.name)
    proven = any(c.name == rule.name and c.state == state for c in cases.of(desk.unit, subject))
    before = desk.standings.get(subject, NEWCOMER)
    after = replace(before, proven=before.proven | {word} if proven else before.proven - {word})
    if after != before:
        desk.standings[subject] = after
        registry.set_standing(desk.unit, subject, write(after))


# ---- what belongs to one


def belonging(
    desk: Desk, request: Request, subject: int, within: bytes | str, about: About
) -> Case | tuple[Reason, ...]:
    """Return the case that an offer goes into, or every reason why it may not.

    `within` is a case of the person, or the name of a conversation that opens with this: then the case is
    new, and not filed yet.
    """
    book = desk.house.book
    if isinstance(within, str):
        decision = desk.admit(Request(Act.OPEN, request.by, circumstance=Circumstance(within)), about)
        if isinstance(decision, Refusal):
            return decision.reasons
        clause, rule = book.cases[within]
        if machine_of(rule).alone:
            return (Reason(Why.WRONG_STATE, (clause,), machine_of(rule).first),)
        case = new_case(desk, rule, subject, about)
    else:
        known = cases.one(desk.unit, within, subject)
        if known is None or known.name not in book.cases:
            return (Reason(Why.UNKNOWN_CASE),)
        case = known
        clause, rule = book.cases[case.name]
    machine, lacking = machine_of(rule), list[Reason]()
    if not any(covers(word, request.category) for word in rule.of):
        lacking.append(Reason(Why.NOT_OF_CASE, (clause,), request.category))
    if case.state not in machine.fed:
        lacking.append(Reason(Why.WRONG_STATE, (clause,), case.state))
    if not is_by(of_sides(rule, machine.feeders), request.by):
        lacking.append(Reason(Why.NOT_BY, (clause,), request.by.kind.value))
    return tuple(lacking) or case


def file_into(desk: Desk, drafts: Sequence[Draft]) -> None:
    """File the cases that open with drafts, and which of their records belong to which case."""
    for draft in drafts:
        if draft.case is not None and isinstance(draft.offer.within, str):
            cases.add(desk.unit, draft.case)
    some = [(d, d.case.id, _giver(desk, d.request.by)) for d in drafts if d.case is not None]
    cases.link(desk.unit, [(d.subject, record, case, by) for d, case, by in some for record in d.ids])


def _giver(desk: Desk, by: Actor) -> str:
    """Return who gives something into a case, as people are told: never which member of staff."""
    named, _ = desk.actor(by)
    return "self" if by.kind is ActorKind.SUBJECT else ":".join(named.split(":")[:2])


def remember_opened(desk: Desk, draft: Draft) -> None:
    """Append the line of a case that opened with a draft."""
    if draft.case is not None and isinstance(draft.offer.within, str):
        request = Request(Act.OPEN, draft.request.by, circumstance=Circumstance(draft.case.name))
        permit = desk.admit(request, draft.subject)
        assert isinstance(permit, Permit)  # noqa: S101 - it was decided so before anything was filed
        line(desk, request, permit, draft.case)
