"""How often something may be tried, from where, and when an account pauses for whom.

Two promises of an agreement (`protect: rate_limit` and `protect: lockout`), kept in the memory of one
process. Places are networks: one IPv4 address, or 64 bits of IPv6.

Pausing must not be a way to lock others out. So failures count for the pair of account and place, or of
account and known device; what all unknown places together fail at one account slows each of them for a
while of its own, and never a known device. Passkeys cannot be guessed and are not asked here at all.

The times that are given may jump back, as clocks are set right: what was waited for is not waited for anew.
"""

from array import array
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import Generic, TypeVar

from troth.clock import DAY, SECOND, Instant
from troth.vault.keyring import Branch

REMEMBERED = 100_000
FAILURES = 100  # NIST SP 800-63B-4 3.2.2: no more consecutive failures than this
SLOWEST = 6  # levels of slowing, each twice as long as the one before
FIRST_WAIT = 30 * SECOND
LONGEST_WAIT = 900 * SECOND
_PERIODS = {"second": SECOND, "minute": 60 * SECOND, "hour": 3_600 * SECOND, "day": DAY}

V = TypeVar("V")


class Why(StrEnum):
    """What a limit said; the codes stay."""

    OPEN = "open"
    RATE = "rate"
    PAUSED = "paused"
    SLOWED = "slowed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be tried now: `wait` is in whole seconds, 0 when it may."""

    why: Why = Why.OPEN
    wait: int = 0

    @property
    def allowed(self) -> bool:
        """Whether it may be tried now."""
        return self.why is Why.OPEN


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a period of microseconds; fewer than one is taken as one."""

    count: int
    period: int

    @classmethod
    def of(cls, text: str) -> "Rate":
        """Return a rate as agreements write it, such as `60/minute`."""
        count, _, unit = text.partition("/")
        return cls(max(1, int(count)), _PERIODS[unit])


def network_of(address: str) -> str:
    """Return the network that stands for a place: IPv4 /32, IPv6 /64; what is no address is one place.

    IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "elsewhere"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, 32 if parsed.version == 4 else 64), strict=False))


def account_key(key: Branch, identifier: str) -> bytes:
    """Return 16 bytes that stand for an account while it is counted.

    `identifier` is what was typed, normalised, whether or not anybody has it: an account that does
    not exist pauses like one that does, and two names of one person do not pause together, since
    that would tell that they belong together.
    """
    return key.digest("troth.account", identifier)[:16]


class _Steady:
    """Time as it passes: after a clock was set back it goes on from where it was."""

    __slots__ = ("_ahead", "_last")

    def __init__(self) -> None:
        self._ahead, self._last = 0, 0

    def at(self, said: Instant) -> Instant:
        """Return the time for what the clock says."""
        self._ahead = max(self._ahead, self._last - said)
        self._last = said + self._ahead
        return self._last


class Limits:
    """A bucket of tokens for each kind of attempt and network, filled evenly (GCRA).

    From one place at most `rate.count` at once, and on average no more than the rate.
    """

    __slots__ = ("_lock", "_period", "_seen", "_steady", "_step", "rate")

    def __init__(self, rate: Rate, *, most: int = REMEMBERED) -> None:
        self.rate = rate
        self._period = rate.period
        self._step = max(1, rate.period // rate.count)
        self._seen: _Memory[Instant] = _Memory(most)
        self._steady = _Steady()
        self._lock = Lock()

    def take(self, what: str, network: str, *, at: Instant) -> Verdict:
        """Take a token when there is one; what is not allowed costs nothing."""
        with self._lock:
            at = self._steady.at(at)
            due = max(self._seen.get((what, network)) or at, at) + self._step
            if due - at > self._period:
                return _wait(Why.RATE, due - self._period - at)
            self._seen.put((what, network), due, until=due, at=at)
            return Verdict()

    def give_back(self, what: str, network: str, *, at: Instant) -> None:
        """Give a token back that was taken for what turned out to be no attempt."""
        with self._lock:
            at, due = self._steady.at(at), self._seen.get((what, network))
            if due is not None:
                self._seen.put((what, network), due - self._step, until=due - self._step, at=at)


class Lockout:
    """Failed sign-ins by account and place, and by account and known device.

    An attempt counts as failed from its beginning, so that many at once gain nothing; `succeeded`
    takes that back. `device` is the id of a device token that was opened and names this account.
    """

    __slots__ = ("_count", "_failures", "_lock", "_patient", "_period", "_steady", "_step", "_totals", "rate")

    def __init__(self, rate: Rate, *, most: int = REMEMBERED) -> None:
        self.rate = rate
        self._count = min(rate.count, FAILURES)
        self._period = rate.period
        self._step = max(1, rate.period // self._count)
        self._failures: _Memory[array[int]] = _Memory(most)
        self._totals: _Memory[Instant] = _Memory(most)
        self._patient: _Memory[Instant] = _Memory(most)
        self._steady = _Steady()
        self._lock = Lock()

    def attempt(self, account: bytes, *, network: str, device: bytes | None = None, at: Instant) -> Verdict:
        """Say whether a credential may be tried now, and count it as failed when it may."""
        place = device or network
        with self._lock:
            at = self._steady.at(at)
            failed = [each for each in self._failures.get((account, place)) or () if each > at - self._period]
            if len(failed) >= self._count:
                return _wait(Why.PAUSED, failed[-self._count] + self._period - at)
            if device is None:
                wait = self._slowed(account, network, at)
                if wait:
                    return _wait(Why.SLOWED, wait)
            self._failures.put((account, place), array("q", [*failed, at]), until=at + self._period, at=at)
            return Verdict()

    def succeeded(self, account: bytes, *, network: str, device: bytes | None = None, at: Instant) -> None:
        """Forget what this place, or this device, failed at this account; what others did there stays."""
        with self._lock:
            at = self._steady.at(at)
            self._failures.drop((account, device or network))
            due = self._totals.get(account) if device is None else None
            if due is not None:
                self._totals.put(account, due - self._step, until=due - self._step, at=at)

    def _slowed(self, account: bytes, network: str, at: Instant) -> int:
        """Return how long an unknown place has to wait, or count its attempt and return 0.

        The failures of all unknown places fill a bucket that empties at the agreed rate. While it
        is full, each place waits for a time of its own, and then has one attempt.
        """
        due = max(self._totals.get(account) or at, at)
        level = min((due - at) // self._period, SLOWEST)
        if level:
            ready = self._patient.get((account, network))
            if ready is None or ready + self._period <= at:
                ready = at + min(FIRST_WAIT << (level - 1), LONGEST_WAIT)
                self._patient.put((account, network), ready, until=ready + self._period, at=at)
            if at < ready:
                return ready - at
            self._patient.drop((account, network))
        due = min(due + self._step, at + (SLOWEST + 1) * self._period)
        self._totals.put(account, due, until=due, at=at)
        return 0


class _Memory(Generic[V]):
    """At most so many values; those whose time has passed go first, then the one touched longest ago."""

    __slots__ = ("_held", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, tuple[Instant, V]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        held = self._held.get(key)
        return None if held is None else held[1]

    def put(self, key: Hashable, value: V, *, until: Instant, at: Instant) -> None:
        self._held[key] = until, value
        self._held.move_to_end(key)
        while self._held and (len(self._held) > self._most or next(iter(self._held.values()))[0] <= at):
            self._held.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        self._held.pop(key, None)


def _wait(why: Why, microseconds: int) -> Verdict:
    return Verdict(why, -(-microseconds // SECOND))
