"""One running Troth, and everything it has; data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from troth.clock import Clock, Instant
from troth.gates.systems.system import System
from troth.ledger.checkpoint import Checkpoint, Signer
from troth.ledger.tree import EMPTY, Tree
from troth.rules.rulebook import Rulebook
from troth.store.databases import Filing
from troth.store.origins import Origins
from troth.terms.vocabulary import Place
from troth.vault.blobs import BlobDirectory
from troth.vault.keyring import Keyring

MOST_KEPT = 4096


@dataclass(slots=True)
class House:
    """What a house is made of. Only custody and the teller change `tree`, `origins` and `published`."""

    directory: Path
    place: Place
    book: Rulebook  # of the agreement in force
    books: dict[int, Rulebook]  # of every version adopted
    filing: Filing
    keyring: Keyring
    blobs: BlobDirectory
    signer: Signer
    clock: Clock
    systems: Mapping[str, System] = field(default_factory=dict)  # beyond ours, as systems.toml declares them
    tree: Tree = EMPTY
    origins: Origins = field(default_factory=Origins)
    plans: dict[tuple[str, str], Any] = field(default_factory=dict)  # custody's, one per intake
    shows: dict[Any, Any] = field(default_factory=dict)  # custody's, one per origin and permit
    lines: dict[Any, Any] = field(default_factory=dict)  # custody's: what lines of the same acts share
    tail: Any = None  # custody's: which of the latest entries speak of whom
    published: Checkpoint | None = None
    outside: Path | None = None  # a directory of its own in which the ledger is kept as well
    kept_outside: int = -1  # how many entries of it stand there
    last_at: Instant = 0  # of the last ledger line

    @staticmethod
    def keep(known: dict[Any, Any], key: object, value: object) -> None:
        """Keep what was worked out, in bounded memory: when there is too much, all is worked out anew."""
        if len(known) >= MOST_KEPT:
            known.clear()
        known[key] = value
