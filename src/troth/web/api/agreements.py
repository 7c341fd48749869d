"""The agreement as programs read it: its versions, its clauses, and how each of them stands."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from troth.clock import iso
from troth.errors import NothingThere
from troth.evidence.status import ClauseStatus, Status
from troth.rules.rulebook import Rulebook
from troth.terms.agreement import Agreement, Clause, Inform
from troth.terms.sentences import plain
from troth.terms.vocabulary import LONGEST_WORD
from troth.web.api import results, shapes
from troth.web.api.answers import answer, tagged
from troth.web.api.calls import Call, Calling, Known
from troth.web.api.operations import PREFIX, UNCHANGED, Operation, operation
from troth.web.permission import Permission

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["agreement"])

Version = Annotated[int, Path(ge=1, le=1_000_000)]
ClauseId = Annotated[str, Path(pattern=shapes.DOTTED, max_length=LONGEST_WORD)]
_FOR_A_WHILE = "public, max-age=300"


@operation(router, "GET", "/agreements", permission=Permission.PUBLIC, answers=results.Agreements)
async def list_agreements(call: Calling) -> Response:
    """List every version of the agreement that was adopted, the newest first."""
    versions = sorted(call.house.books.values(), key=lambda book: -book.agreement.version)
    found = [_named(call, book.agreement) for book in versions]
    return answer({"agreements": found}, cache_control=_FOR_A_WHILE)


@operation(
    router,
    "GET",
    "/agreements/{version}",
    permission=Permission.PUBLIC,
    answers=results.Agreement,
    also=(404,),
    responses=UNCHANGED,
)
async def read_agreement(call: Calling, version: Version, known: Known = None) -> Response:
    """Read one version of the agreement: its text, and its clauses by name."""
    _ = known  # read off the call itself
    agreement = _book(call, version).agreement
    clauses = [{"id": each.id, "number": each.number, "title": each.title} for each in agreement.clauses]
    found = {**_named(call, agreement), "source": agreement.source, "clauses": clauses}
    etag = f'"{agreement.hash}"' if found["in_force"] else f'"{agreement.hash}-not-in-force"'
    return tagged(call, found, etag, cache_control=_FOR_A_WHILE)


@operation(
    router,
    "GET",
    "/agreements/{version}/clauses/{clause}",
    permission=Permission.PUBLIC,
    answers=results.Clause,
    also=(404,),
)
async def read_clause(call: Calling, version: Version, clause: ClauseId) -> Response:
    """Read one clause: its text, and in plain words what its rules make the machine do."""
    found = _book(call, version).agreement.clause(clause)
    if found is None:
        raise NothingThere
    return answer(_clause(found), cache_control=_FOR_A_WHILE)


@operation(router, "GET", "/status", permission=Permission.PUBLIC, answers=results.Status)
async def read_status(call: Calling) -> Response:
    """Read how each clause stands, as it was last checked; one that was not checked lately is `unproven`."""
    watch, agreement = call.hall.watch, call.hall.agreement
    report = watch.report if watch.is_fresh(call.now) else None
    known = {each.clause: each for each in report.clauses} if report and report.hash == agreement.hash else {}
    clauses = [
        {
            "id": clause.id,
            "number": clause.number,
            "title": clause.title,
            "status": _word(known.get(clause.id)),
            "since": iso(known[clause.id].since) if clause.id in known else None,
        }
        for clause in agreement.clauses
        if any(not isinstance(rule, Inform) for rule in clause.rules)
    ]
    found = {
        "version": agreement.version,
        "hash": agreement.hash,
        "checked_at": iso(report.at) if report and known else None,
        "clauses": clauses,
    }
    return answer(found, cache_control="public, max-age=60")


def _word(stands: ClauseStatus | None) -> str:
    """Return the word of a clause; nothing is kept because nobody looked."""
    found = stands.status if stands and stands.status else Status.UNPROVEN
    return found.value.replace(" ", "_")


def _book(call: Call, version: int) -> Rulebook:
    found = call.house.books.get(version)
    if found is None:
        raise NothingThere
    return found


def _named(call: Call, agreement: Agreement) -> dict[str, Any]:
    return {
        "name": agreement.name,
        "title": agreement.title,
        "organisation": agreement.organisation.name,
        "version": agreement.version,
        "effective": iso(agreement.effective),
        "language": agreement.language,
        "hash": agreement.hash,
        "in_force": agreement.version == call.hall.agreement.version and agreement.effective <= call.now,
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "number": clause.number,
        "title": clause.title,
        "text": clause.text,
        "means": [plain(rule) for rule in clause.rules],
    }
