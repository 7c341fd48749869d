"""Seal and unseal one value, bound to its context.

Suite 1 is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce:

    sealed = 0x01 || nonce (12) || ciphertext || tag (16)

The context is associated data: the value opens only as the same record, subject, category, schema
and key it was sealed as. `docs/formats/vault.md` gives every byte.
"""

from functools import lru_cache
from os import urandom
from struct import Struct
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.canonical import bind
from troth.errors import SealBroken, UnknownSuite

Key: TypeAlias = AESGCM

TAG = 16
OVERHEAD = 1 + 12 + TAG

_INT = b"i\x00\x00\x00\x08"
_integer_and_length = Struct(">5sqcI").pack
_length = Struct(">cI").pack


def seal(key: Key, plaintext: bytes, context: bytes) -> bytes:
    """Return `plaintext` sealed under a 256-bit `key` and bound to `context`; 29 bytes longer.

    A key seals at most 2**32 values (SP 800-38D §8.3, random nonces).
    """
    nonce = urandom(12)
    return b"\x01" + nonce + key.encrypt(nonce, plaintext, context)


def unseal(key: Key, sealed: bytes, context: bytes) -> bytes:
    """Return what was sealed; raises `SealBroken`, or `UnknownSuite` for another format.

    Altered bytes, another context and another key cannot be told apart.
    """
    if sealed[:1] != b"\x01":
        if not sealed:
            raise SealBroken
        raise UnknownSuite(suite=sealed[0])
    try:
        return key.decrypt(sealed[1:13], sealed[13:], context)
    except (InvalidTag, ValueError):
        raise SealBroken from None


def context(*, record: bytes, subject: int | bytes, category: str, schema: int, key: int | bytes) -> bytes:
    """Return `bind("troth.value", category, schema, subject, key, record)`, the context of one value.

    `key` names the key: a subject key gives its commitment. No two different lists of parts share
    a context.
    """
    return within(holder(subject, key), record, category, schema)


def holder(subject: int | bytes, key: int | bytes) -> bytes:
    """Return `bind(subject, key)`, the part that all contexts under one subject key share."""
    if type(subject) is int and type(key) is bytes:
        return _integer_and_length(_INT, subject, b"b", len(key)) + key
    return bind(subject, key)


def within(held: bytes, record: bytes, category: str, schema: int) -> bytes:
    """Return the whole context, given what `holder` returned for its subject and key."""
    return _kind(category, schema) + held + _length(b"b", len(record)) + record


@lru_cache(maxsize=4096)
def _kind(category: str, schema: int) -> bytes:
    return bind("troth.value", category, schema)
