"""The second factor of a member: an application that shows codes, and the codes that replace it once."""

from starlette.responses import Response

from troth.errors import CredentialRefused, FlowOver, FlowRefused
from troth.web.accounts import holding, keeping
from troth.web.credentials import codes, second_factor
from troth.web.credentials.flows import Flow, open_flow, seal_flow
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import security
from troth.web.visit import Visit

pages = Pages()
KIND = "new-application"
LASTS = 3 * codes.LIFETIME


@pages.page("/security/application", permission=Permission.MEMBER)
async def begin(visit: Visit) -> Response:
    """Show a new secret, for the application."""
    if not security.is_sure(visit):
        return security.to_confirm(visit)
    return await _show(visit, second_factor.new_totp(), "", 200)


async def _show(visit: Visit, fresh: second_factor.Totp, error: str, status: int) -> Response:
    mine = await holding.identifiers_of(visit.hall, visit.member.subject)
    name = mine[0].value if mine else visit.hall.site.name
    flow = seal_flow(
        visit.hall.key, KIND, {"totp": fresh.secret}, at=visit.now, until=visit.now + LASTS,
        bound_to=visit.member.key.encode("ascii"),
    )  # fmt: skip
    uri = second_factor.provisioning_uri(fresh, name=name, issuer=visit.hall.site.name)
    return visit.page(
        "portal/application.html",
        visit.words("Add an application for codes"),
        status,
        flow=flow,
        picture=second_factor.picture(uri),
        secret=fresh.secret,
        replaces=bool(await security.credentials_of(visit, "totp")),
        error=error,
        failed=bool(error),
    )


def _opened(visit: Visit) -> Flow:
    return open_flow(
        visit.hall.key, KIND, visit.form.get("flow", ""), at=visit.now,
        bound_to=visit.member.key.encode("ascii"),
    )  # fmt: skip


@pages.page("/security/application", permission=Permission.MEMBER, methods=("POST",))
async def add(visit: Visit) -> Response:
    """Keep the application once it showed a right code."""
    visit.limit("code")
    try:
        flow = _opened(visit)
    except (FlowOver, FlowRefused):
        said = visit.words("That took too long. Here is a new secret.")
        return await _show(visit, second_factor.new_totp(), said, 422)
    fresh = second_factor.Totp(str(flow.state["totp"]))
    try:
        used = second_factor.verify_totp(fresh, visit.form.get("code", ""), at=visit.now)
    except CredentialRefused:
        said = visit.words("The code is not right. Type in the one that the application shows now.")
        return await _show(visit, fresh, said, 422)
    async with security.changing(visit, flow) as new:
        if new:
            await keeping.replace_all(visit.hall, visit.member, "totp", used.plain())
            await security.tell(visit, visit.words("An application for codes was added to your account"))
            if not await security.credentials_of(visit, "recovery"):
                return await _new_codes(visit)
    return visit.go(f"{security.HERE}?done=application")


@pages.page("/security/application/remove", permission=Permission.MEMBER, methods=("POST",))
async def remove(visit: Visit) -> Response:
    """Remove the second factor with the codes that replace it, and end all other sessions."""
    gone = [each for each in await security.credentials_of(visit) if each.kind in ("totp", "recovery")]
    if gone:
        await security.remove(visit, *gone)
        await security.end_others(visit)
        await security.tell(visit, visit.words("The second factor was removed from your account"))
    return visit.go(f"{security.HERE}?done=application-gone")


@pages.page("/security/recovery", permission=Permission.MEMBER, methods=("POST",))
async def renew(visit: Visit) -> Response:
    """Make new recovery codes; those of before count no more."""
    async with security.changing(visit, security.form_of(visit)) as fresh:
        if fresh and await security.credentials_of(visit, "totp"):
            return await _new_codes(visit)
    return visit.go(security.HERE)


async def _new_codes(visit: Visit) -> Response:
    shown, hashes = second_factor.new_recovery_codes()
    if await keeping.replace_all(visit.hall, visit.member, "recovery", {"hashes": list(hashes)}):
        await security.tell(visit, visit.words("New recovery codes were made for your account"))
    return visit.page(
        "entry/recovery.html",
        visit.words("Keep these codes"),
        codes=shown,
        name="",
        ahead=security.HERE,
    )
