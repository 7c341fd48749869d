"""The password of a member: set it, change it, remove it; judged before it is taken."""

import asyncio

from starlette.responses import HTMLResponse, Response

from troth.web import notices
from troth.web.accounts import holding, keeping
from troth.web.credentials import passwords
from troth.web.hall import measures
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import security
from troth.web.visit import Visit

pages = Pages()


@pages.page("/security/password", permission=Permission.MEMBER)
async def begin(visit: Visit) -> Response:
    """Ask for a new password."""
    if not security.is_sure(visit):
        return security.to_confirm(visit)
    return await _form(visit, (), 200)


async def _form(visit: Visit, errors: tuple[str, ...], status: int) -> Response:
    held = await security.credentials_of(visit, "password")
    title = visit.words("Change your password") if held else visit.words("Set a password")
    return visit.page(
        "portal/password.html",
        title,
        status,
        title=title,
        shortest=_shortest(visit),
        reminders=notices.reminders(visit),
        judged=judged(visit, visit.form.get("password", "")) if errors else None,
        errors=errors,
        failed=bool(errors),
    )


def _shortest(visit: Visit) -> int:
    said = measures(visit.hall.agreement)
    return passwords.shortest_for(int(said.get("password_length", 0)) or None, alone=False)


@pages.page("/security/password", permission=Permission.MEMBER, methods=("POST",))
async def change(visit: Visit) -> Response:
    """Set the password, and end all other sessions."""
    visit.limit("password")
    password = visit.form.get("password", "")
    mine = await holding.identifiers_of(visit.hall, visit.member.subject)
    wrong = await asyncio.to_thread(
        notices.against, visit, password, alone=False, context=[each.value for each in mine]
    )
    if wrong:
        return await _form(visit, tuple(wrong), 422)
    phc = await asyncio.to_thread(passwords.hash_password, password)
    async with security.changing(visit, security.form_of(visit)) as fresh:
        if fresh:
            before = await keeping.replace_all(visit.hall, visit.member, "password", {"phc": phc})
            await security.end_others(visit)
            changed = visit.words("Your password was changed")
            added = visit.words("A password was added to your account")
            await security.tell(visit, changed if before else added)
    return visit.go(f"{security.HERE}?done=password")


@pages.page("/security/password/remove", permission=Permission.MEMBER, methods=("POST",))
async def remove(visit: Visit) -> Response:
    """Remove the password, and end all other sessions."""
    held = await security.credentials_of(visit, "password")
    if held:
        await security.remove(visit, *held)
        await security.end_others(visit)
        await security.tell(visit, visit.words("Your password was removed"))
    return visit.go(f"{security.HERE}?done=password-gone")


# ---- how good one is, while it is typed


def judged(visit: Visit, password: str) -> dict[str, object]:
    """Return how good a password is, and what would make it better; nothing of it is kept."""
    shortest = _shortest(visit)
    found = passwords.judge(password, shortest=shortest, blocklist=True, context=(visit.hall.site.name,))
    return {
        "score": found.score,
        "accepted": found.accepted,
        "typed": bool(password),
        "advice": notices.advice(visit, found.advice),
    }


@pages.page("/security/strength", permission=Permission.VISITOR, methods=("POST",))
async def strength(visit: Visit) -> Response:
    """Say how good a password is, as a part of the page on which it is typed."""
    visit.limit("strength")
    found = await asyncio.to_thread(judged, visit, visit.form.get("password", ""))
    return HTMLResponse(visit.hall.rendering.part("portal/strength.html", visit.reader, judged=found))
