"""Cases: open one, see which wait to be decided, bring one to its next state."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from troth.acts.cases import START, contents, finding_case, moving, opening, waiting
from troth.custody.cases import Filed
from troth.errors import BodyUnreadable, TrothError
from troth.rules.cases import Case
from troth.terms.vocabulary import LONGEST_WORD
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, case, receipt
from troth.web.api.calls import Acting, Call, Calling
from troth.web.api.ids import CURSOR, record_id, sealed, unsealed
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import who

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["cases"])

Reference = Annotated[
    str, Path(pattern=shapes.CASE, description="What people know it by.", examples=["IC-7K3M-Q2XD"])
]
Word = Annotated[str, Query(pattern=shapes.DOTTED, max_length=LONGEST_WORD)]
Cursor = Annotated[str | None, Query(pattern=CURSOR, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]


@operation(
    router,
    "POST",
    "/cases",
    answers=results.CaseFiled,
    status=201,
    takes=(bodies.JSON,),
)
async def open_case(call: Acting, asked: shapes.CaseOpening) -> Response:
    """Open a case of a person, where the agreement lets the program do so."""
    found: Filed = await call.ask(opening(by=call.by, about=who(asked.about), name=call.on_case(asked.name)))
    return answer(_filed(found), 201, location=f"{PREFIX}/cases/{found.case.reference}")


@operation(router, "GET", "/cases", answers=results.CaseQueue)
async def list_cases(
    call: Calling, name: Word, state: Word, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List the cases that wait in a state, for a program that decides them; the longest there first."""
    after = _place(call, cursor, name, state) if cursor else START
    found = await call.hall.teller.alone_soon(waiting(call.by, call.on_case(name), state, after, limit + 1))
    if isinstance(found, TrothError):
        raise found
    shown, more = found[:limit], len(found) > limit
    following = _following(call, shown[-1], name, state) if more else None
    return answer({"cases": [case(each) for each in shown], "next": following})


def _following(call: Call, last: Case, *about: str) -> str:
    return sealed(call.hall.key, [last.changed_at, last.id.hex()], "cases", call.key.program, *about)


def _place(call: Call, cursor: str, *about: str) -> tuple[int, bytes]:
    found = unsealed(call.hall.key, cursor, "cases", call.key.program, *about)
    match found:
        case [int(at), str(last)]:
            return at, bytes.fromhex(last)
    raise BodyUnreadable(reason="the cursor is none of this list")


@operation(router, "GET", "/cases/{reference}", answers=results.CaseWhole)
async def read_case(call: Calling, reference: Reference) -> Response:
    """Read where a case stands, and which records belong to it; not what they hold."""
    found = await _found(call, reference)
    records = await call.hall.teller.alone_soon(contents(found.subject, found.id))
    return answer({"case": case(found), "records": sorted(map(record_id, records))})


@operation(
    router,
    "POST",
    "/cases/{reference}/moves",
    answers=results.CaseFiled,
    takes=(bodies.JSON,),
)
async def move_case(call: Acting, reference: Reference, asked: shapes.CaseMove) -> Response:
    """Bring a case to another state, where its state and its clause let the program do so."""
    known = await _found(call, reference)
    job = moving(by=call.by, about=known.subject, case=known.id, to=asked.to, reasons=asked.reasons)
    found: Filed = await call.ask(job)
    return answer(_filed(found))


async def _found(call: Call, reference: str) -> Case:
    """Return a case that the key is for; raises `NothingThere`, and `PurposeNotOfKey` for another."""
    found = await call.hall.teller.alone_soon(finding_case(call.by, reference))
    call.on_case(found.name)
    return found


def _filed(found: Filed) -> dict[str, Any]:
    return {"case": case(found.case), "receipt": receipt(found.receipt)}
