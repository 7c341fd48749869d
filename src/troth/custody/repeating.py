"""Once: a job that carries its caller's idempotency key is done once, and answered alike when repeated.

What was done is noted in the transaction that does it. What was refused is not noted: asked again, it
is decided again. A repeated key with another content is refused (IETF draft Idempotency-Key, 2.2).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any

from troth import errors
from troth.clock import DAY
from troth.custody.cases import Filed
from troth.custody.desk import Desk
from troth.custody.take_in import Taken
from troth.errors import KeyReused, TrothError
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.cases import Case
from troth.store import repeats
from troth.vault.lookup import token

KEPT = DAY  # how long a repeat is answered alike


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
    done_now = [n for n in fresh if n in named and _counts(outcomes[n])]
    written = {n: json.dumps(_written(outcomes[n])) for n in done_now}  # not hashed
    repeats.add(desk.unit, [(*named[n], written[n], desk.now) for n in done_now])
    for n, (mark, content) in named.items():
        if mark in done:
            outcomes[n] = _again(done[mark], content)
        elif first[mark] != n:
            same = named[first[mark]][1] == content
            outcomes[n] = outcomes[first[mark]] if same else KeyReused()
    return [outcomes[n] for n in range(len(jobs))]


def _again(noted: tuple[bytes, str], content: bytes) -> Any:  # noqa: ANN401
    return _read(json.loads(noted[1])) if noted[0] == content else KeyReused()


def _counts(outcome: Any) -> bool:  # noqa: ANN401
    """Whether anything was done: of several offers, at least one."""
    if isinstance(outcome, tuple):
        return any(_counts(each) for each in outcome)
    return isinstance(outcome, Receipt | Taken | Filed)


def _written(outcome: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(outcome, tuple):
        return ["many", [_written(each) for each in outcome]]
    if isinstance(outcome, Taken):
        ids = [record.hex() for record in outcome.records]
        return ["taken", outcome.subject, ids, _written(outcome.receipt)]
    if isinstance(outcome, Filed):
        case = {f.name: getattr(outcome.case, f.name) for f in fields(outcome.case)}
        return ["filed", {**case, "id": outcome.case.id.hex()}, _written(outcome.receipt)]
    if isinstance(outcome, Receipt):
        return ["receipt", outcome.entry, outcome.hash.hex(), outcome.kind, outcome.at]
    assert isinstance(outcome, TrothError)  # noqa: S101 - there is nothing else among offers
    return ["error", type(outcome).__name__, {f.name: getattr(outcome, f.name) for f in fields(outcome)}]


def _read(noted: Sequence[Any]) -> Any:  # noqa: ANN401
    match noted:
        case ["many", some]:
            return tuple(_read(each) for each in some)
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
