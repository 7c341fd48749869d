"""Hand out: get, unseal, remember, and only then answer; for uses, access and disclosures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from troth.clock import Instant
from troth.custody.desk import SELF, About, Desk, refusal_of
from troth.custody.plans import STORED_APART
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Permit, Refusal, Request, Why
from troth.rules.record import Record, readable
from troth.store import records, registry
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import Category, ClauseId, FieldName
from troth.vault.plaintext import Plaintext

BLOB = "blob"


@dataclass(frozen=True, slots=True)
class HandOut:
    """A request to read everything held of one category of one person (USE, ACCESS or DISCLOSE)."""

    request: Request
    about: About


@dataclass(frozen=True, slots=True)
class Held:
    """One record as it is handed out: how it came here, when it goes, and the permitted values."""

    id: bytes
    category: Category
    clause: ClauseId
    collected_at: Instant
    expires_at: Instant
    values: Mapping[FieldName, Plaintext[Any]]


@dataclass(frozen=True, slots=True)
class Handed:
    """The answer to a read: records, and the receipt of the line that remembers it."""

    records: tuple[Held, ...]
    receipt: Receipt
    tell: str = ""


def hand_out(desk: Desk, jobs: Sequence[HandOut]) -> list[Handed | TrothError]:
    """Serve reads: decide all, load and unseal what is permitted, remember every one."""
    desk.find(job.about for job in jobs)
    decisions = [_admit(desk, job) for job in jobs]
    found = _load(desk, jobs, decisions)
    return [_answer(desk, job, decision, found) for job, decision in zip(jobs, decisions, strict=True)]


Found = Mapping[tuple[int, str], list[Record]]


def _admit(desk: Desk, job: HandOut) -> Permit | Refusal:
    request = job.request
    if job.about not in desk.people:
        request = replace(request, known=False)
    if request.act is Act.DISCLOSE:
        desk.consult(request, job.about)
    return desk.admit(request, job.about)


def _load(desk: Desk, jobs: Sequence[HandOut], decisions: Sequence[Permit | Refusal]) -> Found:
    """Load the records of every permitted (person, category), and open the keys they need."""
    origins = desk.house.origins
    wanted: dict[tuple[int, int], str] = {}
    keys: dict[tuple[int, str], None] = {}
    for job, decision in zip(jobs, decisions, strict=True):
        subject = desk.people.get(job.about)
        if subject is None:
            continue
        code = origins.code(job.request.category)
        if isinstance(decision, Permit) and code is not None:
            wanted[subject, code] = job.request.category
        else:
            keys[subject, SELF] = None
    found: dict[tuple[int, str], list[Record]] = {
        (subject, category): [] for (subject, _), category in wanted.items()
    }
    for record in records.of(desk.unit, list(wanted), origins):
        found[record.subject, record.origin.category].append(record)
        keys[record.subject, record.origin.kept] = None
    for (subject, _), held in found.items():
        if not held:
            keys[subject, SELF] = None
    desk.open_keys(keys)
    return found


def _answer(desk: Desk, job: HandOut, decision: Permit | Refusal, found: Found) -> Handed | TrothError:
    request = job.request
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    held = [r for r in found.get((subject, request.category), []) if (subject, r.origin.kept) in desk.keys]
    purpose = request.purpose
    here = [record for record in held if readable(record, purpose, desk.now)]
    if len(here) > 1:
        here.sort(key=attrgetter("id"))  # ids are in the order of time
    if held and not here:
        return desk.refuse(request, refusal_of(Why.EXPIRED, held[0].origin.clause), job.about)
    handed = tuple(_open(desk, record, decision) for record in here)
    kept = here[0].origin.kept if here else SELF
    receipt = desk.remember_act(request, decision, subject, kept=kept)
    if request.act is Act.DISCLOSE:
        registry.use_approvals(desk.unit, desk.fingerprint(request, job.about))
    return Handed(handed, receipt, decision.tell)


def _open(desk: Desk, record: Record, permit: Permit) -> Held:
    """Unseal one record and show of it what the permit names; masked where it says so."""
    origin = record.origin
    key = desk.keys[record.subject, origin.kept]
    sealed = key.unseal(record.sealed, record=record.id, category=origin.category, schema=origin.version)
    values: dict[FieldName, Plaintext[Any]] = {}
    for name, value in zip(origin.fields, json.loads(sealed), strict=True):
        if value is None or name not in permit.fields:
            continue
        shown, kind = value, desk.house.book.fields[origin.category][name].type
        if name in permit.mask:
            shown = KINDS[kind].mask(value)
        elif kind in STORED_APART:
            chunks = desk.house.blobs.read(value[BLOB], under=key, about=record.id + name.encode())
            shown = b"".join(chunks)
        values[name] = Plaintext(shown, f"{origin.category}.{name}")
    return Held(record.id, origin.category, origin.clause, record.collected_at, record.expires_at, values)
