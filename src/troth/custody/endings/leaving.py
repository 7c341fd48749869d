"""Leave, return, and end: what becomes of somebody who left, and of what is kept from leaving on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from os import urandom

from troth.clock import DAY, FOREVER
from troth.custody.asking import joining
from troth.custody.desk import LEAVE, Desk
from troth.custody.endings import clocks
from troth.custody.keymaking import DUTIES, SELF
from troth.custody.systems import duties as elsewhere
from troth.errors import Broken, EpochUnknown, NotErased
from troth.gates.systems.system import ERASE, NUMBER
from troth.ledger.entry import Entry
from troth.rules.decide import decide
from troth.rules.decision import Permit, Request
from troth.rules.record import Record, chosen, ends
from troth.rules.standing import NEWCOMER, write
from troth.store import belongings, duties, keystore, leaving, records, registry, repeats, sealed_keys
from troth.terms.vocabulary import RightName

CHUNK = 5_000  # people
CHUNK_TOLD = 500  # of whom other systems are told


def leave(desk: Desk, subject: int) -> None:
    """Set the end of every record whose time runs from leaving; an end set by an earlier leaving stays."""
    start(desk, subject, belongings.every(desk.unit, subject, desk.house.origins))


def start(desk: Desk, subject: int, some: Iterable[Record]) -> None:
    """Note that a person left, and let the time of some records begin, where it runs from leaving."""
    for record in list(some):
        _, keep = desk.house.book.keep(record.origin.kept)
        if keep.event == LEAVE:
            clocks.start(desk, record)
    leaving.note(desk.unit, [(subject, desk.now)])


# ---- coming back


def opens(desk: Desk, request: Request) -> bool:
    """Whether a collection would let in somebody who was never here."""
    return isinstance(decide(desk.house.book, joining(request), NEWCOMER, desk.facts), Permit)


def let_back(desk: Desk, subject: int) -> bool:
    """Let somebody who left be here again, with every choice they made; False when they are here."""
    standing = desk.standings[subject]
    if standing.left is None:
        return False
    desk.standings[subject] = here = replace(standing, left=None)
    registry.set_standing(desk.unit, subject, write(here))
    leaving.forget(desk.unit, subject)
    return True


def counts(desk: Desk, subject: int, code: int, *, returns: bool) -> bool:
    """Whether a person has a record of a category that stands against a second one.

    To whoever returns, and when they are back, those that leaving has given an end do not count.
    """
    left = desk.standings[subject].left is not None
    for record in records.of(desk.unit, [(subject, code)], desk.house.origins):
        if record.expires_at <= desk.now:
            continue
        _, keep = desk.house.book.keep(record.origin.kept)
        if keep.event != LEAVE or (left and not returns):
            return True
        days = desk.standings[subject].days(record.origin.kept, record.collected_at)
        if not left and record.narrows_at >= chosen(
            ends(keep, record.collected_at, None), record.collected_at, days
        ):
            return True
    return False


# ---- the end


def end(desk: Desk, limit: int = CHUNK) -> tuple[int, int]:
    """Forget people who left when nothing is held of them any more; return (settled, forgotten).

    Looks at up to `limit` people for whom it may be so; settled are those who need not be looked at
    again today. Whoever is under a hold stays. Everything is done in one transaction, and the keys go
    first: one that is cut off is done again by the next sweep.
    """
    looked = leaving.due(desk.unit, desk.now, min(limit, CHUNK_TOLD) if desk.house.systems else limit)
    over = [subject for subject, last, held in looked if last is None and not held]
    later = [(subject, FOREVER if held else last) for subject, last, held in looked if held or last]
    told = duties.people_with_open(desk.unit, over)  # other systems are still to be told: their key stays
    later += [(subject, desk.now + DAY) for subject in sorted(told)]
    over = [subject for subject in over if subject not in told]
    over, stuck = _told_elsewhere(desk, over)
    later += [(subject, desk.now + DAY) for subject in sorted(stuck)]
    later = [(subject, due) for subject, due in later if due > desk.now]  # the end of a hold is a new look
    leaving.note(desk.unit, later)
    if over:
        _forget(desk, over)
    return len(later) + len(over), len(over)


def finish(desk: Desk) -> None:
    """Finish the ends that were cut off after the keys, of everybody at this desk who left.

    Whoever has neither a key nor a record, and is under no hold, is here no more.
    """
    away = [s for s in set(desk.people.values()) if desk.standings[s].left is not None]
    if not away:
        return
    desk.open_keys((subject, SELF) for subject in away)
    for subject in away:
        if desk.pseudonym(subject) is None and not desk.standings[subject].holds:
            keys = [kept for kept in desk.key_rows(subject) if kept != DUTIES]
            owed = duties.people_with_open(desk.unit, [subject])  # the sweep waits for them, too
            if not keys and not owed and not belongings.any_of(desk.unit, subject):
                over, _ = _told_elsewhere(desk, [subject])
                if over:
                    _forget(desk, over)
                    desk.let_go(subject)


def _forget(desk: Desk, people: Sequence[int]) -> None:
    house = desk.house
    commitments = _destroy(desk, people, told=duties.people_with_open(desk.unit, people))
    for name in leaving.remove(desk.unit, people, desk.now):
        house.blobs.remove(name)
    repeats.drop_of(desk.unit, people)
    desk.remember(
        Entry(
            at=desk.now,
            kind="member.ended",
            actor="time",
            act="end",
            outcome="done",
            clauses=house.book.rights.get(RightName.LEAVE, ()),
            agreement=house.book.agreement.version,
            count=len(people),
            commitment=desk.commitment(commitments),
        )
    )


def _told_elsewhere(desk: Desk, people: Sequence[int]) -> tuple[list[int], frozenset[int]]:
    """Note that other systems are to erase people whom time ended; return who can be forgotten, and who not.

    Those that know people by number: by what else a system knows them is over here, as all that is held of
    them is. For whom nothing can be sealed, as their key was altered, nothing can be noted: they stay.
    """
    systems = [s for s in desk.house.systems.values() if ERASE in s.acts and NUMBER in s.wants]
    stuck = set[int]()
    if systems:
        elsewhere.forget_keys(desk, people)  # left of what was done, or cut off
    for subject in people if systems else ():
        known = {NUMBER: (str(subject),)}
        try:
            mine = [each for each in elsewhere.concerned(desk, subject, ERASE) if NUMBER in each.wants]
            elsewhere.note(desk, case_id=urandom(16), subject=subject, act=ERASE, known=known, systems=mine)
        except (Broken, EpochUnknown):
            stuck.add(subject)
    return [subject for subject in people if subject not in stuck], frozenset(stuck)


def _destroy(desk: Desk, people: Iterable[int], *, told: Collection[int]) -> list[bytes]:
    """Destroy the keys of people and return what they committed to; raises `NotErased` when any is left.

    That of what other systems have to do stays, of those who are `told`, until it is done.
    """
    filing = desk.house.filing
    gone = [subject for subject in people if subject not in told]
    with keystore.keeping(filing) as keeping:
        commitments = keystore.destroy_all(keeping, gone)
        for subject in told:
            rows = {kept: row for kept, row in keystore.of(keeping, subject).items() if kept != DUTIES}
            keystore.destroy(keeping, subject, rows)
            sealed_keys.destroy(keeping, subject)
            commitments += [commitment for _, _, commitment in rows.values()]
    with keystore.looking(filing) as looking:
        left = keystore.count_of(looking, gone)
        left += sum(kept != DUTIES for subject in told for kept in keystore.of(looking, subject))
    if left:
        raise NotErased(rows=0, keys=left)
    return commitments
