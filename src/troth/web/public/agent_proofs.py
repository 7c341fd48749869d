"""What an agent asked for, as the page to which it sends its person: the way to the letter that proves it.

The page looks alike whether or not somebody was found. Where people go on afterwards is an address that was
registered for that agent; any other is left out, and so is one that names another request.
"""

from uuid import UUID

from starlette.responses import Response

from troth.custody.demands import agents
from troth.custody.desk import Desk
from troth.errors import NoSuchAgent
from troth.rules.rights_cases import RightsCase
from troth.store import agents as rows
from troth.store import rights_cases
from troth.store.agents import Agent, AgentCase
from troth.web import behind, proofs_by_letter, tracking
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import network_of
from troth.web.drp.statuses import RIGHTS
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.proofs_by_letter import Link
from troth.web.public.pages import missing
from troth.web.visit import Visit

pages = Pages()
PATH = f"/requests/{Link.AGENT}/{{token}}"


async def _found(visit: Visit) -> tuple[AgentCase, Agent, RightsCase | None, str] | None:
    said = proofs_by_letter.opened(visit.hall, Link.AGENT, visit.http.path_params["token"])
    if said is None or said.until <= visit.now:
        return None

    def work(desk: Desk) -> tuple[AgentCase, Agent, RightsCase | None, str] | None:
        row = rows.case_of(desk.unit, said.case)
        if row is None or row.revoked_at or row.exercise not in RIGHTS:
            return None
        try:
            agent = agents.of_id(desk, row.agent)
        except NoSuchAgent:
            return None
        case = rights_cases.one(desk.unit, row.case) if row.case else None
        return row, agent, case, agents.said_with(desk, row).get("mark", "")

    return await visit.hall.teller.alone_soon(work)


@pages.page(PATH, permission=Permission.VISITOR)
async def look(visit: Visit) -> Response:
    """Say who asked for what, and offer the letter; to look sends nothing."""
    found = await _found(visit)
    return await missing(visit) if found is None else _page(visit, found[0], found[1], sent=False)


def _page(visit: Visit, row: AgentCase, agent: Agent, *, sent: bool) -> Response:
    return visit.page(
        "public/agent_proof.html",
        visit.words("Was it you?"),
        200,
        agent=agent.name,
        what=tracking.said(visit, RIGHTS[row.exercise].value, ""),
        action=visit.http.url.path,
        back=_back(visit, row, agent),
        request=str(UUID(bytes=row.request)),
        sent=sent,
    )


def _back(visit: Visit, row: AgentCase, agent: Agent) -> str:
    """Return where somebody goes on who proved it: only to what is registered for this agent."""
    asked = {**visit.http.query_params, **visit.form}
    to, request = asked.get("redirect_to", ""), asked.get("request_id", "")
    return to if to in agent.redirects and request == str(UUID(bytes=row.request)) else ""


@pages.page(PATH, permission=Permission.VISITOR, methods=("POST",), lasting=True, limit="request")
async def send(visit: Visit) -> Response:
    """Send the letter, behind the page: to whoever the request is about, if it is about anybody."""
    found = await _found(visit)
    if found is None:
        return await missing(visit)
    row, agent, case, mark = found
    behind.begin(visit.hall, _send(visit, row, agent, case, mark), name="request")
    return _page(visit, row, agent, sent=True)


async def _send(visit: Visit, row: AgentCase, agent: Agent, case: RightsCase | None, mark: str) -> None:
    hall = visit.hall
    identifier = None
    if case is not None and mark and not case.is_proven and case.ended_at is None:
        identifier = await proofs_by_letter.proven_at(hall, case.subject, bytes.fromhex(mark))
    if case is not None and identifier is not None:
        await proofs_by_letter.ask_for_proof(
            hall, visit.reader, case, identifier, asker=Asker(network_of(visit.address)),
            what=tracking.what(visit, case), agent=agent.name, to=_back(visit, row, agent),
        )  # fmt: skip
