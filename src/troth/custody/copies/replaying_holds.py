"""Replay of holds: place again what was held after a copy was made, with its matter as the lines tell it.

The end of one person's hold is not replayed: it widens. That of a matter is, as every line of it says its
end, and what has ended by time ends again by itself.
"""

from dataclasses import replace

from troth.clock import FOREVER, Instant, instant
from troth.custody.desk import Desk
from troth.custody.matters import file_holds, hold_of
from troth.errors import BadTime
from troth.ledger.entry import Entry
from troth.rules.matters import UNTOLD
from troth.rules.standing import write
from troth.store import matters, registry
from troth.store.matters import Matter


def place_again(desk: Desk, entry: Entry, subject: int) -> bool:
    """Place a hold again, as its line says, and return whether that could be done."""
    it = told_by(entry)
    if it is None:
        return False
    known = matters.one(desk.unit, it.matter, it.reason)
    if known is not None and (known.owner, known.untold) == (it.owner, it.untold):
        it = replace(it, opened_at=known.opened_at)  # the same one
    matters.open_one(desk.unit, it)
    before = desk.standings[subject]
    others = (hold for hold in before.holds if (hold.matter, hold.reason) != (it.matter, it.reason))
    after = replace(before, holds=(*others, hold_of(desk, it)))
    desk.standings[subject] = after
    registry.set_standing(desk.unit, subject, write(after))
    file_holds(desk, subject, after)
    return True


def retime_again(desk: Desk, entry: Entry) -> None:
    """Move the end of a matter again, where it is open."""
    it = told_by(entry)
    if it is not None:
        matters.set_end(desk.unit, it.matter, it.reason, it.ends_at)


def told_by(entry: Entry) -> Matter | None:
    """Return a matter as a line about it tells it; None where the line does not say enough."""
    if not entry.reasons or not entry.case:
        return None
    owner = entry.on_behalf_of or ":".join(entry.actor.split(":")[:2])
    untold = next((each.removeprefix(UNTOLD) for each in entry.reasons[1:] if each.startswith(UNTOLD)), "")
    end = _end(entry.circumstance)
    return Matter(entry.case, entry.reasons[0], owner.removeprefix("staff:"), entry.at, end, untold)


def _end(text: str | None) -> Instant:
    try:
        return FOREVER if text is None else instant(text)
    except BadTime:
        return FOREVER
