"""Bring data along from another provider: let a package come, judge it, and take in what a clause takes."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from troth.custody.desk import About, Desk
from troth.custody.drafts import Offer
from troth.custody.packages import arriving, judging, parcels
from troth.custody.packages.arriving import Arrival, Awaited, Incoming
from troth.custody.repeating import Once
from troth.custody.take_in import TakeIn, Taken
from troth.errors import BadArgument, PackageFaulty, Refused, TrothError
from troth.packages import unzipping
from troth.packages.manifest import read_json
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.rules.rulebook import Intake
from troth.teller import Teller
from troth.terms.vocabulary import ARRIVAL, Category, FieldName

T = TypeVar("T")
LARGEST = 2 * 1024**3  # bytes of a package that is let in
MOST_OPENED = 8 * 1024**3  # bytes of what is in it
_PATH = re.compile(r"data/(?P<category>[A-Za-z0-9_.-]+?)(-[0-9]+)?\.json").fullmatch
_MOST_FILE = 64 * 1024 * 1024


def expecting(teller: Teller, *, by: Actor, about: About) -> Awaited:
    """Let a package come within the hour; the code names it, and is told once.

    Raises `Refused` where no clause takes anything from what somebody brings along, and `TooManyWaiting`.
    """
    by, about = asker(by), given.about(about)
    return _or_raised(teller.alone(lambda desk: arriving.expect(desk, by, about)))


class Reception:
    """One package that comes by a code, sealed as it comes; `finish` it, or `stop`."""

    def __init__(self, teller: Teller, code: str, signature: bytes, *, most: int = LARGEST) -> None:
        """Let it begin; raises `PackageGone` for a code that names nothing, or no more."""
        self._teller, self._signature = teller, signature
        self._incoming: Incoming = teller.alone(lambda desk: arriving.begin(desk, code))
        self._digest, self._size, self._over = sha256(), 0, ExitStack()
        self._sealing = None
        if not self._incoming.known:
            row = self._incoming.row
            self._sealing = self._over.enter_context(
                teller.house.blobs.writing(row.blob, under=self._incoming.key, about=row.arrival, limit=most)
            )

    def write(self, chunk: bytes) -> None:
        """Take some bytes; raises `BlobTooLarge`. What came before already is compared alone."""
        self._digest.update(chunk)
        self._size += len(chunk)
        if self._sealing is not None:
            self._sealing.write(chunk)

    def finish(self) -> bytes:
        """Judge what came, and return the signed receipt; raises `PackageFaulty`, and then keeps nothing."""
        house, incoming, digest = self._teller.house, self._incoming, self._digest.digest()
        sender = incoming.row.sender
        try:
            self._over.close()
            if not incoming.known:
                row = incoming.row
                with house.blobs.open(row.blob, under=incoming.key, about=row.arrival) as file:
                    found, sender = judging.from_elsewhere(
                        file, self._signature, digest, self._size, most=MOST_OPENED
                    )
                    for _ in _items(found):  # what is no record is found out before anything is taken in
                        pass
            size = self._size
            return self._teller.alone(
                lambda desk: arriving.arrived(desk, incoming, sender=sender, size=size, digest=digest)
            )
        except BaseException:
            self._turn_away()
            raise

    def stop(self) -> None:
        """Keep nothing of what came so far; the code counts on."""
        with suppress(BaseException):
            self._over.__exit__(PackageFaulty, PackageFaulty(fault="zip"), None)
        self._turn_away()

    def _turn_away(self) -> None:
        if not self._incoming.known:
            with suppress(TrothError):
                self._teller.alone(lambda desk: arriving.turn_away(desk, self._incoming))


# ---- what would be taken in, and taking it in


@dataclass(slots=True)
class Outcome:
    """What of one category was taken in, or would be: how many records, which not and why."""

    offered: int = 0
    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # by code, sometimes with the field it is about
    left_out: set[str] = field(default_factory=set)  # fields that no clause takes

    def told(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "offered": self.offered, "taken": self.taken, "refused": dict(self.refused),
            "left_out": sorted(self.left_out),
        }  # fmt: skip


def review(teller: Teller, *, about: About, arrival: bytes) -> dict[str, dict[str, Any]]:
    """Return by category how many records came, and whether and which fields a clause would take in.

    Nothing is taken in. Raises `PackageGone`, `NotAbout`, `PackageFaulty`.
    """
    incoming = teller.alone(partial(arriving.opened, arrival=arrival, about=given.about(about)))
    found: dict[str, dict[str, Any]] = {}
    with _package(teller, incoming) as package:
        for category, count in package.manifest["counts"].items():
            intake = _intake(teller, category)
            found[category] = {"offered": count, "clause": intake.clause if intake else ""}
    return found


def taking_in(
    teller: Teller, *, by: Actor, about: About, arrival: bytes, categories: frozenset[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Take in, as the person's own act, what a clause takes of some categories; then destroy the arrival.

    Each record is decided by itself and taken once, however often this is called: one that is cut off can be
    gone on with for half a day. What no clause takes is named and not kept. Raises `PackageGone`, `NotAbout`,
    `PackageFaulty`.
    """
    by, about = asker(by), given.about(about)
    if categories is not None:
        categories = given.texts("categories", categories)
    incoming = teller.alone(partial(arriving.begun, arrival=arrival, about=about))
    outcomes: dict[str, Outcome] = {}
    with _package(teller, incoming) as package:
        for number, (category, item) in enumerate(_items(package)):
            if categories is None or category in categories:
                outcome = outcomes.setdefault(category, Outcome())
                mark = f"arrival {arrival.hex()} {number}"  # what its sender calls it may stand twice
                _take(teller, package, by, about, mark, category, item, outcome)
    told = {category: outcome.told() for category, outcome in sorted(outcomes.items())}
    teller.alone(lambda desk: arriving.close(desk, arrival, by=by, outcome={"categories": told}))
    teller.alone(parcels.clear)
    return told


