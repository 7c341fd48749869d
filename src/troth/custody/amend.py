"""Amend: replace some values of one record by corrected ones; nothing else of it changes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.hand_out import BLOB
from troth.custody.plans import STORED_APART, Plan, are_parts, cleaned, plan_of, sealed_form, tokens_of
from troth.custody.uploads import stored_again
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Reason, Refusal, Request, Why
from troth.rules.record import Record, sealed_as
from troth.rules.standing import Choice
from troth.store import records, registry
from troth.terms.vocabulary import FieldName


@dataclass(frozen=True, slots=True)
class Amend:
    """A CORRECT request with the new values; `record` names one of several records."""

    request: Request
    about: About = field(repr=False)
    values: Mapping[FieldName, Any] = field(repr=False)
    record: bytes | None = None

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
    plan = plan_of(desk.house, request.category, _circumstance(desk, found[0]))
    clean, reasons = cleaned(plan, job.values, needed=False)
    tokens = tokens_of(plan, clean)
    holders = registry.holders(desk.unit, [token for _, token, unique in tokens if unique])
    reasons += [
        Reason(Why.TAKEN, (plan.intake.clause,), name)
        for name, token, unique in tokens
        if unique and holders.get(token, subject) != subject
    ]
    consent = plan.intake.rule.consent
    if consent and desk.standing(job.about).choice(consent) is not Choice.GIVEN:
        reasons.append(Reason(Why.CONSENT_MISSING, (plan.intake.clause,), consent))
    reasons = reasons or stored_again(desk, plan, found, clean)
    if reasons:
        return desk.refuse(request, Refusal(tuple(reasons), decision.clauses), job.about)
    for record in found:
        _rewrite(desk, plan, record, clean)
    return desk.remember_act(request, decision, subject, commitment=desk.commitment(r.id for r in found))


def _records(desk: Desk, job: Amend, subject: int) -> list[Record]:
    """Return the records that hold the fields: the one named, or all parts of the latest one."""
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
    _, latest = max(((record.collected_at, record.id) for record in here), default=(0, b""))
    return [record for record in here if are_parts(record.id, latest)]


def _circumstance(desk: Desk, record: Record) -> Any:  # noqa: ANN401 - a Circumstance
    clause = record.origin.clause
    return next(
        when
        for (category, when), intake in desk.house.book.intakes.items()
        if category == record.origin.category and intake.clause == clause
    )


def _rewrite(desk: Desk, plan: Plan, record: Record, clean: Mapping[FieldName, Any]) -> None:
    origin = record.origin
    key = desk.keys[record.subject, origin.kept]
    sealed = key.unseal(record.sealed, record=record.id, category=sealed_as(origin), schema=origin.version)
    values = dict(zip(origin.fields, json.loads(sealed), strict=True))
    for name in clean.keys() & values.keys():
        if values[name] is not None and plan.accepts[name][1].type in STORED_APART:
            records.drop_blob(desk.unit, values[name][BLOB])  # its file is removed by the sweep
    values.update({name: value for name, value in clean.items() if name in origin.fields})
    again = key.seal(
        sealed_form(origin.fields, values),
        record=record.id,
        category=sealed_as(origin),
        schema=origin.version,
    )
    code = desk.house.origins.code(origin.category) or 0
    records.replace(desk.unit, record.subject, code, record.id, again)
    registry.drop_names(desk.unit, record.subject, record.id)
    mine = {name: value for name, value in values.items() if value is not None}
    for _, token, unique in tokens_of(plan, mine):
        add = registry.add_names if unique else registry.add_tokens
        add(desk.unit, [(token, record.subject, record.id)])
