"""One visit of a browser to a page: who comes, in which language, with which form; and what is answered.

A page is called with it, asks through it and answers by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from troth.clock import Instant
from troth.custody.repeating import Once
from troth.errors import FormRefused, NotSignedIn, TooManyAttempts
from troth.rules.decision import Actor
from troth.web import addresses, frames
from troth.web.accounts.sign_ins import SignedIn
from troth.web.credentials.limits import network_of
from troth.web.form_tokens import FormToken, new_ticket, read_token, written
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader

LONGEST_BACK = 2_000  # characters of an address to come back to
FORGET = '"cache", "storage"'  # not "cookies": that takes those of the whole registrable domain


@dataclass(slots=True)
class Visit:
    """What a page knows of the one who comes."""

    hall: Hall
    http: HttpRequest
    reader: Reader
    theme: str
    nonce: bytes  # of the browser; it binds flows and forms to it
    signed_in: SignedIn | None = None
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, UploadFile] = field(default_factory=dict, repr=False)
    token: FormToken | None = None  # of the form that was sent
    cookies: dict[str, tuple[str, int]] = field(default_factory=dict, repr=False)  # to set: value, seconds
    public: bool = False  # a page for everybody: nobody is recognised and no cookie is set

    @property
    def now(self) -> Instant:
        """The present."""
        return self.hall.now

    @property
    def address(self) -> str:
        """The network address that the visit comes from."""
        return str(self.http.scope["troth.address"])

    @property
    def here(self) -> str:
        """The address to come back to: of this page, or of the one whose form it answers.

        Of a page for everybody without its query, as others are given the same page.
        """
        if self.public:
            return quote(self.http.scope["path"])
        if self.http.method != "POST":
            return addresses.here(self.http)
        page, back = addresses.nearest(self.http), back_of(self, "")
        return f"{page}?back={quote(back)}" if back and back.partition("?")[0] != page else back or page

    @property
    def flow(self) -> str:
        """What an unfinished step is carried by: in its form, or in the address of its page."""
        return self.form.get("flow") or self.http.query_params.get("flow", "")

    @property
    def browser(self) -> str:
        """What the browser calls itself."""
        return self.http.headers.get("user-agent", "")[:512]

    @property
    def gpc(self) -> bool:
        """Whether the browser asks not to have data sold or shared: `Sec-GPC` is exactly `1`."""
        return "1" in self.http.headers.getlist("sec-gpc")

    @property
    def member(self) -> SignedIn:
        """Whoever is signed in; raises `NotSignedIn`."""
        if self.signed_in is None:
            raise NotSignedIn
        return self.signed_in

    @property
    def by(self) -> Actor:
        """Who asks, as sure as it is that it is them."""
        rule = sign_in_of(self.hall.house)
        if rule is None:
            raise NotSignedIn
        return self.member.actor(rule, self.now)

    async def ask(self, job: Any) -> Any:  # noqa: ANN401 - what the job is answered with
        """Have a job done; what a form asked for is done once, however often it comes with the same words."""
        if self.ticket:
            words = (w for pair in sorted(self.form.items()) if pair[0] != "csrf" for w in pair)
            said = self.hall.key.digest("troth.sent", *words)
            mark = f"form {self.sender} {self.ticket} {type(job).__name__} {said.hex()}"
            job = Once(job, mark, b"")
        return await self.hall.teller.ask_soon(job)

    async def read(self, job: Any) -> Any:  # noqa: ANN401
        """Have something read."""
        return await self.hall.teller.ask_soon(job)

    # ---- forms

    @property
    def ticket(self) -> str:
        """What names the form that was sent once and for all; empty where none was."""
        return self.token.ticket if self.token else ""

    @property
    def is_over(self) -> bool:
        """Whether the form that was sent is too old: sent again, it could count again."""
        return self.token is not None and self.token.is_over(self.now)

    @property
    def sender(self) -> str:
        """Who sends forms here: the number of whoever is signed in, or nobody."""
        return str(self.signed_in.subject) if self.signed_in else ""

    def csrf(self, token: FormToken | None = None) -> str:
        """Return a token for one form; `token` is what it says where it is the same form again."""
        session = self.signed_in.key if self.signed_in else ""
        fresh = token or new_ticket(self.now)
        return written(self.hall.key, fresh, session=session, browser=self.nonce.hex())

    def check_origin(self) -> None:
        """Raise `FormRefused` unless a form comes from our own pages."""
        origin, site = self.http.headers.get("origin"), self.http.headers.get("sec-fetch-site")
        # Under `Referrer-Policy: no-referrer` browsers send `Origin: null` even to our own pages.
        ours = site in ("same-origin", "none") if site else origin in (None, *self.hall.site.origins)
        if not ours or origin not in (None, "null", *self.hall.site.origins):
            raise FormRefused

    def check_form(self, *, out: bool = False) -> None:
        """Raise `FormRefused` unless the form was made for this visitor, or before they signed in.

        When they are signed `out`, it is enough that it was made in this browser.
        """
        session = self.signed_in.key if self.signed_in else ""
        said = self.form.get("csrf", "")
        self.token = read_token(self.hall.key, said, session=session, browser=self.nonce.hex())
        if not (self.token.counts or out):
            raise FormRefused

    def limit(self, what: str) -> None:
        """Count one attempt from this place; raises `TooManyAttempts`."""
        verdict = self.hall.limits.take(what, network_of(self.address), at=self.now)
        if not verdict.allowed:
            raise TooManyAttempts(wait=verdict.wait)

    # ---- answers

    def words(self, text: str) -> str:
        """Return a text of ours in the reader's language."""
        return self.hall.rendering.words(self.reader, text)

    def page(self, template: str, title: str, status: int = 200, /, **values: Any) -> Response:  # noqa: ANN401
        """Return a page; `title` in the reader's language, with nothing personal in it.

        `step` is the address at which it is opened again, where that is another one than was asked for.
        """
        scripts, frame = values.pop("scripts", ()), frames.frame_of(self, title)
        frame = replace(frame, here=values.pop("step", frame.here), scripts=tuple(scripts))
        body = self.hall.rendering.page(template, frame, **values)
        return HTMLResponse(body, status)

    def go(self, path: str) -> Response:
        """Return the way to another page of ours, to be fetched anew."""
        return RedirectResponse(path, 303)

    def remember(self, name: str, value: str, seconds: int) -> None:
        """Set a cookie with the answer; 0 seconds take it away."""
        self.cookies[name] = (value, seconds)


def back_of(visit: Visit, default: str = "/home") -> str:
    """Return the page of ours that somebody came from, as the form or the address says; never another's."""
    said = visit.form.get("back") or visit.http.query_params.get("back") or ""
    return said if len(said) < LONGEST_BACK and _own(said) else default


def _own(path: str) -> bool:
    """Whether an address is a path here, whatever a browser makes of it."""
    if not (path.isascii() and path.isprintable() and path.startswith("/")) or path.startswith(("//", "/\\")):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.netloc and not parts.scheme
