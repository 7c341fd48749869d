"""Looking into a house past its doors, and expecting it to refuse: what tests need and nobody else may."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from troth.custody import publishing
from troth.custody.hand_out import Handed
from troth.errors import Refused
from troth.ledger import entry as ledger
from troth.ledger.audit import Report, audit
from troth.ledger.entry import Entry
from troth.library import Troth
from troth.store import entries, schema


def rows_of(house: Troth, table: Table) -> list[Any]:
    """Return every row of a table, of whichever database it is in; among records, those of streams."""
    which = "keystore" if table.metadata is schema.keystore else "store"
    with house.teller.house.filing.connect(which) as connection:
        found = list(connection.execute(select(table)))
        if table is schema.records:
            columns = [schema.streams.c[column.name] for column in table.c]
            found += connection.execute(select(*columns))
        return found


def count_of(house: Troth, table: Table) -> int:
    """Return how many rows a table has; of records, with those of streams."""
    which = "keystore" if table.metadata is schema.keystore else "store"
    tables = [schema.records, schema.streams] if table is schema.records else [table]
    with house.teller.house.filing.connect(which) as connection:
        return sum(connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables)


def shown(handed: Handed) -> list[dict[str, Any]]:
    """Return the values of every record that was handed out."""
    return [{name: value.reveal() for name, value in held.values.items()} for held in handed.records]


def ledger_of(house: Troth) -> list[Entry]:
    """Return every entry of the ledger, oldest first."""
    return house.teller.alone(
        lambda desk: [ledger.parse(leaf) for leaf in entries.leaves(desk.unit, 0, desk.unit.size)]
    )


def kinds_since(house: Troth, number: int) -> list[str]:
    """Return the kinds of the entries from one number on."""
    return [entry.kind for entry in ledger_of(house)[number:]]


def blobs_of(house: Troth) -> list[str]:
    """Return the names of all sealed files."""
    return sorted(house.teller.house.blobs.names())


def audited(house: Troth, directory: Any) -> Report:
    """Export the ledger into a new directory and verify it as a stranger would."""
    house.teller.alone(lambda desk: publishing.export(desk, directory))
    vkey = (house.teller.house.directory / "log.vkey").read_text("utf-8")
    return audit(directory, vkey=vkey)


@contextmanager
def expect_refusal(
    house: Troth, *codes: str, at: tuple[str, ...] = (), leaving: tuple[Table, ...] = (schema.records,)
) -> Iterator[Callable[[], Refused]]:
    """Expect a refusal with exactly these codes, at least these clauses; remembered, and nothing written."""
    before = [count_of(house, table) for table in leaving]
    size = len(ledger_of(house))
    with pytest.raises(Refused) as caught:
        yield lambda: caught.value
    refused = caught.value
    assert set(refused.codes) == set(codes), str(refused)
    assert set(at) <= set(refused.clauses), str(refused)
    entry = ledger_of(house)[refused.entry]
    assert refused.entry == size
    assert (entry.kind, entry.outcome) == ("request.refused", "refused")
    assert {reason.partition(":")[0] for reason in entry.reasons} == set(codes)
    assert set(entry.clauses) == set(refused.clauses)
    assert [count_of(house, table) for table in leaving] == before
