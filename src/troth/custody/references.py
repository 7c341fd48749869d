"""References: short names for people to read out, drawn at random, which nothing else has."""

from collections.abc import Callable
from os import urandom

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # as Crockford writes 5 bits: none is taken for another


def drawn(initials: str, is_known: Callable[[str], bool]) -> str:
    """Return initials and 40 random bits, such as `IC-7K3M-Q2XD`, that nothing known has."""
    while True:
        letters = "".join(_LETTERS[byte & 31] for byte in urandom(8))
        reference = f"{initials[:4].upper()}-{letters[:4]}-{letters[4:]}"
        if not is_known(reference):
            return reference
