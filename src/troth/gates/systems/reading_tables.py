"""Read the tables of a database against the agreement: how each finds its people, and how it forgets them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.gates.systems.declared import (
    ACCESSED,
    ANONYMISE,
    DELETE,
    EXACT,
    FOLDED,
    KEEP,
    NOBODY,
    OWNED,
    Owner,
    Step,
    TableRule,
)
from troth.gates.systems.keys import choice, mapping, only, section, text, words_of
from troth.gates.systems.system import NUMBER, REFERENCE
from troth.terms.faults import or_one_of

_THROUGH = re.compile(r"(?:(\S+)\.)?([^\s.]+) -> (\S+)\.([^\s.]+)\Z")
_TABLE = (
    "person", "owners", "columns", "ignored", "erase", "blank", "constant", "clause", "restrict", "lift",
)  # fmt: skip
_OWNER = ("column", "by", "role", "columns", "blank", "constant", "match", "absent", "through")


@dataclass(frozen=True, slots=True)
class Words:
    """What an agreement knows, that a declaration may name."""

    fields: frozenset[str]  # `category.field`
    unique: frozenset[str]  # those that are one person's alone (`find: unique`)
    clauses: frozenset[str]
    recipients: frozenset[str]


def tables_of(at: str, said: Mapping[str, Any], words: Words) -> tuple[TableRule, ...]:
    """Return the tables of a database, each after the one it is joined through; raises `ValueError`."""
    if not said:
        raise ValueError(f"`[{at}]` maps no table; write `[{at}.tables.NAME]`")
    tables = {
        name: _table(f"{at}.tables.{name}", name, section(f"{at}.tables.{name}", each), words)
        for name, each in said.items()
    }
    for table in tables.values():
        if table.through and table.through.table not in tables:
            other = table.through.table
            raise ValueError(
                f"`through` of `[{at}.tables.{table.name}]`: `{other}` is not mapped; "
                + or_one_of(other, tables)
            )
    ordered = _in_order(at, tables)
    for table in ordered:
        parent = tables[table.through.table] if table.through else None
        if table.erase == KEEP and parent is not None and parent.erase != KEEP:
            raise ValueError(
                f"`[{at}.tables.{table.name}]` is kept, but found through `{parent.name}`, which is not: "
                "nobody could find it afterwards; keep both, or give it a `person` of its own"
            )
    return ordered


def _in_order(at: str, tables: Mapping[str, TableRule]) -> tuple[TableRule, ...]:
    ordered: dict[str, TableRule] = {}
    for name in tables:
        path: list[str] = []
        here: str | None = name
        while here is not None and here not in ordered:
            if here in path:
                raise ValueError(
                    f"`[{at}.tables.{here}]` is found through itself; give one of "
                    f"{', '.join(f'`{each}`' for each in path)} a `person` with a `column`"
                )
            path.append(here)
            step = tables[here].through
            here = step.table if step else None
        for each in reversed(path):
            ordered[each] = tables[each]
    return tuple(ordered.values())


def _table(at: str, name: str, said: Mapping[str, Any], words: Words) -> TableRule:
    only(at, said, _TABLE)
    if "erase" not in said:
        raise ValueError(
            f"`erase` of `[{at}]` is missing: nothing loads without saying how it goes; "
            "write `delete`, `anonymise` or `keep`"
        )
    erase = choice(at, said, "erase", (DELETE, ANONYMISE, KEEP))
    owners, through = _owners(at, name, said, words)
    table = TableRule(
        name,
        erase,
        owners,
        through,
        _columns(at, said, words),
        frozenset(words_of(at, said, "ignored", [])),
        words_of(at, said, "blank", []),
        mapping(at, said, "constant"),
        text(at, said, "clause", ""),
        mapping(at, said, "restrict"),
        mapping(at, said, "lift"),
    )
    if (erase == KEEP) != bool(table.clause):
        raise ValueError(
            f'`[{at}]`: `clause` names the clause under which rows are kept; write it with `erase = "keep"`'
        )
    if table.clause and table.clause not in words.clauses:
        raise ValueError(
            f"`clause` of `[{at}]`: the agreement has no clause `{table.clause}`; "
            + or_one_of(table.clause, words.clauses)
        )
    if erase != ANONYMISE and (table.blank or table.constant):
        raise ValueError(f'`[{at}]`: `blank` and `constant` of a table belong to `erase = "anonymise"`')
    if table.lift and table.restrict.keys() != table.lift.keys():
        raise ValueError(f"`lift` of `[{at}]` names other columns than `restrict`; name the same")
    return table


def _owners(
    at: str, name: str, said: Mapping[str, Any], words: Words
) -> tuple[tuple[Owner, ...], Step | None]:
    if ("person" in said) == ("owners" in said):
        raise ValueError(f"`[{at}]` has to have one of `person` and `owners`: how its rows find their person")
    if "owners" in said:
        if not isinstance(said["owners"], list) or not said["owners"]:
            raise ValueError(f"`owners` of `[{at}]` is no list; write owners = [{{column = ..., by = ...}}]")
        owners = tuple(_owner(f"{at}.owners", each, words) for each in said["owners"])
        return owners, None
    person = section(f"{at}.person", said["person"])
    if "through" not in person:
        return (_owner(f"{at}.person", person, words),), None
    only(f"{at}.person", person, ("through",))
    found = _THROUGH.match(text(f"{at}.person", person, "through"))
    if not found or found[1] not in (None, name):
        raise ValueError(
            f"`through` of `[{at}.person]`: write `{name}.COLUMN -> OTHER.COLUMN`, where OTHER is mapped, too"
        )
    return (), Step(found[2], found[3], found[4])


def _owner(at: str, said: object, words: Words) -> Owner:
    given = section(at, said)
    only(at, given, tuple(key for key in _OWNER if key != "through"))
    by = text(at, given, "by")
    by_word(f"`by` of `[{at}]`", by, words)
    absent = text(at, given, "absent", "")
    if absent not in ("", NOBODY):
        raise ValueError(f"`absent` of `[{at}]` is `nobody`, or not there")
    if absent and by == REFERENCE:
        raise ValueError(
            f"`absent` of `[{at}]`: a reference is known only where somebody asked by it; leave `absent` out"
        )
    return Owner(
        text(at, given, "column"),
        by,
        choice(at, given, "role", (OWNED, ACCESSED), OWNED),
        _columns(at, given, words),
        words_of(at, given, "blank", []),
        mapping(at, given, "constant"),
        choice(at, given, "match", (FOLDED, EXACT), FOLDED),
        absent,
    )


def _columns(at: str, said: Mapping[str, Any], words: Words) -> dict[str, str]:
    columns = mapping(at, said, "columns")
    for column, word in columns.items():
        if word not in words.fields:
            raise ValueError(
                f"`columns` of `[{at}]`: `{column}` is mapped to `{word}`, which the agreement has not; "
                + or_one_of(str(word), words.fields)
            )
    return {column: str(word) for column, word in columns.items()}


def by_word(where: str, word: str, words: Words) -> None:
    """Raise `ValueError` for a word by which nobody is known, or by which several people may be."""
    known = {NUMBER, REFERENCE} | words.unique
    if word in known:
        return
    if word in words.fields:
        raise ValueError(
            f"{where}: `{word}` may be several people's at once, so that rows of others would be taken;"
            " the agreement says of it no `find: unique`; use `number` or `reference`, or "
            + or_one_of(word, words.unique)
        )
    raise ValueError(
        f"{where}: `{word}` is neither `number` nor `reference` nor a field; {or_one_of(word, known)}"
    )
