"""An errand: one thing to give, by whom, under which clause, on which pages, and what comes after."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.responses import Response

from troth.clock import Instant
from troth.custody.desk import About
from troth.custody.recalling import entry_about
from troth.custody.repeating import Once, was_done
from troth.custody.take_in import Taken
from troth.errors import NotAbout
from troth.ledger.entry import Entry, encode
from troth.ledger.receipt import Receipt
from troth.ledger.tree import leaf_hash
from troth.rules.decision import Actor
from troth.rules.rulebook import Intake
from troth.web import intakes
from troth.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to give: by whom, under which clause, on which pages, and what comes after."""

    visit: Visit
    intake: Intake
    path: str  # of the form; consent and checked answers are posted below it
    title: str
    back: str
    done: Callable[["Errand", Taken], Awaitable[Response]]
    by: Actor
    about: About = field(repr=False)
    within: bytes | str | None = None
    names: tuple[str, ...] = ()  # the only fields that are asked for; empty: all
    review: bool = True
    legal: bool = True  # whether its title is a clause's
    held: bool = True  # whether what is held already is shown below the form
    template: str = "portal/given.html"
    more: Mapping[str, Any] = field(default_factory=dict)  # what that template needs besides
    begun: Instant = 0  # what was done before was done by the same form, sent earlier
    aside: str = ""  # where refusing a consent leads
    ahead: str = ""  # where giving it leads; empty: to the form

    @property
    def when(self) -> str:
        """The circumstance."""
        return intakes.when_of(self.intake)


def once(visit: Visit, job: Any, part: str = "", content: bytes = b"", ticket: str = "") -> Once:  # noqa: ANN401 - any job
    """Return a job that a form asks for: the same form does it once, and with other content not at all.

    Several forms do it once together where they are given one `ticket`.
    """
    return Once(job, f"form {visit.sender} {ticket or visit.ticket} {type(job).__name__} {part}", content)


async def remembered(visit: Visit) -> tuple[Entry, Receipt]:
    """Return the entry about the member that an address names, and its receipt; raises `NotAbout`."""
    said = visit.http.query_params.get("entry", "")
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else -1
    subject = visit.member.subject
    entry: Entry | None = await visit.hall.teller.alone_soon(
        lambda desk: entry_about(desk, subject, number),
    )
    if entry is None:
        raise NotAbout(number=number)
    return entry, Receipt(number, leaf_hash(encode(entry)), entry.kind, entry.at)


async def is_again(visit: Visit, job: Once) -> bool:
    """Whether the same form asked for this before, and it was done."""
    return await visit.hall.teller.alone_soon(partial(was_done, once=job))
