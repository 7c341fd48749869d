"""Recall: what the ledger says of one person, newest first, without reading what it says of others.

Which entries speak of whom is noted by the sweep. What came after the last sweep is looked through once, by
whoever asks first (a few microseconds an entry), and kept in the memory of this process; what it writes from
then on is added as it is written, and forgotten once a sweep has noted it.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from troth.clock import Instant
from troth.custody.desk import Desk
from troth.custody.publishing import entry_of
from troth.house import House
from troth.ledger.entry import Entry
from troth.rules.matters import ACTS, hides
from troth.rules.standing import NEWCOMER
from troth.store import entries, registry

WATERMARK = "sightings.next"
MOST = 1_000  # entries that are read for one answer
MOST_PASSED = 20_000  # entries that are passed over, by a look at their bytes alone
_CHUNK = 512
LONGEST = 1_000_000  # entries of a tail that is kept without being asked for
_BEFORE = b'"subject":"'  # the last field of a leaf, and always 22 characters
_NAME = 22


@dataclass(slots=True)
class Tail:
    """Which entries from `start` up to `end` speak of whom."""

    start: int
    end: int
    by: dict[bytes, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recalled:
    """Entries about a person, newest first, and where the older ones begin (None: there are none)."""

    entries: tuple[tuple[int, Entry], ...]
    older: int | None


def recall_some(
    desk: Desk,
    subject: int,
    *,
    before: int | None = None,
    limit: int = 50,
    wanted: Callable[[Entry], bool] = lambda _: True,
    having: bytes = b"",
    since: Instant = 0,
    most: int = MOST,
    every: bool = False,
) -> Recalled:
    """Return up to `limit` entries about a person that are wanted, below the number `before`, newest first.

    At most `most` entries are looked at, and none from before `since`. Entries that do not hold the bytes
    `having`, a part of an entry as it is written, are passed over quickly: twenty times as many are then
    looked at. Nothing once their keys are gone. What the person may not be told of yet is left out, unless
    `every` entry is asked for. Raises `LeafDamaged`.
    """
    name = desk.pseudonym(subject)
    if name is None:
        return Recalled((), None)
    found: list[tuple[int, Entry]] = []
    looked, below = 0, desk.unit.size if before is None else before
    most, chunk = (MOST_PASSED, _CHUNK) if having else (most, limit * 2)
    while looked < most:
        numbers = _numbers(desk, name, below, min(chunk, most - looked))
        if not numbers:
            return Recalled(tuple(found), None)
        leaves = entries.some(desk.unit, numbers)
        for number in numbers:
            below, looked = number, looked + 1
            if having not in leaves[number]:
                continue
            entry = entry_of(number, leaves[number])
            if entry.at < since:
                return Recalled(tuple(found), None)
            if wanted(entry) and (every or not hidden(desk, subject, entry)):
                found.append((number, entry))
                if len(found) == limit:
                    older = _numbers(desk, name, below, 1)
                    return Recalled(tuple(found), below if older else None)
    return Recalled(tuple(found), below if _numbers(desk, name, below, 1) else None)


def first_entry(desk: Desk, subject: int) -> int | None:
    """Return the number of the first entry about a person: how far back the log goes for them."""
    name = desk.pseudonym(subject)
    if name is None:
        return None
    noted = entries.first_sighted(desk.unit, _raw(name))
    late = _tail(desk).by.get(name.encode("ascii"), [])
    return noted if noted is not None else next(iter(late), None)


def entry_about(desk: Desk, subject: int, number: int) -> Entry | None:
    """Return an entry of the ledger if it is about this person; None for any other, and for none."""
    name = desk.pseudonym(subject)
    if name is None or not 0 <= number < desk.unit.size:
        return None
    entry = entry_of(number, entries.some(desk.unit, [number])[number])
    return entry if entry.subject == name and not hidden(desk, subject, entry) else None


def hidden(desk: Desk, subject: int, entry: Entry) -> bool:
    """Whether an entry tells of a matter that the person may not be told of yet."""
    if entry.act not in ACTS:
        return False
    desk.find([subject])
    standing = desk.standings.get(subject, NEWCOMER)
    reason = entry.reasons[0] if entry.outcome != "refused" and entry.reasons else None
    return hides(standing, case=entry.case, reason=reason, at=entry.at, now=desk.now)


def _numbers(desk: Desk, name: str, below: int, limit: int) -> list[int]:
    tail = _tail(desk)
    late = [n for n in reversed(tail.by.get(name.encode("ascii"), ())) if n < below][:limit]
    if len(late) == limit:
        return late
    return late + entries.sighted_before(desk.unit, _raw(name), min(below, tail.start), limit - len(late))


def follow(house: House, start: int, leaves: Sequence[bytes]) -> None:
    """Add the lines of a committed unit to the tail, if there is one; `start` is their first number."""
    tail: Tail | None = house.tail
    if tail is None or tail.end != start:
        return
    house.tail = None  # whatever interrupts this: half a tail is none
    if tail.end - tail.start <= LONGEST:
        _add(tail, leaves)
        house.tail = tail


def _tail(desk: Desk) -> Tail:
    """Return the tail of the ledger that no sweep has noted yet, as it is in this unit.

    What was noted meanwhile is dropped when it is more than half of it.
    """
    house, unit = desk.house, desk.unit
    start = registry.number(unit, WATERMARK)
    tail: Tail = house.tail or Tail(start, start)
    if start >= tail.end or start < tail.start:
        tail = Tail(start, start)
    elif start - tail.start > tail.end - start:
        some = {name: [n for n in numbers if n >= start] for name, numbers in tail.by.items()}
        tail = Tail(start, tail.end, {name: numbers for name, numbers in some.items() if numbers})
    house.tail = None
    _add(tail, entries.leaves(unit, tail.end, unit.size))
    house.tail = tail
    return tail


def _add(tail: Tail, leaves: Iterable[bytes]) -> None:
    for leaf in leaves:
        if leaf[-_NAME - 2 - len(_BEFORE) : -_NAME - 2] == _BEFORE:
            tail.by.setdefault(leaf[-_NAME - 2 : -2], []).append(tail.end)
        tail.end += 1


def _raw(name: str) -> bytes:
    return urlsafe_b64decode(name + "==")
