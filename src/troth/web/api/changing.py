"""Change what is held or true of a person: correct, remove, and the choices that somebody may make."""

import re
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import StringConstraints
from starlette.responses import Response

from troth.acts import consent, rights
from troth.acts.correct import correcting
from troth.acts.rights import removing
from troth.errors import VersionMissing
from troth.ledger.receipt import Receipt
from troth.rules.program_keys import EVERYTHING
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, receipt
from troth.web.api.calls import Acting, Call, Case
from troth.web.api.ids import record_of, subject_of
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import Category, Record, Subject

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["changing"])

Version = Annotated[
    Annotated[str, StringConstraints(max_length=200, pattern=r'^(W/)?"[^"]*"$')] | None,
    Header(alias="If-Match", description="The `version` of the record as it was last read, in quotes."),
]
_quoted = re.compile('"([0-9a-f]{24})"').fullmatch
_CONSENTS = {"given": consent.giving, "refused": consent.refusing, "withdrawn": consent.withdrawing}
_OBJECTIONS = {"made": consent.objecting, "ended": consent.yielding}
_RESTRICTIONS = {"set": rights.restricting, "lifted": rights.lifting}


@operation(
    router,
    "PATCH",
    "/subjects/{subject}/records/{category}/{record}",
    answers=results.Receipted,
    takes=(bodies.JSON,),
    also=(412, 428),
)
async def correct_record(
    call: Acting,
    subject: Subject,
    category: Category,
    record: Record,
    asked: shapes.Correction,
    version: Version = None,
    troth_case: Case = None,
) -> Response:
    """Replace wrong values of a record by right ones (GDPR Art. 16); the other values stay."""
    _ = troth_case  # read off the call itself
    job = correcting(
        by=call.by,
        about=subject_of(subject),
        category=call.on(category),
        values=asked.values,
        record=record_of(record),
        case=call.case,
        version=_version(version),
    )
    return await _done(call, job)


@operation(
    router,
    "DELETE",
    "/subjects/{subject}/records/{category}/{record}",
    answers=results.Receipted,
    also=(409,),
)
async def remove_record(call: Acting, subject: Subject, category: Category, record: Record) -> Response:
    """Take a record away at once, where no duty and no matter keeps it (GDPR Art. 17)."""
    records = (record_of(record),)
    job = removing(by=call.by, about=subject_of(subject), category=call.on(category), records=records)
    return await _done(call, job)


@operation(
    router,
    "POST",
    "/subjects/{subject}/consents",
    answers=results.Receipted,
    takes=(bodies.JSON,),
)
async def choose_consent(call: Acting, subject: Subject, asked: shapes.ConsentChoice) -> Response:
    """Give, refuse or withdraw a consent, where a clause lets a program say so."""
    purpose = call.within_key(asked.purpose)
    job = _CONSENTS[asked.choice](by=call.by, about=subject_of(subject), purpose=purpose)
    return await _done(call, job)


@operation(
    router,
    "POST",
    "/subjects/{subject}/objections",
    answers=results.Receipted,
    takes=(bodies.JSON,),
)
async def choose_objection(call: Acting, subject: Subject, asked: shapes.ObjectionChoice) -> Response:
    """Make or end an objection, where a clause lets a program say so."""
    purpose = call.within_key(asked.purpose)
    job = _OBJECTIONS[asked.choice](by=call.by, about=subject_of(subject), purpose=purpose)
    return await _done(call, job)


@operation(
    router, "POST", "/subjects/{subject}/restrictions", answers=results.Receipted, takes=(bodies.JSON,)
)
async def choose_restriction(call: Acting, subject: Subject, asked: shapes.RestrictionChoice) -> Response:
    """Set or lift a restriction, of a category or of everything, where a clause lets a program say so."""
    category = call.on(asked.category or EVERYTHING)
    job = _RESTRICTIONS[asked.choice](by=call.by, about=subject_of(subject), category=category)
    return await _done(call, job)


async def _done(call: Call, job: object) -> Response:
    found: Receipt = await call.ask(job)
    return answer({"receipt": receipt(found)})


def _version(said: str | None) -> bytes:
    """Return the version that `If-Match` names, or what no record has; raises `VersionMissing`."""
    if said is None:
        raise VersionMissing
    found = _quoted(said)
    return bytes.fromhex(found[1]) if found else b""
