"""Unsubscribe: a token that stops one channel of a purpose for one person, whoever sends it (RFC 8058).

It is sealed under a key of the house: nobody makes one, or reads in it whom it is about. It never ends, as a
letter may be read years later; it can do nothing but stop what a person may stop.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from os import urandom

from troth.custody.desk import About, Desk
from troth.custody.stand import Stand, stand
from troth.errors import SealBroken, TrothError, UnknownSuite
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.channels import by_channel, is_stopped
from troth.rules.decision import NO_CATEGORY, Act, Request, member
from troth.terms.vocabulary import Purpose

_KIND = "troth.unsubscribe"
_SALT = 16
LONGEST = 600  # letters of a token


@dataclass(frozen=True, slots=True)
class Way:
    """What a token names: a person's number, a purpose, and the channel that it stops."""

    subject: int
    purpose: Purpose
    channel: str


def may_stop(house: House, purpose: str, channel: str) -> bool:
    """Whether a clause lets a person stop a channel of a purpose."""
    return (Act.STOP, NO_CATEGORY, by_channel(purpose, channel)) in house.book.cells


def token_for(desk: Desk, about: About, purpose: str, channel: str) -> str | None:
    """Return a new token; None for nobody known, and where no clause lets anybody stop it."""
    desk.find([about])
    subject = desk.people.get(about)
    if subject is None or not may_stop(desk.house, purpose, channel):
        return None
    named = subject.to_bytes(8, "big") + by_channel(purpose, channel).encode("utf-8")
    salt = urandom(_SALT)
    sealed = desk.house.keyring.branch(_KIND).seal(named, _KIND, salt=salt)
    return urlsafe_b64encode(salt + sealed).decode("ascii").rstrip("=")


def read_token(house: House, token: str) -> Way | None:
    """Return what a token names; None for one that was altered, or never made here."""
    if len(token) > LONGEST:
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if urlsafe_b64encode(raw).decode("ascii").rstrip("=") != token:  # another way of writing one is none
            return None
        named = house.keyring.branch(_KIND).unseal(raw[_SALT:], _KIND, salt=raw[:_SALT])
    except (ValueError, SealBroken, UnknownSuite):
        return None
    purpose, _, channel = named[8:].decode("utf-8").partition(" by ")
    return Way(int.from_bytes(named[:8], "big"), Purpose(purpose), channel)


def unsubscribe(desk: Desk, way: Way) -> Receipt | TrothError | None:
    """Stop the channel for the person; None where nobody is there, or it was stopped before."""
    desk.find([way.subject])
    subject = desk.people.get(way.subject)
    if subject is None or is_stopped(desk.standings[subject], way.purpose, way.channel):
        return None
    request = Request(Act.STOP, member(), purpose=way.purpose, channel=way.channel)
    return stand(desk, [Stand(request, subject)])[0]
