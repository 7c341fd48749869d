"""Open whatever opens: every key that somebody could have, tried on everything sealed that they could have.

A place of things is a live house or a copy of its data; a place of keys a live keystore or a copy of one.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from troth.custody.copies.backing import epochs_in
from troth.custody.copies.manifests import unverified
from troth.custody.copies.reading_back import rows_in
from troth.errors import EpochUnknown, SealBroken, UnknownSuite
from troth.library import Troth
from troth.rules.record import sealed_as
from troth.store import schema
from troth.vault import recovery
from troth.vault.blobs import unseal_stream
from troth.vault.keyring import Keyring, KeyRow, SubjectKey
from troth.vault.roots import KeyFileRoot

SEALED = ("records", "streams", "packages", "rights_cases", "duties", "repeats", "graces")
_SHUT = (SealBroken, UnknownSuite, EpochUnknown)
Context = tuple[bytes, str, int]


@dataclass(frozen=True)
class Things:
    """What is sealed in one place: rows by table, and files."""

    place: str
    rows: dict[str, list[Any]] = field(repr=False)
    files: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class Keys:
    """What keys there are in one place: wrapped ones of people, and what wraps them."""

    place: str
    rows: list[Any] = field(repr=False)
    house: bytes = field(repr=False)
    epochs: dict[int, bytes] = field(repr=False)
    sealed_away: list[Any] = field(repr=False)  # those of people in grace


@dataclass(frozen=True)
class Opened:
    """One value that opened: whose, with a key of which place and class, from which place and table."""

    subject: int
    kept: str
    keys: str
    place: str
    table: str
    content: bytes = field(repr=False)


def things_of(house: Troth, place: str = "live") -> Things:
    """Return everything sealed that a running house has."""
    blobs = house.teller.house.directory / "blobs"
    rows = {name: _live(house, name) for name in (*SEALED, "origins", "blobs", "arrivals")}
    return Things(place, rows, _files(blobs))


def things_in(folder: Path, place: str) -> Things:
    """Return everything sealed that a copy of data has."""
    rows = {name: _copied(folder, name) for name in (*SEALED, "origins", "blobs", "arrivals")}
    return Things(place, rows, _files(folder / "blobs"))


def keys_of(house: Troth, place: str = "live") -> Keys:
    """Return every key that a running house has."""
    secrets = {row.name: bytes(row.sealed) for row in _live(house, "secrets")}
    epochs = {row.epoch: bytes(row.wrapped) for row in _live(house, "epochs")}
    return Keys(place, _live(house, "keys"), secrets["house.key"], epochs, _live(house, "sealed_keys"))


def keys_in(folder: Path, place: str, beside: Path | None = None) -> Keys:
    """Return every key that a copy of keys has, with the epochs that lie beside it."""
    secrets = {row.name: bytes(row.sealed) for row in _copied(folder, "secrets")}
    epochs = epochs_in(beside or folder.parent)
    return Keys(place, _copied(folder, "keys"), secrets["house.key"], epochs, _copied(folder, "sealed_keys"))


def _live(house: Troth, name: str) -> list[Any]:
    which = "keystore" if name in schema.keystore.tables else "store"
    table = (schema.keystore if which == "keystore" else schema.store).tables[name]
    with house.teller.house.filing.connect(which) as connection:
        return list(connection.execute(select(table)))


def _copied(folder: Path, name: str) -> list[Any]:
    said = unverified(folder)
    if name not in said.tables:  # what begins anew after a restore is not copied
        return []
    columns = said.tables[name].columns
    return [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in rows_in(folder, said, name)]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("??/*"))}


def opened(things: Iterable[Things], keys: Iterable[Keys], root: Path, *, code: str = "") -> list[Opened]:
    """Try every key on everything, each key opened with every epoch of whichever place; say what opened.

    With the recovery `code` of people in grace, their keys that are sealed away are tried as well.
    """
    keys = list(keys)
    with_root = KeyFileRoot(root)
    rings = [Keyring(with_root, each.house, each.epochs) for each in keys]
    open_keys = [
        (row.subject, row.kept, each.place, key)
        for each in keys
        for row in each.rows
        for key in _unwrapped(rings, row)
    ]
    if code:
        open_keys += [
            opened for each in keys for row in each.sealed_away for opened in _arrived(each, row, rings, code)
        ]
    found = []
    for place in things:
        sealed = list(_sealed(place))
        for subject, kept, where, key in open_keys:
            for table, content, contexts in sealed:
                if (value := _unsealed(key, content, contexts)) is not None:
                    found.append(Opened(subject, kept, where, place.place, table, value))
            for name, content, abouts in _filed(place):
                if (value := _streamed(key, name, content, abouts)) is not None:
                    found.append(Opened(subject, kept, where, place.place, "files", value))
    return found


def _unwrapped(rings: Iterable[Keyring], row: Any) -> Iterator[SubjectKey]:
    for ring in rings:
        with suppress(*_SHUT):
            yield ring.unwrap(
                row.subject, row.kept, KeyRow(row.epoch, bytes(row.wrapped), bytes(row.commitment))
            )
            return


def _arrived(
    place: Keys, row: Any, rings: Sequence[Keyring], code: str
) -> Iterator[tuple[int, str, str, SubjectKey]]:
    """Yield the keys of somebody in grace, as their code opens them with the key of the grace."""
    with suppress(*_SHUT):
        salt = bytes(row.salt)
        (own,) = (key for key in place.rows if (key.subject, key.kept) == (row.subject, ":grace"))
        within = [key.unseal(bytes(row.sealed), record=salt, category="troth.grace", schema=1)
                  for key in _unwrapped(rings, own)]  # fmt: skip
        for carried in (c for one in within for c in recovery.key_of(code, salt).unseal(one, row.subject)):
            ring = next(ring for ring in rings if ring.epochs)
            key = ring.unwrap(row.subject, carried[0], ring.arrived(row.subject, carried))
            yield row.subject, carried[0], place.place, key


def _sealed(place: Things) -> Iterator[tuple[str, bytes, list[Context]]]:
    """Yield (table, sealed bytes, the contexts it may have been sealed in) of every row."""
    rows = place.rows
    for table in ("records", "streams"):
        for row in rows[table]:
            contexts = [
                (bytes(row.record), said, version) for said, version in {_origin(o) for o in rows["origins"]}
            ]
            yield table, bytes(row.sealed), contexts
    for row in rows["packages"]:
        kinds = ("troth.package", "troth.package.receipt")
        yield "packages", bytes(row.sealed), [(bytes(row.package), kind, 1) for kind in kinds]
    for row in rows["rights_cases"]:
        yield "rights_cases", bytes(row.sealed), [(bytes(row.case_id), "rights.case", 1)]
    for row in rows["duties"]:
        yield "duties", bytes(row.sealed), [(bytes(row.duty), ":duties", 1)]
    for row in rows["repeats"]:
        yield (
            "repeats",
            bytes(row.sealed),
            [(bytes(row.token) + bytes(row.content), "troth.repeat", 1)],
        )
    for row in rows["graces"]:
        salt = bytes.fromhex(json.loads(row.noted)["salt"])
        yield "graces", bytes(row.standing), [(salt, "troth.grace", 1)]


def _origin(row: Any) -> tuple[str, int]:
    """Return what values of an origin are sealed as, and its version."""
    said: Any = SimpleNamespace(
        category=row.category, circumstance=row.circumstance, clause=row.clause, kept=row.kept,
        only_for=row.only_for or None, fields=tuple(json.loads(row.fields)),
    )  # fmt: skip
    return sealed_as.__wrapped__(said), row.version


def _filed(place: Things) -> Iterator[tuple[str, bytes, list[bytes]]]:
    """Yield (name, sealed bytes, what it may be about) of every file; one without a row may be of any."""
    fields = {name.encode() for row in place.rows["origins"] for name in json.loads(row.fields)}
    records = {bytes(row.record) for table in ("records", "streams") for row in place.rows[table]}
    abouts: dict[str, list[bytes]] = {
        row.blob: [bytes(row.record) + name for name in fields] for row in place.rows["blobs"]
    }
    abouts |= {row.blob: [bytes(row.package)] for row in place.rows["packages"]}
    abouts |= {row.blob: [bytes(row.arrival)] for row in place.rows["arrivals"]}
    for name, content in place.files.items():
        yield name, content, abouts.get(name) or [record + name for record in records for name in fields]


def _unsealed(key: SubjectKey, content: bytes, contexts: Iterable[Context]) -> bytes | None:
    for record, category, version in contexts:
        with suppress(*_SHUT):
            return key.unseal(content, record=record, category=category, schema=version)
    return None


def _streamed(key: SubjectKey, name: str, content: bytes, abouts: Iterable[bytes]) -> bytes | None:
    for about in abouts:
        with suppress(*_SHUT):
            return b"".join(unseal_stream(BytesIO(content), name=name, under=key, about=about))
    return None
