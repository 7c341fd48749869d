"""Proofs by letter: a link goes to an address that somebody proved, and whoever opens it there is them.

A link holds the number of a demand, until when it counts, and a keyed mark of the address it went to; all
of it sealed, none of it about a person. What a link is for is bound into its seal, so that the one that
follows a demand never proves it. Whether the address still is theirs is looked at anew when it is used.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from troth.acts import proving
from troth.clock import DAY, FOREVER, Instant
from troth.custody.desk import Desk
from troth.errors import BadMessage, CourierFull, HouseClosed, NoGate, SealBroken, UnknownSuite
from troth.gates.message import Message
from troth.rules.rights_cases import Deadline, RightsCase
from troth.store import registry
from troth.web.accounts import entering, holding
from troth.web.accounts.entering import WAYS, Identifier
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import account_key
from troth.web.hall import Hall
from troth.web.languages import Reader

LIFETIME = DAY  # of a link that proves
_SALT, _MARK = 16, 8


class Link(StrEnum):
    """What a link is for; the word stands in its address."""

    PROOF = "proof"  # who demands it
    TRACK = "track"  # where it stands
    PACKAGE = "package"  # to fetch what was demanded, once
    AGENT = "agent"  # what an agent asked for; the number is that of the agent's request


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link says."""

    case: bytes
    mark: bytes  # of the address it went to; empty bytes where it names none
    until: Instant
    to: str  # where whoever proved it goes on; empty: nowhere else


def mark_of(hall: Hall, identifier: Identifier) -> bytes:
    """Return what stands for an address in a link."""
    return hall.key.digest("troth.proof-mark", identifier.about)[:_MARK]


def link(hall: Hall, kind: Link, case: bytes, *, mark: bytes, until: Instant = FOREVER, to: str = "") -> str:
    """Return the path of a link; `to` is where whoever proves it may go on, such as their agent's page."""
    salt = secrets.token_bytes(_SALT)
    said = case + mark.ljust(_MARK, b"\0") + until.to_bytes(8, "big") + to.encode("utf-8")
    token = urlsafe_b64encode(salt + hall.key.seal(said, f"troth.{kind}", salt=salt)).rstrip(b"=")
    return f"/requests/{kind}/{token.decode('ascii')}"


def opened(hall: Hall, kind: Link, token: str) -> Opened | None:
    """Return what a link says; None for one that was altered, made for something else, or never made here.

    One whose time is over is opened: whoever shows it says so.
    """
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != token:
            return None
        said = hall.key.unseal(raw[_SALT:], f"troth.{kind}", salt=raw[:_SALT])
    except (ValueError, SealBroken, UnknownSuite):
        return None
    mark, times = said[16 : 16 + _MARK], said[16 + _MARK : 24 + _MARK]
    return Opened(said[:16], mark, int.from_bytes(times, "big"), said[24 + _MARK :].decode("utf-8"))


async def case_of(hall: Hall, case: bytes) -> tuple[RightsCase, Deadline | None] | None:
    """Return a demand and when it is due; None when it is gone."""
    return await hall.teller.alone_soon(proving.known(case))


async def proven_at(hall: Hall, subject: int, mark: bytes) -> Identifier | None:
    """Return the address that a link went to, where it still is one that the person proved; else None."""
    mine = await proven_of(hall, subject)
    return next((each for each in mine if mark_of(hall, each) == mark), None)


async def proven_of(hall: Hall, subject: int) -> tuple[Identifier, ...]:
    """Return the addresses that somebody proved; none of whoever is gone, or in grace."""
    if not await hall.teller.alone_soon(lambda desk: _is_here(desk, subject)):
        return ()
    return await holding.proven_of(hall, subject)


def _is_here(desk: Desk, subject: int) -> bool:
    desk.find([subject])
    return subject in desk.people and bool(registry.standings(desk.unit, [subject]))


async def ask_for_proof(
    hall: Hall, reader: Reader, case: RightsCase, identifier: Identifier, *, asker: Asker, what: str,
    agent: str = "", to: str = "",
) -> None:  # fmt: skip
    """Send the letter whose link proves a demand, and note that it went; `what` says the demand in words."""
    until = hall.now + LIFETIME
    path = link(hall, Link.PROOF, case.id, mark=mark_of(hall, identifier), until=until, to=to)
    await hall.teller.alone_soon(proving.asked(case.id))
    send(
        hall, reader, identifier, "proof", asker=asker, until=until, link=hall.site.origins[0] + path,
        reference=case.reference, what=what, agent=agent,
    )  # fmt: skip


def send(
    hall: Hall, reader: Reader, identifier: Identifier, letter: str, *, asker: Asker | None,
    until: Instant, **said: str,
) -> bool:  # fmt: skip
    """Send one letter about a demand; return whether it is on its way.

    One too many from an `asker` does not go out; None: whoever calls counted it.
    """
    house = hall.agreement.organisation.name
    text = hall.rendering.part(f"letters/{letter}.txt", reader, house=house, **said).strip()
    subject, _, body = text.partition("\n")
    account = account_key(hall.key, f"request:{identifier.about}")
    if asker is not None and not hall.letters.may_go(account, asker, at=hall.now):
        return False
    with suppress(NoGate, CourierFull, HouseClosed, BadMessage):
        message = Message(identifier.value, subject.strip(), body.strip() or subject.strip())
        hall.courier.send(message, by=WAYS[identifier.spec.type], until=until)
        return True
    return False


async def whose(hall: Hall, identifier: Identifier) -> int | None:
    """Return who has an address and proved that it is theirs.

    None for what nobody has, several have, or nobody proved: it leads nowhere, and nothing tells which it is.
    """
    subject = await entering.whose(hall, identifier)
    if subject is None:
        return None
    mark = mark_of(hall, identifier)
    return None if await proven_at(hall, subject, mark) is None else subject
