"""Take in: decide, check every value, seal, file, remember; one act or a stream of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from troth.clock import Instant
from troth.custody import cases
from troth.custody.asking import joining, refusal_of
from troth.custody.desk import LEAVE, About, Desk
from troth.custody.drafts import Draft, Offer, check_held, check_left, check_opened
from troth.custody.endings import leaving
from troth.custody.endings.finishing import finish_of
from troth.custody.files.uploads import prepared, stored_apart
from troth.custody.keymaking import SELF
from troth.custody.labels import doubt
from troth.custody.plans import cleaned, new_records, plan_of, sealed_form, tokens_of
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.cases import Case
from troth.rules.decision import Permit, Reason, Refusal, Why
from troth.rules.record import lifetime, sealed_as
from troth.store import records, registry
from troth.terms.vocabulary import FieldName


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Offers that belong to one call; `together` writes one ledger line for each kind of act in it."""

    offers: tuple[Offer, ...]
    together: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in: the person's number, the new records, and the receipt."""

    subject: int
    records: tuple[bytes, ...]
    receipt: Receipt


def take_in(desk: Desk, jobs: Sequence[TakeIn]) -> list[tuple[Taken | TrothError, ...]]:
    """Serve collections: what is good is kept, what is not is refused by name, all is remembered."""
    desk.find(offer.about for job in jobs for offer in job.offers)
    finish_of(desk, desk.people.values())
    leaving.finish(desk)
    drafts = [[_draft(desk, offer) for offer in job.offers] for job in jobs]
    every = [draft for some in drafts for draft in some]
    check_left(desk, every)
    check_held(desk, every)
    check_left(desk, every)  # again, as who was to return may have been refused
    check_opened(desk, every)
    good = [draft for draft in every if draft.permit]
    desk.need_keys(_keys_of(good))
    for draft in good:
        _store_uploads(desk, draft)
    _file(desk, good)
    return [_remember(desk, job, some) for job, some in zip(jobs, drafts, strict=True)]


# ---- deciding


def _draft(desk: Desk, offer: Offer) -> Draft:
    request = offer.request
    if request.fields != offer.values.keys():
        request = replace(request, fields=frozenset(offer.values))
    draft = Draft(offer, request)
    subject = desk.people.get(offer.about)
    if subject is None or desk.is_arriving(subject):
        joined = desk.admit(joining(request), offer.about)
        draft.opens = isinstance(joined, Permit) and isinstance(offer.about, str)
        if subject is None and not draft.opens:
            draft.request = request = replace(request, known=False)
    decision = desk.admit(request, offer.about)
    if isinstance(decision, Refusal):
        draft.refusal = decision
        return draft
    if offer.about in desk.away:
        draft.refusal = refusal_of(Why.IN_GRACE, *decision.clauses)
        return draft
    plan = plan_of(desk.house, request.category, request.circumstance)
    clean, reasons = cleaned(plan, offer.values)
    reasons += prepared(desk, plan, clean)
    if reasons:
        draft.refusal = Refusal(tuple(reasons), decision.clauses)
        return draft
    if subject is None and not desk.reference_token(str(offer.about)):
        draft.refusal = Refusal((Reason(Why.MALFORMED, (plan.intake.clause,), "reference"),))
        return draft
    draft.permit, draft.plan, draft.clean = decision, plan, clean
    draft.left = desk.standing(offer.about).left
    if draft.left is not None and any(plan.parts[n][0].keep.event == LEAVE for n in draft.parts()):
        draft.returns = leaving.opens(desk, request)
    draft.tokens = tokens_of(plan, clean)
    draft.subject = desk.arrive(str(offer.about)) if subject is None else subject
    if offer.within is not None:
        _put_into_case(desk, draft, offer.within)
    return draft


def _put_into_case(desk: Desk, draft: Draft, within: bytes | str) -> None:
    found = cases.belonging(desk, draft.request, draft.subject, within, draft.offer.about)
    if isinstance(found, Case):
        draft.case, draft.request = found, replace(draft.request, case=found.reference)
    else:
        draft.permit, draft.refusal = None, Refusal(found, draft.permit.clauses if draft.permit else ())


def _keys_of(drafts: Iterable[Draft]) -> Iterable[tuple[int, str]]:
    for draft in drafts:
        assert draft.plan is not None  # noqa: S101 - permitted drafts have one
        kept = [draft.plan.parts[n][0].kept for n in draft.parts()]
        for one in kept or (SELF,):  # each carries the person's pseudonym, so one is enough
            yield draft.subject, one


def _store_uploads(desk: Desk, draft: Draft) -> None:
    if draft.plan is None or draft.plan.whole:
        return
    draft.ids = new_records(desk.now, len(draft.plan.parts))
    stored_apart(desk, draft.plan, draft.subject, draft.clean, draft.ids)


# ---- filing

_Filed: TypeAlias = tuple[int, int, str, Instant, Instant]
"""Origin number, category code, what it is sealed as, and the ends of a part."""


