"""The form of a table in a copy: rows as PostgreSQL's binary COPY writes them, whatever database they are of.

PostgreSQL writes and reads this form itself ("COPY", File Formats, Binary Format); rows of SQLite are put
into it here. So a copy of the one is restored into the other, and none of both has to be there to verify one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from struct import Struct, error
from typing import BinaryIO

from sqlalchemy import BigInteger, Integer, LargeBinary, SmallInteger
from sqlalchemy.sql.schema import Column, Table

from troth.errors import RowBroken

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)  # no flags, no extension
END = b"\xff\xff"
BLOCK = 1 << 20
Row = tuple[object, ...]
_WHOLE: dict[type, Struct] = {SmallInteger: Struct(">ih"), Integer: Struct(">ii"), BigInteger: Struct(">iq")}
_LENGTH, _COUNT = Struct(">i"), Struct(">h")


def names_of(table: Table) -> list[str]:
    """Return the columns of a table, in the order in which rows have them."""
    return [f"{column.name}" for column in table.columns]


def encoded(table: Table, rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the file of a table's rows in blocks of a megabyte or so.

    Raises `RowBroken` for a value that its column cannot have: SQLite stores what it is given.
    """
    writers = [_writer(column) for column in table.columns]
    head = _COUNT.pack(len(writers))
    parts, size = [HEADER], 0
    try:
        for row in rows:
            parts.append(head)
            for write, value in zip(writers, row, strict=True):
                part = write(value)
                size += len(part)
                parts.append(part)
            if size > BLOCK:
                yield b"".join(parts)
                parts, size = [], 0
    except (error, AttributeError, TypeError, UnicodeError):
        raise RowBroken(table=table.name) from None
    yield b"".join((*parts, END))


def decoded(name: str, kinds: Sequence[str], file: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a file, of columns of these kinds: `int`, `text` or `bytes`.

    Raises `RowBroken`, naming the table, for a file that is not whole or of another form.
    """
    try:
        yield from _rows(kinds, file)
    except (error, ValueError):
        raise RowBroken(table=name) from None


def kinds_of(table: Table) -> list[str]:
    """Return of each column what its values are: `int`, `text` or `bytes`."""
    return [_kind(column) for column in table.columns]


def _rows(kinds: Sequence[str], file: BinaryIO) -> Iterator[Row]:
    if file.read(len(HEADER)) != HEADER:
        raise ValueError("it has another form")
    count, block, at = len(kinds), b"", 0
    while True:
        start, values = at, list[object]()
        try:
            (columns,) = _COUNT.unpack_from(block, at)
            at += 2
            if columns == -1:
                if at != len(block) or file.read(1):
                    raise ValueError("there is more after its end")
                return
            if columns != count:
                raise ValueError("a row has other columns")
            for kind in kinds:
                (length,) = _LENGTH.unpack_from(block, at)
                at += 4
                if length < 0 or at + length > len(block):
                    raise error
                values.append(_value(kind, block, at, length))
                at += length
        except error:
            more = file.read(BLOCK)
            if not more:
                raise
            block, at = block[start:] + more, 0
            continue
        yield tuple(values)


def _value(kind: str, block: bytes, at: int, length: int) -> object:
    if kind == "int":
        return int.from_bytes(block[at : at + length], "big", signed=True)
    raw = block[at : at + length]
    return raw.decode("utf-8") if kind == "text" else raw


def _kind(column: Column[object]) -> str:
    if isinstance(column.type, LargeBinary):
        return "bytes"
    return "int" if isinstance(column.type, Integer) else "text"


def _writer(column: Column[object]) -> Callable[[object], bytes]:
    """Return what turns a value into a field: its length in 32 bits, then itself."""
    kind = _kind(column)
    if kind == "int":
        known = next(whole for of, whole in _WHOLE.items() if isinstance(column.type, of) and _is(column, of))
        size = known.size - 4
        return lambda value: known.pack(size, value)
    if kind == "bytes":
        return _bytes
    return _text


def _is(column: Column[object], of: type) -> bool:
    return of is not Integer or not isinstance(column.type, SmallInteger | BigInteger)


def _bytes(value: object) -> bytes:
    if type(value) is not bytes:
        raise TypeError
    return _LENGTH.pack(len(value)) + value


def _text(value: object) -> bytes:
    if type(value) is not str:
        raise TypeError
    raw = value.encode("utf-8")
    return _LENGTH.pack(len(raw)) + raw
