"""The stage on which pages are tried: stand-ins of the hall, so that nobody is slowed, written to or read.

What a visitor can do without the engine is tried on the house itself. What would ask the engine is tried in
a *rehearsal*: a house of its own, founded for this in a temporary directory under the same agreement and with
the same limits, with people in it who do not exist. So no line of the ledger is about nobody.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from starlette.types import ASGIApp

from troth.clock import SECOND
from troth.errors import PageUnlike
from troth.evidence.tried import UNTRIED, Tried
from troth.gates.courier import Courier
from troth.gates.message import Message
from troth.opening import found
from troth.rules.signing_in import PROVABLE
from troth.teller import Teller
from troth.terms.agreement import FieldSpec
from troth.web import packing
from troth.web.accounts import entering, holding, sessions
from troth.web.accounts.entering import Identifier
from troth.web.app import application
from troth.web.credentials.codes import DIGITS
from troth.web.credentials.limits import Limits, Lockout, Rate
from troth.web.hall import Hall, hall_of
from troth.web.pages import MEMBER_COOKIE
from troth.web.probes.place import own_place
from troth.web.probes.stranger import Stranger

_CODE = re.compile(rf"\b\d{{{DIGITS}}}\b")
_MADE_UP = frozenset({"email", "phone", "handle"})  # types of which something is kept for nobody
_PATIENCE = 5.0  # seconds until a letter is in the pocket
_EVER = Rate(1_000_000, SECOND)  # no limit: where something else is tried


class Outcome(NamedTuple):
    """How much was tried, and a code: what was found against the promise, or why it could not be tried."""

    sample: int
    detail: str = ""

    def of(self, promise: str) -> Tried:
        """Return it as what came of trying a promise."""
        code = self.detail.partition(":")[0]
        untried = code in UNTRIED
        return Tried(promise, not code or untried, 0 if untried else self.sample, self.detail)


class Pocket:
    """A way out that leads nowhere: it keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    def hand_out(self, message: Message, /) -> None:
        """Keep a message."""
        self.letters.append(message)


@dataclass(slots=True)
class Stage:
    """A stand-in of a hall, and the application that serves it."""

    hall: Hall
    app: ASGIApp
    pocket: Pocket
    over: Callable[[], bool]
    used: set[str] = field(default_factory=set, repr=False)  # of what was made up

    def stranger(self, *, stays: bool = False) -> Stranger:
        """Return a browser that was never here."""
        return Stranger(self.app, self.hall.site.origins[0], self.over, stays)

    def identifiers(self) -> tuple[FieldSpec, ...]:
        """Return the fields that name a member and can be made up; those first that a code can prove."""
        some = [spec for spec in entering.identifiers(self.hall) if spec.type in _MADE_UP]
        return tuple(sorted(some, key=lambda spec: spec.type not in PROVABLE))

    def made_up(self, spec: FieldSpec) -> Identifier:
        """Return an identifier that is nobody's, another each time: RFC 2606, and numbers kept for films."""
        while True:
            chance = secrets.token_hex(6)
            number = f"+442079460{secrets.randbelow(1000):03d}"
            typed = {"email": f"{chance}@{chance}.example", "phone": number}.get(spec.type, f"n{chance}")
            found = entering.read_identifier(self.hall, str(spec.name), typed)
            if found.value not in self.used:
                self.used.add(found.value)
                return found

    # ---- in a rehearsal alone

    async def join(self, identifier: Identifier) -> Identifier:
        """Make somebody who does not exist a member, and return what they are named by."""
        taken = await entering.join(self.hall, identifier, proven=identifier.provable)
        (one,) = await holding.identifiers_of(self.hall, taken.subject)
        return one

    async def member(self) -> Stranger:
        """Return a browser in which somebody who does not exist is signed in; raises `PageUnlike`."""
        browser, _ = await self.entered()
        return browser

    async def entered(self) -> tuple[Stranger, int]:
        """Return such a browser, and the number of whoever is signed in there; raises `PageUnlike`."""
        hall, rule, some = self.hall, entering.rule_of(self.hall), self.identifiers()
        if not some:
            raise PageUnlike
        taken = await entering.join(hall, self.made_up(some[0]), proven=some[0].type in PROVABLE)
        token, _ = await sessions.begin(
            hall.teller, hall.sign_ins, rule, taken.subject, method="code", at=hall.now
        )
        browser = self.stranger()
        browser.cookies[MEMBER_COOKIE] = token
        return browser, taken.subject

    async def letter(self, to: str) -> str:
        """Return the code of the last letter to somebody; empty when it holds none. Raises `PageUnlike`."""
        end = monotonic() + _PATIENCE
        while monotonic() < end:
            mine = [each for each in self.pocket.letters if each.to == to]
            if mine:
                self.pocket.letters.clear()
                code = _CODE.search(mine[-1].text)
                return code[0] if code else ""
            await asyncio.sleep(0.005)
        raise PageUnlike


@contextmanager
def stand_in(
    hall: Hall,
    *,
    teller: Teller | None = None,
    limited: bool = True,
    over: Callable[[], bool] = lambda: False,
) -> Iterator[Stage]:
    """Give a stand-in: the same house unless another teller is given, the same limits, and an empty memory.

    Whatever is asked on it raises `HouseClosed` once `over` says so.
    """
    pocket = Pocket()
    courier = Courier({"mail": pocket, "sms": pocket}, clock=hall.house.clock)
    mine = hall_of(teller or hall.teller, hall.settings, courier, origin=hall.site.origins[0])
    try:
        mine.rendering, mine.secure = hall.rendering, hall.secure
        mine.key = mine.house.keyring.branch("trial")
        mine.limits = Limits(hall.limits.rate if limited else _EVER)
        mine.lockout = Lockout(hall.lockout.rate)
        yield Stage(mine, application(mine), pocket, over)
    finally:
        courier.close(within=0.0)


@contextmanager
def rehearsal(hall: Hall, *, over: Callable[[], bool] = lambda: False) -> Iterator[Stage]:
    """Give a rehearsal, and remove all of it at the end."""
    house = hall.house
    with own_place() as place:
        source, clock = house.book.agreement.source, house.clock
        teller = found(place / "house", source, place=house.place, clock=clock)
        try:
            with stand_in(hall, teller=teller, limited=False, over=over) as stage:
                try:
                    yield stage
                finally:
                    packing.end(stage.hall)
        finally:
            teller.close()
