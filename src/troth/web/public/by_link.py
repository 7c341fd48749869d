"""Demands by their links: prove one, follow it, and fetch what was demanded; no account, and no sign-in."""

import asyncio
from functools import partial

from starlette.responses import Response, StreamingResponse

from troth.acts import filing, packages, proving
from troth.clock import Instant
from troth.custody.demands.filing import Advance
from troth.errors import CredentialRefused, PackageGone, Refused
from troth.rules.rights_cases import Deadline, RightsCase, State
from troth.terms.vocabulary import RightName
from troth.web import behind, demand_receipts, packing, proofs_by_letter, tracking
from troth.web.accounts import entering, keeping
from troth.web.accounts.entering import Identifier
from troth.web.carrying import PACKED, carry_out
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import network_of
from troth.web.drp import calling_back
from troth.web.news import telling
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import letting_in
from troth.web.proofs_by_letter import Link, Opened
from troth.web.public.pages import missing
from troth.web.public.without_account import person
from troth.web.visit import Visit

pages = Pages()
_SURE = "step_up"  # the mailbox answered
PROOF, TRACK, PACKAGE = (f"/requests/{kind}/{{token}}" for kind in (Link.PROOF, Link.TRACK, Link.PACKAGE))


async def _found(visit: Visit, kind: Link) -> tuple[Opened, RightsCase, Deadline | None] | None:
    """Return what a link says, with its demand; None for a link that leads nowhere."""
    said = proofs_by_letter.opened(visit.hall, kind, visit.http.path_params["token"])
    found = await proofs_by_letter.case_of(visit.hall, said.case) if said is not None else None
    return None if said is None or found is None else (said, *found)


def _to_track(visit: Visit, said: Opened) -> Response:
    return visit.go(proofs_by_letter.link(visit.hall, Link.TRACK, said.case, mark=said.mark, to=said.to))


# ---- to prove it


@pages.page(PROOF, permission=Permission.VISITOR)
async def look(visit: Visit) -> Response:
    """Show what was demanded in somebody's name; to look changes nothing."""
    return await _shown(visit, "", 200)


async def _shown(visit: Visit, error: str, status: int) -> Response:
    found = await _found(visit, Link.PROOF)
    if found is None:
        return await missing(visit)
    said, case, _ = found
    if not proving.waits(case):
        return _to_track(visit, said)
    identifier = await proofs_by_letter.proven_at(visit.hall, case.subject, said.mark)
    if identifier is None or said.until <= visit.now:
        return visit.page("public/link_over.html", visit.words("This link is over"), 410)
    second = await _has_second(visit, case)
    return visit.page(
        "public/proof_asked.html",
        visit.words("Was it you?"),
        status,
        case=case,
        what=tracking.rights(visit.words)[case.right.value],
        over=tracking.about(visit, case),
        told=await tracking.told(visit, case, hidden=second),
        lang=visit.hall.agreement.language,
        by=_by(visit, case),
        beyond=not _is_enough(case),
        erases=case.right is RightName.ERASE,
        second=second,
        error=error,
        action=visit.http.url.path,
        failed=bool(error),
    )


def _is_enough(case: RightsCase) -> bool:
    """Whether a letter makes it as sure who asks as the clause wants: it is a confirmation, no identity."""
    return case.is_enough(_SURE)


def _by(visit: Visit, case: RightsCase) -> str:
    """Return who asked in somebody's name, in words."""
    kind, _, name = case.events[0].by.partition(":")
    if kind == "staff":
        return visit.words("somebody of ours, in your name")
    if kind in ("agent", "program"):
        return name
    return visit.words("you") if case.was_proven else visit.words("somebody who knows your address")


async def _has_second(visit: Visit, case: RightsCase) -> bool:
    held = await keeping.credentials_of(visit.hall.teller, entering.rule_of(visit.hall), case.subject)
    return any(each.kind == "totp" for each in held)


async def _wrong_second(visit: Visit, case: RightsCase, identifier: Identifier) -> str:
    """Use the second factor that was typed, where the account has one; return what to say if it is wrong."""
    if await _has_second(visit, case):
        try:
            typed = visit.form.get("code", "")
            second = partial(letting_in.second, visit, case.subject, typed)
            await letting_in.guarded(visit, identifier, second)
        except CredentialRefused:
            return visit.words("This code is not right, was used, or there were too many attempts.")
        letting_in.settled(visit, identifier)
    return ""


@pages.page(PROOF, permission=Permission.VISITOR, methods=("POST",), lasting=True, limit="proof")
async def answer(visit: Visit) -> Response:
    """Take the answer: it was them, and it is carried out; or it was not, and it is over."""
    found = await _found(visit, Link.PROOF)
    if found is None:
        return await missing(visit)
    said, case, _ = found
    identifier = await proofs_by_letter.proven_at(visit.hall, case.subject, said.mark)
    if said.until <= visit.now or identifier is None or not proving.waits(case):
        return await _shown(visit, "", 200)
    if visit.form.get("answer") == "no":
        not_me = filing.cancelling(by=person(visit, "signed_in"), case=case.id, not_me=True)
        await _advanced(visit, not_me)
        return _to_track(visit, said)
    if not _is_enough(case):
        return await _shown(visit, "", 200)
    wrong = await _wrong_second(visit, case, identifier)
    if wrong:
        return await _shown(visit, wrong, 422)
    await _advanced(visit, filing.proving(by=person(visit, _SURE), case=case.id))
    if case.right in PACKED:
        behind.begin(visit.hall, _carry_out(visit, case), name="request")
    else:
        await asyncio.to_thread(asyncio.run, _carried_out(visit, case))
    return _to_track(visit, said)


