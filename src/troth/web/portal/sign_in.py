"""Sign in: by passkey, by a code, or by password and second factor; and sign out.

Each step answers alike whether or not anybody has the identifier: the same pages, the same work, and
letters that only its owner reads. What was typed is carried by the browser, sealed.
"""

import json
from collections.abc import Iterable
from functools import partial

from starlette.responses import Response

from troth.canonical import Plain
from troth.errors import CodeWrong, CredentialRefused, FlowOver, FlowRefused, NotProven, TrothError
from troth.web import mishaps, notices
from troth.web.accounts import activity, entering, holding, keeping, sessions
from troth.web.accounts.entering import Identifier
from troth.web.accounts.keeping import Credential
from troth.web.credentials import codes
from troth.web.credentials.flows import Flow, open_flow, page_of, seal_flow
from troth.web.pages import MEMBER_COOKIE, Pages
from troth.web.permission import Permission
from troth.web.portal import letting_in
from troth.web.visit import FORGET, Visit, back_of

pages = Pages()
WAYS, CODE, SECOND = "sign-in", "sign-in by a code", "sign-in, second factor"  # kinds of flows: one a step


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
        label=notices.named_by(visit, entering.offered(visit.hall)),
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
        return first(visit, visit.words("This is none of them as they are written."), 422, typed)
    if not _leads_in(visit, identifier):
        return first(visit, notices.unreached(visit), 422, typed)
    return visit.go(page_of("/sign-in/ways", seal(visit, WAYS, identifier, back_of(visit))))


def _leads_in(visit: Visit, identifier: Identifier) -> bool:
    """Whether somebody can sign in by such an identifier here: by a code, or by a password."""
    methods = entering.rule_of(visit.hall).methods
    return "password" in methods or ("code" in methods and entering.is_reached(visit.hall, identifier))


def seal(visit: Visit, kind: str, identifier: Identifier, back: str, **more: str) -> str:
    """Return the flow of a step: it serves for that step alone, and for ten minutes."""
    named: dict[str, Plain] = {"name": str(identifier.spec.name), "value": identifier.value}
    until = visit.now + codes.LIFETIME
    return seal_flow(
        visit.hall.key, kind, {**named, "back": back, **more}, at=visit.now, until=until, bound_to=visit.nonce
    )


def opened(visit: Visit, kind: str) -> tuple[Flow, Identifier]:
    """Return the flow that a form carries, and the identifier in it; raises `FlowRefused`, `FlowOver`."""
    flow = open_flow(visit.hall.key, kind, visit.flow, at=visit.now, bound_to=visit.nonce)
    spec = next(s for s in entering.identifiers(visit.hall) if s.name == flow.state["name"])
    return flow, Identifier(spec, str(flow.state["value"]))


@pages.page("/sign-in/ways", permission=Permission.VISITOR)
async def ways(visit: Visit) -> Response:
    """Offer the ways in."""
    return _ways(visit, "", 200) if visit.flow else visit.go("/sign-in")


