"""Why what is held of a person is kept, and until when: for programs that a clause on access names."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from troth.acts.kept import Kept, explaining
from troth.clock import iso
from troth.custody.endings.foretelling import Keeping
from troth.errors import TrothError
from troth.rules.matters import Told
from troth.rules.program_keys import EVERYTHING
from troth.terms.vocabulary import LONGEST_WORD
from troth.web.api import kept_results, shapes
from troth.web.api.answers import answer, moment, receipt
from troth.web.api.calls import Calling
from troth.web.api.ids import subject_of
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import Subject

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["rights"])

Of = Annotated[
    str | None,
    Query(pattern=shapes.DOTTED, max_length=LONGEST_WORD, description="Of this category alone."),
]


@operation(router, "GET", "/subjects/{subject}/retention", answers=kept_results.Kept)
async def explain_retention(call: Calling, subject: Subject, category: Of = None) -> Response:
    """Read why each kind of what is held of a person is kept, and until when; nothing of what it says.

    Decided as access to it, and remembered. Of a hold it says what the person is told.
    """
    call.on(category or EVERYTHING)
    work = explaining(by=call.by, about=subject_of(subject), category=category or "")
    found: Kept | TrothError = await call.hall.teller.alone_soon(work)
    if isinstance(found, TrothError):
        raise found
    return answer({"kept": [_shown(each) for each in found.keepings], "receipt": receipt(found.receipt)})


def _shown(each: Keeping) -> dict[str, Any]:
    return {
        "retention_class": each.kept,
        "category": each.category,
        "clause": each.clause,
        "records": each.records,
        "starts": each.starts,
        "soonest": moment(each.soonest),
        "latest": moment(each.latest),
        "then": each.then,
        "duty": each.duty or None,
        "could_hold": list(each.could_hold),
        "held": [_held(hold) for hold in each.held],
        "chosen_days": each.chosen,
        "only_for": each.only_for or None,
        "over": each.over,
    }


def _held(hold: Told) -> dict[str, Any]:
    named = bool(hold.matter)
    return {
        "matter": hold.matter or None,
        "reason": hold.reason or None,
        "owner": hold.owner or None,
        "since": iso(hold.since) if named else None,
        "until": moment(hold.until),
    }
