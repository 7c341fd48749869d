"""Rights cases: the row of each demand, and its events in order."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import bindparam, delete, select, update

from troth.errors import RowBroken
from troth.rules.rights_cases import Event, Happened, RightsCase, Scope, state_of
from troth.store import tellings
from troth.store.reading import are_names, loaded
from troth.store.schema_rights import rights_cases, rights_events
from troth.store.unit import Adding, Joining, Prepared, Row, Unit
from troth.terms.vocabulary import RightName

_ADD = Adding(rights_cases)
_ADD_EVENT = Adding(rights_events)
_COLUMNS = "case_id, subject, named, reference, regimes, scope, outcome"
_ONE = Prepared(f"SELECT {_COLUMNS} FROM rights_cases WHERE case_id = :case_id")  # noqa: S608
_NAMED = Prepared(f"SELECT {_COLUMNS} FROM rights_cases WHERE reference = :reference")  # noqa: S608
_OF = Prepared(
    f"SELECT {_COLUMNS} FROM rights_cases WHERE subject = :subject ORDER BY filed_at, case_id"  # noqa: S608
)
_QUEUE = Prepared(
    f"SELECT {_COLUMNS} FROM rights_cases WHERE state = :state AND named = :named"  # noqa: S608
    " AND (filed_at, case_id) > (:after, :after_case) ORDER BY filed_at, case_id LIMIT :limit"
)
_DUE = Prepared(
    "SELECT case_id FROM rights_cases WHERE look_at <= :now ORDER BY look_at, case_id LIMIT :limit"
)
_EVERY = Prepared(f"SELECT {_COLUMNS} FROM rights_cases ORDER BY filed_at, case_id")  # noqa: S608
_STATES = Prepared("SELECT case_id, state FROM rights_cases")
_KNOWN = Prepared("SELECT 1 FROM rights_cases WHERE reference = :reference")
_EVENTS = Joining(
    "SELECT e.case_id, e.number, e.at, e.event, e.actor, e.codes FROM {given} CROSS JOIN rights_events e"
    " WHERE e.case_id = g.case_id ORDER BY e.case_id, e.number",
    case_id="bytea",
)
_MOVED = Prepared(
    update(rights_cases)
    .where(rights_cases.c.case_id == bindparam("in_case"))
    .values(state=bindparam("state"), look_at=bindparam("look_at"), ended_at=bindparam("ended_at"))
)
_LOOK = Prepared(
    update(rights_cases)
    .where(rights_cases.c.case_id == bindparam("in_case"))
    .values(look_at=bindparam("look_at"))
)
_LOOK_ON = Prepared("UPDATE rights_cases SET look_at = :at WHERE case_id = :case_id AND ended_at = 0")
_LOOK_OF = Prepared("UPDATE rights_cases SET look_at = :at WHERE subject = :subject AND ended_at = 0")
_OUTCOME = Prepared(
    update(rights_cases)
    .where(rights_cases.c.case_id == bindparam("in_case"))
    .values(outcome=bindparam("outcome"))
)
_SEALED = Prepared(select(rights_cases.c.sealed).where(rights_cases.c.case_id == bindparam("case_id")))
_UNSEAL = Prepared(
    update(rights_cases)
    .where(rights_cases.c.case_id == bindparam("in_case"))
    .values(sealed=bindparam("sealed"))
)
_REMOVE = Prepared(delete(rights_cases).where(rights_cases.c.case_id == bindparam("case_id")))
_REMOVE_EVENTS = Prepared(delete(rights_events).where(rights_events.c.case_id == bindparam("case_id")))


def add(unit: Unit, case: RightsCase, *, look_at: int, sealed: bytes) -> None:
    """File a demand with its events so far."""
    scope = {name: value for name, value in asdict(case.scope).items() if value}
    said = (json.dumps(case.regimes), json.dumps({**scope, "needs": case.needs}))  # not hashed
    stands = (case.right.value, case.state.value, case.reference)
    times = (case.filed_at, look_at, case.ended_at or 0)
    done = json.dumps(case.outcome)  # not hashed
    unit.add(_ADD, [(case.id, case.subject, *stands, *times, *said, sealed, done)])
    unit.add(_ADD_EVENT, [_row(case.id, number, one) for number, one in enumerate(case.events)])


def happened(unit: Unit, case: RightsCase, *, look_at: int) -> None:
    """File the last event of a demand, and the state it leads to."""
    number = len(case.events) - 1
    unit.add(_ADD_EVENT, [_row(case.id, number, case.events[number])])
    unit.run(_MOVED, case.state.value, look_at, case.ended_at or 0, case.id)


def look(unit: Unit, case: bytes, at: int) -> None:
    """Let a sweep look at a demand from an instant on."""
    unit.run(_LOOK, at, case)


def look_on(unit: Unit, case: bytes, at: int) -> None:
    """Let a sweep look at a demand from an instant on, if it is open."""
    unit.run(_LOOK_ON, at, case)


def look_of(unit: Unit, subject: int, at: int) -> None:
    """Let a sweep look at every open demand of a person from an instant on."""
    unit.run(_LOOK_OF, at, subject)


def set_outcome(unit: Unit, case: bytes, outcome: Mapping[str, object]) -> None:
    """Keep what was done for a demand, and what stays."""
    unit.run(_OUTCOME, json.dumps(outcome), case)  # not hashed


def sealed_of(unit: Unit, case: bytes) -> bytes:
    """Return what the person told with a demand, as it is sealed; nothing when there was nothing."""
    found = unit.rows(_SEALED, case)
    return bytes(found[0][0]) if found and isinstance(found[0][0], bytes) else b""


def set_told(unit: Unit, case: bytes, sealed: bytes) -> None:
    """Keep what the person told with a demand, as it is sealed."""
    unit.run(_UNSEAL, sealed, case)


def forget_told(unit: Unit, case: bytes) -> None:
    """Forget what the person told with a demand."""
    set_told(unit, case, b"")


def one(unit: Unit, case: bytes) -> RightsCase | None:
    """Return a demand; None when there is none. Raises `RowBroken`."""
    return next(iter(_cases(unit, unit.rows(_ONE, case))), None)


def named(unit: Unit, reference: str) -> RightsCase | None:
    """Return the demand of a reference; None when there is none. Raises `RowBroken`."""
    return next(iter(_cases(unit, unit.rows(_NAMED, reference))), None)


def of(unit: Unit, subject: int) -> list[RightsCase]:
    """Return the demands of a person, oldest first; raises `RowBroken`."""
    return _cases(unit, unit.rows(_OF, subject))


def is_known(unit: Unit, reference: str) -> bool:
    """Whether a demand has this reference."""
    return bool(unit.rows(_KNOWN, reference))


def waiting(unit: Unit, state: str, right: str, after: tuple[int, bytes], limit: int) -> list[RightsCase]:
    """Return up to `limit` demands of a right in a state, the oldest first, behind (filed_at, case)."""
    return _cases(unit, unit.rows(_QUEUE, state, right, *after, limit))


def due(unit: Unit, now: int, limit: int) -> list[bytes]:
    """Return up to `limit` demands that a sweep is to look at, the longest due first."""
    return [bytes(case) for (case,) in unit.rows(_DUE, now, limit)]


def every(unit: Unit) -> list[RightsCase]:
    """Return all demands, oldest first; raises `RowBroken`."""
    return _cases(unit, unit.rows(_EVERY))


def states(unit: Unit) -> dict[bytes, str]:
    """Return the state that each row says, whatever its events say."""
    return {bytes(case): state for case, state in unit.rows(_STATES)}


def remove(unit: Unit, case: bytes) -> None:
    """Forget a demand, its events, and what is still to be told of it."""
    tellings.drop_of(unit, case)
    unit.run(_REMOVE_EVENTS, case)
    unit.run(_REMOVE, case)


def _row(case: bytes, number: int, one: Happened) -> Row:
    return (case, number, one.at, one.event.value, one.by, json.dumps(one.codes))  # not hashed


def _cases(unit: Unit, rows: Iterable[Row]) -> list[RightsCase]:
    rows = list(rows)
    events: dict[bytes, list[Happened]] = {}
    for case, _, at, event, by, codes in _EVENTS.run(unit, [(row[0],) for row in rows]):
        said = loaded(codes)
        if type(at) is not int or not are_names(said) or event not in _EVENT_WORDS:
            raise RowBroken(table="rights_events")
        events.setdefault(bytes(case), []).append(Happened(at, Event(event), by, tuple(said)))
    return [_case(row, tuple(events.get(bytes(row[0]), ()))) for row in rows]


_EVENT_WORDS = frozenset(event.value for event in Event)
_RIGHT_WORDS = frozenset(right.value for right in RightName)


def _case(row: Row, events: tuple[Happened, ...]) -> RightsCase:
    case, subject, right, reference, regimes, scope, outcome = row
    named, said, done = loaded(regimes), loaded(scope), loaded(outcome)
    if (
        right not in _RIGHT_WORDS
        or not are_names(named)
        or not isinstance(said, dict)
        or not isinstance(done, dict)
    ):
        raise RowBroken(table="rights_cases")
    try:
        state_of(events)
        needs = said.pop("needs")
        about = Scope(**{**said, "classes": tuple(said.get("classes", ()))})
    except (ValueError, KeyError, TypeError):
        raise RowBroken(table="rights_cases") from None
    return RightsCase(
        bytes(case), subject, RightName(right), reference, tuple(named), about, events, needs, done
    )
