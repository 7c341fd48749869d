"""Two late scenes: what time takes away, and what a member sees of all that was done."""

from typing import Any

from troth.clock import DAY
from troth.custody.desk import Desk
from troth.demo import lives
from troth.demo.collecting import remember
from troth.demo.people import Person
from troth.demo.scan import exact, scan
from troth.demo.stage import (
    ENGINEER,
    GUARD,
    Stage,
    attempt,
    because,
    clauses_of,
    day,
    moment,
    shown,
    timed,
)
from troth.errors import Refused
from troth.ledger.entry import Entry
from troth.store import belongings

PUBLISHED = "ledger"  # where in the house's directory the story exports the ledger to
TAIL = 24  # bytes of a sealed record by which it is recognised in a file
LONG = 91 * DAY


def expiry_scene(stage: Stage) -> None:
    """Let 91 days pass: what has ended is unreadable at that instant, and gone after a sweep."""
    page, house, someone = stage.page, stage.house, stage.people[2]
    page.scene("91 days pass")
    context = house.purpose("service.upkeep", by=ENGINEER, case="E-6", reason="slow-page")

    def visits() -> Any:  # noqa: ANN401 - what a read gives
        return context.read(about=someone.reference, category="usage")

    before = len(visits().records)
    held = [exact(f"visit {n}", tail) for n, tail in enumerate(tails(stage, someone, "usage"))]
    there = len(scan(stage.directory, held).names)
    stage.clock.forward(LONG)
    refusal = attempt(visits)
    page.say(
        f"On {day(stage.clock() - LONG)} an engineer read {before} visits of {someone.name}. On "
        f"{day(stage.clock())}: {because(refusal)} ({stage.short(clauses_of(refusal))}). Nothing has "
        "run yet.",
        good=refusal is not None,
    )
    model = attempt(lambda: context.one(about=someone.reference, field="device.model"))
    guard = house.purpose("security.accounts", by=GUARD)
    device = guard.one(about=someone.reference, field="device.device_id").reveal()
    page.say(
        f"The device split in two by itself: its model is refused ({because(model)}), while its number "
        f"({shown(device)}) is left to security for a year ({stage.short(('keep.technical',))}).",
        good=model is not None,
    )
    swept, seconds = timed(house.sweep)
    after = scan(stage.directory, held)
    page.say(
        f"One sweep removed {swept.expired:,} records in {seconds:.2f} s, "
        f"{swept.expired / seconds:,.0f} a second. "
        f"Of those {len(held)} visits {there} stood in the files before; {len(after.names)} do now.",
        good=not after.found,
    )
    page.figure("expired", swept.expired)
    page.figure("expired_refused", isinstance(refusal, Refused) and refusal.codes == ("expired",))
    page.figure("expired_left", len(after.found))


def tails(stage: Stage, person: Person, category: str = "") -> list[bytes]:
    """Return the last bytes of every sealed record of a person, of one category or of all."""

    def work(desk: Desk) -> list[bytes]:
        desk.find([person.reference])
        held = belongings.every(desk.unit, desk.people[person.reference], desk.house.origins)
        return [r.sealed[-TAIL:] for r in held if category in ("", r.origin.category)]

    return stage.house.teller.alone(work)


# ---- what a member sees


def ledger_scene(stage: Stage) -> None:
    """Show a member what the ledger says of her."""
    page, she = stage.page, stage.heroine
    rng = stage.crowd.rng
    for person in (she, stage.visitor):  # both come back, so that there is something of every class to erase
        for offer in (lives.visit(person, stage.clock(), rng), lives.device(person, rng)):
            remember(stage, offer)
            stage.house.collect_many([offer])
    entries = stage.house.entries(about=she.reference)
    page.scene(f"What {she.name} sees: who saw her, why, under which clause")
    telling = [(n, e) for n, e in entries if e.kind in _TELLING and (e.outcome != "refused" or e.purpose)]
    few = telling[-8:]
    page.table(("entry #", "when", "who", "what", "for", "clause"), [_told(stage, n, e) for n, e in few])
    refused = sum(entry.outcome == "refused" for _, entry in entries)
    page.say(
        f"... and {len(entries) - len(few)} more: {len(entries)} entries in all, {refused} of them "
        "refusals. They "
        "name fields, never values; she is in them by a name that only her own key can work out."
    )
    page.figure("timeline", len(entries))


_TELLING = frozenset({"record.used", "record.disclosed", "request.refused"})


def _told(stage: Stage, number: int, entry: Entry) -> tuple[str, ...]:
    kind, _, rest = entry.actor.partition(":")
    who = rest.partition(":")[0] if kind == "staff" else rest or kind
    to = f" to {entry.recipient.rpartition('.')[2]}" if entry.recipient else ""
    if entry.outcome == "refused":
        done = f"refused, {entry.reasons[0].partition(':')[0]}"
    else:
        done = ", ".join(entry.fields[:3]) + (" ..." if len(entry.fields) > 3 else "")
    what = f"{entry.act} {entry.category}{to}: {done}"
    return f"{number}", moment(entry.at), who, what, entry.purpose or "", stage.short(entry.clauses)
