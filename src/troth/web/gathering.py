"""What is noted by the way, gathered for a second and taken in with one job; nobody waits for it.

It stands in memory until then: a crash loses at most a second of it. Whoever stops the server flushes it,
so that nothing is lost by an orderly stop. There is a bound, so that it cannot fill the memory; what comes
beyond is dropped.
"""

import asyncio

from troth.acts import collect
from troth.custody.drafts import Offer
from troth.errors import TrothError
from troth.teller import Teller
from troth.web.logs import log

EACH = 1.0  # seconds
MOST = 2_000  # offers that wait


class Gathered:
    """Offers that wait for the next job."""

    __slots__ = ("_offers", "_task")

    def __init__(self) -> None:
        self._offers: list[Offer] = []
        self._task: asyncio.Task[None] | None = None

    def put(self, teller: Teller, offer: Offer) -> None:
        """Let an offer be taken in within a second; called on the loop of the server."""
        if len(self._offers) >= MOST:
            log("dropped", count=1)
            return
        self._offers.append(offer)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._later(teller))

    async def _later(self, teller: Teller) -> None:
        while self._offers:
            await asyncio.sleep(EACH)
            await self.flush(teller)

    async def flush(self, teller: Teller) -> None:
        """Take in now what waits; what is refused stands in the ledger and fails nobody."""
        offers, self._offers = self._offers, []
        if not offers:
            return
        try:
            await teller.ask_soon(collect.taking(offers, together=True))
        except TrothError as problem:
            log("dropped", count=len(offers), code=problem.code)
