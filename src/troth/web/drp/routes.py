"""Every route of the Data Rights Protocol 1.0: keys, requests, how they stand, and taking them back."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from troth.acts import agents as acts
from troth.acts import filing
from troth.custody.demands import agents
from troth.custody.demands.filing import Demand
from troth.custody.desk import Desk
from troth.errors import AddressRefused, BadValue, CallRefused, NothingThere, TrothError
from troth.gates.addresses import typed
from troth.rules.decision import member
from troth.store import agents as rows
from troth.store.agents import Agent, AgentCase
from troth.web import behind, proofs_by_letter, signals
from troth.web.accounts import entering
from troth.web.accounts.entering import Identifier
from troth.web.credentials.letters import Asker
from troth.web.drp import statuses
from troth.web.drp.calls import answering, bearer, body_of, business_of, limit, signed_by, told
from troth.web.drp.signed import opened
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader
from troth.web.permission import Permission

BASE = "/drp"
_VERSION = "1.0"
_MOST_OWN = 128  # letters of an agent's own number
_CLAIMS = {"email": ("email", "email_verified"), "phone": ("phone_number", "phone_number_verified")}


# ---- keys


async def set_up(http: HttpRequest) -> Response:
    """Give an agent a token, against its signature alone; whatever is wrong is refused without a word."""
    hall: Hall = http.app.state.hall
    try:
        business = business_of(hall)
        limit(hall, http)
        name = http.path_params["agent"]
        agent = await hall.teller.alone_soon(lambda desk: agents.of_id(desk, name))
        call = opened(await body_of(http), agent=agent, business=business, now=hall.now)
        token = await hall.teller.alone_soon(
            lambda desk: agents.issue(desk, agent.id, call.signature, call.until)
        )
    except TrothError:
        return Response(b"", 403)
    return JSONResponse({"agent-id": agent.id, "token": token}, headers={"cache-control": "no-store"})


set_up.permission = Permission.AGENT  # type: ignore[attr-defined]


async def _is_set_up(hall: Hall, http: HttpRequest) -> Response:
    """Say that a token is good."""
    agent = await bearer(hall, http)
    return JSONResponse({}) if agent.id == http.path_params["agent"] else _forbidden()


def _forbidden() -> Response:
    said = {"code": "403", "message": "it is another agent's, or nobody's", "fatal": True}
    return JSONResponse(said, 403)


# ---- requests


async def _exercise(hall: Hall, http: HttpRequest) -> Response:
    """Take a request: the answer is the same whether or not somebody was found."""
    agent = await bearer(hall, http)
    call = await signed_by(hall, http, agent)
    said = _judged(call.said)
    exercise = str(said["exercise"])
    identifier, subject = await _matched(hall, said)
    right = statuses.RIGHTS.get(exercise)
    demand = _demand(hall, right.value, subject) if right is not None and subject is not None else None
    objects = signals.of_agreement(hall.house.book).objects if exercise == statuses.OPT_OUT else ()
    also = [_demand(hall, "object", subject, purpose) for purpose in objects if subject is not None]
    kept = {
        "own": str(said.get("agent-request-id", "")),
        "callback": str(said.get("status_callback", "")),
        "mark": proofs_by_letter.mark_of(hall, identifier).hex() if identifier else "",
    }
    row, cases = await hall.teller.alone_soon(
        acts.lodging(agent, exercise, demand, also, kept, "", call=call.once())
    )
    if demand is not None and identifier is not None and cases and row.case == cases[0].id:
        ask = proofs_by_letter.ask_for_proof(
            hall, Reader(hall.languages[0]), cases[0], identifier, asker=_asker(agent),
            what=what(exercise), agent=agent.name,
        )  # fmt: skip
        behind.begin(hall, ask, name="agent-request")
    elif cases:
        behind.begin(hall, _carry_out(hall, [case.id for case in cases]), name="agent-request")
    return await _told(hall, row)


def _asker(agent: Agent) -> Asker:
    return Asker(f"agent:{agent.id}")


def what(exercise: str) -> str:
    """Return what an agent asks for, as its letter says it."""
    return {
        "deletion": "deletion", "access": "access", "access:categories": "access",
        "access:specific": "access",
    }.get(exercise, exercise)  # fmt: skip


async def _carry_out(hall: Hall, cases: list[bytes]) -> None:
    import asyncio

    for case in cases:
        await asyncio.to_thread(acts.carry_out, hall.teller, case)


async def _told(hall: Hall, row: AgentCase) -> Response:
    """Answer how a request stands, and keep that the agent knows it."""

    def work(desk: Desk) -> dict[str, str]:
        status = statuses.status_of(hall, statuses.looked_up(desk, row))
        rows.told(desk.unit, row.request, statuses.told_of(status), tries=0, due_at=desk.now)
        return status

    return told(await hall.teller.alone_soon(work))


def _demand(hall: Hall, right: str, subject: int, purpose: str = "") -> Demand:
    """Return the job of a demand; an objection to what passes data on needs no proof (11 CCR 7026)."""
    rule = sign_in_of(hall.house)
    proven = "signed_in" if purpose else ""
    by = member(rule.program if rule else None, "signed_in")
    language = hall.languages[0]
    return filing.demanding(
        by=by, about=subject, right=right, purpose=purpose, language=language, proven=proven
    )


def _judged(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a request whose parts are as the protocol has them; raises `CallRefused`."""
    if said.get("drp.version") != _VERSION:
        raise CallRefused(problem=f"`drp.version` is not `{_VERSION}`")
    if said.get("exercise") not in statuses.EXERCISES:
        raise CallRefused(problem="`exercise` is none that is taken here")
    if said.get("regime") not in (None, "ccpa"):
        raise CallRefused(problem="`regime` is neither `ccpa` nor absent")
    own = said.get("agent-request-id", "")
    if not isinstance(own, str) or len(own) > _MOST_OWN:
        raise CallRefused(problem="`agent-request-id` is no text, or too long")
    callback = said.get("status_callback", "")
    if not isinstance(callback, str):
        raise CallRefused(problem="`status_callback` is no text")
    if callback:
        try:
            typed(callback)
        except AddressRefused:
            raise CallRefused(problem="`status_callback` is no `https` address") from None
    for claim, verified in _CLAIMS.values():
        if not isinstance(said.get(claim, ""), str) or not isinstance(said.get(verified, False), bool):
            raise CallRefused(problem=f"`{claim}` or `{verified}` is not of its type")
    return said


