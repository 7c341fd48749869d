"""One demand of a member, followed: where it stands and until when, proven, taken back, and gone on with."""

from starlette.responses import Response

from troth.acts import filing
from troth.errors import NothingThere, Refused
from troth.rules.rights_cases import Deadline, Event, RightsCase, State
from troth.terms.vocabulary import RightName
from troth.web import behind, carrying, demand_receipts, outcomes, proofs_by_letter, tracking
from troth.web.pages import LOOK_COOKIE, MEMBER_COOKIE, VISIT_COOKIE, Pages
from troth.web.permission import Permission
from troth.web.portal.letting_in import DEVICE_COOKIE
from troth.web.proofs_by_letter import Link
from troth.web.visit import FORGET, Visit

pages = Pages()
CONFIRMED = "step_up"  # as sure as pages make it who asks
PATH = "/requests/{reference}"


async def mine(visit: Visit) -> tuple[RightsCase, Deadline | None]:
    """Return the demand that an address names; raises `NothingThere`, alike for others' and for none."""
    found: tuple[tuple[RightsCase, Deadline | None], ...] = await visit.hall.teller.alone_soon(
        filing.listing(visit.member.subject)
    )
    said = visit.http.path_params["reference"]
    one = next((each for each in found if each[0].reference == said), None)
    if one is None:
        raise NothingThere
    return one


@pages.page(PATH, permission=Permission.MEMBER)
async def follow(visit: Visit) -> Response:
    """Show where a demand stands, what happened to it, and what came of it."""
    case, due = await mine(visit)
    return visit.page(
        "portal/pursued.html",
        visit.words("Your request"),
        it=await tracking.shown(visit, case, due),
        waits=case.waits,
        told=await tracking.told(visit, case),
        beyond=not case.is_enough(CONFIRMED),
        cancels=case.may(Event.CANCELLED),
        packed=case.right in carrying.PACKED and case.state in (State.DONE, State.PARTLY),
        proofs=outcomes.entries(case),
        ported=case.right is RightName.PORT,
        other=visit.http.query_params.get("to") == "other",
        action=f"/requests/{case.reference}",
        lang=visit.hall.agreement.language,
    )


@pages.page(f"{PATH}/receipt.{{ending}}", permission=Permission.MEMBER)
async def receipt(visit: Visit) -> Response:
    """Give the receipt of a demand as a file: it holds nothing about anybody."""
    case, due = await mine(visit)
    return await demand_receipts.given(visit, case, due, visit.http.path_params["ending"])


@pages.page(f"{PATH}/proof", permission=Permission.MEMBER, methods=("POST",))
async def prove(visit: Visit) -> Response:
    """Take it that it is them who demand it, as sure as they are signed in, and go on with it."""
    case, _ = await mine(visit)
    if case.waits:
        if not case.is_enough(CONFIRMED):
            return visit.go(f"/requests/{case.reference}")
        if not case.is_enough(visit.by.assurance):
            return visit.go(f"/confirm?back=/requests/{case.reference}")
        lodged = await visit.ask(filing.proving(by=visit.by, case=case.id))
        case = lodged.case
    return await went_on(visit, case)


@pages.page(f"{PATH}/cancellation", permission=Permission.MEMBER, methods=("POST",))
async def cancel(visit: Visit) -> Response:
    """Take a demand back, while nothing was begun."""
    case, _ = await mine(visit)
    try:
        not_me = case.waits and visit.form.get("answer") == "no"
        await visit.ask(filing.cancelling(by=visit.by, case=case.id, not_me=not_me))
    except Refused as problem:
        if "wrong-state" not in problem.codes:
            raise
    return visit.go(f"/requests/{case.reference}")


async def went_on(visit: Visit, case: RightsCase, *, then: str = "") -> Response:
    """Carry out a demand as far as it goes, and lead to where it is followed; `then` is a query of that."""
    hall, ahead = visit.hall, f"/requests/{case.reference}{then}"
    if case.right in carrying.PACKED:
        behind.begin(hall, carrying.carry_out(hall, visit.reader, case), name="request")
        return visit.go(ahead)
    after = await carrying.carry_out(hall, visit.reader, case) or case
    begun = after.has(Event.BEGUN) or after.state in (State.DONE, State.PARTLY)
    if case.right not in carrying.ENDS or not begun or not _is_whole(after):
        return visit.go(ahead)
    response = visit.go(proofs_by_letter.link(hall, Link.TRACK, case.id, mark=b""))
    for cookie in (MEMBER_COOKIE, VISIT_COOKIE, LOOK_COOKIE, DEVICE_COOKIE):
        visit.remember(cookie, "", 0)
    response.headers["Clear-Site-Data"] = FORGET
    return response


def _is_whole(case: RightsCase) -> bool:
    """Whether nobody is signed in any more after it: everything was erased, or the account closed."""
    return not case.scope.classes
