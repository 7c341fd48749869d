"""Sign in: by passkey, by a code, or by password and second factor; and sign out.

Each step answers alike whether or not anybody has the identifier: the same pages, the same work, and
letters that only its owner reads. What was typed is carried by the browser, sealed.
"""

import json
from typing import Any

from starlette.responses import Response

from troth.errors import CodeWrong, CredentialRefused, FlowOver, FlowRefused, NotProven, TrothError
from troth.web import mishaps
from troth.web.accounts import activity, entering, holding, keeping, sessions
from troth.web.accounts.entering import Identifier
from troth.web.credentials import codes
from troth.web.credentials.flows import Flow, open_flow, seal_flow
from troth.web.permission import Permission
from troth.web.portal import letting_in
from troth.web.visit import FORGET, MEMBER_COOKIE, Pages, Visit, back_of

pages = Pages()
KIND = "sign-in"


@pages.page("/sign-in", permission=Permission.VISITOR)
async def begin(visit: Visit) -> Response:
    """Ask who comes: an identifier, or a passkey."""
    if visit.signed_in:
        return visit.go(back_of(visit))
    return first(visit, "", 200)


def first(visit: Visit, error: str, status: int, typed: str = "") -> Response:
    """Return the first page of signing in."""
    rule = entering.rule_of(visit.hall)
    options, flow = letting_in.passkey_options(visit)
    return visit.page(
        "entry/sign_in.html",
        visit.words("Sign in"),
        status,
        error=error,
        typed=typed,
        back=back_of(visit),
        passkey=json.dumps(options) if "passkey" in rule.methods else "",  # not hashed
        passkey_flow=flow,
        action="/sign-in/passkey",
        failed=bool(error),
        scripts=("passkey.js",),
    )


@pages.page("/sign-in", permission=Permission.VISITOR, methods=("POST",))
async def identify(visit: Visit) -> Response:
    """Offer the ways in; the same ones whoever it is."""
    visit.limit("sign-in")
    typed = visit.form.get("identifier", "")
    identifier = entering.guess_identifier(visit.hall, typed)
    if identifier is None:
        return first(
            visit, visit.words("Type in your e-mail address, phone number or user name."), 422, typed
        )
    return _ways(visit, seal(visit, identifier, {}), identifier, "", 200)


def seal(visit: Visit, identifier: Identifier, more: dict[str, Any]) -> str:
    """Return the flow of somebody who is signing in."""
    state = {
        "name": str(identifier.spec.name),
        "value": identifier.value,
        "back": back_of(visit),
        "mark": "",
        "sure": "",
        "for": "",
        **more,
    }
    until = visit.now + codes.LIFETIME
    return seal_flow(visit.hall.key, KIND, state, at=visit.now, until=until, bound_to=visit.nonce)


def opened(visit: Visit) -> tuple[Flow, Identifier]:
    """Return the flow that a form carries, and the identifier in it; raises `FlowRefused`, `FlowOver`."""
    flow = open_flow(visit.hall.key, KIND, visit.form.get("flow", ""), at=visit.now, bound_to=visit.nonce)
    spec = next(s for s in entering.identifiers(visit.hall) if s.name == flow.state["name"])
    return flow, Identifier(spec, str(flow.state["value"]))


def _ways(visit: Visit, flow: str, identifier: Identifier, error: str, status: int) -> Response:
    rule = entering.rule_of(visit.hall)
    return visit.page(
        "entry/ways.html",
        visit.words("Sign in"),
        status,
        flow=flow,
        to=identifier.value,
        by_code="code" in rule.methods and entering.is_reached(visit.hall, identifier),
        by_password="password" in rule.methods,
        error=error,
        failed=bool(error),
    )


@pages.page("/sign-in/code", permission=Permission.VISITOR, methods=("POST",))
async def send_code(visit: Visit) -> Response:
    """Send a code when somebody has the identifier; else a letter that says that nobody does."""
    visit.limit("code")
    flow, identifier = opened(visit)
    if not identifier.provable:
        raise FlowRefused
    asker = letting_in.asker_of(visit, identifier)
    entering.check_way(visit.hall, identifier, asker)
    code = codes.new_code(visit.hall.key, about=identifier.about)
    until = visit.now + codes.LIFETIME
    if await entering.whose(visit.hall, identifier) is not None:
        entering.send(
            visit.hall, visit.reader, identifier, "code", asker=asker, until=until, code=code.digits
        )
    elif identifier.spec.type == "email":  # a text message to whoever has the number would tell and cost
        entering.send(visit.hall, visit.reader, identifier, "unknown", asker=asker, until=until)
    more = {**dict(flow.state), "mark": code.mark}
    return _ask_code(visit, seal(visit, identifier, more), identifier, "", 200)


def _ask_code(visit: Visit, flow: str, identifier: Identifier, error: str, status: int) -> Response:
    return visit.page(
        "entry/code.html",
        visit.words("Type in the code"),
        status,
        flow=flow,
        to=identifier.value,
        kind=identifier.spec.type,
        minutes=codes.LIFETIME // 60_000_000,
        error=error,
        action="/sign-in/code/check",
        again="/sign-in",
        failed=bool(error),
    )


