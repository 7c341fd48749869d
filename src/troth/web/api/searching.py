"""Search for a person by an exact value, and read what the ledger says of one."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from troth.acts.find import finding
from troth.acts.recall import Recollection, recalling
from troth.clock import iso
from troth.custody.finding import Found
from troth.errors import BodyUnreadable, TrothError
from troth.ledger.entry import Entry
from troth.rules.program_keys import EVERYTHING
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, receipt
from troth.web.api.calls import Calling, Purposed
from troth.web.api.casework import Cursor, Limit
from troth.web.api.ids import record_id, sealed, subject_id, subject_of, unsealed
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import Subject

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["people"])


@operation(router, "POST", "/subjects/search", answers=results.Found, takes=(bodies.JSON,))
async def search_subjects(call: Purposed, asked: shapes.Search) -> Response:
    """Search for whoever has exactly this value, for a purpose; misses are remembered too."""
    found: Found = await call.hall.teller.ask_soon(
        finding(
            by=call.by,
            field=asked.field,
            value=asked.value,
            purpose=call.purpose,
            case=call.case,
            reason=call.reason,
        )
    )
    people = [{"subject": subject_id(who), "record": record_id(record)} for who, record in found.people]
    return answer({"found": people, "receipt": receipt(found.receipt)})


@operation(router, "GET", "/subjects/{subject}/access-records", answers=results.AccessRecords)
async def list_access_records(
    call: Calling, subject: Subject, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Read what the ledger says of a person, newest first, where a clause on access says so."""
    call.on(EVERYTHING)
    about = ("access-records", call.key.program, subject)
    before: Any = unsealed(call.hall.key, cursor, *about) if cursor else None
    if cursor and type(before) is not int:
        raise BodyUnreadable(reason="the cursor is none of this list")
    work = recalling(by=call.by, about=subject_of(subject), before=before, limit=limit)
    found: Recollection | TrothError = await call.hall.teller.alone_soon(work)
    if isinstance(found, TrothError):
        raise found
    older = found.recalled.older
    following = None if older is None else sealed(call.hall.key, older, *about)
    entries = [_shown(number, entry) for number, entry in found.recalled.entries]
    return answer({"access_records": entries, "next": following, "receipt": receipt(found.receipt)})


def _shown(number: int, entry: Entry) -> dict[str, Any]:
    """Return an entry as it is shown: a member of staff by their role alone."""
    return {
        "entry": number,
        "at": iso(entry.at),
        "kind": entry.kind,
        "act": entry.act,
        "outcome": entry.outcome,
        "actor": ":".join(entry.actor.split(":")[:2]),
        "on_behalf_of": entry.on_behalf_of,
        "category": entry.category,
        "fields": list(entry.fields),
        "purpose": entry.purpose,
        "recipient": entry.recipient,
        "case": entry.case,
        "clauses": list(entry.clauses),
        "agreement": entry.agreement,
        "reasons": list(entry.reasons),
    }
