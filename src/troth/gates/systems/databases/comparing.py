"""Compare columns with what names a person: as it stands, or without case, and never more loosely than that.

A database may hold things for equal that name two people: collations of MySQL that know neither case nor
accents, `citext`, `NOCASE`. It may also miss what is equal: SQLite folds ASCII alone.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, Float, Text, and_, cast, func, type_coerce
from sqlalchemy.dialects import mysql
from sqlalchemy.types import NullType

from troth.errors import NotDoneThere
from troth.gates.systems.databases.mapping import base_type, kind_of, typed
from troth.gates.systems.databases.reaching import UNLIKE

_NARROW = (mysql.TINYINT, mysql.SMALLINT, mysql.MEDIUMINT, mysql.INTEGER)
_WIDEST = 0xFFFF_FFFF  # in any of these; PostgreSQL refuses by itself


def selectors(system: str, column: Column[Any], values: Sequence[str]) -> list[Any]:
    """Return by what a person is known, as a column has it.

    Raises `NotDoneThere` (stuck, `unlike`) where that would name somebody else as well: `007` is not 7, and
    a number with a floating point has not all digits of ours. Also where none of ours fits.
    """
    given = [typed(system, column, value) for value in values]
    inexact = isinstance(base_type(column), Float)
    narrow = isinstance(column.type, _NARROW) and any(int(made) > _WIDEST for made in given)
    if inexact or narrow or not all(_says(value, made) for value, made in zip(values, given, strict=True)):
        raise NotDoneThere(system=system, problem=UNLIKE, stuck=True)
    return given


def _says(value: str, made: object) -> bool:
    """Whether what was made of a text is what it says, and nobody else's."""
    if isinstance(made, int | Decimal):
        digits = value.removeprefix("+")
        return digits.isdigit() and str(made) == digits
    return bool(value.strip())


def same(dialect: str, column: Column[Any], given: Sequence[Any]) -> ColumnElement[bool]:
    """Return where a column has one of some values, mark for mark; an index of the column serves it."""
    plain = _plain(dialect, column)
    if isinstance(column.type, NullType) and dialect == "sqlite":
        return plain.in_(given)  # without a type, a text is never equal to a number
    bare = type_coerce(column, base_type(column))
    found = bare.in_(given) if len(given) > 1 else bare == given[0]
    return and_(found, plain.in_(given)) if kind_of(column) == "text" else found


def folded(dialect: str, column: Column[Any], given: Sequence[Any]) -> ColumnElement[bool]:
    """Return where a column has one of some values, whatever their case; what is no text, as it stands."""
    untyped = isinstance(column.type, NullType) and dialect == "sqlite"
    if kind_of(column) != "text" and not untyped:
        return same(dialect, column, given)
    words = [str(value) for value in given]
    if dialect == "sqlite":
        held = cast(column, Text) if untyped else column
        fold = func.lower if all(word.isascii() for word in words) else func.troth_folded  # ours
        return fold(held).in_([word.lower() for word in words])
    small = [*(func.lower(word) for word in words), *(word.lower() for word in words)]
    if dialect == "mysql":
        return func.lower(cast(column, mysql.CHAR(charset="utf8mb4"))).collate("utf8mb4_bin").in_(small)
    return func.lower(type_coerce(column, base_type(column))).in_(small)


def _plain(dialect: str, column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as text that is equal to nothing but itself, but for spaces at its end."""
    if dialect == "mysql":
        return cast(column, mysql.CHAR(charset="utf8mb4")).collate("utf8mb4_bin")
    if dialect == "sqlite":
        return func.rtrim(cast(column, Text)).collate("BINARY")
    return cast(column, Text).collate("C")
