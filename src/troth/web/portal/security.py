"""Security: the sessions that are open and what one signs in with; each is ended or changed from here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from troth.custody.repeating import KEPT
from troth.errors import FlowOver, LastWayIn
from troth.rules.signing_in import SURELY
from troth.terms.agreement import SignIn
from troth.terms.kinds import KINDS
from troth.web import notices
from troth.web.accounts import activity, browsers, entering, holding, keeping, sessions, telling
from troth.web.accounts.keeping import Credential
from troth.web.accounts.sessions import Session
from troth.web.accounts.sign_ins import began
from troth.web.credentials.flows import Flow
from troth.web.pages import MEMBER_COOKIE, Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()
HERE = "/security"


@pages.page(HERE, permission=Permission.MEMBER)
async def overview(visit: Visit) -> Response:
    """Show what somebody signs in with, and where they are signed in."""
    rule = entering.rule_of(visit.hall)
    held = await keeping.credentials_of(visit.hall.teller, rule, visit.member.subject)
    open_now = await sessions.sessions_of(visit.hall.teller, rule, visit.member, at=visit.now)
    kinds = {kind: [each for each in held if each.kind == kind] for kind in ("passkey", "password", "totp")}
    codes = [each for each in held if each.kind == "recovery"]
    return visit.page(
        "portal/security.html",
        visit.words("Security"),
        passkeys=[_passkey(each) for each in kinds["passkey"]],
        password=kinds["password"][-1].made_at if kinds["password"] else None,
        application=kinds["totp"][-1].made_at if kinds["totp"] else None,
        recovery=len(codes[-1].secret["hashes"]) if codes else None,
        sessions=[_session(visit, rule, each) for each in open_now],
        others=any(not each.here for each in open_now),
        sure=is_sure(visit),
        by_code="code" in rule.methods,
        by_passkey="passkey" in rule.methods,
        by_password="password" in rule.methods,
        long_password="long_password" in notices.reminders(visit),
        new=visit.http.query_params.get("new") == "yes",
        done=_said(visit, visit.http.query_params.get("done", "")),
    )


def _passkey(each: Credential) -> dict[str, Any]:
    return {
        "record": each.record.hex(),
        "label": each.label,
        "made_at": each.made_at,
        "backed_up": bool(each.secret.get("backed_up")),
    }


def _session(visit: Visit, rule: SignIn, each: Session) -> dict[str, Any]:
    """Return a session as it is shown: its address whole only to whoever is surely its person."""
    name, system = browsers.named(each.browser)
    spec = visit.hall.house.book.fields[rule.sessions].get(_ADDRESS)
    mask = KINDS[spec.type].mask if spec else str
    return {
        "record": each.record.hex(),
        "since": began(each.record),
        "until": min(each.expires_at, began(each.record) + sessions.LONGEST),
        "method": _method(visit, each.method),
        "browser": name,
        "system": system,
        "address": each.address if is_sure(visit) or not each.address else mask(each.address),
        "here": each.here,
    }


_ADDRESS: Any = "address"


def _method(visit: Visit, method: str) -> str:
    """Return how somebody signed in, in the reader's language."""
    _ = visit.words
    said = {
        "passkey": _("a passkey"),
        "code": _("a code"),
        "password": _("a password"),
        "application": _("the application"),
        "recovery code": _("a recovery code"),
        "link": _("a link that counts once"),
    }
    return visit.reader.all_of([said.get(each, each) for each in method.split(" and ")])


def _said(visit: Visit, done: str) -> str:
    """Return what was done, of what the address of a page can say."""
    _ = visit.words
    return {
        "ended": _("The session was ended."),
        "others": _("All other sessions were ended."),
        "passkey": _("The passkey was added."),
        "renamed": _("The passkey has its new name."),
        "passkey-gone": _("The passkey was removed. Remove it from your device, too."),
        "password": _("The password was set. All other sessions were ended."),
        "password-gone": _("The password was removed. All other sessions were ended."),
        "application": _("The application was added as your second factor."),
        "application-gone": _("The second factor was removed. All other sessions were ended."),
    }.get(done, "")


# ---- for every page that changes something here


