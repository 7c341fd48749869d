"""Trust agents who demand rights for other people, end that trust, and keep what they ask for."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from troth.clock import Instant
from troth.custody.demands import agents
from troth.custody.demands.filing import Demand, Lodged, file_demands
from troth.custody.demands.performing import perform
from troth.custody.desk import Desk
from troth.errors import BadArgument, NothingThere, TokenRefused
from troth.gates.addresses import web_address
from troth.rules import given
from troth.rules.rights_cases import Event, Happened, RightsCase
from troth.store import agents as rows
from troth.store.agents import Agent, AgentCase
from troth.teller import Teller

ID = re.compile(r"[A-Z_]{1,64}\Z")  # Data Rights Protocol 1.0, directory ids
_MOST_NAME = 200


def add_agent(teller: Teller, *, agent: str, name: str, key: str, redirects: Iterable[str] = ()) -> Agent:
    """Register an agent: its id and key (Ed25519, Base64) as the directory has them, and where people go on.

    Raises `BadArgument`, `AgentKnown`.
    """
    if not ID.match(given.text("agent", agent)):
        raise BadArgument(name="agent", wanted="an id of the directory: capital letters and `_`")
    if not (given.text("name", name).strip() and name.isprintable() and len(name) <= _MOST_NAME):
        raise BadArgument(name="name", wanted=f"a name of at most {_MOST_NAME} letters")
    try:
        verify_key = b64decode(given.text("key", key), validate=True)
    except ValueError:
        verify_key = b""
    if len(verify_key) != 32:
        raise BadArgument(name="key", wanted="32 bytes of an Ed25519 verify key, in Base64")
    some = tuple(sorted(given.texts("redirects", redirects)))
    for each in some:
        try:
            web_address(each)
        except ValueError as problem:
            raise BadArgument(name="redirects", wanted=f"web addresses; one {problem}") from None
    made = Agent(agent, name, verify_key, some, b"", 0, 0)
    return teller.alone(lambda desk: agents.add(desk, made))


def end_agent(teller: Teller, *, agent: str) -> Agent:
    """End the trust in an agent at once; raises `NoSuchAgent`."""
    given.text("agent", agent)
    return teller.alone(lambda desk: agents.end(desk, agent))


def agents_of(teller: Teller) -> tuple[Agent, ...]:
    """Return every agent that was registered, the oldest first; some are trusted no more."""
    return teller.alone(lambda desk: tuple(rows.every(desk.unit)))


def lodging(
    agent: Agent,
    exercise: str,
    demand: Demand | None,
    also: Sequence[Demand],
    said: Mapping[str, str],
    told: str,
    *,
    call: tuple[bytes, Instant],
) -> Callable[[Desk], tuple[AgentCase, tuple[RightsCase, ...]]]:
    """Return the work that keeps what an agent asks for, with the demands it comes to.

    `call` is the SHA-256 of the signature, which counts once, and when it would be over; the work raises
    `CallUsed`, and `TokenRefused` where the trust in the agent ended meanwhile.
    """

    def work(desk: Desk) -> tuple[AgentCase, tuple[RightsCase, ...]]:
        if not agents.is_trusted(desk, agent.id):
            raise TokenRefused
        agents.used(desk, *call)
        mine = [replace(each, by=f"agent:{agent.id}") for each in also]
        row, case = agents.lodge(desk, agent, exercise, demand, said, told)
        others = [one.case for one in file_demands(desk, mine) if isinstance(one, Lodged)]
        return row, (*([case] if case else ()), *others)

    return work


def revoking(agent: Agent, request: bytes, call: tuple[bytes, Instant]) -> Callable[[Desk], AgentCase]:
    """Return the work that takes a request back, with its demand as far as nothing was done for it.

    One that its person proved and that ended stays as it is.

    Raises `CallUsed`; `NothingThere` for a request of another; `BadArgument` when it is being carried out.
    """

    def work(desk: Desk) -> AgentCase:
        agents.used(desk, *call)
        row = rows.case_of(desk.unit, request)
        if row is None or row.agent != agent.id:
            raise NothingThere
        case, _ = agents.stands(desk, row)
        if case is not None and case.ended_at is not None:  # what was done, or refused, is still told as that
            return row
        event = Happened(desk.now, Event.CANCELLED, f"agent:{agent.id}")
        if not agents.cancel(desk, row, event):
            raise BadArgument(name="request", wanted="one that is not carried out yet")
        rows.revoke(desk.unit, request, desk.now)
        found = rows.case_of(desk.unit, request)
        assert found is not None  # noqa: S101 - it was there in this transaction
        return found

    return work


def carry_out(teller: Teller, case: bytes) -> None:
    """Carry out a demand that nothing stands in the way of."""
    perform(teller, case)
