"""Which program calls: its key, looked up in memory that is at most half a second behind the store."""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter
from typing import Final, TypeAlias

from troth.clock import SECOND, Instant
from troth.custody.program_keys import PREFIX, is_made_here
from troth.errors import KeyRefused, TooManyAttempts
from troth.rules.decision import Actor, program
from troth.rules.program_keys import ProgramKey
from troth.store import program_keys
from troth.teller import Teller
from troth.web.credentials.limits import Limits, Rate

FRESH: Final = 0.5  # seconds after which the keys are read again
SOON: Final = 0.01  # seconds after which they are for a key that nobody knows
OLDEST: Final = 0.9  # seconds after which nobody is answered by what was read before
_MINUTE: Final = 60 * SECOND
_LONGEST: Final = 200
_Rows: TypeAlias = dict[str, tuple[ProgramKey, bytes]]


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that showed a valid key."""

    key: ProgramKey
    by: Actor


@dataclass(slots=True)
class Keys:
    """The keys as they were read last, and the callers that showed one since."""

    _rows: _Rows = field(default_factory=dict)
    _begun: float = float("-inf")  # when they were last asked for
    _read: float = float("-inf")  # when what is here was asked for
    _callers: dict[bytes, Caller] = field(default_factory=dict)  # by SHA-256 of the whole key
    _buckets: dict[str, Limits] = field(default_factory=dict)  # by the id of the key

    async def caller(self, teller: Teller, authorization: str, at: Instant) -> Caller:
        """Return who shows a key, and count the request; raises `KeyRefused` and `TooManyAttempts`."""
        now = perf_counter()
        if now - self._begun > FRESH or now - self._read > OLDEST:
            await self._refresh(teller, now)
        scheme, _, text = authorization.partition(" ")
        mark = sha256(text.encode("utf-8", "replace")).digest()
        caller = self._callers.get(mark)
        if caller is None:
            if _id_of(text) not in self._rows:  # it may have been made since
                await asyncio.sleep(max(0.0, self._begun + SOON - now))
                if self._read < now:
                    await self._refresh(teller, perf_counter())
            caller = self._callers[mark] = self._recognise(teller, scheme, text)
        if scheme.lower() != "bearer" or caller.key.ends_at <= at:
            raise KeyRefused
        bucket = self._buckets.get(caller.key.id)
        if bucket is None:
            bucket = self._buckets[caller.key.id] = Limits(Rate(caller.key.rate, _MINUTE), most=1)
        verdict = bucket.take("call", "", at=at)
        if not verdict.allowed:
            raise TooManyAttempts(wait=verdict.wait)
        return caller

    def _recognise(self, teller: Teller, scheme: str, text: str) -> Caller:
        key, proof = self._rows.get(_id_of(text), (None, b""))
        if scheme.lower() != "bearer" or key is None or len(text) > _LONGEST:
            raise KeyRefused
        if not is_made_here(teller.house, key, proof, text.split("_", 2)[2]):
            raise KeyRefused
        return Caller(key, program(key.program))

    async def _refresh(self, teller: Teller, now: float) -> None:
        """Read the keys again; whoever comes meanwhile is answered by those of before, while they may be."""
        self._begun = now
        some = await teller.alone_soon(lambda desk: program_keys.every(desk.unit))
        rows = {key.id: (key, proof) for key, proof in some}
        if rows != self._rows:
            self._rows = rows
            self._callers.clear()
            self._buckets = {each: bucket for each, bucket in self._buckets.items() if each in rows}
        self._read = max(self._read, now)


def _id_of(text: str) -> str:
    """Return the id that a key names; empty when it has not the form of one."""
    parts = text.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""
