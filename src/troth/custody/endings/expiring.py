"""Expire: what is over goes, row by row or a whole partition at a time; every step may stop anywhere."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from troth.clock import DAY, Instant
from troth.custody.desk import Desk
from troth.custody.endings import anonymising
from troth.custody.endings.pacing import GAP, SWEPT_AT, leeway
from troth.custody.plans import STORED_APART
from troth.ledger.entry import Entry
from troth.rules.record import Origin, lifetime
from troth.store import cases, expiry, files, registry, shelves
from troth.store.expiry import Counted, Expired
from troth.terms.agreement import FieldSpec
from troth.terms.vocabulary import covers

CHUNK = 20_000
_AHEAD = 3  # days for which partitions are made before they are needed


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of expiry did."""

    removed: int
    late: Instant = 0  # how long the oldest of it was over, in microseconds
    dropped: int = 0  # partitions
    more: bool = False  # whether there may be more to do


def expire(desk: Desk, limit: int = CHUNK) -> Step:
    """Remove up to `limit` records whose time is over, oldest first, or one partition that is over.

    Records are unreadable from their instant on, whether or not this has run. What a hold keeps stays,
    unreadable, until it ends. One ledger line a retention clause commits to the ids of all records
    removed; where a large partition was dropped, it tells how many there were. What is made anonymous is
    counted in the same transaction (`anonymising`).
    """
    unit, origins = desk.unit, desk.house.origins
    origins.load(unit)
    traces, counted = _Traces(desk), anonymising.counted(desk)
    gone = expiry.expire(unit, desk.now, limit, traces.all, counted)
    room = limit - sum(some.count for some in gone)
    if origins.streams and room > 0:
        gone += expiry.expire_streams(unit, desk.now, room, traces.all, counted, spare=spare(desk))
    gone = gone or anonymising.count_out(desk, counted, limit)
    if gone:
        return _gone(desk, gone, traces)
    return _shelf(desk, limit, traces, counted)


def begin(desk: Desk) -> int:
    """Note when a sweep began, and make the partitions that will be needed; return how many were made."""
    last = registry.number(desk.unit, SWEPT_AT)
    registry.set_setting(desk.unit, SWEPT_AT, str(desk.now))
    registry.set_setting(desk.unit, GAP, str(max(0, desk.now - last) if last else 0))
    if desk.unit.sqlite or not desk.house.origins.streams:
        return 0
    days = [desk.now + day * DAY for day in range(_AHEAD)]
    parts = [p for intake in desk.house.book.intakes.values() if intake.rule.stream for p in intake.parts]
    ends = {(day, lifetime(part, day)[1]) for part in parts for day in days}
    wanted = {(shelves.shelf_of(day, end), end) for day, end in ends}
    return shelves.need(desk.unit, wanted, desk.house.origins)


def spare(desk: Desk, gap: Instant | None = None) -> Instant:
    """Return how long what is over may wait for the drop of its partition, after that is over itself.

    It is what the agreement promises, less twice the time between the last two sweeps: a house that is
    swept often leaves whole partitions to a drop, one that is swept once a day leaves nothing. Less than
    0: nothing may wait.
    """
    promised = min((keep.gone_within.after(0) for _, keep in desk.house.book.keeps.values()), default=0)
    return leeway(desk, promised, gap)


def _shelf(desk: Desk, limit: int, traces: "_Traces", counted: Counted) -> Step:
    """Do away with the oldest partition that is over: at once, or row by row while others look into it."""
    for shelf in [] if desk.unit.sqlite else shelves.over(desk.unit, desk.now):
        alone = shelves.free(desk.unit, shelf)
        gone = expiry.empty_shelf(desk.unit, shelf, limit, traces.all, counted, only=alone)
        if gone:
            return _gone(desk, gone, traces)
        if alone:
            step = _gone(desk, expiry.drop_shelf(desk.unit, shelf, desk.house.origins, counted), traces)
            return Step(step.removed, step.late, dropped=1, more=True)
    return Step(0)


def _gone(desk: Desk, removed: Sequence[Expired], traces: "_Traces") -> Step:
    """Take away what hung on records that were removed, and remember each clause's."""
    book, origins = desk.house.book, desk.house.origins
    for gone in removed:
        origin = origins.by_number[gone.origin]
        traces.follow(desk, gone)
        desk.remember(
            Entry(
                at=desk.now,
                kind="record.expired",
                actor="time",
                act="expire",
                outcome="done",
                category=origin.category,
                clauses=(book.keep(origin.kept)[0],),
                agreement=book.agreement.version,
                count=gone.count,
                commitment=b64encode(gone.digest).decode("ascii") or None,
            )
        )
    late = max((desk.now - gone.oldest for gone in removed), default=0)
    return Step(sum(gone.count for gone in removed), late, more=True)


class _Traces:
    """The origins whose records leave something behind: names, sealed files, places in a case."""

    __slots__ = ("all", "filed", "linked", "named")

    def __init__(self, desk: Desk) -> None:
        by_number = desk.house.origins.by_number
        specs = {number: _specs(desk, origin) for number, origin in by_number.items()}
        within = [word for _, rule in desk.house.book.cases.values() for word in rule.of]
        self.named = {number for number, some in specs.items() if any(spec.find for spec in some)}
        self.filed = {n for n, some in specs.items() if any(spec.type in STORED_APART for spec in some)}
        self.linked = {
            n for n, origin in by_number.items() if any(covers(w, origin.category) for w in within)
        }
        self.all = self.named | self.filed | self.linked

    def follow(self, desk: Desk, gone: Expired) -> None:
        """Take away what records that were removed left behind."""
        if gone.origin in self.named:
            for subject, record in gone.traced:
                registry.drop_names(desk.unit, subject, record)
        if gone.origin in self.filed:
            _remove_files(desk, gone.traced)
        if gone.origin in self.linked:
            cases.unlink(desk.unit, gone.traced)


def _specs(desk: Desk, origin: Origin) -> Collection[FieldSpec]:
    """Return what the fields of an origin are, in the agreement under which they came."""
    book = desk.house.books.get(origin.version, desk.house.book)
    return book.fields.get(origin.category, {}).values()


def _remove_files(desk: Desk, gone: Collection[tuple[int, bytes]]) -> None:
    ids = {record for _, record in gone}
    for subject in {subject for subject, _ in gone}:
        for name, record in files.of(desk.unit, subject):
            if record in ids:
                desk.house.blobs.remove(name)
                files.drop(desk.unit, name)