def turning_away(teller: Teller, *, by: Actor, about: About, arrival: bytes) -> None:
    """Destroy an arrival without taking anything in. Raises `PackageGone`, `NotAbout`."""
    by, about = asker(by), given.about(about)

    def work(desk: Desk) -> None:
        arriving.opened(desk, arrival, about)
        arriving.close(desk, arrival, by=by, outcome={}, state="refused")

    teller.alone(work)
    teller.alone(parcels.clear)


def arrivals_of(teller: Teller, about: About) -> tuple[Arrival, ...]:
    """Return the arrivals of a person as they stand, oldest first."""
    given.about(about)

    def work(desk: Desk) -> tuple[Arrival, ...]:
        desk.find([about])
        subject = desk.people.get(about)
        return () if subject is None else arriving.of(desk, subject)

    return teller.alone(work)


class _package:  # noqa: N801 - it reads as a function where it stands
    """An arrival that is here, opened and judged anew."""

    def __init__(self, teller: Teller, incoming: Incoming) -> None:
        row = incoming.row
        self._file = teller.house.blobs.open(row.blob, under=incoming.key, about=row.arrival)

    def __enter__(self) -> unzipping.Opened:
        return unzipping.opened(self._file, most=MOST_OPENED)

    def __exit__(self, *problem: object) -> None:
        self._file.close()


def _items(package: unzipping.Opened) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (category, record) of every record of a package; raises `PackageFaulty`."""
    for path in package.paths:
        named = _PATH(path)
        if not named:
            continue
        said = read_json(package.read(path, most=_MOST_FILE))
        if not isinstance(said, dict) or not isinstance(said.get("records"), list):
            raise PackageFaulty(fault="json")
        for item in said["records"]:
            if not isinstance(item, dict) or not isinstance(item.get("values"), dict):
                raise PackageFaulty(fault="json")
            yield named["category"], item


def _intake(teller: Teller, category: str) -> Intake | None:
    return teller.house.book.intakes.get((Category(category), ARRIVAL))


def _take(
    teller: Teller, package: unzipping.Opened, by: Actor, about: About, mark: str, category: str,
    item: Mapping[str, Any], outcome: Outcome,
) -> None:  # fmt: skip
    """Offer one record of a package to the agreement."""
    outcome.offered += 1
    intake = _intake(teller, category)
    if intake is None:
        outcome.refused["no-clause"] += 1
        return
    try:
        values, strange = _values(package, item["values"], intake)
        outcome.left_out |= strange
        given.values(values)
        request = Request(Act.COLLECT, by, Category(category), frozenset(values), circumstance=ARRIVAL)
        job = TakeIn((Offer(request, about, values),), together=False)
        (answer,) = teller.ask(Once(job, mark, b""))
        if isinstance(answer, Taken):
            outcome.taken += 1
            return
        raise answer
    except Refused as problem:
        for code, word in zip(problem.codes, problem.words, strict=True):
            outcome.refused[f"{code}:{word}" if word in intake.specs else code] += 1
    except BadArgument:
        outcome.refused["malformed"] += 1


def _values(
    package: unzipping.Opened, said: Mapping[str, Any], intake: Intake
) -> tuple[dict[FieldName, Any], set[str]]:
    """Return the values that a clause knows, files read in, and the names of the others."""
    values: dict[FieldName, Any] = {}
    strange = set[str]()
    for name, value in said.items():
        spec = intake.specs.get(FieldName(name))
        if spec is None:
            strange.add(name[:64])
        elif spec.type in ("picture", "file"):
            path = value.get("file") if isinstance(value, dict) else None
            if not isinstance(path, str) or not path.startswith("files/") or not package.has(path):
                raise BadArgument(name=name, wanted="a file that is in the package")
            if package.size(path) > _MOST_FILE:
                raise BadArgument(name=name, wanted=f"a file of {_MOST_FILE} bytes at most")
            values[FieldName(name)] = package.read(path, most=_MOST_FILE)
        else:
            values[FieldName(name)] = value
    return values, strange


def _or_raised(outcome: T | TrothError) -> T:
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome
