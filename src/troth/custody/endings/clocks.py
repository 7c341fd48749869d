"""Clocks: what an event does to the end of a record whose time runs from it, and what undoing it does."""

from troth.custody.desk import Desk
from troth.rules.record import Record, chosen, ends
from troth.rules.standing import NEWCOMER
from troth.store import records


def start(desk: Desk, record: Record) -> None:
    """Let the time of a record run from now; an end that was set by an earlier event stays."""
    _, keep = desk.house.book.keep(record.origin.kept)
    end = min(record.narrows_at, ends(keep, record.collected_at, desk.now))
    periods = [longer.period for longer in keep.longer if longer.why == record.origin.only_for]
    beyond = max(end, min(record.expires_at, periods[0].after(desk.now))) if periods else end
    _move(desk, record, end, beyond)


def stop(desk: Desk, record: Record) -> None:
    """Give a record its maximum back; what is over already is not revived.

    A time that the person chose leaves what is kept longer for one purpose alone, as `lifetime` does.
    """
    if record.narrows_at > desk.now:
        _, keep = desk.house.book.keep(record.origin.kept)
        days = desk.standings.get(record.subject, NEWCOMER).days(record.origin.kept, record.collected_at)
        most = ends(keep, record.collected_at, None)
        limit = chosen(most, record.collected_at, days)
        _move(desk, record, limit, limit if record.origin.only_for is None else most)


def _move(desk: Desk, record: Record, narrows_at: int, expires_at: int) -> None:
    records.move_end(desk.unit, record, narrows_at, expires_at, desk.house.origins)
