"""The library's door: found a house, or open one, and act in it for purposes that are explicit objects."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from troth import clock as clocks
from troth.clock import Clock
from troth.custody.frameless import door, frameless
from troth.custody.publishing import publish_everywhere
from troth.errors import BadArgument, TrothError
from troth.library.cases import Cases
from troth.library.context import Context
from troth.library.demands import Demands
from troth.library.holding import Holding
from troth.library.own import Own
from troth.library.taking import Taking
from troth.library.undoing import Undoing
from troth.library.upkeep import Upkeep
from troth.opening import found, open_house
from troth.rules import given
from troth.rules.decision import Actor
from troth.terms.agreement import Agreement


@door
class Troth(Own, Holding, Demands, Taking, Undoing, Cases, Upkeep):
    """An open house. Use it as a context manager, or close it."""

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
                self.teller.alone(publish_everywhere)
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


@frameless
async def in_thread(work: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401
    """Await a blocking act, such as an erasure, from async code."""
    return await asyncio.to_thread(work, *given, **named)
