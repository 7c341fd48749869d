"""Judging: whether a package is whole, and whose ledger signed it; nothing that another sends is believed."""

from hashlib import sha256
from typing import BinaryIO

from troth.errors import PackageFaulty, TrothError
from troth.ledger.checkpoint import Verifier, open_note
from troth.packages import unzipping
from troth.packages.manifest import FORMAT, signed_text

KEY = "ledger/log.vkey"
_LONGEST = 1_000  # bytes of a key as text


def judged(found: unzipping.Opened, by: Verifier) -> None:
    """Raise `PackageFaulty` unless a package is signed by a ledger's key, and names that ledger."""
    try:
        said = open_note(found.signature, by).text
    except TrothError:
        raise PackageFaulty(fault="signature") from None
    if found.manifest["log"] != by.name or said != signed_text(by.name, found.raw):
        raise PackageFaulty(fault="signature")


def whole_text(log: str, digest: bytes, size: int) -> str:
    """Return the text that the sender of a package signs over all of its bytes."""
    return f"{FORMAT}\n{log}\npackage sha256:{digest.hex()} size {size}\n"


def from_elsewhere(
    file: BinaryIO, signature: bytes, digest: bytes, size: int, *, most: int
) -> tuple[unzipping.Opened, str]:
    """Open a package that another house signed, inside and as a whole; return it, and the name of its log.

    Its key came with it: that it is the sender's, whoever let it come has to know. Raises `PackageFaulty`.
    """
    found = unzipping.opened(file, most=most)
    try:
        by = Verifier.from_vkey(found.read(KEY, most=_LONGEST).decode("ascii").strip())
        said = open_note(signature, by).text
    except PackageFaulty:
        raise
    except (TrothError, UnicodeDecodeError):
        raise PackageFaulty(fault="signature") from None
    if said != whole_text(by.name, digest, size):
        raise PackageFaulty(fault="signature")
    judged(found, by)
    found.verify()
    return found, by.name


def hashed(file: BinaryIO) -> bytes:
    """Return the SHA-256 of a file from its beginning, and go back there."""
    digest = sha256()
    file.seek(0)
    while piece := file.read(65_536):
        digest.update(piece)
    file.seek(0)
    return digest.digest()