def _file(desk: Desk, drafts: Sequence[Draft]) -> None:
    """Seal every part and put rows, names and tokens into the unit."""
    rows: list[tuple[Any, ...]] = []
    names: list[tuple[bytes, int, bytes]] = []
    tokens: list[tuple[bytes, int, bytes]] = []
    alike: dict[tuple[int, Instant | None, int | None], _Filed] = {}  # as parts are filed
    for draft in drafts:
        draft.joins = draft.returns and leaving.let_back(desk, draft.subject)
    for draft in drafts:
        if desk.standings[draft.subject].proven:
            doubt(desk, draft.subject, draft.request.category, draft.clean)
        plan = draft.plan
        assert plan is not None  # noqa: S101 - permitted drafts have one
        draft.joins = draft.joins or (draft.opens and desk.join(draft.subject))
        subject = draft.subject
        left = desk.standings[subject].left
        ids = draft.ids or new_records(desk.now, len(plan.parts))
        draft.ids = [ids[n] for n in draft.parts()]
        for n, record in zip(draft.parts(), draft.ids, strict=True):
            part, origin = plan.parts[n]
            happened = left if part.keep.event == LEAVE else None
            days = desk.standings[subject].days(part.kept, desk.now) if part.keep.shorter else None
            filed = alike.get((id(part), happened, days))
            if filed is None:
                number, code = desk.house.origins.number(desk.unit, origin, stream=plan.intake.rule.stream)
                filed = number, code, sealed_as(origin), *lifetime(part, desk.now, happened, days)
                alike[id(part), happened, days] = filed
            number, code, sealed_under, narrows_at, expires_at = filed
            sealed = desk.keys[subject, part.kept].seal(
                sealed_form(origin.fields, draft.clean),
                record=record,
                category=sealed_under,
                schema=origin.version,
            )
            rows.append((subject, code, record, number, desk.now, narrows_at, expires_at, sealed))
        for name, token, once in draft.tokens:
            holder = next(ids[n] for n in draft.parts() if name in plan.parts[n][0].fields)
            (names if once else tokens).append((token, subject, holder))
    desk.file_joined()
    desk.turn_away()
    cases.file_into(desk, drafts)
    records.put(desk.unit, rows, desk.house.origins)
    registry.add_names(desk.unit, names)
    registry.add_tokens(desk.unit, tokens)


# ---- remembering


def _remember(desk: Desk, job: TakeIn, drafts: Sequence[Draft]) -> tuple[Taken | TrothError, ...]:
    if job.together and len(drafts) > 1:
        return _remember_together(desk, drafts)
    found: list[Taken | TrothError] = []
    for draft in drafts:
        if draft.permit is None:
            found.append(_refuse(desk, draft, draft.offer.about))
            continue
        if draft.joins:
            desk.remember_joining(draft.request, draft.subject)
        cases.remember_opened(desk, draft)
        receipt = desk.remember_act(draft.request, draft.permit, draft.subject)
        found.append(Taken(draft.subject, tuple(draft.ids), receipt))
    return tuple(found)


def _refuse(desk: Desk, draft: Draft, about: About | None, count: int | None = None) -> TrothError:
    assert draft.refusal is not None  # noqa: S101 - a draft without a permit has one
    return desk.refuse(draft.request, draft.refusal, about, count=count)


def _remember_together(desk: Desk, drafts: Sequence[Draft]) -> tuple[Taken | TrothError, ...]:
    """Write one line for each kind of act, committing to the ids of all its records."""
    groups: dict[Any, list[Draft]] = {}
    for draft in drafts:
        request = draft.request
        refusal = draft.refusal.reasons if draft.refusal else None
        known = (
            request.by,
            request.category,
            request.circumstance,
            request.case,
            draft.permit and draft.permit.clauses,
        )
        groups.setdefault((*known, refusal), []).append(draft)
    outcome: dict[int, Taken | TrothError] = {}
    for members in groups.values():
        first = members[0]
        if first.permit is None:
            about = first.offer.about if len({draft.offer.about for draft in members}) == 1 else None
            error = _refuse(desk, first, about, len(members))
            outcome.update((id(draft), error) for draft in members)
            continue
        arrived = [draft for draft in members if draft.joins]
        if arrived:
            desk.remember_joining(first.request, None, count=len(arrived))
        for draft in members:
            cases.remember_opened(desk, draft)
        fields = frozenset[FieldName]().union(*(draft.request.fields for draft in members))
        people = {draft.subject for draft in members}
        ids = [record for draft in members for record in draft.ids]
        receipt = desk.remember_act(
            first.request,
            first.permit,
            people.pop() if len(people) == 1 else None,
            fields=fields,
            count=len(members),
            commitment=desk.commitment(ids),
        )
        for draft in members:
            outcome[id(draft)] = Taken(draft.subject, tuple(draft.ids), receipt)
    return tuple(outcome[id(draft)] for draft in drafts)
