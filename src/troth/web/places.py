"""Places: every connection there is, where it comes from, what it waits for, and which of them has to go.

A place that has all its connections gives up the one that waited longest, and so does the server when
it has as many as it can. Proxies of ours may have as many as they like: they stand for many places, and
count for themselves.
"""

from enum import Enum
from math import inf
from typing import Protocol

from troth.settings import Network
from troth.web.credentials.limits import network_of
from troth.web.proxies import is_proxy

EACH_PLACE = 200  # connections of one place
MOST = 1_900  # of all places


class Stage(Enum):
    """What a connection waits for, and how many seconds it may."""

    SHAKE = "a handshake", 10.0
    HEAD = "a request", 20.0
    BODY = "more of a body", 20.0
    REST = "the rest of a body that nobody reads", 20.0
    ANSWER = "us", inf
    NOTHING = "another request", 60.0
    REFUSED = "the other side to take what it was told, and close", 2.0

    def __init__(self, _: str, patience: float) -> None:
        self.patience = patience


_GIVEN_UP = (Stage.SHAKE, Stage.HEAD, Stage.NOTHING, Stage.REFUSED)


class Connection(Protocol):
    """One connection, from the moment that it is made."""

    stage: Stage
    since: float

    def end(self) -> None:
        """End it at once, and what is being done for it."""

    def is_late(self) -> bool:
        """Whether it let us wait for too long."""


class Places:
    """Every connection there is, by the place it comes from."""

    def __init__(self, proxies: tuple[Network, ...] = (), *, most: int = MOST) -> None:
        """Count the connections of each place but those of proxies, and never have more than `most`."""
        self._proxies, self._most = proxies, most
        self._known: dict[str, set[Connection]] = {}
        self._all: set[Connection] = set()

    def enter(self, one: Connection, peer: str) -> str:
        """Note a connection; where there are too many, another has to go, or this one. Return the place."""
        place = network_of(peer)
        here = self._known.get(place, set())
        if len(here) >= EACH_PLACE and not is_proxy(peer, self._proxies):
            _give_up(here, one)
        elif len(self._all) >= self._most:
            _give_up(self._all, one)
        self._known.setdefault(place, set()).add(one)
        self._all.add(one)
        return place

    def leave(self, one: Connection, place: str) -> None:
        """Forget a connection."""
        self._all.discard(one)
        here = self._known.get(place, set())
        here.discard(one)
        if not here:
            self._known.pop(place, None)

    async def look(self) -> None:
        """End every connection that waits for somebody for too long."""
        for each in list(self._all):
            if each.is_late():
                each.end()


def _give_up(among: set[Connection], new: Connection) -> None:
    waiting = (each for each in among if each.stage in _GIVEN_UP)
    min(waiting, key=lambda each: each.since, default=new).end()
