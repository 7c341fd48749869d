"""Find: who has exactly this value, by its blind token; remembered whether or not anybody has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import Desk
from troth.errors import BadValue, EmptyNeedle, NotNormal, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Refusal, Request, Why
from troth.store import records, registry
from troth.terms.agreement import FieldSpec
from troth.terms.kinds import KINDS
from troth.vault.lookup import normalise, token


@dataclass(frozen=True, slots=True)
class Find:
    """A FIND request for one field, and the exact value that is looked for."""

    request: Request
    value: Any = field(repr=False)

    about = None  # whom it is about is what is asked

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.FIND)


@dataclass(frozen=True, slots=True)
class Found:
    """Who has the value, and in which of their records; nobody, when nobody has; and the receipt."""

    people: tuple[tuple[int, bytes], ...]
    receipt: Receipt


def find(desk: Desk, jobs: Sequence[Find]) -> list[Found | TrothError]:
    """Serve searches, decided before anything is known of who is found; a value that is none finds nobody."""
    return [_find(desk, job) for job in jobs]


def _find(desk: Desk, job: Find) -> Found | TrothError:
    request = job.request
    decision = desk.admit(request, "")
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, None)
    if len(request.fields) != 1:  # what is looked for is one value
        return desk.refuse(request, refusal_of(Why.FIELD_MISSING, *decision.clauses, word="field"), None)
    people = _holders(desk, job)
    only = people[0][0] if len(people) == 1 else None
    receipt = desk.remember_act(
        request, decision, only, fields=request.fields, count=None if only else len(people)
    )
    return Found(people, receipt)


def _holders(desk: Desk, job: Find) -> tuple[tuple[int, bytes], ...]:
    category, (name,) = job.request.category, job.request.fields
    try:
        wanted = token_of(desk, category, name, desk.house.book.fields[category][name], job.value)
    except (BadValue, EmptyNeedle, NotNormal, UnicodeEncodeError):
        return ()
    held = registry.holders(desk.unit, [wanted])
    some = sorted({*held.values(), *registry.sharers(desk.unit, wanted)})
    code = desk.house.origins.code(category)
    if code is None:  # another process may have been the first to take it in
        desk.house.origins.load(desk.unit)
        code = desk.house.origins.code(category)
    if not some or code is None:
        return ()
    ends = records.ends_of(
        desk.unit, [(subject, code, record) for subject, record in some], desk.house.origins
    )
    desk.find([subject for subject, _ in some])
    return tuple(
        (subject, record)
        for subject, record in some
        if ends.get((subject, record), 0) > desk.now
        and subject in desk.people
        and (desk.standings[subject].grace is None or _opens(desk, subject, code, record))
    )


def token_of(desk: Desk, category: str, name: str, spec: FieldSpec, value: object) -> bytes:
    """Return the blind token of a value.

    Raises `BadValue`, `EmptyNeedle`, `NotNormal` or `UnicodeEncodeError` for what is none.
    """
    kind, key = KINDS[spec.type], desk.house.keyring.index_key(category, name, 1)
    return token(key, normalise(kind.index or "exact", str(kind.accepts(value, spec))).encode("utf-8"))


def _opens(desk: Desk, subject: int, code: int, record: bytes) -> bool:
    """Whether a record of somebody in grace is of a class that stays, so that its key is a key still."""
    kept = {
        each.id: each.origin.kept for each in records.of(desk.unit, [(subject, code)], desk.house.origins)
    }
    pair = subject, kept.get(record, "")
    desk.open_keys([pair])
    return pair in desk.keys
