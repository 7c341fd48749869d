"""Duties: what systems beyond ours have to do for a person, noted with the act that asks for it.

Three steps, so that a crash anywhere is resumed and nothing is said before it is true:

1. in the transaction that begins the act: one duty for each system concerned. By what the system knows the
   person is sealed under a key of its own, which outlives the person's other keys;
2. a duty that is due is *taken* (`attempts.py`): it is lent to one worker for a while. Outside of any
   transaction the system is asked, and reads back;
3. what came of it is noted with its line in the ledger. What is done keeps nothing of the person; when
   nothing is open any more, the key goes.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from os import urandom
from typing import Any

from troth.custody.desk import About, Desk
from troth.custody.hand_out import Handed, HandOut, hand_out
from troth.custody.keymaking import DUTIES
from troth.custody.recalling import recall_some
from troth.errors import Broken
from troth.gates.systems.system import CORRECT, NUMBER, REFERENCE, Found, Known, Scanned, Source, System
from troth.house import House
from troth.ledger.entry import Entry
from troth.rules.decision import Act, Actor, ActorKind, Request
from troth.store import duties, keystore
from troth.store.duties import PUT_OFF, WAITING, Duty
from troth.terms.vocabulary import Category, FieldName
from troth.vault.keyring import SubjectKey

CONTEXT = ":duties"  # in which their selectors are sealed


def concerned(desk: Desk, subject: int, act: str) -> tuple[System, ...]:
    """Return the systems that are to do an act: the organisation's own, and those of recipients who got data.

    A recipient who never got anything of the person is not told that there is such a person (GDPR Art. 19
    names those to whom data have been disclosed).
    """
    systems = [system for system in desk.house.systems.values() if act in system.acts]
    if any(system.recipient for system in systems):
        got = recipients_of(desk, subject)
        systems = [system for system in systems if not system.recipient or system.recipient in got]
    return tuple(systems)


def recipients_of(desk: Desk, subject: int) -> frozenset[str]:
    """Return to whom anything of a person was disclosed, as the ledger has it."""
    found, before = set[str](), None
    while True:
        some = recall_some(
            desk, subject, before=before, limit=200, wanted=_is_disclosure, having=b'"record.disclosed"'
        )
        found |= {entry.recipient for _, entry in some.entries if entry.recipient}
        if some.older is None:
            return frozenset(found)
        before = some.older


def _is_disclosure(entry: Entry) -> bool:
    return entry.kind == "record.disclosed"


def known_by(
    desk: Desk, about: About, systems: Iterable[System], *, by: Actor, case: str = ""
) -> dict[str, tuple[str, ...]]:
    """Return by what some systems know a person: numbers, references, and values that are read for it.

    Fields are read by the person's own right of access, whoever acts for them; what that does not give
    is left out, and a system that needs it says so. `about` as the organisation calls the person is
    their reference.
    """
    desk.find([about])
    subject = desk.people[about]
    wanted = {word for system in systems for word in system.wants}
    known: dict[str, tuple[str, ...]] = {NUMBER: (str(subject),)}
    if isinstance(about, str):
        known[REFERENCE] = (about.strip(),)
    own = by if by.kind is ActorKind.SUBJECT else Actor(ActorKind.SUBJECT)
    fields: dict[str, set[FieldName]] = {}
    for word in sorted(wanted - {NUMBER, REFERENCE}):
        category, _, name = word.rpartition(".")
        fields.setdefault(category, set()).add(FieldName(name))
    jobs = [
        HandOut(Request(Act.ACCESS, own, Category(category), frozenset(names), case=case), about)
        for category, names in fields.items()
    ]
    for job, handed in zip(jobs, hand_out(desk, jobs) if jobs else (), strict=True):
        if not isinstance(handed, Handed):
            continue
        for name in job.request.fields:
            values = [str(held.values[name].reveal()) for held in handed.records if name in held.values]
            if values:
                known[f"{job.request.category}.{name}"] = tuple(dict.fromkeys(values))
    return known


def note(
    desk: Desk,
    *,
    case_id: bytes,
    subject: int,
    act: str,
    known: Mapping[str, tuple[str, ...]],
    change: Mapping[str, str] | None = None,
    categories: Collection[str] = (),
    systems: Iterable[System] | None = None,
    put_off: bool = False,
) -> tuple[Duty, ...]:
    """File one duty for each system concerned, in this transaction; sealed, and due at once or `put_off`.

    `known` is what `known_by` gave before anything was erased or corrected; a system that was not yet told
    of a correction knows them as before, too. `change` are new values by `category.field`, `categories` the
    only ones that are erased (none: all).
    """
    some = concerned(desk, subject, act) if systems is None else tuple(systems)
    if not some:
        return ()
    desk.need_keys([(subject, DUTIES)])
    key = desk.keys[subject, DUTIES]
    earlier = _known_earlier(desk, subject, key)
    state = PUT_OFF if put_off else WAITING
    noted = []
    for system in some:
        number = urandom(16)
        all_ = _joined(known, *earlier.get(system.name, ()))
        told = {word: values for word, values in all_.items() if word in system.wants or word == NUMBER}
        said = {"known": told, "change": dict(change or {}), "categories": sorted(categories)}
        plain = json.dumps(said).encode("utf-8")  # not hashed
        sealed = key.seal(plain, record=number, category=CONTEXT, schema=1)
        noted.append(
            Duty(number, case_id, subject, system.name, act, state, 0, desk.now, sealed, since=desk.now)
        )
        desk.remember(line_of(desk, "duty.noted", noted[-1]))
    duties.add(desk.unit, noted)
    return tuple(noted)


def _known_earlier(desk: Desk, subject: int, key: SubjectKey) -> dict[str, list[Known]]:
    """Return by what systems still know a person whom they have not corrected yet, by their names."""
    found: dict[str, list[Known]] = {}
    for duty in duties.of_subject(desk.unit, subject):
        if duty.open and duty.act == CORRECT:
            with suppress(Broken):
                found.setdefault(duty.system, []).append(opened(key, duty)["known"])
    return found


def _joined(known: Known, *more: Known) -> Known:
    """Return all by which a person is known: what is true now first."""
    words = {word for each in (known, *more) for word in each}
    return {
        word: tuple(dict.fromkeys(v for each in (known, *more) for v in each.get(word, ()))) for word in words
    }


def opened(key: SubjectKey, duty: Duty) -> dict[str, Any]:
    """Return what is sealed with a duty. Raises `Broken`."""
    said: dict[str, Any] = json.loads(key.unseal(duty.sealed, record=duty.id, category=CONTEXT, schema=1))
    return said


def line_of(desk: Desk, kind: str, duty: Duty) -> Entry:
    """Return the line of what happened to a duty; it names no person any more once their keys are gone."""
    done = kind in ("duty.done", "duty.noted")
    return Entry(
        at=desk.now,
        kind=kind,
        actor="time",
        act=duty.act,
        outcome="done" if done else "refused",
        subject=desk.pseudonym(duty.subject),
        recipient=duty.system,
        clauses=tuple(sorted({clause for clause, _ in duty.kept.values()})),
        agreement=desk.house.book.agreement.version,
        reasons=(duty.code,) if duty.code else (),
        count=sum(duty.counts.values()) if kind == "duty.done" else None,
        case=duty.reference or None,
    )


def remember_scans(desk: Desk, scans: Iterable[Scanned]) -> None:
    """Append a line for each database that was looked through, and how many columns it told of."""
    for scanned in scans:
        desk.remember(
            Entry(
                at=desk.now,
                kind="system.scanned",
                actor="operator",
                act="scan",
                outcome="done",
                recipient=scanned.system,
                agreement=desk.house.book.agreement.version,
                count=len(scanned.suspects),
            )
        )


def held_there(house: House, known: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Found]]:
    """Yield what other databases hold of a person, with the system's name, in bounded memory.

    Outside of any transaction, for a copy that was decided. What is mapped is told, and nothing of another
    owner of the same row. Raises `NotDoneThere` where one cannot be read: a copy without it is not whole.
    """
    for name, system in house.systems.items():
        if isinstance(system, Source) and not system.recipient:
            yield from ((name, found) for found in system.rows(known))


# ---- what is open


def open_of(desk: Desk, case_id: bytes) -> tuple[Duty, ...]:
    """Return the duties of a case that are still open: while there is any, the case is not done."""
    return tuple(duty for duty in duties.of_case(desk.unit, case_id) if duty.open)


def of_subject(desk: Desk, subject: int) -> tuple[Duty, ...]:
    """Return all duties about a person, also those that were done."""
    return tuple(duties.of_subject(desk.unit, subject))


def begin(desk: Desk, case_id: bytes) -> None:
    """Let systems begin with what was put off."""
    duties.begin(desk.unit, case_id, desk.now)


def take_back(desk: Desk, case_id: bytes, subject: int) -> None:
    """Take back what systems were to do: the person changed their mind before anything was asked of them."""
    duties.drop(desk.unit, case_id)
    forget_keys(desk, [subject])


def retry(desk: Desk, system: str) -> int:
    """Let all that a system has to do be tried at once, also what was stuck; return how many there are."""
    return duties.again(desk.unit, system, desk.now)


def forget_keys(desk: Desk, people: Collection[int]) -> None:
    """Destroy the keys for duties of people about whom none is open: nothing is sealed under them any more.

    It holds the ledger's lock, so nobody notes a new duty in between.
    """
    over = sorted(frozenset(people) - duties.people_with_open(desk.unit, people))
    if over:
        with keystore.keeping(desk.house.filing) as keeping:
            for subject in over:
                keystore.destroy(keeping, subject, [DUTIES])
