"""A stranger: asks the application for pages within this process, keeps cookies, sends forms.

It comes from addresses that belong to nobody (RFC 5737), another one each time unless it `stays`. What it
asks is not logged: nobody asked.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from itertools import cycle
from urllib.parse import urljoin, urlsplit

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from troth.errors import HouseClosed, PageUnlike

_NOWHERE = cycle(f"{net}.{host}" for net in ("192.0.2", "198.51.100", "203.0.113") for host in range(1, 255))
_REST = 0.005  # seconds between two requests, so that whoever really asks goes first
_UNSENT = frozenset({"file", "submit", "button", "image"})


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what it holds, and everything about its element."""

    action: str
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    asks: set[str] = field(default_factory=set)  # names of what can be filled in
    about: Mapping[str, str] = field(default_factory=dict, repr=False)


class Sheet(HTMLParser):
    """What is read off a page."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.links: dict[str, None] = {}
        self.reminders: set[str] = set()
        self.kinds: set[str] = set()  # of what is asked for, as `autocomplete` names it
        self.faults = 0  # sentences in the summary of what is wrong
        self._within = 0  # how deep in that summary
        self._words: list[str] = []
        self.feed(text)

    @property
    def words(self) -> str:
        """Every word, in order, with one space between two."""
        return " ".join("".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element brings."""
        said = {name: value or "" for name, value in attrs}
        if tag == "div" and (self._within or "error-summary" in said.get("class", "").split()):
            self._within += 1
        self.faults += tag == "li" and self._within > 0
        self.reminders |= {said["data-reminder"]} if "data-reminder" in said else set()
        if tag == "a" and said.get("href", "").startswith("/"):
            self.links[said["href"].partition("#")[0]] = None
        elif tag == "form":
            self.forms.append(Form(said.get("action") or self.path, about=said))
        elif tag in ("input", "textarea", "select") and self.forms and said.get("name"):
            self._asked(self.forms[-1], said)
        self._words.append(" ")

    def _asked(self, form: Form, said: Mapping[str, str]) -> None:
        kind = said.get("type", "text")
        if kind != "hidden":
            form.asks.add(said["name"].partition(".")[0])
            self.kinds.add(said.get("autocomplete", ""))
        if kind not in _UNSENT and (kind not in ("checkbox", "radio") or "checked" in said):
            form.fields.setdefault(said["name"], said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._within -= tag == "div" and self._within > 0
        self._words.append(" ")

    def handle_data(self, words: str) -> None:
        """Note words."""
        self._words.append(words)


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    path: str
    status: int
    headers: httpx.Headers
    text: str = field(repr=False)
    body: bytes = field(repr=False)
    by: "Answer | None" = None  # what led here

    @cached_property
    def page(self) -> Sheet:
        """The page, read."""
        return Sheet(self.text, self.path)

    def form(self, action: str) -> Form:
        """Return the first form that goes to a path; raises `PageUnlike`."""
        for form in self.page.forms:
            if form.action == action:
                return form
        raise PageUnlike


@dataclass(slots=True)
class Stranger:
    """One browser that nobody sits at."""

    app: ASGIApp
    origin: str
    over: Callable[[], bool]  # whether to stop
    stays: bool = False
    cookies: dict[str, str] = field(default_factory=dict, repr=False)
    _address: str = field(default_factory=lambda: next(_NOWHERE))

    async def get(self, path: str) -> Answer:
        """Fetch a page; a redirection is answered, and not followed."""
        return await self._ask("GET", path, None, {})

    async def send(self, form: Form, **fields: str) -> Answer:
        """Send a form of a page of ours, with fields filled in; where a step follows, return its page."""
        answer = await self.post(form.action, {**form.fields, **fields})
        ahead = answer.headers.get("location", "")
        return replace(await self.get(ahead), by=answer) if "?flow=" in ahead else answer

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """Send fields to a path, as a page of ours would unless the headers say otherwise."""
        ours = {"origin": self.origin, "sec-fetch-site": "same-origin"}
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask("POST", path, fields, {**ours, **said})

    async def _ask(
        self, method: str, path: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Answer:
        await asyncio.sleep(_REST)
        if self.over():
            raise HouseClosed
        if not self.stays:
            self._address = next(_NOWHERE)
        sent = {"accept": "text/html", "accept-language": "en", **headers}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        way = httpx.ASGITransport(_unlogged(self.app), client=(self._address, 1))
        async with httpx.AsyncClient(transport=way, base_url=self.origin) as client:
            response = await client.request(method, path, headers=sent, data=fields)
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        here = urlsplit(urljoin(self.origin, path)).path
        return Answer(here, response.status_code, response.headers, response.text, response.content)


def _unlogged(app: ASGIApp) -> ASGIApp:
    async def ask(scope: Scope, receive: Receive, send: Send) -> None:
        scope["troth.trial"] = True
        await app(scope, receive, send)

    return ask
