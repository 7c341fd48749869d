"""What a copy says of itself: whose it is, of which instant, and the digest of each of its files; signed.

    <origin>/copy
    {one line of canonical JSON}

    — <origin> <signature>

It is a note (C2SP signed-note) by the key of the ledger; its first line keeps it apart from checkpoints.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from troth import canonical
from troth.errors import BadNote, BadVerifierKey, CopyBroken, NotCanonical
from troth.ledger.checkpoint import Signer, Verifier, open_note, sign_note

MANIFEST = "manifest"
BLOBS = "blobs"  # a folder of a copy, whose files are listed in a file of their own
_path = re.compile(r"[a-z0-9_-]+(\.[a-z0-9]+)?(/[a-z0-9_-]+(\.[a-z0-9]+)?)*").fullmatch
_name = re.compile(r"[a-z_]+").fullmatch


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table as they were copied, and of each whether it is `int`, `text` or `bytes`."""

    columns: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One copy, of the data or of the keys of a house."""

    kind: str  # `data` or `keys`
    copy: str  # 32 hex digits; the same for data and keys of one backup
    origin: str  # of the house's ledger
    at: str
    size: int  # of the ledger at that instant
    root: str
    epoch: int  # the current one
    revision: str
    agreement: str  # hash
    tables: Mapping[str, Table]
    files: Mapping[str, tuple[int, str]]  # by path: bytes and SHA-256

    def signed(self, by: Signer) -> bytes:
        """Return the manifest as a note."""
        line = canonical.encode(asdict(self)).decode("utf-8")
        return sign_note(f"{by.name}/copy\n{line}\n", by)


def unverified(folder: Path) -> Manifest:
    """Return what a copy says of itself, whoever wrote it; raises `CopyBroken`."""
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as problem:
        raise CopyBroken(path=str(folder), problem=f"its manifest: {problem.strerror}") from None
    return _parsed(folder, raw.decode("utf-8", "replace").partition("\n\n")[0] + "\n")


def verified(folder: Path, by: Verifier) -> Manifest:
    """Return what a copy says of itself, as the ledger's key signed it; raises `CopyBroken`."""
    try:
        return _parsed(folder, open_note((folder / MANIFEST).read_bytes(), by).text)
    except (BadNote, BadVerifierKey):
        raise CopyBroken(
            path=str(folder), problem="its manifest is not signed by the key of this house"
        ) from None
    except OSError as problem:
        raise CopyBroken(path=str(folder), problem=f"its manifest: {problem.strerror}") from None


def _parsed(folder: Path, text: str) -> Manifest:
    try:
        head, line, end = text.split("\n")
        said: dict[str, Any] = canonical.decode(line.encode("utf-8"))
        said["tables"] = {
            name: Table(tuple(t["columns"]), tuple(t["kinds"])) for name, t in said["tables"].items()
        }
        said["files"] = {path: (int(size), str(sha)) for path, (size, sha) in said["files"].items()}
        found = Manifest(**said)
    except (ValueError, TypeError, KeyError, AttributeError, NotCanonical):
        raise CopyBroken(path=str(folder), problem="its manifest cannot be read") from None
    names = [name for table in found.tables.values() for name in table.columns]
    whole = all(map(_path, found.files)) and all(map(_name, [*found.tables, *names]))
    if end or head != f"{found.origin}/copy" or found.kind not in ("data", "keys") or not whole:
        raise CopyBroken(path=str(folder), problem="its manifest cannot be read")
    return found
