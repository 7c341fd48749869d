"""Sign in: by passkey, by a code, or by password and second factor; and sign out.

Each step answers alike whether or not anybody has the identifier: the same pages, the same work, and
letters that only its owner reads. What was typed is carried by the browser, sealed.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from troth.canonical import Plain
from troth.clock import DAY
from troth.errors import CodeWrong, CredentialRefused, FlowOver, FlowRefused, TrothError
from troth.web.accounts import activity, entering, keeping, sessions, telling
from troth.web.accounts.entering import Identifier
from troth.web.accounts.keeping import Credential
from troth.web.credentials import codes, passkeys, passwords, second_factor
from troth.web.credentials.flows import Flow, open_flow, seal_flow
from troth.web.credentials.limits import account_key, network_of
from troth.web.permission import Permission
from troth.web.visit import MEMBER_COOKIE, Pages, Visit, back_of

pages = Pages()
KIND = "sign-in"
PASSKEY = "passkey"
DEVICE_COOKIE = "__Host-troth-device"
DEVICE = 365 * DAY


@pages.page("/sign-in", permission=Permission.VISITOR)
async def begin(visit: Visit) -> Response:
    """Ask who comes: an identifier, or a passkey."""
    if visit.signed_in:
        return visit.go(back_of(visit))
    return first(visit, "", 200)


def first(visit: Visit, error: str, status: int, typed: str = "") -> Response:
    """Return the first page of signing in."""
    rule = entering.rule_of(visit.hall)
    options, flow = passkey_options(visit)
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


def passkey_options(visit: Visit) -> tuple[dict[str, Any], str]:
    """Return what a browser is asked for a passkey, and the flow that remembers the challenge."""
    ceremony = passkeys.authentication_options(visit.hall.site)
    state = {"challenge": ceremony.challenge}
    flow = seal_flow(
        visit.hall.key, PASSKEY, dict(state), at=visit.now, until=visit.now + codes.LIFETIME,
        bound_to=visit.nonce,
    )  # fmt: skip
    return dict(ceremony.options), flow


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
        by_code="code" in rule.methods and identifier.provable,
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
    entering.check_way(visit.hall, identifier)
    code = codes.new_code(visit.hall.key, about=identifier.about)
    until = visit.now + codes.LIFETIME
    if await entering.whose(visit.hall, identifier) is not None:
        entering.send(visit.hall, visit.reader, identifier, "code", until=until, code=code.digits)
    elif identifier.spec.type == "email":  # a text message to whoever has the number would tell and cost
        entering.send(visit.hall, visit.reader, identifier, "unknown", until=until)
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


async def guarded(visit: Visit, identifier: Identifier, work: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Try a credential of an account; it counts as failed until `settled` says that somebody is in.

    Raises `CredentialRefused` when it may not be tried now.
    """
    verdict = visit.hall.lockout.attempt(
        account_key(visit.hall.key, identifier.about),
        network=network_of(visit.address),
        device=_device(visit, identifier),
        at=visit.now,
    )
    if not verdict.allowed:
        raise CredentialRefused
    return await work()


def settled(visit: Visit, identifier: Identifier) -> None:
    """Note that somebody proved all that was asked, so that their own failures are forgotten."""
    visit.hall.lockout.succeeded(
        account_key(visit.hall.key, identifier.about),
        network=network_of(visit.address),
        device=_device(visit, identifier),
        at=visit.now,
    )


