"""Disclose to a recipient; where others must say yes first, say what is waited for."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import StringConstraints
from starlette.responses import Response

from troth.acts.disclose import Pending, disclosing, given_to, pending
from troth.custody.hand_out import Handed, HandOut
from troth.errors import BodyUnreadable, NothingThere, Refused
from troth.rules.decision import Why
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, handed
from troth.web.api.calls import Call, Calling, Purposed
from troth.web.api.ids import CURSOR, sealed, unsealed
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import who

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["disclosing"])

ApprovalId = Annotated[Annotated[str, StringConstraints(pattern=CURSOR)], Path()]
_ABOUT = "approval"


@operation(
    router,
    "POST",
    "/disclosures",
    answers=results.Disclosed,
    takes=(bodies.JSON,),
    responses={
        202: {
            "description": "Others must say yes first. Send the same again once they have.",
            "model": results.Approval,
            "headers": {"Location": {"schema": {"type": "string"}}},
        }
    },
)
async def disclose_records(call: Purposed, asked: shapes.Disclosure) -> Response:
    """Get what a recipient may have, to hand it over; each time is decided, and remembered, by itself."""
    job = disclosing(
        by=call.by,
        about=who(asked.about),
        category=asked.category,
        to=asked.to,
        purpose=call.purpose,
        fields=asked.fields,
        case=call.case,
        reason=call.reason,
    )
    try:
        found: Handed = await call.hall.teller.ask_soon(job)
    except Refused as refused:
        if set(refused.codes) != {Why.APPROVAL_MISSING.value}:
            raise
        return await _waiting(call, job, refused)
    return answer({**handed(found, ""), "tell": found.tell})


async def _waiting(call: Call, job: HandOut, refused: Refused) -> Response:
    """Say which approval is waited for, by a keyed name of exactly this request."""
    missing = max(int(word) for word in refused.words if word.isdecimal())
    found: Pending = await call.hall.teller.alone_soon(pending(job))
    place: list[Any] = [found.name.hex(), found.given + missing, sorted(found.roles)]
    approval = sealed(call.hall.key, place, _ABOUT, call.key.program)
    content = _approval(approval, found.given, found.given + missing)
    return answer(content, 202, location=f"{PREFIX}/approvals/{approval}")


@operation(router, "GET", "/approvals/{approval_id}", answers=results.Approval)
async def read_approval(call: Calling, approval_id: ApprovalId) -> Response:
    """Read whether others have said yes to a disclosure; it holds for one disclosure."""
    try:
        place: Any = unsealed(call.hall.key, approval_id, _ABOUT, call.key.program)
    except BodyUnreadable:
        raise NothingThere from None
    name, needed, roles = bytes.fromhex(place[0]), int(place[1]), frozenset(map(str, place[2]))
    given = await call.hall.teller.alone_soon(given_to(name, roles))
    return answer(_approval(approval_id, given, needed))


def _approval(approval: str, given: int, needed: int) -> dict[str, Any]:
    state = "approved" if given >= needed else "waiting"
    return {"approval_id": approval, "state": state, "given": given, "needed": needed}
