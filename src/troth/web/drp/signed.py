"""What an agent signed: opened and judged in the order that the protocol demands, before any of it is used.

Data Rights Protocol 1.0, "validating": Base64, then the signature under the key of the agent whose token was
borne, then the agent, the business, and the two times. What is verified are the bytes that came. Of our own:
a call that is good for longer than an hour is none, and each signature counts once.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from troth.clock import SECOND, Instant, instant
from troth.errors import BadTime, CallRefused
from troth.store.agents import Agent

SIGNATURE = 64  # bytes
LONGEST = 3_600 * SECOND  # from `issued-at` to `expires-at`


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is good: what it says, and what stands for its signature until it is over."""

    said: Mapping[str, Any] = field(repr=False)
    signature: bytes  # SHA-256
    until: Instant

    def once(self, what: bytes = b"") -> tuple[bytes, Instant]:
        """Return what is kept so that it counts once for something.

        To take back names no request in what is signed: two of one moment are signed alike, and each counts.
        """
        return (sha256(self.signature + what).digest() if what else self.signature), self.until


def opened(body: bytes, *, agent: Agent, business: str, now: Instant) -> Call:
    """Return what an agent signed; raises `CallRefused` for the first thing that is not as it should be."""
    try:
        combined = b64decode(body.strip(), validate=True)
    except ValueError:
        raise CallRefused(problem="it is not Base64") from None
    signature, signed = combined[:SIGNATURE], combined[SIGNATURE:]
    try:
        Ed25519PublicKey.from_public_bytes(agent.verify_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise CallRefused(problem="its signature is not the agent's") from None
    said = _object(signed)
    if said.get("agent-id") != agent.id:
        raise CallRefused(problem="`agent-id` is another than the token's")
    if said.get("business-id") != business:
        raise CallRefused(problem="`business-id` is not ours")
    issued, expires = _time(said, "issued-at"), _time(said, "expires-at")
    if now <= issued:
        raise CallRefused(problem="`issued-at` is yet to come")
    if now >= expires:
        raise CallRefused(problem="`expires-at` has passed")
    if expires - issued > LONGEST:
        raise CallRefused(problem="it is good for longer than an hour")
    return Call(said, sha256(signature).digest(), expires)


def _object(signed: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(signed.decode("utf-8"), object_pairs_hook=_once, parse_constant=_none)
    except (ValueError, RecursionError):
        raise CallRefused(problem="what is signed is not JSON, or says something twice") from None
    if not isinstance(said, dict):
        raise CallRefused(problem="what is signed is no object")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _none(text: str) -> None:
    raise ValueError(f"`{text}` is no JSON")


def _time(said: Mapping[str, Any], name: str) -> Instant:
    found = said.get(name)
    try:
        if isinstance(found, str) and len(found) <= 64:
            return instant(found)
    except (BadTime, OverflowError):
        pass
    raise CallRefused(problem=f"`{name}` is no time with a zone")