async def _matched(hall: Hall, said: Mapping[str, Any]) -> tuple[Identifier | None, int | None]:
    """Return who proved what the agent verified, and by which claim: one person alone, or nobody."""
    found: dict[int, Identifier] = {}
    for spec in entering.identifiers(hall):
        claim, verified = _CLAIMS.get(spec.type, ("", ""))
        if not claim or said.get(verified) is not True or not said.get(claim):
            continue
        try:
            identifier = entering.read_identifier(hall, str(spec.name), str(said[claim])[:320])
        except BadValue:
            continue
        subject = await proofs_by_letter.whose(hall, identifier)
        if subject is not None and entering.is_reached(hall, identifier):
            found.setdefault(subject, identifier)
    if len(found) != 1:
        return None, None
    subject, identifier = next(iter(found.items()))
    return identifier, subject


async def _theirs(hall: Hall, http: HttpRequest, agent: Agent) -> AgentCase | None:
    """Return the request that an address names, where it is the agent's; None for any other."""
    try:
        request = UUID(http.path_params["request"]).bytes
    except ValueError:
        return None
    row = await hall.teller.alone_soon(lambda desk: rows.case_of(desk.unit, request))
    return row if row is not None and row.agent == agent.id else None


async def _status(hall: Hall, http: HttpRequest) -> Response:
    """Say how a request stands."""
    agent = await bearer(hall, http)
    row = await _theirs(hall, http, agent)
    return _forbidden() if row is None else await _told(hall, row)


async def _revoke(hall: Hall, http: HttpRequest) -> Response:
    """Take a request back; what is signed names none: that it is the token's owner's must do."""
    agent = await bearer(hall, http)
    call = await signed_by(hall, http, agent)
    row = await _theirs(hall, http, agent)
    if row is None:
        return _forbidden()
    if row.exercise not in statuses.RIGHTS:  # answered at once; an objection is the person's to take back
        return await _told(hall, row)
    try:
        revoked = await hall.teller.alone_soon(acts.revoking(agent, row.request, call.once(row.request)))
    except NothingThere:
        return _forbidden()
    return await _told(hall, revoked)


def routes() -> tuple[Route, ...]:
    """Return the routes of the protocol."""
    v1 = f"{BASE}/v1"
    request = partial(Route, f"{v1}/data-rights-request/{{request}}")
    taken = answering(_exercise, paced=True)
    return (
        Route(f"{v1}/agent/{{agent}}", set_up, methods=["POST"], name="drp.set-up"),
        Route(f"{v1}/agent/{{agent}}", answering(_is_set_up), methods=["GET"], name="drp.is-set-up"),
        Route(f"{v1}/data-rights-request", taken, methods=["POST"], name="drp.exercise"),
        Route(f"{v1}/data-rights-request/", taken, methods=["POST"], name="drp.exercise-slash"),
        request(answering(_status), methods=["GET"], name="drp.status"),
        request(answering(_revoke), methods=["DELETE"], name="drp.revoke"),
    )
