"""The shapes of what programs get about what is kept: why, until when, held by what, and taken along."""

from typing import Literal

from pydantic import BaseModel

from troth.web.api.results import Instant, Receipt
from troth.web.api.shapes import Word


class HoldTold(BaseModel):
    """A hold as its person is told of it; of one that they may not be told of, its latest end alone."""

    matter: str | None
    reason: str | None
    owner: str | None
    since: Instant | None
    until: Instant | None


class Keeping(BaseModel):
    """Why records of one kind are kept, and how long: class, clause, clock, duty, holds, the time chosen."""

    retention_class: str
    category: Word
    clause: str
    records: int
    starts: str
    soonest: Instant | None
    latest: Instant | None
    then: str
    duty: str | None
    could_hold: list[str]
    held: list[HoldTold]
    chosen_days: int | None
    only_for: str | None
    over: bool


class Kept(BaseModel):
    """Why what is held of a person is kept, and the receipt of the look."""

    kept: list[Keeping]
    receipt: Receipt


class Package(BaseModel):
    """A package of a person as it stands: no name by which it is fetched, and nothing of what is in it."""

    right: Literal["access", "port"]
    state: Literal["making", "ready", "taken", "gone"]
    made_at: Instant
    ends_at: Instant | None


class Packages(BaseModel):
    """The packages of a person, oldest first, and the receipt of the look."""

    packages: list[Package]
    receipt: Receipt


class Matter(BaseModel):
    """A matter that is open: why something is held, who may end it, when it ends by itself; nobody's name."""

    matter: str
    reason: str
    owner: str
    opened_at: Instant
    ends_at: Instant | None
    untold: str | None


class Matters(BaseModel):
    """Open matters, the oldest first, and the cursor of the next page."""

    matters: list[Matter]
    next: str | None
