"""People and their standing, names that find them, what recipients signed, what was approved."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update

from troth.clock import DAY
from troth.errors import RowBroken
from troth.store.schema import (
    agreements,
    approvals,
    case_records,
    cases,
    erased,
    holds,
    instruments,
    leavers,
    names,
    settings,
    subjects,
    tokens,
)
from troth.store.schema_rights import graces
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

_ADD_SUBJECTS = Adding(subjects)
_ADD_NAMES = Adding(names, latest=("record",))
_ADD_TOKENS = Adding(tokens, latest=("record",))
_ADD_ERASED = Adding(erased)
_ADD_INSTRUMENTS = Adding(instruments, latest=("valid_until",))
_ADD_APPROVALS = Adding(approvals)
_HELD = Prepared(select(holds.c.subject, holds.c.kept).distinct().order_by(holds.c.subject, holds.c.kept))

_subject: BindParameter[int] = bindparam("subject")
_SET_STANDING = Prepared(
    update(subjects).where(subjects.c.subject == _subject).values(standing=bindparam("text"))
)
_STANDINGS = Joining(
    "SELECT p.subject, p.standing FROM {given} CROSS JOIN subjects p WHERE p.subject = g.subject",
    subject="bigint",
)
_KNOWN = Joining(
    "SELECT n.token, n.subject, p.standing FROM {given} CROSS JOIN names n CROSS JOIN subjects p"
    " WHERE n.token = g.token AND p.subject = n.subject",
    token="bytea",  # noqa: S106 - a type, not a secret
)
_HOLDERS = Joining(
    "SELECT n.token, n.subject, n.record FROM {given} CROSS JOIN names n WHERE n.token = g.token",
    token="bytea",  # noqa: S106 - a type, not a secret
)
_SHARERS = Prepared(select(tokens.c.subject, tokens.c.record).where(tokens.c.token == bindparam("token")))
_WAS_ERASED = Prepared(select(erased.c.subject).where(erased.c.subject == _subject))
_DROP_SUBJECT = Prepared(delete(subjects).where(subjects.c.subject == _subject))
_DROP_NAMES = Prepared(delete(names).where(names.c.subject == _subject))
_DROP_TOKENS = Prepared(delete(tokens).where(tokens.c.subject == _subject))
_DROP_RECORD_NAMES = Prepared(
    delete(names)
    .where(names.c.subject == _subject, names.c.record == bindparam("record"))
    .returning(names.c.token)
)
_DROP_NAME = Prepared(delete(names).where(names.c.token == bindparam("token")))
_DROP_TOKEN = Prepared(
    delete(tokens).where(tokens.c.token == bindparam("token"), tokens.c.subject == _subject)
)
_ALSO = Prepared(
    select(tokens.c.record).where(tokens.c.token == bindparam("token"), tokens.c.subject == _subject)
)
_DROP_RECORD_TOKENS = Prepared(
    delete(tokens).where(tokens.c.subject == _subject, tokens.c.record == bindparam("record"))
)
_INSTRUMENTS = Prepared(
    select(instruments.c.recipient, instruments.c.kind).where(
        instruments.c.valid_from <= bindparam("at"), instruments.c.valid_until > bindparam("at_too")
    )
)
_ON_RECORD = Prepared(
    "SELECT recipient, kind, max(valid_until) FROM instruments"
    " WHERE valid_from <= :at AND valid_until > :at_too GROUP BY recipient, kind ORDER BY recipient, kind"
)
_APPROVALS = Prepared(
    select(approvals.c.role, approvals.c.approver).where(approvals.c.request == bindparam("request"))
)
_DROP_EVERY_APPROVAL = Prepared("DELETE FROM approvals")
_DROP_APPROVALS = Prepared(delete(approvals).where(approvals.c.request == bindparam("request")))
_SETTING = Prepared(select(settings.c.value).where(settings.c.name == bindparam("name")))
_DROP_SETTING = Prepared(delete(settings).where(settings.c.name == bindparam("name")))
_ADD_SETTING = Prepared(insert(settings))
_AGREEMENTS = Prepared(
    select(agreements.c.version, agreements.c.hash, agreements.c.source).order_by(agreements.c.version)
)
_ADD_AGREEMENT = Prepared(insert(agreements))
_DROP_HOLDS = Prepared(delete(holds).where(holds.c.subject == _subject))
_DROP_LEAVER = Prepared(delete(leavers).where(leavers.c.subject == _subject))
_DROP_APPROVALS_OF = Prepared(delete(approvals).where(approvals.c.subject == _subject))
_DROP_CASES = Prepared(delete(cases).where(cases.c.subject == _subject))
_DROP_CASE_RECORDS = Prepared(delete(case_records).where(case_records.c.subject == _subject))
_DROP_GRACE = Prepared(delete(graces).where(graces.c.subject == _subject))
_COUNT = Prepared("SELECT count(*) FROM subjects")
_SOME = Prepared(
    "SELECT subject, standing FROM subjects WHERE subject > :after ORDER BY subject LIMIT :limit"
)


# ---- people


def standings(unit: Unit, subjects: Sequence[int]) -> dict[int, str]:
    """Return the standing text of each subject that is known."""
    return dict(_STANDINGS.run(unit, [(subject,) for subject in subjects]))


def some_standings(unit: Unit, after: int, limit: int) -> list[Row]:
    """Return up to `limit` (subject, standing) with a number above `after`, in order."""
    return unit.rows(_SOME, after, limit)


def add_subjects(unit: Unit, rows: Sequence[tuple[int, int, str]]) -> None:
    """Add people: (subject, joined_at, standing)."""
    unit.add(_ADD_SUBJECTS, rows)


def set_standing(unit: Unit, subject: int, standing: str) -> None:
    """Replace one person's standing."""
    unit.run(_SET_STANDING, standing, subject)


