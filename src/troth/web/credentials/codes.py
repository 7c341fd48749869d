"""One-time codes that travel by mail or text message and come back typed.

NIST SP 800-63B-4 3.1.3.2 asks for six digits or more, ten minutes at most, and that a code count once;
OWASP ASVS 6.5.5 the same ten minutes. Here a code has eight digits and five tries. The flow, which the
browser holds, carries a keyed hash of it, so that neither side of the wire stores the code itself.

A new code gives new tries on that code alone: the same section forbids that it resets the count of
failures, so each try is also asked of `limits.Lockout`.
"""

import hmac
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from troth.clock import SECOND, Instant
from troth.errors import CodeWrong, FlowOver
from troth.vault.keyring import Branch
from troth.web.credentials.flows import Flow, Spent

DIGITS = 8
LIFETIME = 600 * SECOND
TRIES = 5
_SALT = 15


@dataclass(frozen=True, slots=True)
class Code:
    """A new code: `digits` are sent and then forgotten, `mark` (text) goes into the flow."""

    digits: str = field(repr=False)
    mark: str


def new_code(key: Branch, *, about: str) -> Code:
    """Return a new code that proves what `about` says, such as the kind and the address it is sent to.

    For an address that nobody gets a code at, make one all the same and send it nowhere: the flow
    then looks and fails like any other.
    """
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    salt = secrets.token_bytes(_SALT)
    return Code(digits, urlsafe_b64encode(salt + _hash(key, salt, about, digits)).decode("ascii"))


def check_code(
    key: Branch, typed: str, *, mark: str, about: str, flow: Flow, spent: Spent, at: Instant
) -> None:
    """Return when `typed` is the code of this flow, which is then used; spaces and dashes do not matter.

    Raises `CodeWrong` with the tries left, and `FlowOver` when the code is older than ten minutes,
    was used, or was tried five times. The try is counted before it is judged.
    """
    if at >= flow.begun + LIFETIME:
        raise FlowOver(reason="expired")
    left = spent.attempt(flow, most=TRIES, at=at)
    marked = urlsafe_b64decode(mark)
    salt, expected = marked[:_SALT], marked[_SALT:]
    if not hmac.compare_digest(_hash(key, salt, about, digits_of(typed)), expected):
        raise CodeWrong(left=left)
    spent.use(flow, at=at)


def digits_of(typed: str) -> str:
    """Return the decimal digits of any script in `typed`, as ASCII: people copy codes with what is around."""
    return "".join(
        str(unicodedata.decimal(letter)) for letter in typed[:64] if unicodedata.category(letter) == "Nd"
    )


def _hash(key: Branch, salt: bytes, about: str, digits: str) -> bytes:
    return key.digest("troth.code", salt, about, digits)
