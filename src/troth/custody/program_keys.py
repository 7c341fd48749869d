"""Keys of programs: made, proven and ended; the house keeps of a key only a proof that it was made here.

The proof is an HMAC under a key of the house over the secret and all that the key is for. So a row that
somebody writes into the store, or widens there, opens nothing. Keys are written
`troth_<id>_<secret>`: 16 letters and digits, and 256 random bits in base64url.
"""

import hmac
from base64 import b32encode, urlsafe_b64encode
from os import urandom

from troth.clock import Instant
from troth.custody.desk import Desk
from troth.house import House
from troth.ledger.entry import Entry
from troth.rules.program_keys import ProgramKey
from troth.store import program_keys
from troth.terms.vocabulary import Program, Purpose

PREFIX = "troth"


def make(
    desk: Desk, *, program: Program, purposes: tuple[Purpose, ...], rate: int, until: Instant
) -> tuple[ProgramKey, str]:
    """Make a key, and return it with its text, which is kept nowhere."""
    key_id = b32encode(urandom(10)).decode("ascii").lower()
    secret = urlsafe_b64encode(urandom(32)).rstrip(b"=").decode("ascii")
    key = ProgramKey(key_id, program, purposes, rate, desk.now, until)
    program_keys.add(desk.unit, key, proof(desk.house, key, secret))
    _remember(desk, key, "key.made", "make")
    return key, f"{PREFIX}_{key_id}_{secret}"


def end(desk: Desk, key_id: str) -> ProgramKey | None:
    """End a key at once, and return it; None when there is none of that id."""
    known = next((key for key, _ in program_keys.every(desk.unit) if key.id == key_id), None)
    if known is not None:
        program_keys.remove(desk.unit, key_id)
        _remember(desk, known, "key.ended", "end")
    return known


def proof(house: House, key: ProgramKey, secret: str) -> bytes:
    """Return 32 bytes that bind a secret to all that its key is for."""
    branch = house.keyring.branch("program-keys")
    named = (key.id, key.program, *key.purposes)
    return branch.digest(*named, key.rate, key.made_at, key.ends_at, secret)


def is_made_here(house: House, key: ProgramKey, kept: bytes, secret: str) -> bool:
    """Whether a secret is that of a key, and the key is as it was made."""
    return hmac.compare_digest(proof(house, key, secret), kept)


def _remember(desk: Desk, key: ProgramKey, kind: str, act: str) -> None:
    """Append the line of a key: its id, and the program whose it is; which is the agreement's word."""
    known = key.program in desk.house.book.programs
    desk.remember(
        Entry(
            at=desk.now,
            kind=kind,
            actor=f"program:{key.program}" if known else "program",
            act=act,
            outcome="done",
            fields=(key.id,),
            agreement=desk.house.book.agreement.version,
        )
    )
