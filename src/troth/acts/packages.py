"""Take everything along: have a package made, page by page, read it back, and give it once."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TypeVar

from troth.custody.desk import About, Desk
from troth.custody.packages import giving, packing, parcels
from troth.custody.packages.covering import Gap, Pack
from troth.custody.packages.giving import Giving
from troth.custody.packages.packing import Making
from troth.custody.packages.parcels import Package
from troth.custody.packages.waiting import Waiting, waiting
from troth.errors import BadArgument, TrothError
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.teller import Teller
from troth.terms.vocabulary import Category

T = TypeVar("T")
_ACTS = {"access": Act.ACCESS, "port": Act.PORT}


def packing_of(*, by: Actor, about: About, right: str = "access", case: str = "", language: str = "") -> Pack:
    """Return the demand for a package: `access` to everything (GDPR Art. 15), or what to `port` (Art. 20).

    Raises `BadArgument`.
    """
    if right not in _ACTS:
        raise BadArgument(name="right", wanted="`access` or `port`")
    request = Request(_ACTS[right], asker(by), Category("*"), case=given.text("case", case))
    return Pack(request, given.about(about), given.written("language", language))


def outlook(teller: Teller, job: Pack) -> tuple[tuple[Category, ...], tuple[Gap, ...]]:
    """Return which categories a package would hold, and what not; raises `Refused`."""
    return _or_raised(teller.alone(lambda desk: packing.outlook(desk, job)))


def order(teller: Teller, job: Pack) -> Making:
    """Begin a package; raises `Refused`, `PackageBusy`, `TooManyWaiting`, `NotFound` or `Erased`."""
    return _or_raised(teller.alone(lambda desk: packing.begin(desk, job)))


async def order_soon(teller: Teller, job: Pack) -> Making:
    """Do as `order` does, without blocking the event loop."""
    return _or_raised(await teller.alone_soon(lambda desk: packing.begin(desk, job)))


def taken(teller: Teller, package: bytes, *, by: Actor, about: About) -> Iterator[bytes]:
    """Give a package once, piece by piece; decided and remembered before the first and before the last.

    Until its last piece it can be fetched again. Raises `Refused`, `PackageGone`, `PackageBusy`.
    """
    by, about = asker(by), given.about(about)
    claimed = _or_raised(teller.alone(lambda desk: giving.claim(desk, package, by, about)))
    return _given(teller, claimed)


async def taken_soon(teller: Teller, package: bytes, *, by: Actor, about: About) -> Iterator[bytes]:
    """Do as `taken` does, without blocking the event loop; what it returns is to be read in a thread."""
    by, about = asker(by), given.about(about)
    claimed = _or_raised(await teller.alone_soon(lambda desk: giving.claim(desk, package, by, about)))
    return _given(teller, claimed)


def _given(teller: Teller, claimed: Giving) -> Iterator[bytes]:
    row, spent = claimed.row, False
    try:
        chunks = teller.house.blobs.read(row.blob, under=claimed.key, about=row.package)
        held = next(chunks)
        for chunk in chunks:
            yield held
            held = chunk
        teller.alone(lambda desk: giving.spend(desk, claimed))
        spent = True
        with suppress(TrothError):  # the next sweep does it
            teller.alone(parcels.clear)
        yield held
    finally:
        if not spent:
            with suppress(TrothError):
                teller.alone(lambda desk: giving.release(desk, claimed))


def following(*, by: Actor, about: About) -> Callable[[Desk], Waiting | TrothError]:
    """Return the work that sees how the packages of a person stand, for whoever may follow such requests.

    Given to `Teller.alone` or `Teller.alone_soon`. Raises `BadArgument`.
    """
    request = Request(Act.FOLLOW, asker(by))
    given.about(about)
    return lambda desk: waiting(desk, request, about)


async def packages_soon(teller: Teller, about: About) -> tuple[Package, ...]:
    """Return the packages of a person, oldest first; for pages that show people their own."""
    return await teller.alone_soon(partial(_packages, about=given.about(about)))


def _packages(desk: Desk, about: About) -> tuple[Package, ...]:
    desk.find([about])
    subject = desk.people.get(about)
    return () if subject is None else parcels.of(desk, subject)


def _or_raised(outcome: T | TrothError) -> T:
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome
