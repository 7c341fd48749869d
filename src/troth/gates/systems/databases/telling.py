"""Read what another database holds of a person, correct it, and restrict it; each correction is read back."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from troth.errors import NotDoneThere
from troth.gates.systems.databases.erasing import FOUND_AGAIN, check_known
from troth.gates.systems.databases.finding import Finding
from troth.gates.systems.databases.mapping import Mapped, Place, typed
from troth.gates.systems.declared import Database, Owner
from troth.gates.systems.system import LIFT, Answer, Found, Known, Order


def rows(place: Place, known: Known) -> Iterator[Found]:
    """Yield what each table holds of a person, `batch` rows at a time, in transactions of their own."""
    check_known(place.declared, Order(b"", "", known))
    finding = Finding(place.declared.name, known, place.engine.dialect.name)
    with place.connected() as connection:
        tables = place.mapped(connection)
    for table in tables:
        for words, found in _parts(table, finding):
            yield from _paged(place, table, words, found)


def _parts(table: Mapped, finding: Finding) -> list[tuple[Mapping[str, str], ColumnElement[bool]]]:
    """Return which columns of which rows tell of the person; never those of another owner."""
    rule = table.rule
    if len(rule.owners) <= 1:
        columns = {**rule.columns, **(rule.owners[0].columns if rule.owners else {})}
        return [(columns, finding.mine(table))] if columns else []
    parts: list[tuple[Mapping[str, str], ColumnElement[bool]]] = []
    if rule.columns:
        parts.append((rule.columns, finding.mine(table)))
    parts += [(owner.columns, finding.by(table, owner)) for owner in rule.owners if owner.columns]
    return parts


def _paged(
    place: Place,
    table: Mapped,
    words: Mapping[str, str],
    found: ColumnElement[bool],
) -> Iterator[Found]:
    columns = [table.column(name) for name in words]
    keys = table.keys
    if not keys:  # without a key there is no next page: one statement, whose rows are fetched in parts
        with place.connected() as connection:
            batch = place.declared.batch
            cursor = connection.execution_options(stream_results=True, max_row_buffer=batch)
            for row in cursor.execute(select(*columns).where(found)):
                yield from _told(table, words, row)
        return
    named: Any = keys[0] if len(keys) == 1 else tuple_(*keys)
    after: Any = None
    while True:
        page = select(*keys, *columns).where(found).order_by(*keys).limit(place.declared.batch)
        if after is not None:
            page = page.where(named > after)
        with place.connected() as connection:
            some = connection.execute(page).fetchall()
        for row in some:
            yield from _told(table, words, row[len(keys) :])
        if len(some) < place.declared.batch:
            return
        last = some[-1]
        after = last[0] if len(keys) == 1 else tuple(last[: len(keys)])


def _told(table: Mapped, words: Mapping[str, str], row: Any) -> Iterator[Found]:  # noqa: ANN401
    """Yield a row by category; of a field that several columns hold, all that differ."""
    by: dict[str, dict[str, object]] = {}
    for word, value in zip(words.values(), row, strict=True):
        if value is None:
            continue
        category, _, name = word.rpartition(".")
        values, plain = by.setdefault(category, {}), _plain(value)
        there = values.get(name)
        if there is None:
            values[name] = plain
        elif isinstance(there, list):
            there.append(plain)
        elif there != plain:
            values[name] = [there, plain]
    for category, values in by.items():
        yield table.rule.name, category, values


def _plain(value: object) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode("ascii")
    return str(value)


def correct(place: Place, order: Order) -> Answer:
    """Set every column that is mapped to a corrected field, in the person's own rows, and read back."""
    declared = place.declared
    check_known(declared, order)
    counts: Counter[str] = Counter()
    with place.connected() as connection, connection.begin():
        finding = Finding(declared.name, order.known, place.engine.dialect.name)
        # every table before the one it is found through
        for table in reversed(place.mapped(connection)):
            changed: dict[str, Any] = {}
            where = finding.mine(table)
            for owner, name, value in _changes(declared, table, order):
                if owner is None or len(table.rule.owners) == 1:
                    changed[name] = value
                else:
                    one = update(table.table).where(finding.by(table, owner)).values({name: value})
                    counts[table.rule.name] += int(connection.execute(one).rowcount)
            if changed:
                one = update(table.table).where(where).values(changed)
                counts[table.rule.name] += int(connection.execute(one).rowcount)
    with place.connected() as connection, connection.begin():
        _look_again(connection, place, order)
    return Answer(done=True, counts=dict(counts))


def _changes(declared: Database, table: Mapped, order: Order) -> Iterator[tuple[Owner | None, str, Any]]:
    """Yield (whose column, its name, its new value) for all that a correction changes in a table.

    Columns of the whole row are changed where one person alone owns it: else it may not be about them.
    """
    rule = table.rule
    if len(rule.owners) <= 1:
        for name, word in rule.columns.items():
            if word in order.change:
                yield None, name, typed(declared.name, table.column(name), order.change[word])
    for owner in rule.owners:
        columns = dict(owner.columns)
        if owner.by in order.change:
            columns[owner.column] = owner.by
        for name, word in columns.items():
            if word in order.change:
                yield owner, name, typed(declared.name, table.column(name), order.change[word])


def _look_again(connection: Connection, place: Place, order: Order) -> None:
    declared = place.declared
    known = {word: values for word, values in order.known.items() if word not in order.change}
    now = {**known, **{word: (order.change[word],) for word in order.change if word in order.known}}
    dialect = connection.dialect.name
    after, before = Finding(declared.name, now, dialect), Finding(declared.name, order.known, dialect)
    moved = {w for w in order.change if w in order.known and order.known[w] != (order.change[w],)}
    for table in place.mapped(connection):
        unlike = [
            and_(
                after.mine(table) if owner is None else after.by(table, owner),
                or_(table.column(name).is_(None), table.column(name) != value),
            )
            for owner, name, value in _changes(declared, table, order)
        ]
        unlike += [
            and_(before.by(table, owner), not_(after.by(table, owner)))  # by another case it is found by both
            for owner in table.rule.owners
            if owner.by in moved
        ]
        if unlike and _any(connection, table, or_(*unlike)):
            raise NotDoneThere(system=declared.name, problem=FOUND_AGAIN, stuck=False)


def restrict(place: Place, order: Order) -> Answer:
    """Set what a declaration says of restricted rows, or of those it is lifted from, and read back."""
    declared = place.declared
    check_known(declared, order)
    counts: Counter[str] = Counter()
    finding = Finding(declared.name, order.known, place.engine.dialect.name)
    with place.connected() as connection, connection.begin():
        for table in place.mapped(connection):
            values = table.rule.lift if order.act == LIFT else table.rule.restrict
            if values:
                one = update(table.table).where(finding.mine(table)).values(dict(values))
                counts[table.rule.name] += int(connection.execute(one).rowcount)
    with place.connected() as connection, connection.begin():
        for table in place.mapped(connection):
            values = table.rule.lift if order.act == LIFT else table.rule.restrict
            unlike = [
                or_(table.column(name).is_(None), table.column(name) != value)
                for name, value in values.items()
            ]
            if unlike and _any(connection, table, and_(finding.mine(table), or_(*unlike))):
                raise NotDoneThere(system=declared.name, problem=FOUND_AGAIN, stuck=False)
    return Answer(done=True, counts=dict(counts))


def _any(connection: Connection, table: Mapped, found: ColumnElement[bool]) -> bool:
    counting = select(func.count()).select_from(table.table).where(found)
    return bool(connection.execute(counting).scalar_one())