def count(unit: Unit) -> int:
    """Return how many people are known."""
    return int(unit.rows(_COUNT)[0][0])


def was_erased(unit: Unit, subject: int) -> bool:
    """Whether this random number once stood for a person who is erased."""
    return bool(unit.rows(_WAS_ERASED, subject))


def remove_subject(unit: Unit, subject: int, at: int) -> None:
    """Remove a person's row with all that hangs on it, and remember only the day this number went."""
    drops = (_DROP_SUBJECT, _DROP_HOLDS, _DROP_LEAVER, _DROP_APPROVALS_OF, _DROP_CASES, _DROP_CASE_RECORDS)
    for each in (*drops, _DROP_GRACE):
        unit.run(each, subject)
    unit.add(_ADD_ERASED, [(subject, at - at % DAY)])


def held(unit: Unit) -> list[tuple[int, str]]:
    """Return (subject, retention class) of everything that is held."""
    return [(subject, str(kept)) for subject, kept in unit.rows(_HELD)]


# ---- names and tokens


def holders(unit: Unit, wanted: Iterable[bytes]) -> dict[bytes, tuple[int, bytes]]:
    """Return (subject, record) of whoever holds each unique token, of those that are held."""
    found = _HOLDERS.run(unit, [(token,) for token in wanted])
    return {bytes(token): (subject, bytes(record)) for token, subject, record in found}


def known(unit: Unit, wanted: Iterable[bytes]) -> Iterator[tuple[bytes, int, str]]:
    """Yield (token, subject, standing) of the people whom these tokens name, of those that are known."""
    for token, subject, standing in _KNOWN.run(unit, [(token,) for token in wanted]):
        yield bytes(token), subject, standing


def sharers(unit: Unit, token: bytes) -> list[tuple[int, bytes]]:
    """Return (subject, record) of everyone who shares a token."""
    return [(subject, bytes(record)) for subject, record in unit.rows(_SHARERS, token)]