def is_sure(visit: Visit) -> bool:
    """Whether somebody proved just now that it is them; custody decides what needs that."""
    return visit.member.assurance(visit.now) == SURELY


def to_confirm(visit: Visit) -> Response:
    """Return the way to the page on which somebody proves that it is them, and back here."""
    return visit.go(f"/confirm?back={quote(visit.here)}")


def form_of(visit: Visit) -> Flow:
    """Return what stands for the form that was sent, to be done once."""
    assert visit.token is not None  # noqa: S101 - every form that is sent has one
    return Flow(bytes.fromhex(visit.ticket), "form", visit.token.made_at, visit.now + KEPT, {})


@asynccontextmanager
async def changing(visit: Visit, flow: Flow) -> AsyncIterator[bool]:
    """Change what somebody signs in with, one change at a time; False where `flow` did it before.

    What fails in the middle was not done: the same form does all of it again. Raises `FlowOver` for a
    flow that is too old.
    """
    async with visit.hall.replacing:
        try:
            visit.hall.spent.use(flow, at=visit.now)
        except FlowOver as over:
            if over.reason != "used":
                raise
            yield False
            return
        try:
            yield True
        except BaseException:
            visit.hall.spent.release(flow)
            raise


async def credentials_of(visit: Visit, kind: str = "") -> tuple[Credential, ...]:
    """Return what somebody signs in with; of one kind, when it is named."""
    held = await keeping.credentials_of(visit.hall.teller, entering.rule_of(visit.hall), visit.member.subject)
    return tuple(each for each in held if kind in ("", each.kind))


async def remove(visit: Visit, *gone: Credential) -> None:
    """Remove credentials; raises `LastWayIn` when nobody could get in after it."""
    rule = entering.rule_of(visit.hall)
    async with visit.hall.replacing:  # two that are removed at once must not be the last two
        mine = await holding.proven_of(visit.hall, visit.member.subject)
        by_code = "code" in rule.methods and any(entering.is_reached(visit.hall, each) for each in mine)
        held = await credentials_of(visit)
        if not keeping.opens([each for each in held if each not in gone], by_code=by_code):
            raise LastWayIn
        if some := [each for each in gone if each in held]:
            await keeping.remove(visit.hall, visit.member, some)


async def tell(visit: Visit, title: str) -> None:
    """Note a change to how somebody signs in, and tell them of it."""
    await activity.note(visit.hall, visit.member.subject, activity.SETTINGS)
    text = visit.words(
        "If it was you, there is nothing to do. If not, go to the page Security, end the sessions that are "
        "not yours, and change what you sign in with."
    )
    await telling.tell(visit.hall, visit.member.subject, title, text, reader=visit.reader)


async def end_others(visit: Visit) -> None:
    """End every other session: whoever is in one may have what was just taken away."""
    rule = entering.rule_of(visit.hall)
    await sessions.end_others(visit.hall.teller, visit.hall.sign_ins, rule, visit.member)


def record_of(visit: Visit) -> bytes:
    """Return the record that a form names; none at all for what is no record."""
    try:
        return bytes.fromhex(visit.form.get("record", ""))
    except ValueError:
        return b""


# ---- sessions


@pages.page("/security/sessions/end", permission=Permission.MEMBER, methods=("POST",))
async def end_session(visit: Visit) -> Response:
    """End one session, wherever it runs."""
    rule, record = entering.rule_of(visit.hall), record_of(visit)
    open_now = await sessions.sessions_of(visit.hall.teller, rule, visit.member, at=visit.now)
    if any(each.record == record for each in open_now):
        await sessions.end_one(visit.hall.teller, visit.hall.sign_ins, rule, visit.member, record)
        if record == visit.member.record:
            visit.signed_in = None
            visit.remember(MEMBER_COOKIE, "", 0)
            return visit.go("/sign-in")
    return visit.go(f"{HERE}?done=ended")


@pages.page("/security/sessions/end-others", permission=Permission.MEMBER, methods=("POST",))
async def end_sessions(visit: Visit) -> Response:
    """End every session but this one."""
    await end_others(visit)
    return visit.go(f"{HERE}?done=others")