def know_device(visit: Visit, identifier: Identifier) -> None:
    """Let this browser be known for the account: failures from elsewhere do not pause it there."""
    state: dict[str, Plain] = {"whose": account_key(visit.hall.key, identifier.about).hex()}
    until = visit.now + DEVICE
    token = seal_flow(visit.hall.key, "browser", state, at=visit.now, until=until, bound_to=b"")
    visit.remember(DEVICE_COOKIE, token, DEVICE // 1_000_000)


def _device(visit: Visit, identifier: Identifier) -> bytes | None:
    """Return the number of this browser, when it signed in to the account before; others cannot pause it."""
    token = visit.http.cookies.get(DEVICE_COOKIE, "")
    if not token:
        return None
    try:
        flow = open_flow(visit.hall.key, "browser", token, at=visit.now, bound_to=b"")
    except (FlowRefused, FlowOver):
        return None
    mine = flow.state["whose"] == account_key(visit.hall.key, identifier.about).hex()
    return flow.id if mine else None


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
        await guarded(visit, identifier, check)
    except (CodeWrong, FlowOver) as problem:
        await activity.failed(visit.hall, identifier)
        return _ask_code(visit, visit.form["flow"], identifier, f"{problem.message}; {problem.fix}", 422)
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("Too many wrong attempts. Wait a while before the next one.")
        return _ask_code(visit, visit.form["flow"], identifier, said, 429)
    subject = await entering.whose(visit.hall, identifier)
    if subject is None:
        raise FlowRefused
    await entering.prove(visit.hall, subject, identifier)
    held = await keeping.credentials_of(visit.hall.teller, entering.rule_of(visit.hall), subject)
    if any(each.kind == "totp" for each in held):
        more = {**dict(flow.state), "sure": "code", "mark": ""}
        return _ask_second(visit, seal(visit, identifier, more), "", 200)
    settled(visit, identifier)
    know_device(visit, identifier)
    await enter(visit, subject, "code")
    return visit.go(str(flow.state["back"]))


@pages.page("/sign-in/password", permission=Permission.VISITOR, methods=("POST",))
async def check_password(visit: Visit) -> Response:
    """Check a password, with as much work for whoever has none; then ask for the second factor."""
    visit.limit("password")
    flow, identifier = opened(visit)
    try:
        _, held = await guarded(visit, identifier, lambda: _verified(visit, identifier))
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("This does not fit, or there were too many attempts. Try again, or use a code.")
        return _ways(visit, visit.form["flow"], identifier, said, 422)
    more = {**dict(flow.state), "sure": "password"}
    if any(each.kind == "totp" for each in held):
        return _ask_second(visit, seal(visit, identifier, more), "", 200)
    if not identifier.provable:
        raise CredentialRefused
    entering.check_way(visit.hall, identifier)
    code = codes.new_code(visit.hall.key, about=identifier.about)
    entering.send(
        visit.hall, visit.reader, identifier, "code", until=visit.now + codes.LIFETIME, code=code.digits
    )
    return _ask_code(visit, seal(visit, identifier, {**more, "mark": code.mark}), identifier, "", 200)


async def _verified(visit: Visit, identifier: Identifier) -> tuple[int, tuple[Credential, ...]]:
    """Return whose password it is, and what else they have; raises `CredentialRefused`."""
    rule, password = entering.rule_of(visit.hall), visit.form.get("password", "")
    subject = await entering.whose(visit.hall, identifier)
    held = () if subject is None else await keeping.credentials_of(visit.hall.teller, rule, subject)
    mine = [each for each in held if each.kind == "password"]
    if subject is None or not mine:
        await asyncio.to_thread(passwords.pretend, password)
        raise CredentialRefused
    phc = str(mine[-1].secret["phc"])
    await asyncio.to_thread(passwords.verify_password, password, phc)
    if passwords.needs_rehash(phc):
        fresh = await asyncio.to_thread(passwords.hash_password, password)
        await keeping.change(visit.hall.teller, rule, subject, mine[-1].record, {"phc": fresh})
    return subject, held


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
        method = await guarded(visit, identifier, lambda: second(visit, subject, typed))
    except CredentialRefused:
        await activity.failed(visit.hall, identifier)
        said = visit.words("This code is not right, was used, or there were too many attempts.")
        return _ask_second(visit, visit.form["flow"], said, 422)
    visit.hall.spent.use(flow, at=visit.now)
    settled(visit, identifier)
    know_device(visit, identifier)
    await enter(visit, subject, f"{flow.state['sure']} and {method}")
    return visit.go(str(flow.state["back"]))


async def second(visit: Visit, subject: int, typed: str) -> str:
    """Use a second factor of somebody, once; return which. Raises `CredentialRefused`."""
    rule, teller = entering.rule_of(visit.hall), visit.hall.teller
    held = await keeping.credentials_of(teller, rule, subject)
    for each in held:
        if each.kind == "totp":
            try:
                used = second_factor.verify_totp(second_factor.Totp.read(each.secret), typed, at=visit.now)
            except CredentialRefused:
                continue
            await keeping.change(teller, rule, subject, each.record, used.plain())
            return "application"
    for each in held:
        if each.kind == "recovery":
            left = second_factor.use_recovery_code(tuple(each.secret["hashes"]), typed)
            await keeping.change(teller, rule, subject, each.record, {"hashes": list(left)})
            return "recovery code"
    raise CredentialRefused


@pages.page("/sign-in/passkey", permission=Permission.VISITOR, methods=("POST",))
async def check_passkey(visit: Visit) -> Response:
    """Let somebody in by a passkey."""
    visit.limit("passkey")
    try:
        subject = await passkey_of(visit)
    except TrothError:
        return first(visit, visit.words("This passkey was not accepted. Try another way."), 422)
    await enter(visit, subject, "passkey")
    return visit.go(back_of(visit))


async def passkey_of(visit: Visit) -> int:
    """Return whose passkey answered; raises `CredentialRefused` and what flows raise."""
    rule, teller = entering.rule_of(visit.hall), visit.hall.teller
    flow = open_flow(visit.hall.key, PASSKEY, visit.form.get("flow", ""), at=visit.now, bound_to=visit.nonce)
    claimed = passkeys.claimed_passkey(visit.form.get("credential", ""))
    subject = await keeping.whose(teller, rule, claimed.id)
    if subject is None:
        raise CredentialRefused
    held = await keeping.credentials_of(teller, rule, subject)
    mine = next(
        (c for c in held if c.kind == "passkey" and c.key == keeping.key_of_passkey(claimed.id)), None
    )
    if mine is None:
        raise CredentialRefused
    used = passkeys.verify_authentication(
        visit.form.get("credential", ""),
        passkeys.Passkey.read(mine.secret),
        handle=bytes.fromhex(str(mine.secret["handle"])),
        challenge=str(flow.state["challenge"]),
        site=visit.hall.site,
        flow=flow,
        spent=visit.hall.spent,
        at=visit.now,
    )
    await keeping.change(
        teller, rule, subject, mine.record, {**used.plain(), "handle": mine.secret["handle"]}
    )
    return subject


async def enter(visit: Visit, subject: int, method: str, *, new: bool = False) -> None:
    """Begin a session for somebody, with a new token, and put it into their browser.

    Whoever is not `new` is told when they come with a browser that they were not seen with before.
    """
    known = new or await telling.is_known(visit.hall, subject, visit.browser)
    token, visit.signed_in = await sessions.begin(
        visit.hall.teller,
        visit.hall.sign_ins,
        entering.rule_of(visit.hall),
        subject,
        method=method,
        browser=visit.browser,
        address=visit.address,
        at=visit.now,
    )
    visit.remember(MEMBER_COOKIE, token, sessions.LONGEST // 1_000_000)
    await activity.note(visit.hall, subject, activity.SIGN_IN)
    if not known:
        await telling.tell(
            visit.hall,
            subject,
            visit.words("Somebody signed in with a browser that we had not seen before"),
            visit.words("If it was you, there is nothing to do. If not, end that session on the page Security, and confirm who you are anew."),
            reader=visit.reader,
        )  # fmt: skip


@pages.page("/sign-out", permission=Permission.MEMBER, methods=("POST",))
async def sign_out(visit: Visit) -> Response:
    """End the session, and have the browser forget everything of this site."""
    await activity.note(visit.hall, visit.member.subject, activity.SIGN_OUT)
    await sessions.end(visit.hall.teller, visit.hall.sign_ins, entering.rule_of(visit.hall), visit.member)
    visit.signed_in = None
    visit.remember(MEMBER_COOKIE, "", 0)
    response = visit.page("entry/signed_out.html", visit.words("You are signed out"))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
