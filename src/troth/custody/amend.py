"""Amend: replace some values of one record by corrected ones; nothing else of it changes."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from os import urandom
from typing import Any

from troth.clock import Instant
from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.files.uploads import prepared, stored_again
from troth.custody.hand_out import BLOB
from troth.custody.labels import doubt
from troth.custody.naming import is_taken, refile
from troth.custody.plans import STORED_APART, Plan, cleaned, plan_of, sealed_form, stem_of, tokens_of
from troth.custody.systems import duties
from troth.errors import ChangedMeanwhile, TrothError
from troth.gates.systems.system import CORRECT
from troth.ledger.receipt import Receipt
from troth.rules.decide import CONSENT_LACKS
from troth.rules.decision import Act, Reason, Refusal, Request, Why
from troth.rules.record import Record, sealed_as
from troth.rules.standing import Choice
from troth.store import files, records, registry
from troth.terms.vocabulary import Category, FieldName
from troth.vault.keyring import mark_of


@dataclass(frozen=True, slots=True)
class Amend:
    """A CORRECT request with the new values; `record` names one of several records.

    One that has another version than is named here was changed meanwhile, and is left alone.
    """

    request: Request
    about: About = field(repr=False)
    values: Mapping[FieldName, Any] = field(repr=False)
    record: bytes | None = None
    version: bytes | None = None
    case_id: bytes = b""  # of the demand that it carries out, if any

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.CORRECT)


def amend(desk: Desk, jobs: Sequence[Amend]) -> list[Receipt | TrothError]:
    """Serve corrections (GDPR Art. 16), one after the other."""
    return [_amend(desk, job) for job in jobs]


def _amend(desk: Desk, job: Amend) -> Receipt | TrothError:
    desk.find([job.about])
    request = replace(job.request, fields=frozenset(job.values))
    if job.about not in desk.people:
        request = replace(request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    found = _records(desk, job, subject)
    if not found:
        return desk.refuse(
            request, refusal_of(Why.FIELD_MISSING, *decision.clauses, word=request.category), job.about
        )
    if job.version is not None and all(mark_of(record.sealed) != job.version for record in found):
        return ChangedMeanwhile()
    plan = _plan(desk, found[0])
    here = frozenset[FieldName]().union(*(record.origin.fields for record in found))
    strange = sorted(job.values.keys() - here)
    if plan is None or strange:
        reasons = [Reason(Why.FIELD_NOT_COVERED, (found[0].origin.clause,), name) for name in strange]
        reasons = reasons or [Reason(Why.NO_CLAUSE, (), request.category)]
        return desk.refuse(request, Refusal(tuple(reasons), decision.clauses), job.about)
    clean, reasons = cleaned(plan, job.values, needed=False)
    tokens = tokens_of(plan, clean)
    holders = registry.holders(desk.unit, [token for _, token, unique in tokens if unique])
    reasons += [
        Reason(Why.TAKEN, (plan.intake.clause,), name)
        for name, token, unique in tokens
        if unique and is_taken(desk, token, holders.get(token), subject)
    ]
    consent = plan.intake.rule.consent
    choice = desk.standing(job.about).choice(consent) if consent else Choice.GIVEN
    if consent and choice is not Choice.GIVEN:
        reasons.append(Reason(CONSENT_LACKS[choice], (plan.intake.clause,), consent))
    reasons += prepared(desk, plan, clean)
    if reasons:
        return desk.refuse(request, Refusal(tuple(reasons), decision.clauses), job.about)
    _tell_elsewhere(desk, job, subject, clean)
    stored_again(desk, found, clean)
    for record in found:
        _rewrite(desk, plan, record, clean)
    doubt(desk, subject, request.category, clean)
    return desk.remember_act(request, decision, subject, commitment=desk.commitment(r.id for r in found))


def _tell_elsewhere(desk: Desk, job: Amend, subject: int, clean: Mapping[FieldName, Any]) -> None:
    """Note what other systems have to correct (GDPR Art. 19), while it is known who is meant there."""
    request = job.request
    change = {
        f"{request.category}.{name}": str(value) for name, value in clean.items() if isinstance(value, str)
    }
    systems = duties.concerned(desk, subject, CORRECT) if change else ()
    if systems:
        duties.note(
            desk,
            case_id=job.case_id or urandom(16),
            subject=subject,
            act=CORRECT,
            known=duties.known_by(desk, job.about, systems, by=request.by, case=request.case),
            change=change,
            systems=systems,
        )


def shows(desk: Desk, subject: int, category: Category, values: Mapping[str, Any]) -> bool:
    """Whether the store holds these values, read back: of some record, each as the agreement writes it."""
    code = desk.house.origins.code(category)
    mine = [] if code is None else list(records.of(desk.unit, [(subject, code)], desk.house.origins))
    desk.open_keys((subject, record.origin.kept) for record in mine)
    held = defaultdict[str, list[Any]](list)
    for record in mine:
        key, origin = desk.keys.get((subject, record.origin.kept)), record.origin
        if key is not None:
            opened = key.unseal(
                record.sealed, record=record.id, category=sealed_as(origin), schema=origin.version
            )
            for name, value in zip(origin.fields, json.loads(opened), strict=True):
                held[name].append(value)
    told = {FieldName(name): value for name, value in values.items()}
    for record in {record.origin: record for record in mine}.values():
        plan = _plan(desk, record)
        if plan is None or not told.keys() <= plan.accepts.keys():  # taken in at another circumstance
            continue
        clean, reasons = cleaned(plan, told, needed=False)
        if not reasons:
            return all(value in held[name] for name, value in clean.items())
    return False


def _records(desk: Desk, job: Amend, subject: int) -> list[Record]:
    """Return the records that hold the fields: the one named, or all parts of the latest one.

    The latest that has all of them, if there is one: a category may be taken in with other fields at
    another circumstance.
    """
    code = desk.house.origins.code(job.request.category)
    if code is None:
        return []
    here = [
        record
        for record in records.of(desk.unit, [(subject, code)], desk.house.origins)
        if desk.now < record.narrows_at and not job.values.keys().isdisjoint(record.origin.fields)
    ]
    desk.open_keys((subject, record.origin.kept) for record in here)
    here = [record for record in here if (subject, record.origin.kept) in desk.keys]  # or it is erased
    if job.record is not None:
        return [record for record in here if record.id == job.record]
    wholes = defaultdict[bytes, list[Record]](list)
    for record in here:
        wholes[stem_of(record.id)].append(record)
    return max(wholes.values(), key=lambda parts: _fitness(parts, job.values.keys()), default=[])


def _fitness(parts: Sequence[Record], names: Set[FieldName]) -> tuple[bool, Instant, bytes]:
    """Return what makes the parts of one record the ones to correct: that they have all fields; late ones."""
    has = frozenset[FieldName]().union(*(record.origin.fields for record in parts))
    return names <= has, parts[0].collected_at, max(record.id for record in parts)


def _plan(desk: Desk, record: Record) -> Plan | None:
    """Return the plan of the intake by which a record came; None when no clause has it."""
    origin = record.origin
    for (category, when), intake in desk.house.book.intakes.items():
        if (category, intake.clause) != (origin.category, origin.clause):
            continue
        if (origin.circumstance or when) == when and intake.specs.keys() >= set(origin.fields):
            return plan_of(desk.house, category, when)
    return None


def _rewrite(desk: Desk, plan: Plan, record: Record, clean: Mapping[FieldName, Any]) -> None:
    origin = record.origin
    key = desk.keys[record.subject, origin.kept]
    sealed = key.unseal(record.sealed, record=record.id, category=sealed_as(origin), schema=origin.version)
    values = dict(zip(origin.fields, json.loads(sealed), strict=True))
    for name in clean.keys() & values.keys():
        if values[name] is not None and plan.accepts[name][1].type in STORED_APART:
            files.supersede(desk.unit, values[name][BLOB])
    values.update({name: value for name, value in clean.items() if name in origin.fields})
    again = key.seal(
        sealed_form(origin.fields, values),
        record=record.id,
        category=sealed_as(origin),
        schema=origin.version,
    )
    code = desk.house.origins.code(origin.category) or 0
    records.replace(desk.unit, record.subject, code, record.id, again, desk.house.origins)
    mine = {name: value for name, value in values.items() if value is not None}
    refile(desk, record.subject, record.id, tokens_of(plan, mine))
