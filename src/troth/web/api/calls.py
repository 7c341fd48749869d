"""One call of a program: who calls, for what, with which body; and how its jobs are asked."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import StringConstraints
from starlette.requests import Request as HttpRequest

from troth.clock import Instant
from troth.custody.repeating import Once
from troth.errors import (
    BodyUnreadable,
    PurposeMissing,
    PurposeNotOfKey,
    TooManyAttempts,
    TrothError,
)
from troth.house import House
from troth.rules.decision import Actor
from troth.rules.program_keys import ProgramKey
from troth.web.api.keys import Caller
from troth.web.credentials.limits import network_of
from troth.web.hall import Hall
from troth.web.logs import log

_LONGEST_KEY = 200
_LONGEST_REASON = 500
_TELLING = ("troth-purpose", "troth-case", "troth-reason", "if-match")  # headers that make it another request


@dataclass(slots=True)
class Call:
    """What an operation knows of the one who calls."""

    hall: Hall
    http: HttpRequest
    caller: Caller | None = None  # None: anybody
    body: bytes = field(default=b"", repr=False)
    said: Any = field(default=None, repr=False)  # the JSON of the body

    @property
    def house(self) -> House:
        """The open house."""
        return self.hall.teller.house

    @property
    def now(self) -> Instant:
        """The present."""
        return self.hall.now

    @property
    def key(self) -> ProgramKey:
        """The key that was shown."""
        assert self.caller is not None  # noqa: S101 - the permission of the operation asks for one
        return self.caller.key

    @property
    def by(self) -> Actor:
        """Who asks."""
        assert self.caller is not None  # noqa: S101 - the permission of the operation asks for one
        return self.caller.by

    # ---- for what

    @property
    def purpose(self) -> str:
        """The purpose it names; raises `PurposeMissing`, and `PurposeNotOfKey` when its key is for others."""
        word = self.http.headers.get("troth-purpose", "")
        if not word:
            raise PurposeMissing
        return self.within_key(word)

    def within_key(self, word: str) -> str:
        """Return a purpose that the key serves; raises `PurposeNotOfKey` for any other."""
        if not self.key.serves(word):
            self.turned_away()
        return word

    def on(self, category: str) -> str:
        """Return a category (`*`: everything) that the key is for; raises `PurposeNotOfKey` for another."""
        if not self.key.concerns(self.house.book, category):
            self.turned_away()
        return category

    def on_case(self, name: str) -> str:
        """Return the name of cases that the key is for; raises `PurposeNotOfKey` for another."""
        if not self.key.concerns_case(self.house.book, name):
            self.turned_away()
        return name

    def turned_away(self) -> None:
        """Log that a key was used for what it is not for, and raise `PurposeNotOfKey`."""
        log("turned-away", id=self.http.scope["troth.id"], key=self.key.id, code=PurposeNotOfKey.code)
        raise PurposeNotOfKey

    @property
    def case(self) -> str:
        """The case it names; empty without one."""
        return self.http.headers.get("troth-case", "")

    @property
    def reason(self) -> str:
        """The reason it gives; empty without one."""
        found = self.http.headers.get("troth-reason", "")
        if len(found) > _LONGEST_REASON:
            raise BodyUnreadable(reason="the reason is too long")
        return found

    def has(self, etag: str) -> bool:
        """Whether the caller says that they have what a tag is of (`If-None-Match`, RFC 9110, 13.1.2)."""
        said = [each.strip() for each in ",".join(self.http.headers.getlist("if-none-match")).split(",")]
        return said == ["*"] or etag in (each.removeprefix("W/") for each in said)

    # ---- asking

    async def ask(self, job: Any, apart: str = "") -> Any:  # noqa: ANN401 - what the job is answered with
        """Have a job done, once under the `Idempotency-Key`, where there is one."""
        return await self.hall.teller.ask_soon(self.once(job, apart))

    def once(self, job: Any, apart: str = "") -> Any:  # noqa: ANN401 - a job
        """Return a job that is done once under the `Idempotency-Key`; raises `BodyUnreadable`.

        `apart` tells jobs apart that the same call may come to.
        """
        key = self.http.headers.get("idempotency-key")
        if key is None:
            return job
        if not 0 < len(key) <= _LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise BodyUnreadable(reason="the idempotency key is no printed ASCII of 1 to 200 characters")
        heads = (self.http.headers.get(name, "") for name in _TELLING)
        asked = "\0".join((self.http.method, self.http.url.path, *heads, apart, ""))
        return Once(job, f"api {self.key.program} {key}", asked.encode("utf-8") + self.body)

    async def gathered(self, job: Any) -> Any:  # noqa: ANN401
        """Have a job done, and return what refuses it rather than raise it."""
        try:
            return await self.hall.teller.ask_soon(job)
        except TrothError as problem:
            return problem

    def limit(self, what: str) -> None:
        """Count one attempt of anybody from this place; raises `TooManyAttempts`."""
        place = network_of(str(self.http.scope["troth.address"]))
        verdict = self.hall.limits.take(what, place, at=self.now)
        if not verdict.allowed:
            raise TooManyAttempts(wait=verdict.wait)


# ---- as FastAPI describes them


async def _call(http: HttpRequest) -> Call:
    call: Call = http.scope["troth.call"]
    return call


_Purpose = Annotated[
    str | None,
    Header(description="What it is for: a purpose of the agreement.", examples=["repair.check"]),
]
Case = Annotated[
    Annotated[str, StringConstraints(max_length=128)] | None,
    Header(description="The case it is for, where a clause asks for one.", examples=["C-42"]),
]
_Reason = Annotated[
    Annotated[str, StringConstraints(max_length=_LONGEST_REASON)] | None,
    Header(description="Why, where a clause asks for a reason."),
]
_Key = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_KEY, pattern=r"^[ -~]+$")] | None,
    Header(description="Names this act: sent again with the same key, it is answered alike and done once."),
]


Known = Annotated[
    Annotated[str, StringConstraints(max_length=1_000)] | None,
    Header(alias="If-None-Match", description="Tags of what is known already, as `ETag` named it."),
]


async def _purposed(
    call: "Calling",
    troth_purpose: _Purpose = None,
    troth_case: Case = None,
    troth_reason: _Reason = None,
) -> Call:
    _ = troth_purpose, troth_case, troth_reason  # read off the call itself
    return call


async def _acting(call: "Calling", idempotency_key: _Key = None) -> Call:
    _ = idempotency_key
    return call


Calling = Annotated[Call, Depends(_call)]
Purposed = Annotated[Call, Depends(_purposed)]
Acting = Annotated[Call, Depends(_acting)]
