"""The Python library: open a house, and act in it for purposes that are explicit objects."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from troth import clock as clocks
from troth.acts import cases, collect, consent, correct, disclose, membership, rights, use
from troth.acts import sweep as sweeping
from troth.clock import Clock, Instant
from troth.custody.cases import Filed
from troth.custody.desk import About
from troth.custody.drafts import Offer
from troth.custody.erasing import Gone
from troth.custody.frameless import door, frameless
from troth.custody.hand_out import Handed, HandOut
from troth.custody.publishing import publish
from troth.custody.sweeping import recall
from troth.custody.take_in import Taken
from troth.errors import BadArgument, NothingHeld, TrothError
from troth.ledger.checkpoint import Checkpoint
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.opening import found, open_house
from troth.rules import given
from troth.rules.cases import Case
from troth.rules.decision import Actor, asker, member
from troth.teller import Teller
from troth.terms.agreement import Agreement
from troth.terms.vocabulary import FieldName
from troth.vault.plaintext import Plaintext


@door
class Context:
    """A purpose, who pursues it, and in which case: what every read needs, said once."""

    __slots__ = ("_about", "_teller", "by", "case", "purpose", "reason")

    def __init__(self, teller: Teller, purpose: str, by: Actor, case: str, reason: str) -> None:
        self._teller = teller
        self.purpose, self.by = given.text("purpose", purpose), asker(by)
        self.case, self.reason = given.text("case", case), given.text("reason", reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        return None

    def read(self, *, about: About, category: str, fields: Iterable[str] = ()) -> Handed:
        """Return what is held of one category; the ledger line is committed before this returns.

        No fields means all that the purpose may have. Raises `Refused`, `NotFound` or `Erased`.
        """
        return self._answer(self._reading(about, category, fields))

    async def read_soon(self, *, about: About, category: str, fields: Iterable[str] = ()) -> Handed:
        """Do as `read` does, without blocking the event loop."""
        handed: Handed = await self._teller.ask_soon(self._reading(about, category, fields))
        return handed

    def one(self, *, about: About, field: str) -> Plaintext[Any]:
        """Return one value, `category.field`, of the latest record that has it.

        Raises as `read` does, and `NothingHeld` when there is none.
        """
        category, _, name = given.text("field", field).rpartition(".")
        for held in reversed(self.read(about=about, category=category, fields=[name]).records):
            if name in held.values:
                return held.values[FieldName(name)]
        raise NothingHeld(field=field)

    def disclose(self, *, about: About, category: str, to: str, fields: Iterable[str] = ()) -> Handed:
        """Return the values that a recipient may have, for handing over; raises as `read` does."""
        return self._answer(
            disclose.disclosing(
                by=self.by,
                about=about,
                category=category,
                to=to,
                purpose=self.purpose,
                fields=fields,
                case=self.case,
                reason=self.reason,
            )
        )

    def _reading(self, about: About, category: str, fields: Iterable[str]) -> HandOut:
        return use.reading(
            by=self.by,
            about=about,
            category=category,
            fields=fields,
            purpose=self.purpose,
            case=self.case,
            reason=self.reason,
        )

    def _answer(self, job: HandOut) -> Handed:
        handed: Handed = self._teller.ask(job)
        return handed


@door
class Troth:
    """An open house. Use it as a context manager, or close it."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish what is waiting, sign the ledger if it grew, and close.

        A house closes even when it cannot sign; then the last checkpoint stays the one before.
        """
        try:
            with suppress(TrothError, OSError):
                self.teller.alone(publish)
        finally:
            self.teller.close()

    @property
    def agreement(self) -> Agreement:
        """The agreement in force."""
        return self.teller.house.book.agreement

    # ---- for a purpose

    def purpose(self, name: str, *, by: Actor, case: str = "", reason: str = "") -> Context:
        """Return a context for reading and disclosing; the purpose is never implied."""
        return Context(self.teller, name, by, case, reason)

    # ---- collecting

    def collect(
        self,
        *,
        about: About,
        category: str,
        when: str,
        values: Mapping[str, Any],
        by: Actor | None = None,
        age: int | None = None,
        within: bytes | str | None = None,
    ) -> Taken:
        """Take in one record; raises `Refused` with every reason, and then nothing is kept.

        `within` is a case that it belongs to, or the name of a conversation that opens with it.
        """
        offer = collect.offering(
            by=_own(by), about=about, category=category, when=when, values=values, age=age, within=within
        )
        return _single(self.teller.ask(collect.taking([offer])))

    async def collect_soon(
        self,
        *,
        about: About,
        category: str,
        when: str,
        values: Mapping[str, Any],
        by: Actor | None = None,
        age: int | None = None,
    ) -> Taken:
        """Do as `collect` does, without blocking the event loop."""
        offer = collect.offering(
            by=_own(by), about=about, category=category, when=when, values=values, age=age
        )
        return _single(await self.teller.ask_soon(collect.taking([offer])))

    def collect_many(
        self, offers: Iterable[Offer], *, together: bool = True
    ) -> tuple[Taken | TrothError, ...]:
        """Take in many offers in one transaction; each comes back as `Taken`, or as its own error."""
        taken: tuple[Taken | TrothError, ...] = self.teller.ask(collect.taking(offers, together=together))
        return taken

    # ---- the person's own

    def access(self, *, about: About, category: str, by: Actor | None = None) -> Handed:
        """Return what is held of a category, to the person themself (GDPR Art. 15)."""
        handed: Handed = self.teller.ask(use.accessing(by=_own(by), about=about, category=category))
        return handed

    def correct(
        self,
        *,
        about: About,
        category: str,
        values: Mapping[str, Any],
        by: Actor | None = None,
        record: bytes | None = None,
    ) -> Receipt:
        """Replace wrong values; raises `Refused` where a clause wants a review first."""
        return self._settle(
            correct.correcting(by=_own(by), about=about, category=category, values=values, record=record)
        )

    def consent(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Give consent."""
        return self._settle(consent.giving(by=_own(by), about=about, purpose=purpose))

    def refuse(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Refuse consent."""
        return self._settle(consent.refusing(by=_own(by), about=about, purpose=purpose))

    def withdraw(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Withdraw consent; the next read for the purpose is refused."""
        return self._settle(consent.withdrawing(by=_own(by), about=about, purpose=purpose))

    def object(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Object to a purpose."""
        return self._settle(consent.objecting(by=_own(by), about=about, purpose=purpose))

    def end_objection(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """End an objection."""
        return self._settle(consent.yielding(by=_own(by), about=about, purpose=purpose))

    def restrict(self, *, about: About, category: str = "*", by: Actor | None = None) -> Receipt:
        """Restrict processing: stored, not used."""
        return self._settle(rights.restricting(by=_own(by), about=about, category=category))

    def lift(self, *, about: About, category: str = "*", by: Actor | None = None) -> Receipt:
        """Lift a restriction."""
        return self._settle(rights.lifting(by=_own(by), about=about, category=category))

    def leave(self, *, about: About, by: Actor | None = None) -> Receipt:
        """Leave: the clocks that run from leaving start."""
        return self._settle(membership.leaving(by=_own(by), about=about))

    def hold(self, *, about: About, matter: str, reason: str, by: Actor) -> Receipt:
        """Hold what is kept for as long as a matter lasts: nothing of it is erased or removed."""
        return self._settle(rights.holding(by=by, about=about, matter=matter, reason=reason))

    def end_hold(self, *, about: About, matter: str, reason: str, by: Actor) -> Receipt:
        """End the hold of a matter."""
        return self._settle(rights.releasing(by=by, about=about, matter=matter, reason=reason))

    def erase(
        self, *, about: About, classes: Iterable[str] = (), by: Actor | None = None, case: str = ""
    ) -> Gone:
        """Erase everything, or some retention classes; what must stay is named with its clause."""
        return self.teller.erase(rights.erasing(by=_own(by), about=about, classes=classes, case=case))

    # ---- cases

    def open_case(self, *, about: About, name: str, by: Actor | None = None) -> Filed:
        """Open a case; raises `Refused`, also while a verification of that name has not ended."""
        filed: Filed = self.teller.ask(cases.opening(by=_own(by), about=about, name=name))
        return filed

    def move_case(
        self, *, about: About, case: bytes, to: str, reasons: Iterable[str] = (), by: Actor | None = None
    ) -> Filed:
        """Bring a case to another state; raises `Refused` where its state or its clause does not allow it."""
        job = cases.moving(by=_own(by), about=about, case=case, to=to, reasons=reasons)
        filed: Filed = self.teller.ask(job)
        return filed

    def cases(self, *, about: About) -> tuple[Case, ...]:
        """Return the cases of a person, oldest first: where each stands, and nothing that they told."""
        return cases.cases_of(self.teller, about)

    def entries(self, *, about: About) -> list[tuple[int, Entry]]:
        """Return every ledger entry about a person, oldest first: who saw what, for which purpose."""
        given.about(about)

        def work(desk: Any) -> list[tuple[int, Entry]]:  # noqa: ANN401 - a Desk
            desk.find([about])
            subject = desk.people.get(about)
            return [] if subject is None else recall(desk, subject)

        return self.teller.alone(work)

    # ---- recipients

    def record_instrument(
        self, *, by: Actor, recipient: str, kind: str, reference: str, until: Instant
    ) -> Receipt:
        """Record a contract, a duty of confidentiality or a safeguard of a recipient."""
        return disclose.record_instrument(
            self.teller, by=by, recipient=recipient, kind=kind, reference=reference, until=until
        )

    # ---- time

    def sweep(self) -> sweeping.Swept:
        """Do what time demands: expire, resume, sign a checkpoint."""
        return sweeping.sweep(self.teller)

    def checkpoint(self) -> Checkpoint:
        """Sign the ledger's present state."""
        return self.teller.alone(publish)

    def _settle(self, job: Any) -> Receipt:  # noqa: ANN401 - Stand or Amend
        receipt: Receipt = self.teller.ask(job)
        return receipt


@frameless
def open(  # noqa: A001 - `troth.open`
    directory: str | Path, *, passphrase: str | None = None, clock: Clock = clocks.now
) -> Troth:
    """Open the house in a directory. Raises `NoHouse`, `WrongPassphrase` and what opening may find."""
    return Troth(open_house(_place(directory), passphrase=_secret(passphrase), clock=clock))


@frameless
def init(
    directory: str | Path,
    agreement: str,
    *,
    passphrase: str | None = None,
    store: str = "sqlite",
    keystore: str = "",
    place: str = "",
    clock: Clock = clocks.now,
) -> Troth:
    """Found a house under an agreement (its Markdown text), and open it."""
    teller = found(
        _place(directory),
        _text("agreement", agreement),
        passphrase=_secret(passphrase),
        store=_text("store", store),
        keystore_url=_text("keystore", keystore),
        place=given.text("place", place),
        clock=clock,
    )
    return Troth(teller)


def _own(by: Actor | None) -> Actor:
    """Return who asks: the person themself when nobody is named."""
    return member() if by is None else by


def _place(directory: str | Path) -> Path:
    if isinstance(directory, str | Path) and "\0" not in str(directory):
        with suppress(UnicodeEncodeError):
            os.fsencode(directory)
            return Path(directory)
    raise BadArgument(name="directory", wanted="the path of a directory")


def _secret(passphrase: str | None) -> str | None:
    return None if passphrase is None else _text("passphrase", passphrase)


def _text(name: str, value: object) -> str:
    """Return text that has an encoding."""
    said = given.text(name, value)
    try:
        said.encode("utf-8")
    except UnicodeEncodeError:
        raise BadArgument(name=name, wanted="text without halves of surrogate pairs") from None
    return said


def _single(outcome: tuple[Taken | TrothError, ...]) -> Taken:
    (only,) = outcome
    if isinstance(only, TrothError):
        raise only
    return only


@frameless
async def in_thread(work: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401
    """Await a blocking act, such as an erasure, from async code."""
    return await asyncio.to_thread(work, *given, **named)