async def _advanced(visit: Visit, job: Advance) -> None:
    """Let something happen to a demand; where another press of the same button was first, it is so."""
    try:
        await visit.hall.teller.ask_soon(job)
    except Refused as problem:
        if "wrong-state" not in problem.codes:
            raise


async def _carry_out(visit: Visit, case: RightsCase) -> None:
    """Carry it out, and send the letter with the link to the package that came of it."""
    await _carried_out(visit, case)
    await asyncio.to_thread(telling.run, visit.hall)


async def _carried_out(visit: Visit, case: RightsCase) -> None:
    await carry_out(visit.hall, visit.reader, case)
    await _agent_told(visit, case)


async def _agent_told(visit: Visit, case: RightsCase) -> None:
    """Let the agent be told, where one asked; where it cannot be reached now, a sweep tries again."""
    if case.events[0].by.startswith("agent:"):
        await visit.hall.teller.alone_soon(proving.looked_at(case.id))
        await asyncio.to_thread(calling_back.run, visit.hall)


# ---- to follow it


@pages.page(TRACK, permission=Permission.VISITOR)
async def track(visit: Visit) -> Response:
    """Show where a demand stands; also when nothing is held of its person any more."""
    found = await _found(visit, Link.TRACK)
    if found is None:
        return await missing(visit)
    said, case, due = found
    return visit.page(
        "public/tracked.html",
        visit.words("Your request"),
        200,
        it=await tracking.shown(visit, case, due),
        packed=bool(_package(case)),
        sent="sent" in visit.http.query_params,
        action=visit.http.url.path,
        ahead=said.to if case.is_proven else "",
        waits=proving.waits(case),
        lang=visit.hall.agreement.language,
    )


@pages.page(f"{TRACK}/receipt.{{ending}}", permission=Permission.VISITOR)
async def receipt(visit: Visit) -> Response:
    """Give the receipt of a demand as a file, to whoever has the link: it holds nothing about anybody."""
    found = await _found(visit, Link.TRACK)
    if found is None:
        return await missing(visit)
    _, case, due = found
    return await demand_receipts.given(visit, case, due, visit.http.path_params["ending"])


@pages.page(TRACK, permission=Permission.VISITOR, methods=("POST",), lasting=True, limit="request")
async def send_again(visit: Visit) -> Response:
    """Send the link to the package once more, to the address that proved the demand."""
    found = await _found(visit, Link.TRACK)
    if found is None:
        return await missing(visit)
    said, case, _ = found
    if _package(case):
        identifier = await proofs_by_letter.proven_at(visit.hall, case.subject, said.mark)
        if identifier is not None:
            _send_package(visit, case, identifier)
    return visit.go(f"{visit.http.url.path}?sent=yes")


def _package(case: RightsCase) -> bytes:
    """Return the package that a demand came to, while it may be there; else nothing."""
    made = case.state in (State.DONE, State.PARTLY) and case.right in PACKED
    return bytes.fromhex(str(case.outcome.get("package", ""))) if made else b""


def _until(case: RightsCase) -> Instant:
    until = case.outcome.get("until")
    return until if type(until) is int else (case.ended_at or 0) + proofs_by_letter.LIFETIME


def _send_package(visit: Visit, case: RightsCase, identifier: Identifier) -> None:
    hall, mark = visit.hall, proofs_by_letter.mark_of(visit.hall, identifier)
    until = _until(case)
    path = proofs_by_letter.link(hall, Link.PACKAGE, case.id, mark=mark, until=until)
    proofs_by_letter.send(
        hall, visit.reader, identifier, "package", asker=Asker(network_of(visit.address)), until=until,
        link=hall.site.origins[0] + path, reference=case.reference,
    )  # fmt: skip


# ---- to fetch it


@pages.page(PACKAGE, permission=Permission.VISITOR)
async def offer(visit: Visit) -> Response:
    """Offer the package; to look fetches nothing."""
    return await _offered(visit, "", 200)


async def _offered(visit: Visit, error: str, status: int) -> Response:
    found = await _found(visit, Link.PACKAGE)
    if found is None:
        return await missing(visit)
    said, case, _ = found
    identifier = await proofs_by_letter.proven_at(visit.hall, case.subject, said.mark)
    if said.until <= visit.now or not _package(case) or identifier is None:
        return visit.page("public/link_over.html", visit.words("This link is over"), 410)
    return visit.page(
        "public/package.html", visit.words("Your data"), status,
        reference=case.reference, until=said.until, action=visit.http.url.path,
        second=await _has_second(visit, case), error=error, failed=bool(error),
    )  # fmt: skip


@pages.page(PACKAGE, permission=Permission.VISITOR, methods=("POST",), lasting=True, limit="copy")
async def fetch(visit: Visit) -> Response:
    """Give the package, once, to whoever has the mailbox and the second factor where there is one."""
    found = await _found(visit, Link.PACKAGE)
    if found is None:
        return await missing(visit)
    said, case, _ = found
    wanted = _package(case)
    identifier = await proofs_by_letter.proven_at(visit.hall, case.subject, said.mark)
    if said.until <= visit.now or not wanted or identifier is None:
        return visit.page("public/link_over.html", visit.words("This link is over"), 410)
    teller = visit.hall.teller
    mine = await packages.packages_soon(teller, case.subject)
    size = next((each.size for each in mine if each.id == wanted), None)
    if size is None:
        raise PackageGone
    wrong = await _wrong_second(visit, case, identifier)
    if wrong:
        return await _offered(visit, wrong, 422)
    chunks = await packages.taken_soon(teller, wanted, by=person(visit, _SURE), about=case.subject)
    headers = {
        "content-disposition": 'attachment; filename="my-data.zip"',
        "content-length": str(size),
        "cache-control": "no-store",
    }
    return StreamingResponse(packing.streamed(chunks), media_type="application/zip", headers=headers)