def _ways(visit: Visit, error: str, status: int) -> Response:
    _, identifier = opened(visit, WAYS)
    rule = entering.rule_of(visit.hall)
    return visit.page(
        "entry/ways.html",
        visit.words("Sign in"),
        status,
        flow=visit.flow,
        step=page_of("/sign-in/ways", visit.flow),
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
    flow, identifier = opened(visit, WAYS)
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
    return visit.go(_to_code(visit, identifier, flow, code.mark))


def _to_code(visit: Visit, identifier: Identifier, flow: Flow, mark: str, sure: str = "") -> str:
    sealed = seal(visit, CODE, identifier, str(flow.state["back"]), mark=mark, sure=sure)
    return page_of("/sign-in/code", sealed)


def _to_second(visit: Visit, identifier: Identifier, flow: Flow, sure: str, by: str) -> str:
    """Return the way to the second factor of whoever showed the first: whose it is, and by which record."""
    back = str(flow.state["back"])
    return page_of("/sign-in/second", seal(visit, SECOND, identifier, back, sure=sure, by=by))


@pages.page("/sign-in/code", permission=Permission.VISITOR)
async def code(visit: Visit) -> Response:
    """Ask for the code."""
    return _ask_code(visit, "", 200) if visit.flow else visit.go("/sign-in")


def _ask_code(visit: Visit, error: str, status: int) -> Response:
    _, identifier = opened(visit, CODE)
    return visit.page(
        "entry/code.html",
        visit.words("Type in the code"),
        status,
        flow=visit.flow,
        step=page_of("/sign-in/code", visit.flow),
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
    flow, identifier = opened(visit, CODE)

    async def check() -> None:
        codes.check_code(
            visit.hall.key, visit.form.get("code", ""), mark=str(flow.state["mark"]),
            about=identifier.about, flow=flow, spent=visit.hall.spent, at=visit.now,
        )  # fmt: skip

    try:
        await letting_in.guarded(visit, identifier, check)
    except (CodeWrong, FlowOver) as problem:
        await activity.failed(visit.hall, identifier)
        return _ask_code(visit, mishaps.sentence(visit, problem), 422)
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("Too many wrong attempts. Wait a while before the next one.")
        return _ask_code(visit, said, 429)
    subject = await entering.whose(visit.hall, identifier)
    if subject is None:
        raise FlowRefused
    if not (flow.state["sure"] or await holding.counts(visit.hall, subject, identifier)):
        await activity.failed(visit.hall, identifier)
        raise NotProven
    await entering.prove(visit.hall, subject, identifier)
    held = await keeping.credentials_of(visit.hall.teller, entering.rule_of(visit.hall), subject)
    if any(each.kind == "totp" for each in held):
        return visit.go(_to_second(visit, identifier, flow, "code", _first(subject)))
    letting_in.settled(visit, identifier)
    await letting_in.enter(visit, subject, "code")
    return visit.go(str(flow.state["back"]))


@pages.page("/sign-in/password", permission=Permission.VISITOR, methods=("POST",))
async def check_password(visit: Visit) -> Response:
    """Check a password, with as much work for whoever has none; then ask for the second factor."""
    visit.limit("password")
    flow, identifier = opened(visit, WAYS)
    try:
        work = partial(letting_in.verified, visit, identifier)
        subject, held = await letting_in.guarded(visit, identifier, work)
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("This does not fit, or there were too many attempts. Try again, or use a code.")
        return _ways(visit, said, 422)
    if any(each.kind == "totp" for each in held):
        return visit.go(_to_second(visit, identifier, flow, "password", _first(subject, held)))
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
    return visit.go(_to_code(visit, identifier, flow, code.mark, "password"))


def _first(subject: int, held: Iterable[Credential] = ()) -> str:
    """Return what a first factor was shown for: somebody, and the password that was typed in."""
    password = keeping.newest(held, "password")
    return f"{subject} {password.record.hex() if password else ''}"


@pages.page("/sign-in/second", permission=Permission.VISITOR)
async def second(visit: Visit) -> Response:
    """Ask for the second factor."""
    return _ask_second(visit, "", 200) if visit.flow else visit.go("/sign-in")


def _ask_second(visit: Visit, error: str, status: int) -> Response:
    opened(visit, SECOND)
    return visit.page(
        "entry/second.html",
        visit.words("Your second factor"),
        status,
        flow=visit.flow,
        step=page_of("/sign-in/second", visit.flow),
        error=error,
        action="/sign-in/second",
        failed=bool(error),
    )


@pages.page("/sign-in/second", permission=Permission.VISITOR, methods=("POST",))
async def check_second(visit: Visit) -> Response:
    """Check the code of an application, or a recovery code."""
    visit.limit("code")
    flow, identifier = opened(visit, SECOND)
    rule, subject = entering.rule_of(visit.hall), await entering.whose(visit.hall, identifier)
    if subject is None:
        raise FlowRefused
    by_password = flow.state["sure"] == "password"
    held = await keeping.credentials_of(visit.hall.teller, rule, subject) if by_password else ()
    if flow.state["by"] != _first(subject, held):  # the password was changed meanwhile, or the name
        raise FlowRefused
    try:
        typed = visit.form.get("code", "")
        method = await letting_in.guarded(visit, identifier, lambda: letting_in.second(visit, subject, typed))
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("This code is not right, was used, or there were too many attempts.")
        return _ask_second(visit, said, 422)
    visit.hall.spent.use(flow, at=visit.now)
    letting_in.settled(visit, identifier)
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
