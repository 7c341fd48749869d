"""Let somebody in: credentials tried at the door, counted; known browsers; the session that begins.

Each attempt counts as failed until somebody has proved all that was asked of them.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from troth.canonical import Plain
from troth.clock import DAY
from troth.errors import ChangedMeanwhile, CredentialRefused, FlowOver, FlowRefused
from troth.web import signals
from troth.web.accounts import activity, entering, holding, keeping, sessions, telling
from troth.web.accounts.entering import Identifier
from troth.web.accounts.keeping import Credential
from troth.web.credentials import codes, passkeys, passwords, second_factor
from troth.web.credentials.flows import Flow, open_flow, seal_flow
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import account_key, network_of
from troth.web.pages import MEMBER_COOKIE
from troth.web.visit import Visit

PASSKEY = "passkey"
DEVICE_COOKIE = "__Host-troth-device"
DEVICE = 365 * DAY
SHARED = 4  # how many people one browser is known to


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


async def _know_device(visit: Visit, subject: int) -> None:
    """Let this browser be known to somebody who is in: what fails elsewhere does not pause them here.

    Each who shares a browser has a token of their own in it, the latest first.
    """
    names = await holding.identifiers_of(visit.hall, subject)
    state: dict[str, Plain] = {
        "who": str(subject),
        "names": list[Plain](account_key(visit.hall.key, each.about).hex() for each in names),
    }
    until = visit.now + DEVICE
    token = seal_flow(visit.hall.key, "browser", state, at=visit.now, until=until, bound_to=b"")
    others = [other for other, flow in _devices(visit) if flow.state["who"] != str(subject)]
    visit.remember(DEVICE_COOKIE, ".".join([token, *others][:SHARED]), DEVICE // 1_000_000)


def _devices(visit: Visit) -> list[tuple[str, Flow]]:
    """Return the tokens that this browser brings along, each with what it says."""
    found = []
    for token in visit.http.cookies.get(DEVICE_COOKIE, "").split(".")[:SHARED]:
        with suppress(FlowRefused, FlowOver):
            flow = open_flow(visit.hall.key, "browser", token, at=visit.now, bound_to=b"")
            found.append((token, flow))
    return found


def _is_known(visit: Visit, subject: int) -> bool:
    """Whether somebody was in with this very browser before; one that lost its cookies is a new one."""
    return any(flow.state["who"] == str(subject) for _, flow in _devices(visit))


def _device(visit: Visit, identifier: Identifier) -> bytes | None:
    """Return the number of this browser, when it signed in to the account before; others cannot pause it."""
    name = account_key(visit.hall.key, identifier.about).hex()
    for _, flow in _devices(visit):
        names = flow.state["names"]
        if isinstance(names, list) and name in names:
            return flow.id
    return None


def asker_of(visit: Visit, identifier: Identifier) -> Asker:
    """Return who asks for a letter to an identifier: a browser that is known for it, or a place."""
    device = _device(visit, identifier)
    return Asker(network_of(visit.address)) if device is None else Asker(device.hex(), known=True)


def passkey_options(visit: Visit) -> tuple[dict[str, Any], str]:
    """Return what a browser is asked for a passkey, and the flow that remembers the challenge."""
    ceremony = passkeys.authentication_options(visit.hall.site)
    state = {"challenge": ceremony.challenge}
    flow = seal_flow(
        visit.hall.key, PASSKEY, dict(state), at=visit.now, until=visit.now + codes.LIFETIME,
        bound_to=visit.nonce,
    )  # fmt: skip
    return dict(ceremony.options), flow


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
    try:
        await keeping.change(teller, rule, subject, mine, {**used.plain(), "handle": mine.secret["handle"]})
    except ChangedMeanwhile:
        raise CredentialRefused from None
    return subject


async def enter(visit: Visit, subject: int, method: str, *, new: bool = False) -> None:
    """Begin a session for somebody, with a new token, and put it into their browser, which they are known by.

    Whoever is not `new` is told when they come with a browser in which they were not before.
    """
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
    await _know_device(visit, subject)
    await activity.note(visit.hall, subject, activity.SIGN_IN)
    await signals.honour_at_entry(visit, subject)
    if not (new or _is_known(visit, subject)):
        await telling.tell(
            visit.hall,
            subject,
            visit.words("Somebody signed in with a browser that we had not seen before"),
            visit.words(
                "If it was you, there is nothing to do. If not, end that session on the page Security, and"
                " confirm who you are anew."
            ),
            reader=visit.reader,
        )  # fmt: skip


async def verified(visit: Visit, identifier: Identifier) -> tuple[int, tuple[Credential, ...]]:
    """Return whose password it is, and what else they have; raises `CredentialRefused`."""
    rule, password = entering.rule_of(visit.hall), visit.form.get("password", "")
    subject = await entering.whose(visit.hall, identifier)
    held = () if subject is None else await keeping.credentials_of(visit.hall.teller, rule, subject)
    mine = keeping.newest(held, "password")
    if subject is None or mine is None:
        await asyncio.to_thread(passwords.pretend, password)
        raise CredentialRefused
    phc = str(mine.secret["phc"])
    await asyncio.to_thread(passwords.verify_password, password, phc)
    if passwords.needs_rehash(phc):
        fresh = await asyncio.to_thread(passwords.hash_password, password)
        with suppress(ChangedMeanwhile):
            await keeping.change(visit.hall.teller, rule, subject, mine, {"phc": fresh})
    return subject, held


async def second(visit: Visit, subject: int, typed: str) -> str:
    """Use a second factor of somebody, once; return which. Raises `CredentialRefused`.

    What another request used meanwhile is read again: two that come at once never count for two.
    """
    while True:
        try:
            return await _use_second(visit, subject, typed)
        except ChangedMeanwhile:
            continue


async def _use_second(visit: Visit, subject: int, typed: str) -> str:
    rule, teller = entering.rule_of(visit.hall), visit.hall.teller
    held = await keeping.credentials_of(teller, rule, subject)
    application, recovery = keeping.newest(held, "totp"), keeping.newest(held, "recovery")
    if application is not None:
        with suppress(CredentialRefused):
            totp = second_factor.Totp.read(application.secret)
            used = second_factor.verify_totp(totp, typed, at=visit.now)
            await keeping.change(teller, rule, subject, application, used.plain())
            return "application"
    if recovery is None:
        raise CredentialRefused
    left = second_factor.use_recovery_code(tuple(recovery.secret["hashes"]), typed)
    await keeping.change(teller, rule, subject, recovery, {"hashes": list(left)})
    return "recovery code"
