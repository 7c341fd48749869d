"""Passkeys of a member: add one, give it another name, remove it."""

import json

from starlette.responses import Response

from troth.errors import CredentialRefused, FlowOver, FlowRefused, Refused
from troth.web.accounts import entering, holding, keeping
from troth.web.credentials import codes
from troth.web.credentials.flows import open_flow, seal_flow
from troth.web.credentials.passkeys import Passkey, new_handle, registration_options, verify_registration
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import security
from troth.web.visit import Visit

pages = Pages()
KIND = "new-passkey"
LONGEST = 60  # characters of a name


@pages.page("/security/passkeys", permission=Permission.MEMBER)
async def begin(visit: Visit) -> Response:
    """Offer to make a passkey."""
    if not security.is_sure(visit):
        return security.to_confirm(visit)
    return await _offer(visit, "", 200)


async def _offer(visit: Visit, error: str, status: int) -> Response:
    held = await security.credentials_of(visit, "passkey")
    handle = bytes.fromhex(str(held[0].secret["handle"])) if held else new_handle()
    mine = await holding.identifiers_of(visit.hall, visit.member.subject)
    ceremony = registration_options(
        visit.hall.site,
        handle=handle,
        name=mine[0].value if mine else visit.hall.site.name,
        held=[Passkey.read(each.secret) for each in held],
    )
    state = {"challenge": ceremony.challenge, "handle": handle.hex()}
    flow = seal_flow(
        visit.hall.key, KIND, dict(state), at=visit.now, until=visit.now + codes.LIFETIME,
        bound_to=visit.member.key.encode("ascii"),
    )  # fmt: skip
    return visit.page(
        "portal/passkey.html",
        visit.words("Add a passkey"),
        status,
        options=json.dumps(dict(ceremony.options)),  # not hashed
        flow=flow,
        label=visit.form.get("label", ""),
        error=error,
        failed=bool(error),
        scripts=("passkey.js",),
    )


@pages.page("/security/passkeys", permission=Permission.MEMBER, methods=("POST",))
async def add(visit: Visit) -> Response:
    """Keep the passkey that a device made."""
    visit.limit("passkey")
    try:
        flow = open_flow(
            visit.hall.key, KIND, visit.form.get("flow", ""), at=visit.now,
            bound_to=visit.member.key.encode("ascii"),
        )  # fmt: skip
        made = verify_registration(
            visit.form.get("credential", ""),
            challenge=str(flow.state["challenge"]),
            site=visit.hall.site,
            flow=flow,
            spent=visit.hall.spent,
            at=visit.now,
        )
        if await keeping.whose(visit.hall.teller, entering.rule_of(visit.hall), made.id) is not None:
            raise CredentialRefused
    except FlowOver as problem:
        if problem.reason == "used":  # the form was sent twice
            return visit.go(f"{security.HERE}?done=passkey")
        return await _offer(visit, visit.words("That took too long. Try again."), 422)
    except (CredentialRefused, FlowRefused):
        return await _offer(visit, visit.words("No passkey was made. Try again, or use another device."), 422)
    label = visit.form.get("label", "").strip()[:LONGEST] or visit.words("Passkey")
    secret = {**made.plain(), "handle": str(flow.state["handle"])}
    key = keeping.key_of_passkey(made.id)
    try:
        await keeping.keep(visit.hall, visit.member, "passkey", secret, label=label, key=key)
    except BaseException:
        visit.hall.spent.release(flow)  # it is not kept: the same form keeps it after all
        raise
    await security.tell(visit, visit.words("A passkey was added to your account"))
    return visit.go(f"{security.HERE}?done=passkey")


@pages.page("/security/passkeys/name", permission=Permission.MEMBER, methods=("POST",))
async def rename(visit: Visit) -> Response:
    """Give a passkey another name."""
    record = security.record_of(visit)
    label = visit.form.get("label", "").strip()[:LONGEST]
    mine = [each for each in await security.credentials_of(visit, "passkey") if each.record == record]
    if mine and label and label != mine[0].label:
        rule = entering.rule_of(visit.hall)
        try:
            await keeping.rename(visit.hall.teller, rule, visit.member.subject, record, label)
        except Refused as problem:
            if problem.codes != ("malformed",):
                raise
            return visit.go(security.HERE)
    return visit.go(f"{security.HERE}?done=renamed")


@pages.page("/security/passkeys/remove", permission=Permission.MEMBER, methods=("POST",))
async def remove(visit: Visit) -> Response:
    """Remove a passkey; its sessions are listed beside it, to be ended."""
    record = security.record_of(visit)
    mine = [each for each in await security.credentials_of(visit, "passkey") if each.record == record]
    if mine:
        await security.remove(visit, *mine)
        await security.tell(visit, visit.words("A passkey was removed from your account"))
    return visit.go(f"{security.HERE}?done=passkey-gone")
