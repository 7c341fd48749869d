"""Come back: bring an account back that is sealed away, with its name and the recovery code."""

import asyncio
from functools import partial

from starlette.responses import Response

from troth.acts import undo
from troth.errors import NotRestored
from troth.rules.decision import member
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()
PATH = "/come-back"


@pages.page(PATH, permission=Permission.VISITOR)
async def ask(visit: Visit) -> Response:
    """Ask for both."""
    return _show(visit, "", 200)


def _show(visit: Visit, error: str, status: int) -> Response:
    return visit.page(
        "public/returning.html", visit.words("Bring your account back"), status, error=error, step=PATH
    )


@pages.page(PATH, permission=Permission.VISITOR, methods=("POST",), limit="come-back")
async def come_back(visit: Visit) -> Response:
    """Bring it back; whatever is wrong is one answer."""
    name, code = visit.form.get("name", "").strip()[:320], visit.form.get("code", "")[:100]
    work = partial(undo.come_back, visit.hall.teller, by=member(), about=name, code=code)
    try:
        receipt = await asyncio.to_thread(work)
    except NotRestored:
        return _show(visit, visit.words("Nothing can be brought back with this name and this code."), 422)
    return visit.page("public/returned.html", visit.words("Your account is back"), 200, receipt=receipt)
