"""Say what of each table goes with an erasure: all of it by its rule, some columns, or nothing."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, not_

from troth.errors import NotDoneThere
from troth.gates.systems.databases.finding import Finding
from troth.gates.systems.databases.mapping import Mapped
from troth.gates.systems.declared import KEEP, Scalar, TableRule

NOT_MAPPED = "not-mapped"

Setting: TypeAlias = Mapping[str, Scalar | None]
Piece: TypeAlias = tuple[ColumnElement[bool], Setting]


def goings(tables: Sequence[Mapped], categories: frozenset[str], system: str) -> dict[str, Setting | None]:
    """Return what of each table goes with some categories, by its name; none: with all of them.

    Empty: all of it, by its own rule. Some columns: only these. None: nothing. A row through which others
    are found that stay is not deleted: what goes of it is emptied. Raises `NotDoneThere` (stuck) where that
    would empty what the rest is found by, so that nobody would find it any more.
    """
    found = {table.rule.name: _of(table.rule, categories) for table in tables}
    while some := [table for table in tables if categories and _is_needed(table, tables, found)]:
        found |= {table.rule.name: _emptied(table.rule, _columns(table.rule)) for table in some}
    for table in tables if categories else ():
        if _leading(table, _through(table, tables, found)) & (found[table.rule.name] or {}).keys():
            raise NotDoneThere(system=system, problem=NOT_MAPPED, stuck=True)
    return found


def pieces(finding: Finding, table: Mapped, part: Setting) -> list[Piece]:
    """Return which columns are emptied in which rows: never those of another owner."""
    rule = table.rule
    if table.parent is not None:
        return [(finding.last(table), part)]
    if len(rule.owners) <= 1:
        return [(finding.mine(table), part)]
    own = {column for owner in rule.owners for column in (*owner.columns, owner.column)}
    some: list[Piece] = [(finding.last(table), {name: part[name] for name in part if name not in own})]
    for owner in rule.owners:
        theirs = {name: part[name] for name in part if name in {*owner.columns, owner.column}}
        some.append((finding.by(table, owner), theirs))
    return [(where, setting) for where, setting in some if setting]


def otherwise(table: Mapped, values: Setting) -> ColumnElement[bool]:
    """Return which rows have anything in some columns but what is to be in them."""
    return not_(
        and_(
            *(
                table.column(name).is_(None)
                if value is None
                else and_(table.column(name).isnot(None), table.column(name) == value)
                for name, value in values.items()
            )
        )
    )


def _of(rule: TableRule, categories: frozenset[str]) -> Setting | None:
    if not categories:
        return {}
    columns = _columns(rule)
    going = [column for column, word in columns.items() if word.rpartition(".")[0] in categories]
    if not going:
        return None
    return {} if len(going) == len(columns) else _emptied(rule, going)


def _emptied(rule: TableRule, columns: Sequence[str] | Mapping[str, str]) -> Setting:
    return {column: rule.parting.get(column) for column in columns}


def _columns(rule: TableRule) -> dict[str, str]:
    """Return what each mapped column holds; one that names people by a field holds a value of theirs."""
    columns = {owner.column: owner.by for owner in rule.owners if "." in owner.by} | dict(rule.columns)
    for owner in rule.owners:
        columns |= owner.columns
    return columns


def _is_needed(table: Mapped, tables: Sequence[Mapped], found: Mapping[str, Setting | None]) -> bool:
    """Whether a table whose rows would go is referred to, or is what others are found through, that stay."""
    if found[table.rule.name] != {} or table.rule.erase == KEEP:
        return False
    held = table.parent is not None and table.holds and found[table.parent.rule.name] != {}
    return held or bool(_through(table, tables, found))


def _through(table: Mapped, tables: Sequence[Mapped], found: Mapping[str, Setting | None]) -> list[Mapped]:
    """Return the tables whose rows stay, and are found through this one."""
    own = [each for each in tables if each.parent is table]
    return [each for each in own if each.rule.erase == KEEP or found[each.rule.name] != {}]


def _leading(table: Mapped, staying: Sequence[Mapped]) -> set[str]:
    """Return the columns by which a table's rows are found, and those of others that stay."""
    leading = {owner.column for owner in table.rule.owners}
    leading |= {table.rule.through.column} if table.rule.through else set()
    return leading | {each.rule.through.other for each in staying if each.rule.through}
