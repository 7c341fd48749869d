"""A picture or file on its way into a package: what it is shows at its beginning, what it was at its end."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from typing import Any

from troth.custody.files.headers import media_type
from troth.custody.hand_out import Apart

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}


class Filed:
    """A picture or file on its way into the package; what it was is known when it is in."""

    def __init__(self, category: str, stem: bytes, name: str, apart: Apart) -> None:
        chunks = apart.chunks()
        first = next(chunks, b"")
        self._chunks = chain([first], chunks)
        self._media = _media(first)
        self._size, self._digest = 0, sha256()
        self.path = f"files/{category}/{stem.hex()}-{name}.{_ENDINGS.get(self._media, 'bin')}"

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._size += len(chunk)
            self._digest.update(chunk)
            yield chunk

    def told(self) -> dict[str, Any]:
        """Return what a record says of it; it is known once all of it was given."""
        return {
            "file": self.path, "media_type": self._media, "size": self._size,
            "sha256": self._digest.hexdigest(),
        }  # fmt: skip


def _media(first: bytes) -> str:
    if first.startswith(b"%PDF-"):
        return "application/pdf"
    found = media_type(first)
    if found:
        return found
    return "application/octet-stream" if b"\0" in first else "text/plain"
