"""What the caller of an act keeps: which ledger entry remembers it."""

from dataclasses import dataclass

from troth.clock import Instant


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number and leaf hash of one entry: enough to ask for a proof of it, for ever."""

    entry: int
    hash: bytes  # RFC 6962 leaf hash, 32 bytes
    kind: str
    at: Instant

    def __str__(self) -> str:
        return f"{self.entry}-{self.hash[:6].hex()}"
