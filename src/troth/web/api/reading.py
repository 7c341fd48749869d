"""Read for a purpose: what is held of a person, one category or several, and the files that belong to it."""

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints
from starlette.responses import Response

from troth.acts.use import reading
from troth.custody.desk import About
from troth.custody.files.headers import media_type
from troth.custody.hand_out import Handed
from troth.errors import NothingHeld, TrothError
from troth.terms.vocabulary import LONGEST_WORD
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, handed, tagged
from troth.web.api.calls import Call, Known, Purposed
from troth.web.api.ids import RECORD, SUBJECT, record_of, subject_of
from troth.web.api.operations import PREFIX, UNCHANGED, Operation, operation
from troth.web.problems import document

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["reading"])

Subject = Annotated[str, Path(pattern=SUBJECT, description="The person, by the id of this API.")]
Category = Annotated[str, Path(pattern=shapes.DOTTED, max_length=LONGEST_WORD)]
Record = Annotated[str, Path(pattern=RECORD)]
Field = Annotated[str, Path(pattern=shapes.NAME, max_length=LONGEST_WORD)]
FIELDS = r"^[A-Za-z][A-Za-z0-9_-]{0,59}(,[A-Za-z][A-Za-z0-9_-]{0,59}){0,99}$"
Fields = Annotated[
    Annotated[str, StringConstraints(pattern=FIELDS)] | None,
    Query(description="Names of fields, with commas between them; without it all that the purpose may have."),
]
_subject = re.compile(SUBJECT).fullmatch
_category = re.compile(shapes.DOTTED).fullmatch
_query = re.compile(rf"fields=({FIELDS[1:-1]})".encode("ascii")).fullmatch


def who(about: shapes.About) -> About:
    """Return whom a body is about: a person's number, or the organisation's own reference."""
    return subject_of(about.subject) if isinstance(about, shapes.BySubject) else about.reference


async def _short(call: Call) -> Response | None:
    """Answer a read whose address is as it is described; the ordinary way says what is wrong with another."""
    scope = call.http.scope
    subject, category = scope["path_params"]["subject"], scope["path_params"]["category"]
    raw = scope["query_string"]
    query = _query(raw) if raw else None
    ordinary = _subject(subject) and _category(category) and len(category) <= LONGEST_WORD
    if not ordinary or (raw and query is None) or call.reason:
        return None
    return await _read(call, subject, category, query[1].decode("ascii") if query else None)


async def _read(call: Call, subject: str, category: str, fields: str | None) -> Response:
    found: Handed = await call.hall.teller.ask_soon(
        reading(
            by=call.by,
            about=subject_of(subject),
            category=category,
            fields=fields.split(",") if fields else (),
            purpose=call.purpose,
            case=call.case,
            reason=call.reason,
        )
    )
    content = handed(found, f"{PREFIX}/subjects/{subject}/records/{category}")
    if len(found.records) != 1:
        return answer(content)
    return tagged(call, content, f'"{found.records[0].version.hex()}"')


@operation(
    router,
    "GET",
    "/subjects/{subject}/records/{category}",
    answers=results.Records,
    short=_short,
    responses=UNCHANGED,
)
async def read_records(
    call: Purposed, subject: Subject, category: Category, fields: Fields = None, known: Known = None
) -> Response:
    """Read what is held of one category of a person, for a purpose.

    The answer is given once the entry that remembers it is written, and so is the answer that it is known
    already. Values may be masked. `ETag` is the version of the record where there is one; of several, each
    has its own.
    """
    _ = known  # read off the call itself
    return await _read(call, subject, category, fields)


@operation(router, "POST", "/reads", answers=results.Outcomes, takes=(bodies.JSON,))
async def read_many(call: Purposed, asked: shapes.Reads) -> Response:
    """Read several categories, or of several people, for one purpose; what is refused keeps no other."""
    shared: dict[str, Any] = {
        "by": call.by,
        "purpose": call.purpose,
        "case": call.case,
        "reason": call.reason,
    }
    jobs = [
        reading(about=who(one.about), category=one.category, fields=one.fields, **shared)
        for one in asked.reads
    ]
    found = await asyncio.gather(*(call.gathered(job) for job in jobs))
    return answer({"outcomes": [_outcome(each, one) for each, one in zip(found, asked.reads, strict=True)]})


def _outcome(found: Handed | TrothError, one: shapes.OneRead) -> dict[str, Any]:
    if isinstance(found, TrothError):
        told = document(found)
        return {"status": told["status"], "done": None, "problem": told}
    known = one.about.subject if isinstance(one.about, shapes.BySubject) else ""
    place = f"{PREFIX}/subjects/{known}/records/{one.category}" if known else ""
    return {"status": 200, "done": handed(found, place), "problem": None}


@operation(
    router,
    "GET",
    "/subjects/{subject}/records/{category}/{record}/files/{field}",
    offers=("image/jpeg", "image/png", "image/webp", "application/pdf", "application/octet-stream"),
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def read_file(
    call: Purposed, subject: Subject, category: Category, record: Record, field: Field
) -> Response:
    """Read the bytes of one picture or file of a record, for a purpose."""
    found: Handed = await call.hall.teller.ask_soon(
        reading(
            by=call.by,
            about=subject_of(subject),
            category=category,
            fields=(field,),
            purpose=call.purpose,
            case=call.case,
            reason=call.reason,
            records=(record_of(record),),
        )
    )
    for held in found.records:
        for plaintext in held.values.values():
            content = plaintext.reveal()
            if isinstance(content, bytes):
                media = media_type(content) or (_PDF if content.startswith(b"%PDF-") else _BYTES)
                return Response(content, media_type=media, headers=_AS_FILE)
    raise NothingHeld(field=f"{category}.{field}")


_PDF, _BYTES = "application/pdf", "application/octet-stream"
_AS_FILE = {"content-disposition": "attachment", "content-security-policy": "default-src 'none'; sandbox"}
