"""Agents who demand rights for other people: who they are, what they asked for, and which calls were used."""

import json
from dataclasses import dataclass, field

from sqlalchemy import bindparam, delete, select, update

from troth.clock import Instant
from troth.errors import RowBroken
from troth.store.reading import are_names, loaded
from troth.store.schema_rights import agent_calls, agent_cases, agents
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(agents)
_EVERY = Prepared(select(agents).order_by(agents.c.made_at, agents.c.agent))
_TOKEN = Prepared(
    update(agents).where(agents.c.agent == bindparam("of_agent")).values(token=bindparam("token"))
)
_END = Prepared(
    update(agents)
    .where(agents.c.agent == bindparam("of_agent"))
    .values(token=bindparam("token"), ended_at=bindparam("ended_at"))
)
_DROP = Prepared(delete(agents))
_ADD_CASE = Adding(agent_cases)
_CASE = Prepared(select(agent_cases).where(agent_cases.c.request == bindparam("request")))
_DUE = Prepared("SELECT * FROM agent_cases WHERE due_at <= :now ORDER BY due_at, request LIMIT :limit")
_TOLD = Prepared(
    update(agent_cases)
    .where(agent_cases.c.request == bindparam("of_request"))
    .values(told=bindparam("told"), tries=bindparam("tries"), due_at=bindparam("due_at"))
)
_LOOK = Prepared(
    update(agent_cases)
    .where(agent_cases.c.case_id == bindparam("of_case"))
    .values(due_at=bindparam("due_at"))
)
_REVOKE = Prepared(
    update(agent_cases)
    .where(agent_cases.c.request == bindparam("of_request"))
    .values(revoked_at=bindparam("revoked_at"))
)
_REMOVE = Prepared(delete(agent_cases).where(agent_cases.c.request == bindparam("request")))
_USE = Adding(agent_calls)
_USED = Prepared(select(agent_calls.c.until).where(agent_calls.c.signature == bindparam("signature")))
_FORGET = Prepared(delete(agent_calls).where(agent_calls.c.until <= bindparam("now")))


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who may demand rights for other people, as they are registered here."""

    id: str
    name: str
    verify_key: bytes  # Ed25519, 32 bytes
    redirects: tuple[str, ...]
    token: bytes = field(repr=False)  # keyed hash of what they bear; empty: none yet
    made_at: Instant
    ended_at: Instant  # 0: still trusted


@dataclass(frozen=True, slots=True)
class AgentCase:
    """One thing that an agent asked for; nobody can tell by it whether somebody was found."""

    request: bytes
    case: bytes
    agent: str
    exercise: str
    made_at: Instant
    revoked_at: Instant
    told: str
    tries: int
    due_at: Instant
    sealed: bytes = field(repr=False)


def add(unit: Unit, agent: Agent) -> None:
    """Register an agent."""
    said = json.dumps(agent.redirects)  # not hashed
    row = (agent.id, agent.name, agent.verify_key, said, agent.token, agent.made_at, agent.ended_at)
    unit.add(_ADD, [row])


def every(unit: Unit) -> list[Agent]:
    """Return every agent, the oldest first; raises `RowBroken`."""
    return [_agent(row) for row in unit.rows(_EVERY)]


def set_token(unit: Unit, agent: str, token: bytes) -> None:
    """Keep the keyed hash of what an agent bears; the one before counts no more."""
    unit.run(_TOKEN, token, agent)


def end(unit: Unit, agent: str, at: Instant) -> None:
    """End the trust in an agent."""
    unit.run(_END, b"", at, agent)


def drop_every(unit: Unit) -> int:
    """Forget every agent, and what they bear; return how many there were."""
    return unit.count(_DROP)


def add_case(unit: Unit, case: AgentCase) -> None:
    """Keep what an agent asked for."""
    row = (
        case.request, case.case, case.agent, case.exercise, case.made_at, case.revoked_at, case.told,
        case.tries, case.due_at, case.sealed,
    )  # fmt: skip
    unit.add(_ADD_CASE, [row])


def case_of(unit: Unit, request: bytes) -> AgentCase | None:
    """Return what an agent asked for; None when there is no such request. Raises `RowBroken`."""
    return next((_case(row) for row in unit.rows(_CASE, request)), None)


def due(unit: Unit, now: Instant, limit: int) -> list[AgentCase]:
    """Return up to `limit` requests that are to be looked at, the longest due first; raises `RowBroken`."""
    return [_case(row) for row in unit.rows(_DUE, now, limit)]


def told(unit: Unit, request: bytes, said: str, *, tries: int, due_at: Instant) -> None:
    """Keep what an agent was told last, and when to look again."""
    unit.run(_TOLD, said, tries, due_at, request)


def look(unit: Unit, case: bytes, at: Instant) -> None:
    """Let the request of a demand be looked at from an instant on."""
    unit.run(_LOOK, at, case)


def revoke(unit: Unit, request: bytes, at: Instant) -> None:
    """Note that an agent took a request back."""
    unit.run(_REVOKE, at, request)


def remove(unit: Unit, request: bytes) -> None:
    """Forget a request."""
    unit.run(_REMOVE, request)


def use(unit: Unit, signature: bytes, until: Instant) -> bool:
    """Note that a signature (its SHA-256) was used; False when it was before."""
    if unit.rows(_USED, signature):
        return False
    unit.add(_USE, [(signature, until)])
    return True


def forget_used(unit: Unit, now: Instant) -> None:
    """Forget the signatures that would be refused by their time now."""
    unit.run(_FORGET, now)


def _agent(row: Row) -> Agent:
    agent, name, key, listed, token, made_at, ended_at = row
    redirects = loaded(listed)
    if not are_names(redirects) or type(made_at) is not int or type(ended_at) is not int:
        raise RowBroken(table="agents")
    return Agent(agent, name, bytes(key), tuple(redirects), bytes(token), made_at, ended_at)


def _case(row: Row) -> AgentCase:
    request, case, agent, exercise, made_at, revoked_at, said, tries, due_at, sealed = row
    if not all(type(each) is int for each in (made_at, revoked_at, tries, due_at)):
        raise RowBroken(table="agent_cases")
    return AgentCase(
        bytes(request), bytes(case), agent, exercise, made_at, revoked_at, said, tries, due_at, bytes(sealed)
    )
