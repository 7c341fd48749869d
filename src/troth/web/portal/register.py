"""Register: choose how you are named, prove it by a code or secure it by a password, and be a member."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from troth.acts import rights, use
from troth.canonical import Plain
from troth.errors import CodeWrong, CredentialRefused, FlowOver, Refused, TrothError
from troth.rules.decision import member, program
from troth.rules.signing_in import PROVABLE, SURELY
from troth.web import mishaps, notices
from troth.web.accounts import entering, keeping
from troth.web.accounts.entering import Identifier
from troth.web.credentials import codes, passwords, second_factor
from troth.web.credentials.flows import Flow, open_flow, page_of, seal_flow
from troth.web.hall import measures
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import sign_in
from troth.web.portal.letting_in import asker_of, enter, guarded, settled
from troth.web.visit import Visit

pages = Pages()
CODE, SECURE = "register by a code", "register by a password"  # kinds of flows: one for each step


@pages.page("/register", permission=Permission.VISITOR)
async def begin(visit: Visit) -> Response:
    """Ask for one identifier, with what it is for."""
    return _first(visit, "", "", 200)


def _first(visit: Visit, typed: str, error: str, status: int) -> Response:
    some = entering.offered(visit.hall)
    return visit.page(
        "entry/register.html",
        visit.words("Register"),
        status,
        words=[spec.words or spec.name for spec in some],
        label=notices.named_by(visit, some),
        phone=any(spec.type == "phone" for spec in some),
        suffixed=any(spec.type not in PROVABLE for spec in some),
        typed=typed,
        error=error,
        notice=notices.of_category(visit, entering.rule_of(visit.hall).identifiers),
        agreement=visit.hall.agreement,
        failed=bool(error),
    )


@pages.page("/register", permission=Permission.VISITOR, methods=("POST",))
async def identify(visit: Visit) -> Response:
    """Send a code to what can be proven; of a name that cannot, go on to a password."""
    visit.limit("register")
    typed = visit.form.get("identifier", "")
    if visit.form.get("version") != str(visit.hall.agreement.version):
        said = visit.words("The agreement has changed meanwhile. Read it again.")
        return _first(visit, typed, said, 422)
    identifier = entering.guess_identifier(visit.hall, typed)
    if identifier is None:
        return _first(visit, typed, visit.words("This is none of them as they are written."), 422)
    if identifier.spec not in entering.offered(visit.hall):
        return _first(visit, typed, notices.unreached(visit), 422)
    if visit.form.get("accept") != "yes":
        said = visit.words("Read the agreement and accept it to go on.")
        return _first(visit, typed, said, 422)
    if not identifier.provable:
        named = Identifier(identifier.spec, entering.suffixed(identifier.value))
        return visit.go(page_of("/register/secure", _sealed(visit, SECURE, named, {})))
    asker = asker_of(visit, identifier)
    entering.check_way(visit.hall, identifier, asker)
    code = codes.new_code(visit.hall.key, about=identifier.about)
    until = visit.now + codes.LIFETIME
    if await entering.whose(visit.hall, identifier) is None:
        entering.send(
            visit.hall, visit.reader, identifier, "code", asker=asker, until=until, code=code.digits
        )
    else:
        entering.send(visit.hall, visit.reader, identifier, "known", asker=asker, until=until)
    return visit.go(page_of("/register/code", _sealed(visit, CODE, identifier, {"mark": code.mark})))


def _sealed(visit: Visit, kind: str, identifier: Identifier, more: dict[str, Plain]) -> str:
    state: dict[str, Plain] = {"name": str(identifier.spec.name), "value": identifier.value, **more}
    until = visit.now + (codes.LIFETIME if kind == CODE else 6 * codes.LIFETIME)
    return seal_flow(visit.hall.key, kind, state, at=visit.now, until=until, bound_to=visit.nonce)


def _opened(visit: Visit, kind: str) -> tuple[Flow, Identifier]:
    flow = open_flow(visit.hall.key, kind, visit.flow, at=visit.now, bound_to=visit.nonce)
    spec = next(s for s in entering.identifiers(visit.hall) if s.name == flow.state["name"])
    return flow, Identifier(spec, str(flow.state["value"]))


@pages.page("/register/code", permission=Permission.VISITOR)
async def code(visit: Visit) -> Response:
    """Ask for the code."""
    if not visit.flow:
        return visit.go("/register")
    _, identifier = _opened(visit, CODE)
    return _ask_code(visit, identifier, "", 200)


def _ask_code(visit: Visit, identifier: Identifier, error: str, status: int) -> Response:
    return visit.page(
        "entry/code.html",
        visit.words("Type in the code"),
        status,
        flow=visit.flow,
        step=page_of("/register/code", visit.flow),
        to=identifier.value,
        kind=identifier.spec.type,
        minutes=codes.LIFETIME // 60_000_000,
        error=error,
        action="/register/code",
        again="/register",
        failed=bool(error),
    )


@pages.page("/register/code", permission=Permission.VISITOR, methods=("POST",))
async def prove(visit: Visit) -> Response:
    """Make somebody a member once the code came back."""
    visit.limit("code")
    flow, identifier = _opened(visit, CODE)

    async def check() -> None:
        codes.check_code(
            visit.hall.key, visit.form.get("code", ""), mark=str(flow.state["mark"]),
            about=identifier.about, flow=flow, spent=visit.hall.spent, at=visit.now,
        )  # fmt: skip

    try:
        await guarded(visit, identifier, check)
    except CredentialRefused:
        said = visit.words("Too many wrong codes. Wait a while, then ask for a new one.")
        return _ask_code(visit, identifier, said, 429)
    except (CodeWrong, FlowOver) as problem:
        return _ask_code(visit, identifier, mishaps.sentence(visit, problem), 422)
    settled(visit, identifier)
    try:
        taken = await entering.join(visit.hall, identifier, proven=True)
    except Refused as problem:
        if problem.codes != ("taken",):
            raise
        return visit.go("/sign-in")  # they proved that it is theirs, so they may know
    await enter(visit, taken.subject, "code", new=True)
    return visit.go("/security?new=yes")


@pages.page("/register/secure", permission=Permission.VISITOR)
async def securing(visit: Visit) -> Response:
    """Ask for a password and a second factor: what cannot be proven by a code is secured at once."""
    return _secure(visit, (), 200) if visit.flow else visit.go("/register")


def _secure(visit: Visit, reasons: tuple[str, ...], status: int) -> Response:
    flow, identifier = _opened(visit, SECURE)
    visit.hall.spent.check(flow, at=visit.now)
    fresh = _application(visit, flow)
    uri = second_factor.provisioning_uri(fresh, name=identifier.value, issuer=visit.hall.site.name)
    said = measures(visit.hall.agreement)
    return visit.page(
        "entry/secure.html",
        visit.words("Secure your account"),
        status,
        flow=visit.flow,
        step=page_of("/register/secure", visit.flow),
        named=identifier.value,
        picture=second_factor.picture(uri),
        secret=fresh.secret,
        shortest=passwords.shortest_for(int(said.get("password_length", 0)) or None, alone=False),
        reminders=notices.reminders(visit),
        errors=reasons,
        failed=bool(reasons),
    )


def _application(visit: Visit, flow: Flow) -> second_factor.Totp:
    """Return the secret for the application of whoever has a flow: each time the same, and stored nowhere."""
    return second_factor.new_totp(visit.hall.key.digest("troth.totp", flow.id))


@pages.page("/register/secure", permission=Permission.VISITOR, methods=("POST",))
async def secure(visit: Visit) -> Response:
    """Make somebody a member who has a password and a second factor."""
    visit.limit("register")
    flow, identifier = _opened(visit, SECURE)
    totp = _application(visit, flow)
    password = visit.form.get("password", "")
    reasons = [*notices.against(visit, password, alone=False, context=(identifier.value,))]
    try:
        used = second_factor.verify_totp(totp, visit.form.get("code", ""), at=visit.now)
    except CredentialRefused:
        reasons.append(visit.words("The code of the application is not right. Type in the one it shows now."))
    if reasons:
        return _secure(visit, tuple(reasons), 422)
    try:
        visit.hall.spent.use(flow, at=visit.now)
    except FlowOver as over:
        if over.reason != "used":
            raise
        said = visit.words("This account is made already, by what you typed. Sign in with it.")
        return sign_in.first(visit, said, 409, identifier.value)
    shown, hashes = second_factor.new_recovery_codes()
    try:
        phc = await asyncio.to_thread(passwords.hash_password, password)
        taken = await entering.join(visit.hall, identifier, proven=False)
        secrets: dict[str, Mapping[str, Any]] = {
            "password": {"phc": phc},
            "totp": used.plain(),
            "recovery": {"hashes": list(hashes)},
        }
        await _protect(visit, taken.subject, secrets)
    except BaseException:
        visit.hall.spent.release(flow)
        raise
    return visit.page(
        "entry/recovery.html",
        visit.words("Keep these codes"),
        200,
        codes=shown,
        name=await _name_of(visit, taken.subject, identifier),
        ahead="/home",
    )


async def _protect(visit: Visit, subject: int, secrets: Mapping[str, Mapping[str, Any]]) -> None:
    """Let a new member in, and keep what they sign in with; without all of it they are no member."""
    before = visit.cookies.copy()
    try:
        await enter(visit, subject, "password", new=True)
        for kind, secret in secrets.items():
            await keeping.keep(visit.hall, visit.member, kind, secret)
    except BaseException:
        visit.signed_in, visit.cookies = None, before
        undone = rights.erasing(by=member(entering.rule_of(visit.hall).program, SURELY), about=subject)
        with suppress(TrothError):
            await asyncio.to_thread(visit.hall.teller.erase, undone)
        raise


async def _name_of(visit: Visit, subject: int, identifier: Identifier) -> str:
    """Return the name that somebody signs in with, as it is kept."""
    rule = entering.rule_of(visit.hall)
    job = use.reading(
        by=program(rule.program),
        about=subject,
        category=rule.identifiers,
        fields=[identifier.spec.name],
        purpose=rule.purpose,
    )
    handed = await visit.read(job)
    return str(handed.records[-1].values[identifier.spec.name].reveal())
