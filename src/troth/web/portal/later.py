"""Erase later: choose the days, get the recovery code and see what happens when, and only then begin."""

import asyncio
from functools import partial
from hmac import compare_digest

from starlette.responses import Response

from troth.acts import undo
from troth.clock import DAY
from troth.custody.endings.grace import LONGEST, Away
from troth.web.accounts import entering, sessions
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal.leave import classes_in_words, last_page, outlook_of, stays_in_words
from troth.web.visit import Visit

pages = Pages()
_DIGITS = len(str(LONGEST))


def _days(visit: Visit) -> int | None:
    """Return the days that were chosen; None for what is no number from 1 to 30."""
    said = visit.form.get("days", "").strip()
    days = int(said) if said.isdecimal() and said.isascii() and len(said) <= _DIGITS else 0
    return days if 1 <= days <= LONGEST else None


@pages.page("/leave/later", permission=Permission.MEMBER, methods=("POST",))
async def review(visit: Visit) -> Response:
    """Show the code, which nobody keeps, and what happens when; nothing is done yet."""
    return await _show(visit, undo.new_code(), "")


async def _show(visit: Visit, code: str, error: str) -> Response:
    days = _days(visit)
    outlook = await outlook_of(visit, visit.by)
    return visit.page(
        "portal/later.html",
        visit.words("Have everything erased after some days"),
        422 if error or days is None else 200,
        code=code,
        days=days,
        error=error,
        until=visit.now + days * DAY if days else 0,
        goes=classes_in_words(visit, outlook.goes),
        stays=stays_in_words(visit, outlook.stays),
        whole=outlook.whole,
        elsewhere=bool(visit.hall.house.systems),
        lang=visit.hall.agreement.language,
        step="/leave",
    )


@pages.page("/leave/later/begin", permission=Permission.MEMBER, methods=("POST",))
async def begin(visit: Visit) -> Response:
    """Seal everything away, once the member shows that they have the code; nobody is signed in any more."""
    code, days, typed = visit.form.get("code", ""), _days(visit), visit.form.get("kept", "")
    last = code.rpartition("-")[2]
    if days is None or not last or not compare_digest(typed.strip().upper().encode(), last.encode()):
        return await _show(
            visit, code or undo.new_code(), visit.words("These are not the last five symbols.")
        )
    hall, subject = visit.hall, visit.member.subject
    await outlook_of(visit, visit.by)  # what is refused is refused before any session ends
    await sessions.end_others(hall.teller, hall.sign_ins, entering.rule_of(hall), visit.member)
    work = partial(undo.put_away, hall.teller, by=visit.by, about=subject, days=days, code=code)
    away: Away = await asyncio.to_thread(work)
    hall.sign_ins.drop_all_of(subject)
    return last_page(
        visit,
        "portal/away.html",
        visit.words("Sealed away"),
        away=away,
        goes=classes_in_words(visit, away.goes),
        stays=stays_in_words(visit, away.stays),
        code=code,
        address=f"{hall.site.origins[0]}/come-back",
    )
