"""Agents: registered, ended, known by what they bear; what they ask for is filed in the same transaction.

Of a token the house keeps a keyed hash, bound to its agent. Each signed call counts once. Of a request the
row looks alike whether or not somebody was found: only a demand that its person proved says more of itself.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from os import urandom

from troth.clock import DAY, Instant
from troth.custody.demands.filing import Demand, Lodged, due_of, file_demands, happen
from troth.custody.demands.performing import clauses_of
from troth.custody.demands.regimes import regimes
from troth.custody.desk import Desk
from troth.errors import AgentKnown, CallUsed, NoSuchAgent
from troth.ledger.entry import Entry
from troth.rules.rights_cases import LETTER, Deadline, Event, Happened, RightsCase
from troth.store import agents, rights_cases
from troth.store.agents import Agent, AgentCase
from troth.terms.vocabulary import RightName
from troth.vault.keyring import Branch

KEPT = 60 * DAY  # of a request, after what ended it (Data Rights Protocol 1.0: 60 days at most)
_BRANCH = "agents"


def add(desk: Desk, agent: Agent) -> Agent:
    """Register an agent; raises `AgentKnown`, also for one whose trust ended."""
    if any(each.id == agent.id for each in agents.every(desk.unit)):
        raise AgentKnown(agent=agent.id)
    made = replace(agent, made_at=desk.now, ended_at=0, token=b"")
    agents.add(desk.unit, made)
    _remember(desk, agent.id, "agent.added", "add")
    return made


def end(desk: Desk, agent: str) -> Agent:
    """End the trust in an agent: nothing signed or borne by it counts any more. Raises `NoSuchAgent`."""
    found = of_id(desk, agent)
    agents.end(desk.unit, agent, desk.now)
    _remember(desk, agent, "agent.ended", "end")
    return found


def of_id(desk: Desk, agent: str) -> Agent:
    """Return an agent who is trusted; raises `NoSuchAgent`."""
    found = next((each for each in agents.every(desk.unit) if each.id == agent and not each.ended_at), None)
    if found is None:
        raise NoSuchAgent
    return found


def of_token(desk: Desk, token: str) -> Agent | None:
    """Return the agent who bears a token; None when nobody does."""
    known = [each for each in agents.every(desk.unit) if each.token and not each.ended_at]
    fits = [each for each in known if hmac.compare_digest(each.token, _hash(desk, each.id, token))]
    return fits[0] if fits else None


def issue(desk: Desk, agent: str, signature: bytes, until: Instant) -> str:
    """Return a new token of an agent, which is kept nowhere; the one before counts no more.

    Raises `CallUsed`, `NoSuchAgent`.
    """
    used(desk, signature, until)
    token = urlsafe_b64encode(urandom(32)).rstrip(b"=").decode("ascii")
    agents.set_token(desk.unit, of_id(desk, agent).id, _hash(desk, agent, token))
    _remember(desk, agent, "agent.keyed", "key")
    return token


def used(desk: Desk, signature: bytes, until: Instant) -> None:
    """Let a signature (its SHA-256) count, once; raises `CallUsed`."""
    if not agents.use(desk.unit, signature, until):
        raise CallUsed


def lodge(
    desk: Desk, agent: Agent, exercise: str, demand: Demand | None, said: Mapping[str, str], told: str
) -> tuple[AgentCase, RightsCase | None]:
    """Keep what an agent asks for, with the demand it comes to; None of it where there is none to be filed.

    A demand that the person themself has open already is theirs: the agent learns nothing of it.
    """
    case: RightsCase | None = None
    if demand is not None:
        (outcome,) = file_demands(desk, [replace(demand, by=f"agent:{agent.id}")])
        case = outcome.case if isinstance(outcome, Lodged) else None
    if case is not None and not case.is_proven:
        asked = Happened(desk.now, Event.ASKED, "time", (LETTER,))
        case, _ = happen(desk, case, asked, clauses_of(desk, case), letter=False)  # they ask for it here
    request = urandom(16)
    sealed = _branch(desk).seal(json.dumps(dict(said)).encode(), "request", salt=request)  # not hashed
    row = AgentCase(
        request, case.id if case else b"", agent.id, exercise, desk.now, 0, told, 0, desk.now, sealed
    )
    agents.add_case(desk.unit, row)
    return row, case


def said_with(desk: Desk, row: AgentCase) -> dict[str, str]:
    """Return what an agent said with a request: their own number, where to call back. Raises `SealBroken`."""
    found: dict[str, str] = json.loads(_branch(desk).unseal(row.sealed, "request", salt=row.request))
    return found


def stands(desk: Desk, row: AgentCase) -> tuple[RightsCase | None, Deadline | None]:
    """Return the demand of a request, with when it is due; None before its person proved it."""
    case = rights_cases.one(desk.unit, row.case) if row.case else None
    return (None, None) if case is None or not case.was_proven else (case, due_of(desk, case))


def is_trusted(desk: Desk, agent: str) -> bool:
    """Whether an agent is trusted, as it is now."""
    return any(each.id == agent and not each.ended_at for each in agents.every(desk.unit))


def earliest(desk: Desk, right: RightName, at: Instant) -> Instant | None:
    """Return when an answer would be due to whoever it is: no law of theirs is told before their proof."""
    ending = regimes().strictest(desk.house.book.agreement.organisation.regimes, right, at)
    return ending.at if ending else None


def cancel(desk: Desk, row: AgentCase, event: Happened) -> bool:
    """Take the demand of a request back; False when it is being carried out; one that ended stays so."""
    case = rights_cases.one(desk.unit, row.case) if row.case else None
    if case is None or case.ended_at is not None:
        return True
    if not case.may(event.event):
        return False
    happen(desk, case, event, clauses_of(desk, case))
    return True


def _branch(desk: Desk) -> Branch:
    return desk.house.keyring.branch(_BRANCH)


def _hash(desk: Desk, agent: str, token: str) -> bytes:
    return _branch(desk).digest("token", agent, token)


def _remember(desk: Desk, agent: str, kind: str, act: str) -> None:
    desk.remember(
        Entry(
            at=desk.now, kind=kind, actor=f"agent:{agent}" if act == "key" else "operator", act=act,
            outcome="done", fields=(agent,), agreement=desk.house.book.agreement.version,
        )
    )  # fmt: skip