def add_names(unit: Unit, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
    """Add unique tokens: (token, subject, record or b''); one held already goes to its latest record.

    What the latest record takes from another of the same person, `add_tokens` is to keep for that one.
    """
    latest = {row[0]: row for row in rows}
    if len(latest) < len(rows):
        unit.add(_ADD_TOKENS, [row for row in rows if row != latest[row[0]]])
    unit.add(_ADD_NAMES, list(latest.values()))


def add_tokens(unit: Unit, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
    """Add tokens that several records may have: (token, subject, record)."""
    unit.add(_ADD_TOKENS, rows)


def drop_names(unit: Unit, subject: int, record: bytes | None = None) -> int:
    """Remove the tokens of one record, or of a whole person; return how many.

    A unique token that another record of the person has as well goes over to that one.
    """
    if record is None:
        return unit.count(_DROP_NAMES, subject) + unit.count(_DROP_TOKENS, subject)
    freed = unit.rows(_DROP_RECORD_NAMES, subject, record)
    gone = len(freed) + unit.count(_DROP_RECORD_TOKENS, subject, record)
    for (token,) in freed:
        others = sorted(bytes(other) for (other,) in unit.rows(_ALSO, token, subject))
        if others:
            unit.run(_DROP_TOKEN, token, subject)
            add_tokens(unit, [(bytes(token), subject, other) for other in others[:-1]])
            add_names(unit, [(bytes(token), subject, others[-1])])
    return gone


def free_name(unit: Unit, token: bytes, subject: int) -> None:
    """Take a unique token from a person whose records no longer need it."""
    unit.run(_DROP_NAME, token)
    unit.run(_DROP_TOKEN, token, subject)


# ---- recipients and approvals


def valid_instruments(unit: Unit, at: int) -> frozenset[tuple[str, str]]:
    """Return (recipient, kind) of every instrument valid at an instant."""
    return frozenset((recipient, kind) for recipient, kind in unit.rows(_INSTRUMENTS, at, at))


def on_record(unit: Unit, at: int) -> list[Row]:
    """Return (recipient, kind, valid until) of what is on record and valid at an instant, in order."""
    return unit.rows(_ON_RECORD, at, at)


def add_instrument(unit: Unit, recipient: str, kind: str, reference: str, start: int, end: int) -> None:
    """Record an instrument; one of the same reference is renewed."""
    unit.add(_ADD_INSTRUMENTS, [(recipient, kind, reference, start, end)])


def approvals_of(unit: Unit, request: bytes) -> frozenset[tuple[str, str]]:
    """Return (role, approver's pseudonym) of everyone who approved exactly this request."""
    return frozenset((role, name) for role, name in unit.rows(_APPROVALS, request))


def add_approval(unit: Unit, request: bytes, role: str, approver: str, *, about: int, at: int) -> None:
    """Record one approval of a request about a person; a second one of the same approver changes nothing."""
    if approver not in {name for _, name in approvals_of(unit, request)}:
        unit.add(_ADD_APPROVALS, [(request, role, approver, at, about)])


def use_approvals(unit: Unit, request: bytes) -> None:
    """Remove the approvals of a request that was carried out: they serve once."""
    unit.run(_DROP_APPROVALS, request)


# ---- the house


def setting(unit: Unit, name: str) -> str | None:
    """Return a setting, or None."""
    found = unit.rows(_SETTING, name)
    return str(found[0][0]) if found else None


def number(unit: Unit, name: str) -> int:
    """Return a setting that is a whole number, 0 when it was never set; raises `RowBroken`."""
    found = setting(unit, name) or "0"
    if not (found.isascii() and found.isdecimal() and len(found) < 20):
        raise RowBroken(table="settings")
    return int(found)


def set_setting(unit: Unit, name: str, value: str) -> None:
    """Set or replace a setting."""
    unit.run(_DROP_SETTING, name)
    unit.run(_ADD_SETTING, name, value)


def adopted(unit: Unit) -> list[Row]:
    """Return (version, hash, source) of every agreement adopted, oldest first."""
    return unit.rows(_AGREEMENTS)


def adopt(unit: Unit, version: int, hash: str, effective: int, at: int, source: str) -> None:  # noqa: A002
    """Add an agreement version."""
    unit.run(_ADD_AGREEMENT, version, hash, effective, at, source)


def drop_every_approval(unit: Unit) -> int:
    """Remove every approval; return how many."""
    return unit.count(_DROP_EVERY_APPROVAL)
