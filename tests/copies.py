"""Copies for the tests: a house whose ledger is kept outside, its backup, and what is restored of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.houses import Houses
from tests.inside import rows_of
from troth.acts.backup import Backup, back_up
from troth.acts.restore import restore
from troth.clock import Clock
from troth.custody.copies.restored import Restored
from troth.errors import SealBroken
from troth.library import Troth
from troth.rules.record import sealed_as
from troth.store import schema
from troth.vault.keyring import KeyRow


@dataclass
class Scene:
    """A house, and the places beside it: of copies of data, of copies of keys, of its ledger, of its root."""

    houses: Houses
    place: Path
    house: Troth

    @property
    def outside(self) -> Path:
        return self.place / "outside"

    @property
    def root(self) -> Path:
        return self.place / "root"

    @property
    def clock(self) -> Any:
        return self.house.teller.house.clock

    def back_up(self, **how: Any) -> Backup:
        return back_up(self.house.teller, content=self.place / "data", keys=self.place / "keys", **how)

    def lose(self) -> None:
        """Lose the house: its directory, with everything in it that is not elsewhere."""
        self.house.close()
        shutil.rmtree(self.house.teller.house.directory)

    def restore(self, backup: Backup, into: str = "again", *, like: str = "", **how: Any) -> Restored:
        """Restore copies into a new directory, and databases like those of the house or of another kind."""
        store, keystore = self.databases(like)
        given = {
            "content": backup.content, "keys": backup.keys, "root": self.root, "into": self.place / into,
            "ledger": self.outside, "store": store, "keystore": keystore, "clock": self.clock,
        }  # fmt: skip
        return restore(**(given | how))

    def databases(self, like: str = "") -> tuple[str, str]:
        """Return the addresses of two empty databases, of the kind of the house or another."""
        kind = like or self.houses.kind
        return ("sqlite", "") if kind == "sqlite" else self.houses._models.of(kind).pair()

    def open(self, into: str = "again", clock: Clock | None = None) -> Troth:
        """Open what was restored."""
        return self.houses.open(self.place / into, clock or self.clock)

    def drill(self, backup: Backup, **how: Any) -> tuple[Restored, Troth]:
        """Lose the house, restore it, and open what came of that."""
        self.lose()
        report = self.restore(backup, **how)
        return report, self.open()


def scene(new_house: Houses, place: Path, *args: Any, **how: Any) -> Scene:
    """Return a new house whose ledger is kept outside, and whose root is kept elsewhere, too."""
    house = new_house(*args, **how)
    directory = house.teller.house.directory
    (place / "outside").mkdir()
    shutil.copy(directory / "keys/root", place / "root")
    house.close()
    with (directory / "troth.toml").open("a") as settings:
        settings.write(f'\n[backup]\nledger = "{place / "outside"}"\n')
    return Scene(new_house, place, new_house.open(directory, house.teller.house.clock))


def everything_that_opens(house: Troth, keyring: Any = None, keys: Any = None) -> bytes:
    """Return all that the keys of a house open of its records, whichever key fits: each is tried on each."""
    inner = house.teller.house
    keyring = keyring or inner.keyring
    origins = {row.origin: row for row in rows_of(house, schema.origins)}
    by_subject: dict[int, list[Any]] = {}
    for row in keys if keys is not None else rows_of(house, schema.keys):
        by_subject.setdefault(row.subject, []).append(row)
    known = inner.origins
    house.teller.alone(lambda desk: known.load(desk.unit))
    found = []
    for record in rows_of(house, schema.records):
        origin = known.by_number[origins[record.origin].origin]
        for row in by_subject.get(record.subject, ()):
            key = keyring.unwrap(
                row.subject, row.kept, KeyRow(row.epoch, bytes(row.wrapped), bytes(row.commitment))
            )
            try:
                opened = key.unseal(
                    bytes(record.sealed),
                    record=bytes(record.record),
                    category=sealed_as(origin),
                    schema=origin.version,
                )
            except SealBroken:
                continue
            found.append(opened)
    return b"\n".join(found)
