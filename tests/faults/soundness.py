"""Whether a house is whole: what the ledger says, what the tables hold and what the keys open agree."""

import tempfile
from collections import Counter
from pathlib import Path

from tests.inside import audited, blobs_of, ledger_of, rows_of
from troth.ledger.tree import leaf_hash
from troth.library import Troth
from troth.rules.record import sealed_as
from troth.store import entries, schema
from troth.vault.keyring import KeyRow

WITH_FILES = (schema.blobs, schema.packages, schema.arrivals)
PARTS = {"device": 2}  # categories that are filed in more than one part


def must_be_sound(house: Troth, receipts: list[tuple[int, bytes]]) -> None:
    """Assert that a house that was cut off is whole, and that nothing is lost that was answered."""
    leaves = house.teller.alone(lambda desk: list(entries.leaves(desk.unit, 0, desk.unit.size)))
    for number, hashed in receipts:
        assert leaf_hash(leaves[number]) == hashed, f"entry {number} was acknowledged and is another"
    assert sorted(row.entry for row in rows_of(house, schema.entries)) == list(range(len(leaves)))
    must_open(house)
    must_agree_with_the_ledger(house)
    house.sweep()
    must_open(house)
    must_agree_with_the_ledger(house)
    named = (row.blob for table in WITH_FILES for row in rows_of(house, table))
    assert blobs_of(house) == sorted(name for name in named if name)
    with tempfile.TemporaryDirectory() as place:
        report = audited(house, Path(place) / "log")
    assert report.size == len(ledger_of(house))


def must_open(house: Troth) -> None:
    """Assert that every record has a key that opens it, and a person it belongs to."""
    inner = house.teller.house
    rows = {(row.subject, row.kept): row for row in rows_of(house, schema.keys)}
    origins = house.teller.alone(
        lambda desk: (desk.house.origins.load(desk.unit), dict(desk.house.origins.by_number))[1]
    )
    people = {row.subject for row in rows_of(house, schema.subjects)}
    for record in rows_of(house, schema.records):
        origin = origins[record.origin]
        assert record.subject in people
        row = rows[record.subject, origin.kept]
        key = inner.keyring.unwrap(
            record.subject, origin.kept, KeyRow(row.epoch, bytes(row.wrapped), bytes(row.commitment))
        )
        assert key.unseal(
            bytes(record.sealed),
            record=bytes(record.record),
            category=sealed_as(origin),
            schema=origin.version,
        )
    held = {bytes(row.record) for row in rows_of(house, schema.records)}
    for table in (schema.names, schema.tokens, schema.blobs, schema.case_records):
        for row in rows_of(house, table):
            assert row.subject in people
            assert not row.record or bytes(row.record) in held
    owners = {bytes(row.case_id): row.subject for row in rows_of(house, schema.cases)}
    assert people >= set(owners.values())
    for row in rows_of(house, schema.case_records):
        assert owners[bytes(row.case_id)] == row.subject
    assert rows_of(house, schema.erasures) == []


def must_agree_with_the_ledger(house: Troth) -> None:
    """Assert that people and records are as many as the ledger says."""
    tally: Counter[str] = Counter()
    for entry in ledger_of(house):
        if entry.kind == "member.joined":
            tally["people"] += entry.count or 1
        elif entry.kind == "record.collected":
            tally["records"] += (entry.count or 1) * PARTS.get(entry.category or "", 1)
        elif entry.kind in ("record.expired", "erasure.done"):
            tally["records"] -= entry.count or 0
        elif entry.kind == "erasure.begun":
            tally["begun"] += 1
        if entry.kind == "erasure.done":
            tally["begun"] -= 1
    assert tally["begun"] == 0
    told = {e.case: e.fields for e in ledger_of(house) if e.kind in ("case.opened", "case.moved")}
    for row in rows_of(house, schema.cases):
        assert told[row.reference] == (row.state,)
    assert len(rows_of(house, schema.records)) == tally["records"]
    here, gone = rows_of(house, schema.subjects), rows_of(house, schema.erased)
    assert len(here) + len(gone) == tally["people"]
