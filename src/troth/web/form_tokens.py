"""The token of a form: made for one session in one browser, it names what is sent, and is over in a day.

It is over as soon as what came of it may be forgotten (`custody/repeating.py`): an old form would count anew.
Once the session has ended, the browser that the form was made in is still known by it.

    token = base64url(ticket (12) || made (8) || mark of the session (18) || mark of the browser (18))
    mark = Branch.digest("troth.form", kind, binding, ticket || made)
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
_TICKET = 12
_MADE = 8
_NAMED = _TICKET + _MADE
_MARK = 18


@dataclass(frozen=True, slots=True)
class FormToken:
    """What the token of a form says: its ticket, which no other form has, when and for whom it was made."""

    ticket: str
    made_at: Instant
    counts: bool = True  # whether it was made for this session, or for this browser before anybody signed in

    def is_over(self, at: Instant) -> bool:
        """Whether the form is too old to be sent."""
        return at - self.made_at >= LIFE


def new_ticket(at: Instant) -> FormToken:
    """Return what the token of a new form says."""
    return FormToken(secrets.token_bytes(_TICKET).hex(), at)


def written(key: Branch, token: FormToken, *, session: str, browser: str) -> str:
    """Return the token of a form, for a session (empty: for whoever is not signed in) in a browser."""
    named = bytes.fromhex(token.ticket) + token.made_at.to_bytes(_MADE, "big")
    marks = _mark(key, "session", session, named) + _mark(key, "browser", browser, named)
    return urlsafe_b64encode(named + marks).decode("ascii")


def read_token(key: Branch, token: str, *, session: str, browser: str) -> FormToken:
    """Return what a token says; raises `FormRefused` for one that was altered, or made in another browser."""
    try:
        raw = urlsafe_b64decode(token)
    except ValueError:
        raise FormRefused from None
    named, of_session, of_browser = raw[:_NAMED], raw[_NAMED : _NAMED + _MARK], raw[_NAMED + _MARK :]
    here = hmac.compare_digest(of_browser, _mark(key, "browser", browser, named))
    mine = hmac.compare_digest(of_session, _mark(key, "session", session, named))
    nobody = hmac.compare_digest(of_session, _mark(key, "session", "", named))
    if not (here or (mine and session)):
        raise FormRefused
    counts = (mine and bool(session)) or (nobody and here)
    return FormToken(named[:_TICKET].hex(), int.from_bytes(named[_TICKET:], "big"), counts)


def _mark(key: Branch, kind: str, binding: str, named: bytes) -> bytes:
    return key.digest("troth.form", kind, binding, named)[:_MARK]
