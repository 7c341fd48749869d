"""The token of a form: made for one browser, it names what is sent once and for all, and is over in a day.

It is over as soon as what came of it may be forgotten (`custody/repeating.py`): an old form would count anew.

    token = base64url(nonce (12) || made (8) || mark (18))
    mark = Branch.digest("troth.form", binding, nonce || made)
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from troth.clock import SECOND, Instant
from troth.custody.repeating import KEPT
from troth.errors import FormRefused
from troth.vault.keyring import Branch

LIFE = KEPT - 300 * SECOND  # somewhat less than a repeat is known for, as clocks of machines differ
_NONCE = 12
_MADE = 8
_MARK = 18


@dataclass(frozen=True, slots=True)
class FormToken:
    """What the token of a form says: its ticket, which no other form has, and when it was made."""

    ticket: str
    made_at: Instant

    def is_over(self, at: Instant) -> bool:
        """Whether the form is too old to be sent."""
        return at - self.made_at >= LIFE


def new_token(key: Branch, binding: str, *, at: Instant) -> str:
    """Return a token for one form of whoever the binding stands for."""
    named = secrets.token_bytes(_NONCE) + at.to_bytes(_MADE, "big")
    return urlsafe_b64encode(named + _mark(key, binding, named)).decode("ascii")


def read_token(key: Branch, binding: str, token: str) -> FormToken:
    """Return what a token says; raises `FormRefused` for one that was altered, or made for somebody else."""
    try:
        raw = urlsafe_b64decode(token)
    except ValueError:
        raise FormRefused from None
    named, mark = raw[: _NONCE + _MADE], raw[_NONCE + _MADE :]
    if len(mark) != _MARK or not hmac.compare_digest(mark, _mark(key, binding, named)):
        raise FormRefused
    return FormToken(named[:_NONCE].hex(), int.from_bytes(named[_NONCE:], "big"))


def _mark(key: Branch, binding: str, named: bytes) -> bytes:
    return key.digest("troth.form", binding, named)[:_MARK]