@pages.page("/sign-in/code/check", permission=Permission.VISITOR, methods=("POST",))
async def check_code(visit: Visit) -> Response:
    """Let somebody in whose code came back, or ask for their second factor."""
    visit.limit("code")
    flow, identifier = opened(visit)

    async def check() -> None:
        codes.check_code(
            visit.hall.key, visit.form.get("code", ""), mark=str(flow.state["mark"]),
            about=identifier.about, flow=flow, spent=visit.hall.spent, at=visit.now,
        )  # fmt: skip

    try:
        await letting_in.guarded(visit, identifier, check)
    except (CodeWrong, FlowOver) as problem:
        await activity.failed(visit.hall, identifier)
        return _ask_code(visit, visit.form["flow"], identifier, mishaps.sentence(visit, problem), 422)
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("Too many wrong attempts. Wait a while before the next one.")
        return _ask_code(visit, visit.form["flow"], identifier, said, 429)
    subject = await entering.whose(visit.hall, identifier)
    if subject is None:
        raise FlowRefused
    if not await holding.counts(visit.hall, subject, identifier):
        await activity.failed(visit.hall, identifier)
        raise NotProven
    await entering.prove(visit.hall, subject, identifier)
    held = await keeping.credentials_of(visit.hall.teller, entering.rule_of(visit.hall), subject)
    if any(each.kind == "totp" for each in held):
        more = {**dict(flow.state), "sure": "code", "mark": ""}
        return _ask_second(visit, seal(visit, identifier, more), "", 200)
    letting_in.settled(visit, identifier)
    letting_in.know_device(visit, identifier)
    await letting_in.enter(visit, subject, "code")
    return visit.go(str(flow.state["back"]))


@pages.page("/sign-in/password", permission=Permission.VISITOR, methods=("POST",))
async def check_password(visit: Visit) -> Response:
    """Check a password, with as much work for whoever has none; then ask for the second factor."""
    visit.limit("password")
    flow, identifier = opened(visit)
    try:
        _, held = await letting_in.guarded(visit, identifier, lambda: letting_in.verified(visit, identifier))
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("This does not fit, or there were too many attempts. Try again, or use a code.")
        return _ways(visit, visit.form["flow"], identifier, said, 422)
    more = {**dict(flow.state), "sure": "password"}
    if any(each.kind == "totp" for each in held):
        return _ask_second(visit, seal(visit, identifier, more), "", 200)
    if not identifier.provable:
        raise CredentialRefused
    asker = letting_in.asker_of(visit, identifier)
    entering.check_way(visit.hall, identifier, asker)
    code = codes.new_code(visit.hall.key, about=identifier.about)
    entering.send(
        visit.hall,
        visit.reader,
        identifier,
        "code",
        asker=asker,
        until=visit.now + codes.LIFETIME,
        code=code.digits,
    )
    return _ask_code(visit, seal(visit, identifier, {**more, "mark": code.mark}), identifier, "", 200)


def _ask_second(visit: Visit, flow: str, error: str, status: int) -> Response:
    return visit.page(
        "entry/second.html",
        visit.words("Your second factor"),
        status,
        flow=flow,
        error=error,
        action="/sign-in/second",
        failed=bool(error),
    )


@pages.page("/sign-in/second", permission=Permission.VISITOR, methods=("POST",))
async def check_second(visit: Visit) -> Response:
    """Check the code of an application, or a recovery code."""
    visit.limit("code")
    flow, identifier = opened(visit)
    if flow.state["sure"] not in ("code", "password"):
        raise FlowRefused
    subject = await entering.whose(visit.hall, identifier)
    if subject is None:
        raise FlowRefused
    try:
        typed = visit.form.get("code", "")
        method = await letting_in.guarded(visit, identifier, lambda: letting_in.second(visit, subject, typed))
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("This code is not right, was used, or there were too many attempts.")
        return _ask_second(visit, visit.form["flow"], said, 422)
    visit.hall.spent.use(flow, at=visit.now)
    letting_in.settled(visit, identifier)
    letting_in.know_device(visit, identifier)
    await letting_in.enter(visit, subject, f"{flow.state['sure']} and {method}")
    return visit.go(str(flow.state["back"]))


@pages.page("/sign-in/passkey", permission=Permission.VISITOR, methods=("POST",))
async def check_passkey(visit: Visit) -> Response:
    """Let somebody in by a passkey."""
    visit.limit("passkey")
    try:
        subject = await letting_in.passkey_of(visit)
    except TrothError:
        return first(visit, visit.words("This passkey was not accepted. Try another way."), 422)
    await letting_in.know_device_of(visit, subject)
    await letting_in.enter(visit, subject, "passkey")
    return visit.go(back_of(visit))


@pages.page("/sign-out", permission=Permission.MEMBER, methods=("POST",), lasting=True)
async def sign_out(visit: Visit) -> Response:
    """End the session, and have the browser forget what it kept; that it is known here stays."""
    await activity.note(visit.hall, visit.member.subject, activity.SIGN_OUT)
    await sessions.end(visit.hall.teller, visit.hall.sign_ins, entering.rule_of(visit.hall), visit.member)
    visit.signed_in = None
    visit.remember(MEMBER_COOKIE, "", 0)
    response = visit.page("entry/signed_out.html", visit.words("You are signed out"))
    response.headers["Clear-Site-Data"] = FORGET
    return response
