"""Once: a job that carries its caller's idempotency key is done once, and answered alike when repeated.

What was done is noted in the transaction that does it, for each person by themself and sealed under their
key, so that it goes with them; that the key was used stays noted, and whoever is gone is not brought back.
What was refused is not noted: asked again, it is decided again. A repeated key with another content is
refused (IETF draft Idempotency-Key, 2.2).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from os import urandom
from typing import Any

from troth import errors
from troth.clock import DAY
from troth.custody.asking import refusal_of
from troth.custody.cases import Filed
from troth.custody.demands.filing import Lodged, due_of
from troth.custody.desk import About, Desk
from troth.custody.keymaking import SELF
from troth.custody.sending import Send, refused_now
from troth.custody.take_in import TakeIn, Taken
from troth.errors import KeyReused, TrothError
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.cases import Case
from troth.rules.decision import Request, Why
from troth.store import repeats, rights_cases
from troth.store.repeats import NOBODY, Noted
from troth.vault.lookup import token

KEPT = DAY  # how long a repeat is answered alike
_KIND = "troth.repeat"
_SALT = 16


@dataclass(frozen=True, slots=True)
class Once:
    """A job, the key under which it is done once, and what was asked (any bytes that tell it apart)."""

    job: Any
    key: str
    content: bytes = field(repr=False)


def tokens_of(house: House, once: Once) -> tuple[bytes, bytes]:
    """Return the keyed tokens of a key and of what was asked under it."""
    key = house.keyring.index_key("", "repeat", 1)
    return token(key, once.key.encode("utf-8")), token(key, b"\0" + sha256(once.content).digest())


def was_done(desk: Desk, once: Once) -> bool:
    """Whether anything was done under a key before."""
    mark, _ = tokens_of(desk.house, once)
    return mark in repeats.find(desk.unit, [mark])


def is_repeated(desk: Desk, once: Once) -> bool:
    """Whether the very same was done under a key before."""
    mark, content = tokens_of(desk.house, once)
    return any(row.content == content for row in repeats.find(desk.unit, [mark]).get(mark, ()))


def once_each(desk: Desk, jobs: Sequence[Any], work: Any) -> list[Any]:  # noqa: ANN401
    """Serve jobs by `work`, a function of a list of jobs; those that were done before are answered alike."""
    named = {n: tokens_of(desk.house, job) for n, job in enumerate(jobs) if isinstance(job, Once)}
    if not named:
        return list(work(jobs))
    done = repeats.find(desk.unit, {mark for mark, _ in named.values()})
    first: dict[bytes, int] = {}
    for n, (mark, _) in named.items():
        if mark not in done:
            first.setdefault(mark, n)
    fresh = [n for n in range(len(jobs)) if n not in named or first.get(named[n][0]) == n]
    served = work([jobs[n].job if n in named else jobs[n] for n in fresh])
    outcomes: dict[int, Any] = dict(zip(fresh, served, strict=True))
    _note(
        desk,
        [(*named[n], jobs[n].job, outcomes[n]) for n in fresh if n in named and _is_noted(outcomes[n])],
    )
    for n, (mark, content) in named.items():
        if mark in done:
            outcomes[n] = _again(desk, jobs[n].job, mark, content, done[mark])
        elif first[mark] != n:
            same = named[first[mark]][1] == content
            outcomes[n] = outcomes[first[mark]] if same else KeyReused()
    return [outcomes[n] for n in range(len(jobs))]


# ---- noting, and reading what was noted


def _note(desk: Desk, done: Sequence[tuple[bytes, bytes, Any, Any]]) -> None:
    """Note what was done: (token, content token, job, outcome)."""
    noted: dict[tuple[bytes, bytes, int], list[Any]] = {}
    for mark, content, job, outcome in done:
        parts = outcome if isinstance(outcome, tuple) else (outcome,)
        for place, ((_, about), part) in enumerate(zip(_asked(job), parts, strict=True)):
            person = _person(desk, about, part)
            noted.setdefault((mark, content, person), []).append([place, _written(part)])
    desk.need_keys((person, SELF) for _, _, person in noted if person != NOBODY)
    rows = []
    for (mark, content, person), places in noted.items():
        sealed = _sealed(desk, person, mark + content, json.dumps(places).encode("ascii"))  # not hashed
        rows.append((mark, person, content, sealed, desk.now))
    repeats.add(desk.unit, rows)


def _asked(job: Any) -> list[tuple[Request, About]]:  # noqa: ANN401
    """Return what a job asks, and about whom: of several offers, each."""
    some = job.offers if isinstance(job, TakeIn) else (job,)
    return [(each.request, getattr(each, "about", NOBODY)) for each in some]  # a step names its demand alone


def _person(desk: Desk, about: About, outcome: Any) -> int:  # noqa: ANN401
    """Return the number of whom an outcome is about; `NOBODY` where nobody is known.

    That a demand was filed, or went on, is known by its random id, and longer than its person.
    """
    if isinstance(outcome, Lodged):
        return NOBODY
    return outcome.subject if isinstance(outcome, Taken) else desk.people.get(about, NOBODY)


def _sealed(desk: Desk, person: int, named: bytes, plain: bytes) -> bytes:
    """Seal what was done for somebody, under their own key; under one of the house for nobody known."""
    if person == NOBODY:
        salt = urandom(_SALT)
        return salt + desk.house.keyring.branch(_KIND).seal(plain, named, salt=salt)
    return desk.keys[person, SELF].seal(plain, record=named, category=_KIND, schema=1)


def _again(desk: Desk, job: Any, mark: bytes, content: bytes, rows: Sequence[Noted]) -> Any:  # noqa: ANN401
    """Answer a job as it was answered; where the person is gone since, that nobody is known."""
    if any(row.content not in (content, b"") for row in rows):
        return KeyReused()
    if isinstance(job, Send) and (no := refused_now(desk, job)) is not None:
        return no  # a yes of before is none once the person said no
    found = dict[int, Any](_opened(desk, mark + content, rows))
    asked = enumerate(_asked(job))
    outcomes = tuple(found[n] if n in found else _gone(desk, request, about) for n, (request, about) in asked)
    return outcomes if isinstance(job, TakeIn) else outcomes[0]


def _opened(desk: Desk, named: bytes, rows: Sequence[Noted]) -> Iterator[tuple[int, Any]]:
    """Yield every outcome with its place; raises `SealBroken`, `UnknownSuite` and `RowBroken`."""
    desk.open_keys((row.person, SELF) for row in rows if row.person != NOBODY)
    for row in rows:
        key = desk.keys.get((row.person, SELF))
        if key is not None:
            plain = key.unseal(row.sealed, record=named, category=_KIND, schema=1)
        elif row.person == NOBODY and row.content:
            branch = desk.house.keyring.branch(_KIND)
            plain = branch.unseal(row.sealed[_SALT:], named, salt=row.sealed[:_SALT])
        else:
            continue
        for place, outcome in json.loads(plain):
            if outcome[0] != "lodged":
                yield place, _read(outcome)
            elif (case := rights_cases.one(desk.unit, bytes.fromhex(outcome[1]))) is not None:
                yield place, Lodged(case, due_of(desk, case), _read(outcome[2]))


def _gone(desk: Desk, request: Request, about: About) -> TrothError:
    unknown = refusal_of(Why.UNKNOWN_PERSON)
    return desk.refuse(replace(request, known=False), unknown, about if isinstance(about, int) else None)


# ---- what outcomes are as plain values


def _is_noted(outcome: Any) -> bool:  # noqa: ANN401
    """Whether what was done is noted: of several offers, when at least one was."""
    if isinstance(outcome, tuple):
        return any(_is_noted(each) for each in outcome)
    return isinstance(outcome, Receipt | Taken | Filed | Lodged)


def _written(outcome: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(outcome, Taken):
        ids = [record.hex() for record in outcome.records]
        return ["taken", outcome.subject, ids, _written(outcome.receipt)]
    if isinstance(outcome, Filed):
        case = {f.name: getattr(outcome.case, f.name) for f in fields(outcome.case)}
        return ["filed", {**case, "id": outcome.case.id.hex()}, _written(outcome.receipt)]
    if isinstance(outcome, Lodged):
        return ["lodged", outcome.case.id.hex(), _written(outcome.receipt)]
    if isinstance(outcome, Receipt):
        return ["receipt", outcome.entry, outcome.hash.hex(), outcome.kind, outcome.at]
    assert isinstance(outcome, TrothError)  # noqa: S101 - there is nothing else among offers
    return ["error", type(outcome).__name__, {f.name: getattr(outcome, f.name) for f in fields(outcome)}]


def _read(noted: Sequence[Any]) -> Any:  # noqa: ANN401
    match noted:
        case ["taken", subject, ids, receipt]:
            return Taken(subject, tuple(map(bytes.fromhex, ids)), _read(receipt))
        case ["filed", case, receipt]:
            at = {**case, "id": bytes.fromhex(case["id"]), "reasons": tuple(case["reasons"])}
            return Filed(Case(**at), _read(receipt))
        case ["receipt", entry, hashed, kind, at]:
            return Receipt(entry, bytes.fromhex(hashed), kind, at)
        case ["error", name, said]:
            values = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
            known: Iterable[Any] = [getattr(errors, name, TrothError)]
            return next(iter(known))(**values)
    raise errors.RowBroken(table="repeats")


def forget(desk: Desk) -> None:
    """Forget what was done longer ago than repeats are answered."""
    repeats.drop(desk.unit, desk.now - KEPT)
