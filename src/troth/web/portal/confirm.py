"""Confirm that it is you: what some acts ask for again, for ten minutes."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from troth.errors import CodeWrong, CredentialRefused, FlowOver, FlowRefused, TrothError
from troth.web import mishaps
from troth.web.accounts import entering, holding, keeping, sessions
from troth.web.accounts.entering import Identifier
from troth.web.accounts.keeping import Credential
from troth.web.credentials import codes, passwords
from troth.web.credentials.flows import page_of
from troth.web.credentials.letters import Asker
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import letting_in, sign_in
from troth.web.visit import Visit, back_of

pages = Pages()
CODE = "confirm by a code"  # the kind of its flow


@pages.page("/confirm", permission=Permission.MEMBER)
async def begin(visit: Visit) -> Response:
    """Offer the ways to confirm that somebody has."""
    return await _offer(visit, "", 200)


async def _offer(visit: Visit, error: str, status: int) -> Response:
    rule = entering.rule_of(visit.hall)
    held = await keeping.credentials_of(visit.hall.teller, rule, visit.member.subject)
    mine = await holding.proven_of(visit.hall, visit.member.subject)
    options, flow = letting_in.passkey_options(visit)
    kinds = {each.kind for each in held}
    return visit.page(
        "entry/confirm.html",
        visit.words("Confirm that it is you"),
        status,
        back=back_of(visit),
        sent=visit.http.query_params.get("sent") == "yes",
        passkey=json.dumps(options) if "passkey" in kinds else "",  # not hashed
        passkey_flow=flow,
        by_password="password" in kinds and not _has_second(held),
        by_totp=_has_second(held),
        by_code=[
            (each.spec.name, holding.masked(each))
            for each in mine
            if entering.is_reached(visit.hall, each) and not _has_second(held)
        ],
        error=error,
        failed=bool(error),
        scripts=("passkey.js",),
    )


def _has_second(held: Iterable[Credential]) -> bool:
    """Whether signing in asks for a second factor: then no code or password confirms without it, either."""
    return any(each.kind == "totp" for each in held)


def _sure(visit: Visit) -> Response:
    visit.signed_in = sessions.confirm(visit.hall.sign_ins, visit.member, at=visit.now)
    return visit.go(back_of(visit))


async def _own(visit: Visit, name: str) -> Identifier:
    """Return the member's own identifier of that name; raises `FlowRefused`, or where no code is enough."""
    rule = entering.rule_of(visit.hall)
    if _has_second(await keeping.credentials_of(visit.hall.teller, rule, visit.member.subject)):
        raise FlowRefused
    mine = await holding.proven_of(visit.hall, visit.member.subject)
    found = next((each for each in mine if each.spec.name == name), None)
    if found is None:
        raise FlowRefused
    return found


async def _counted(visit: Visit, work: Any) -> Any:  # noqa: ANN401
    """Try a credential of the member who is signed in, counted for them alone."""
    rule = entering.rule_of(visit.hall)
    spec = entering.identifiers(visit.hall)[0]
    one = Identifier(spec, f"{rule.program}:{visit.member.subject}")
    found = await letting_in.guarded(visit, one, work)
    letting_in.settled(visit, one)
    return found


@pages.page("/confirm/password", permission=Permission.MEMBER, methods=("POST",))
async def by_password(visit: Visit) -> Response:
    """Confirm by the password."""
    visit.limit("password")
    rule = entering.rule_of(visit.hall)

    async def check() -> None:
        held = await keeping.credentials_of(visit.hall.teller, rule, visit.member.subject)
        mine = keeping.newest(held, "password")
        if mine is None or _has_second(held):
            raise CredentialRefused
        phc = str(mine.secret["phc"])
        await asyncio.to_thread(passwords.verify_password, visit.form.get("password", ""), phc)

    try:
        await _counted(visit, check)
    except CredentialRefused:
        return await _offer(visit, visit.words("This does not fit, or there were too many attempts."), 422)
    return _sure(visit)


@pages.page("/confirm/application", permission=Permission.MEMBER, methods=("POST",))
async def by_application(visit: Visit) -> Response:
    """Confirm by the code of an application, or a recovery code."""
    visit.limit("code")
    typed = visit.form.get("code", "")
    try:
        await _counted(visit, lambda: letting_in.second(visit, visit.member.subject, typed))
    except CredentialRefused:
        return await _offer(visit, visit.words("This does not fit, or there were too many attempts."), 422)
    return _sure(visit)


@pages.page("/confirm/passkey", permission=Permission.MEMBER, methods=("POST",))
async def by_passkey(visit: Visit) -> Response:
    """Confirm by a passkey of one's own."""
    visit.limit("passkey")
    try:
        if await letting_in.passkey_of(visit) != visit.member.subject:
            raise CredentialRefused
    except TrothError:
        return await _offer(visit, visit.words("This passkey was not accepted. Try another way."), 422)
    return _sure(visit)


@pages.page("/confirm/code", permission=Permission.MEMBER, methods=("POST",))
async def send_code(visit: Visit) -> Response:
    """Send a code to an identifier of one's own."""
    visit.limit("code")
    identifier = await _own(visit, visit.form.get("which", ""))
    asker = Asker(f"member {visit.member.subject}", known=True)
    entering.check_way(visit.hall, identifier, asker)
    code = codes.new_code(visit.hall.key, about=identifier.about)
    until = visit.now + codes.LIFETIME
    entering.send(visit.hall, visit.reader, identifier, "code", asker=asker, until=until, code=code.digits)
    flow = sign_in.seal(visit, CODE, identifier, back_of(visit), mark=code.mark)
    return visit.go(page_of("/confirm/code", flow))


@pages.page("/confirm/code", permission=Permission.MEMBER)
async def code(visit: Visit) -> Response:
    """Ask for the code."""
    return _ask(visit, "", 200) if visit.flow else visit.go("/confirm")


def _ask(visit: Visit, error: str, status: int) -> Response:
    _, identifier = sign_in.opened(visit, CODE)
    return visit.page(
        "entry/code.html",
        visit.words("Type in the code"),
        status,
        flow=visit.flow,
        step=page_of("/confirm/code", visit.flow),
        to=holding.masked(identifier),
        kind=identifier.spec.type,
        minutes=codes.LIFETIME // 60_000_000,
        error=error,
        action="/confirm/code/check",
        again="/confirm",
        failed=bool(error),
    )


@pages.page("/confirm/code/check", permission=Permission.MEMBER, methods=("POST",))
async def check_code(visit: Visit) -> Response:
    """Confirm by the code that came back."""
    visit.limit("code")
    flow, identifier = sign_in.opened(visit, CODE)
    own = await _own(visit, str(identifier.spec.name))
    if own.value != identifier.value:
        raise FlowRefused

    async def check() -> None:
        codes.check_code(
            visit.hall.key, visit.form.get("code", ""), mark=str(flow.state["mark"]),
            about=identifier.about, flow=flow, spent=visit.hall.spent, at=visit.now,
        )  # fmt: skip

    try:
        await _counted(visit, check)
    except (CodeWrong, FlowOver, CredentialRefused) as problem:
        return _ask(visit, mishaps.sentence(visit, problem), 422)
    visit.signed_in = sessions.confirm(visit.hall.sign_ins, visit.member, at=visit.now)
    return visit.go(str(flow.state["back"]))
