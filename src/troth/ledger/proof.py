"""Why one entry is believed: a file that anyone can check offline (C2SP tlog-proof).

Its lines: `c2sp.org/tlog-proof@v1`; optionally `extra` and base64 that nothing vouches for; `index` and
the entry's number; the inclusion path in base64, the leaf's sibling first; an empty line; and the
signed checkpoint, verbatim.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from troth.errors import BadProof
from troth.ledger.checkpoint import Checkpoint, Verifier, open_checkpoint
from troth.ledger.tree import HASH, Reader, inclusion_path, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
_index = re.compile(r"index (0|[1-9][0-9]{0,18})").fullmatch
_PATH_MAX = 63  # no tree is higher


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry's place, its path to the root, and the signed checkpoint with that root.

    `extra` travels along for the application; nothing vouches for it.
    """

    index: int
    path: tuple[bytes, ...]
    signed: bytes
    extra: bytes | None = None


def prove(index: int, checkpoint: Checkpoint, signed: bytes, reader: Reader) -> Proof:
    """Return the proof of entry `index` under `checkpoint`, whose signed text is `signed`.

    Raises `BadProof` when the checkpoint has no such entry.
    """
    return Proof(index, inclusion_path(index, checkpoint.size, reader), signed)


def verify_proof(proof: Proof, leaf: bytes, by: Verifier, *, origin: str | None = None) -> Checkpoint:
    """Return the checkpoint that shows `leaf` to be in the log of `by`.

    Raises `BadNote`, `BadCheckpoint`, `BadHash` or `BadProof`.
    """
    checkpoint = open_checkpoint(proof.signed, by, origin=origin)
    verify_inclusion(
        leaf_hash(leaf), proof.path, index=proof.index, size=checkpoint.size, root=checkpoint.root
    )
    return checkpoint


def format_proof(proof: Proof) -> bytes:
    """Return the content of a `.tlog-proof` file."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {b64encode(proof.extra).decode()}")
    lines.append(f"index {proof.index}")
    lines.extend(b64encode(step).decode() for step in proof.path)
    return "".join(f"{line}\n" for line in (*lines, "")).encode() + proof.signed


def parse_proof(raw: bytes) -> Proof:
    """Return the proof of a `.tlog-proof` file, not verified yet; raises `BadProof`."""
    head, gap, signed = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadProof(proof="inclusion", reason="its lines are not ASCII") from None
    if lines.pop(0) != HEADER or not gap or not signed:
        raise BadProof(proof="inclusion", reason=f"it is not `{HEADER}`, lines, an empty line, a checkpoint")
    extra = _decoded(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    match = _index(lines.pop(0)) if lines else None
    if not match:
        raise BadProof(proof="inclusion", reason="its index is not a decimal number without leading zeros")
    path = tuple(map(_decoded, lines))
    if len(path) > _PATH_MAX or any(len(step) != HASH for step in path):
        raise BadProof(proof="inclusion", reason="its path is not at most 63 hashes of 32 bytes")
    return Proof(int(match[1]), path, signed, extra)


def _decoded(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raw = b""
    if b64encode(raw).decode() != text:
        raise BadProof(proof="inclusion", reason="a line of it is not standard base64")
    return raw
