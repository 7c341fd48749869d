"""Replay: do again, in a copy that was restored, what the ledger says was done after it.

Erasures and every *no*: what is gone stays gone, and what was refused stays refused. What widens (a
consent, the end of a hold) is not replayed: it can be given again. Values that were corrected are not in the
ledger, so what they replaced is set aside, restricted, until somebody corrected it anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations

from troth.clock import Instant
from troth.custody.copies import replaying_graces
from troth.custody.copies.replaying_demands import DEMANDS, FILED, SETTLED, replay_demand, replay_settled
from troth.custody.copies.replaying_holds import place_again, retime_again
from troth.custody.desk import Desk
from troth.custody.endings import erasing, finishing, leaving
from troth.custody.endings.erasing import WHOLE
from troth.custody.endings.removing import take_away
from troth.custody.endings.shortening import shorten_held
from troth.custody.keymaking import DUTIES, GRACE, SELF
from troth.custody.labels import doubt
from troth.custody.plans import stem_of
from troth.ledger.entry import Entry
from troth.rules.record import Record
from troth.rules.standing import Choice, Consent, Standing, write
from troth.store import agents, belongings, erasures, graces, keystore, program_keys, registry, sealed_keys
from troth.terms.vocabulary import Category, FieldName, Purpose, RetentionClass, RightName

REPLAYED = "erasure.replayed"
PARTS = 4  # of one record: more are not tried in every combination
WHOLES = 10  # records of a category, as above
CHUNK = 2_000


@dataclass(slots=True)
class Replay:
    """What was replayed so far, and what was not."""

    people: dict[str, int]  # by pseudonym: those of the copy whom the lines name
    called_back: dict[str, int]  # by commitment of a grace: the last line by which its person ended it
    erased: int = 0
    gone: set[int] = field(default_factory=set)  # people of whom nothing may be left
    noes: int = 0
    left: int = 0
    removed: int = 0
    aside: list[tuple[int, str]] = field(default_factory=list)  # entries that people have to look at
    widened: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)


def named_in(entries: Iterable[tuple[int, Entry]]) -> tuple[frozenset[str], dict[str, int]]:
    """Return the pseudonyms of lines that are replayed, and by commitment the last end of each grace."""
    named, back = set[str](), dict[str, int]()
    for number, entry in entries:
        if entry.subject and entry.outcome != "refused" and (entry.kind in _REPLAYED or entry.kind == FILED):
            named.add(entry.subject)
        if entry.kind == "grace.ended" and entry.commitment:
            back[entry.commitment] = number
    return frozenset(named), back


def replay(desk: Desk, found: Replay, entries: Sequence[tuple[int, Entry]]) -> None:
    """Replay some lines, in order."""
    for number, entry in entries:
        if entry.outcome == "refused":
            continue
        if entry.kind == "erasure.begun" and entry.subject is None:
            _end_grace(desk, found, entry)
            continue
        if entry.kind == "grace.ended" and replaying_graces.came_back(desk, entry):
            found.aside.append((number, entry.kind))
            continue
        if entry.kind == "matter.moved":
            retime_again(desk, entry)
            continue
        if entry.kind == "hold.ended" and entry.actor == "time":  # it ends again by itself
            continue
        subject = found.people.get(entry.subject or "")
        if entry.kind in DEMANDS:
            if replay_demand(desk, subject if subject not in found.gone else None, entry):
                found.aside.append((number, entry.kind))
            continue
        if entry.kind == SETTLED:
            replay_settled(desk, number, entry)
            continue
        done = _REPLAYED.get(entry.kind)
        if done is None:
            if entry.kind not in IDLE:
                (found.widened if entry.kind in WIDENS else found.lost)[entry.kind] += 1
        elif subject is not None and subject not in found.gone:
            desk.find([subject])
            if subject in desk.standings:
                done(desk, found, number, entry, subject)


def withdraw_keys(desk: Desk) -> tuple[int, int]:
    """End what may have been ended after the copy without a line that names it; return how many of each.

    These are keys of programs and agents, which can be made and registered again, and approvals of
    disclosures, which are used once.
    """
    trusted = agents.drop_every(desk.unit)
    keys = [key.id for key, _ in program_keys.every(desk.unit)]
    for key in keys:
        program_keys.remove(desk.unit, key)
    return len(keys) + trusted, registry.drop_every_approval(desk.unit)


# ---- erasures


def _erase(desk: Desk, found: Replay, _: int, entry: Entry, subject: int) -> None:
    whole = entry.circumstance == WHOLE
    rows = desk.key_rows(subject)
    classes = [kept for kept in rows if kept not in (SELF, DUTIES, GRACE)] if whole else list(entry.fields)
    sealed = replaying_graces.end(desk, subject, frozenset(entry.fields), whole=whole)
    _gone(desk, found, subject, classes, entry.clauses, whole=whole, sealed=sealed)


def _put_away(desk: Desk, found: Replay, number: int, entry: Entry, subject: int) -> None:
    """Erase whoever asked for it with a grace, unless they called it back: their code opens nothing here."""
    if number > found.called_back.get(entry.commitment or "", -1):
        _erase(desk, found, number, entry, subject)


def _end_grace(desk: Desk, found: Replay, entry: Entry) -> None:
    """End a grace that the copy has and that is over: its line names nobody, and commits to the same keys."""
    grace = replaying_graces.committed_to(desk, entry.commitment)
    if grace is not None:
        desk.find([grace.subject])
        _erase(desk, found, 0, entry, grace.subject)


def _gone(
    desk: Desk, found: Replay, subject: int, classes: Sequence[str], clauses: Sequence[str],
    *, whole: bool, sealed: bool = True,
) -> None:  # fmt: skip
    rows = desk.key_rows(subject)
    commitment = desk.commitment(rows[kept].commitment for kept in classes if kept in rows)
    erasure = erasing.note(desk, subject, tuple(classes), clauses, commitment, whole=whole)
    finishing.finish(desk, erasure, subject, classes, whole=whole, kind=REPLAYED, sealed=sealed)
    found.erased += 1
    if whole:
        found.gone.add(subject)


def finish_begun(desk: Desk, found: Replay, done: frozenset[str]) -> None:
    """Finish what was being erased when the copy was taken; `done` are commitments of ends after it."""
    for erasure, subject, classes, whole, closing, _ in erasures.begun(desk.unit):
        ended = any(f'"{commitment}"' in closing for commitment in done)
        kind = REPLAYED if ended else "erasure.done"
        desk.find([subject])
        finishing.finish(
            desk, bytes(erasure), subject, finishing.classes_of(classes), whole=bool(whole), kind=kind
        )
        found.erased += 1
        if whole:
            found.gone.add(subject)


def forget_keyless(desk: Desk, found: Replay, after: int) -> int:
    """Remove what has no key, of up to `CHUNK` people above `after`; return the last of them, -1 at the end.

    Keys may be of a later copy than the rows: what was erased in between has none.
    """
    people = [subject for subject, _ in registry.some_standings(desk.unit, after, CHUNK)]
    desk.house.origins.load(desk.unit)
    origins = desk.house.origins.by_number
    held = [
        (subject, origins[number].kept)
        for subject, number in belongings.origins_of_all(desk.unit, people)
        if number in origins
    ]
    with keystore.looking(desk.house.filing) as looking:
        keys = keystore.find(looking, {*held, *((subject, SELF) for subject in people)})
        away = sealed_keys.people(looking) & frozenset(graces.subjects(desk.unit))
    lacking: dict[int, list[str]] = {}
    for subject, kept in held:
        if (subject, kept) not in keys and kept not in lacking.setdefault(subject, []):
            lacking[subject].append(kept)
    for subject in people:
        if subject in away:
            continue
        if (subject, SELF) not in keys:
            desk.find([subject])
            classes = [kept for kept in desk.key_rows(subject) if kept != DUTIES]
            _gone(desk, found, subject, classes, (), whole=True)
        elif lacking.get(subject):
            desk.find([subject])
            _gone(desk, found, subject, lacking[subject], (), whole=False)
    return people[-1] if len(people) == CHUNK else -1


# ---- what people chose


def _choose(desk: Desk, found: Replay, _: int, entry: Entry, subject: int) -> None:
    purpose, area = Purpose(entry.purpose or ""), Category(entry.category or "*")
    before = desk.standings[subject]
    if entry.kind == "objection.made":
        after = replace(before, objections=before.objections | {purpose})
    elif entry.kind == "restriction.set":
        after = replace(before, restrictions=before.restrictions | {area})
    elif entry.kind == "channel.stopped":
        after = replace(before, stopped=before.stopped | {(purpose, way) for way in entry.fields})
    elif entry.kind == "retention.shortened":
        kept = RetentionClass(entry.circumstance or "")
        after = before.shortened(kept, entry.count, entry.at)
        shorten_held(desk, subject, kept, entry.count or 0)
    else:
        choice = Choice.REFUSED if entry.kind == "consent.refused" else Choice.WITHDRAWN
        after = before.choosing(Consent(purpose, choice, entry.agreement or 0, entry.at))
    _set(desk, subject, after)
    found.noes += 1


def _hold(desk: Desk, found: Replay, number: int, entry: Entry, subject: int) -> None:
    if place_again(desk, entry, subject):
        found.noes += 1
    else:
        found.aside.append((number, entry.kind))


def _leave(desk: Desk, found: Replay, _: int, entry: Entry, subject: int) -> None:
    before = desk.standings[subject]
    if before.left is None:
        with _then(desk, entry.at):
            _set(desk, subject, replace(before, left=entry.at))
            leaving.leave(desk, subject)
        found.left += 1


def _join(desk: Desk, found: Replay, _: int, entry: Entry, subject: int) -> None:
    """Let somebody be here again who left and came back."""
    found.lost[entry.kind] += not leaving.let_back(desk, subject)


def _set(desk: Desk, subject: int, after: Standing) -> None:
    desk.standings[subject] = after
    registry.set_standing(desk.unit, subject, write(after))


@contextmanager
def _then(desk: Desk, at: Instant) -> Iterator[None]:
    """Do something as of the instant of a line."""
    now, desk.now = desk.now, at
    try:
        yield
    finally:
        desk.now = now


# ---- records that were removed or corrected


def _remove(desk: Desk, found: Replay, number: int, entry: Entry, subject: int) -> None:
    """Remove the records that a line commits to; where these are not found, set all of it aside."""
    some = _held(desk, entry, subject)
    gone = _committed(desk, entry, some)
    code = desk.house.origins.code(Category(entry.category or "")) or 0
    for record in gone:
        take_away(desk, record, code)
    if not gone and some and _signs_in(desk, entry):
        gone = some  # a restriction would let them go on
        for record in gone:
            take_away(desk, record, code)
    if gone:
        found.removed += len(gone)
    elif some:
        _set_aside(desk, found, number, entry, subject)


def _signs_in(desk: Desk, entry: Entry) -> bool:
    """Whether a line is about sessions: those that came back after they were ended would be open again."""
    sign_in = desk.house.book.sign_in
    return sign_in is not None and entry.category == sign_in[1].sessions


def _correct(desk: Desk, found: Replay, number: int, entry: Entry, subject: int) -> None:
    """Set aside what was corrected after the copy: the old values came back."""
    some = _held(desk, entry, subject)
    if some and (entry.commitment is None or _committed(desk, entry, some)):
        doubt(desk, subject, Category(entry.category or ""), map(FieldName, entry.fields))
        _set_aside(desk, found, number, entry, subject)


def _held(desk: Desk, entry: Entry, subject: int) -> list[Record]:
    every = belongings.every(desk.unit, subject, desk.house.origins)
    return [record for record in every if record.origin.category == entry.category]


def _committed(desk: Desk, entry: Entry, some: Sequence[Record]) -> Sequence[Record]:
    """Return the records that a line commits to: all of a category, some whole ones, or parts of one."""
    wholes: dict[bytes, list[Record]] = {}
    for record in some:
        wholes.setdefault(stem_of(record.id), []).append(record)
    for few in _tried(some, list(wholes.values())):
        if desk.commitment(record.id for record in few) == entry.commitment:
            return few
    return ()


def _tried(some: Sequence[Record], wholes: Sequence[list[Record]]) -> Iterator[Sequence[Record]]:
    yield some
    for parts in wholes:
        if len(parts) <= PARTS:
            yield from (few for size in range(len(parts), 0, -1) for few in combinations(parts, size))
    if len(wholes) <= WHOLES:
        for size in range(len(wholes) - 1, 1, -1):
            for several in combinations(wholes, size):
                yield [record for parts in several for record in parts]


def _set_aside(desk: Desk, found: Replay, number: int, entry: Entry, subject: int) -> None:
    """Restrict a category of a person, as the person could, until somebody has looked at it."""
    category, before = Category(entry.category or "*"), desk.standings[subject]
    found.aside.append((number, entry.kind))
    if category in before.restrictions:
        return
    _set(desk, subject, replace(before, restrictions=before.restrictions | {category}))
    book = desk.house.book
    desk.remember(
        Entry(
            at=desk.now,
            kind="restriction.set",
            actor="time",
            act="restrict",
            outcome="done",
            subject=desk.pseudonym(subject),
            category=category if category != "*" else None,
            clauses=book.rights.get(RightName.RESTRICT, ()),
            agreement=book.agreement.version,
            reasons=("restored",),
        )
    )


_REPLAYED: dict[str, Callable[[Desk, Replay, int, Entry, int], None]] = {
    "erasure.begun": _erase,
    "grace.begun": _put_away,
    "consent.refused": _choose,
    "consent.withdrawn": _choose,
    "objection.made": _choose,
    "restriction.set": _choose,
    "channel.stopped": _choose,
    "retention.shortened": _choose,
    "hold.placed": _hold,
    "member.left": _leave,
    "member.joined": _join,
    "record.removed": _remove,
    "record.corrected": _correct,
}
NOES = frozenset(kind for kind, done in _REPLAYED.items() if done in (_choose, _hold))
IDLE = frozenset(  # kinds of lines after which a store is as before, or that end what others begin
    {
        "copy.verified",
        "erasure.done",
        "erasure.replayed",
        "grace.sealed",
        "member.ended",
        "record.accessed",
        "record.disclosed",
        "record.expired",
        "record.searched",
        "record.used",
        "request.failed",
        "restore.done",
        "restore.drilled",
        "tally.read",
        "demand.followed",
    }
)
WIDENS = frozenset(
    {"consent.given", "objection.ended", "restriction.lifted", "hold.ended", "field.proven", "grace.ended"}
)
