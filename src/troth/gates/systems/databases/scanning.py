"""Scan a database for columns that look personal and are not mapped; values are judged, and never shown."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, MetaData, Table, func, inspect, select

from troth.gates.systems.databases.mapping import Place, kind_of
from troth.gates.systems.declared import Database
from troth.gates.systems.looking import looks_like, looks_personal
from troth.gates.systems.system import Scanned, Suspect

SAMPLE = 200  # rows of each table, whichever come first
LONGEST_SAMPLE = 200  # marks of a value that are looked at
_HIDDEN = frozenset({"information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys"})


def scan(place: Place, types: Mapping[str, str]) -> Scanned:
    """Return every column that looks personal and is neither mapped nor declared as none.

    `types` are the types of the agreement's fields, by `category.field`. A few values of each table are
    read for it and forgotten.
    """
    declared = place.declared
    tables = columns = 0
    found: list[Suspect] = []
    with place.connected() as connection:
        for name, table in _tables(connection):
            tables, columns = tables + 1, columns + len(table.c)
            found += _suspects(connection, declared, name, table, types)
    return Scanned(declared.name, tables, columns, tuple(found))


def _tables(connection: Connection) -> Iterator[tuple[str, Table]]:
    """Yield every table of the databases that may be seen, by the name that a declaration gives it."""
    looking = inspect(connection)
    usual = looking.default_schema_name
    postgres = connection.dialect.name == "postgresql"
    schemas = [s for s in looking.get_schema_names() if s not in _HIDDEN] if postgres else [usual]
    for schema in schemas:
        other = schema if schema != usual else None
        for name in sorted(looking.get_table_names(schema=other)):
            found = Table(name, MetaData(), schema=other, autoload_with=connection, resolve_fks=False)
            yield found.fullname, found


def _suspects(
    connection: Connection, declared: Database, name: str, table: Table, types: Mapping[str, str]
) -> Iterator[Suspect]:
    rule = next((rule for rule in declared.tables if rule.name == name), None)
    known = rule.mapped | rule.ignored if rule else frozenset[str]()
    strange = [column for column in table.c if column.name not in known]
    if not strange:
        return
    few = select(*strange).limit(SAMPLE)
    rows = connection.execute(few).fetchall() if _may_be_read(connection, table) else []
    for place, column in enumerate(strange):
        kind = kind_of(column)
        named = looks_personal(column.name, kind, table.name)
        text = kind in ("text", "other", "day")
        values = [str(row[place])[:LONGEST_SAMPLE] for row in rows if text and row[place] is not None]
        like = looks_like(values)
        if like == "name" and not named:
            like = ""  # words with capitals are products, cities and firms as well
        looks = like or named
        if looks:
            by = "both" if like and named else "values" if like else "name"
            fields = tuple(word for word, type_ in types.items() if type_ == looks)
            yield Suspect(
                declared.name, name, column.name, looks, by, rule is not None, _nearest(fields, column.name)
            )


def _may_be_read(connection: Connection, table: Table) -> bool:
    """Whether our role may read a table; PostgreSQL names the others, too, and they are judged by names."""
    if connection.dialect.name != "postgresql":
        return True
    named = connection.dialect.identifier_preparer.format_table(table)
    return bool(connection.execute(select(func.has_table_privilege(named, "SELECT"))).scalar_one())


def _nearest(fields: tuple[str, ...], column: str) -> tuple[str, ...]:
    """Return the fields of one type, those first whose own name is in the column's."""
    return tuple(sorted(fields, key=lambda word: (word.rpartition(".")[2] not in column.lower(), word)))[:3]
