"""Every static file of the pages, at an address that carries the hash of its content.

The address `/static/HASH/PATH` never names two different contents, so it may be kept for ever
(`Cache-Control: immutable`). Whatever does not stand in the table is not there: no path is opened
because somebody asked for it.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

PREFIX: Final = "/static"
_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class Asset:
    """One static file: its path below `static/`, its content and what kind of content it is."""

    path: str
    content: bytes
    media_type: str

    @cached_property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def zipped(self) -> bytes:
        """The content under gzip, made when it is first wanted."""
        return gzip.compress(self.content, mtime=0)

    @property
    def address(self) -> str:
        """Where a page finds it."""
        return f"{PREFIX}/{self.digest}/{self.path}"


class Assets:
    """The static files of the package, read and hashed once."""

    def __init__(self) -> None:
        """Read every file of a kind that pages use; licences and the lock stay on disk."""
        found = _read(resources.files("troth.web") / "static", "")
        self._by_path = {asset.path: asset for asset in found}
        self._by_address = {asset.address: asset for asset in found}

    def address(self, path: str) -> str:
        """Return the address of a file below `static/`; raises `KeyError` when a template misspells it."""
        return self._by_path[path].address

    def at(self, address: str) -> Asset | None:
        """Return the file that stands at an address, hash included, or None."""
        return self._by_address.get(address)

    def paths(self) -> frozenset[str]:
        """Return the path of every file there is."""
        return frozenset(self._by_path)


def _read(directory: Traversable, before: str) -> list[Asset]:
    found: list[Asset] = []
    for each in directory.iterdir():
        if each.is_dir():
            found += _read(each, f"{before}{each.name}/")
        elif kind := _KINDS.get(each.name.rpartition(".")[2]):
            found.append(Asset(before + each.name, each.read_bytes(), kind))
    return found
