"""One visit of a browser to a page: who comes, in which language, with which form; and what is answered.

`Pages` collects the pages of a face. Each is called with a `Visit` and gives a response; what it raises
becomes a page with the reason, its clauses and the way on.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from troth.clock import DAY, Instant
from troth.custody.repeating import Once
from troth.errors import FormRefused, NotSignedIn, Refused, TooManyAttempts, TrothError
from troth.rules.decision import Actor
from troth.web import addresses, frames
from troth.web.accounts import sessions
from troth.web.accounts.sign_ins import SignedIn
from troth.web.credentials.flows import new_nonce
from troth.web.credentials.limits import network_of
from troth.web.form_tokens import new_token, read_token
from troth.web.forms import MOST_PLAIN, Room, read_form, size_of
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader, choose, known_zone
from troth.web.permission import Permission
from troth.web.problems import status_of

MEMBER_COOKIE = "__Host-troth-member"
VISIT_COOKIE = "__Host-troth-visit"
LOOK_COOKIE = "__Host-troth-look"
_NOT_BACK = frozenset({"csrf", "back", "password", "code", "credential"})  # of a form, and never given back
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
    ticket: str = ""  # of the form that was sent: names it once and for all
    is_over: bool = False  # whether that form is too old: sent again, it could count again
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
        """The address to come back to: of this page, or of the one whose form it answers."""
        if self.http.method != "POST":
            return addresses.here(self.http)
        page, back = addresses.nearest(self.http), back_of(self, "")
        return f"{page}?back={quote(back)}" if back and back.partition("?")[0] != page else back or page

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
            said = self.hall.key.digest(
                "troth.sent", *(w for pair in sorted(self.form.items()) for w in pair)
            )
            mark = f"form {self.binding} {self.ticket} {type(job).__name__} {said.hex()}"
            job = Once(job, mark, b"")
        return await self.hall.teller.ask_soon(job)

    async def read(self, job: Any) -> Any:  # noqa: ANN401
        """Have something read."""
        return await self.hall.teller.ask_soon(job)

    # ---- forms

    @property
    def binding(self) -> str:
        """What the tokens of this visitor's forms are bound to."""
        return self.signed_in.key if self.signed_in else self.nonce.hex()

    def csrf(self) -> str:
        """Return a token for one form."""
        return new_token(self.hall.key, self.binding, at=self.now)

    def check_origin(self) -> None:
        """Raise `FormRefused` unless a form comes from our own pages."""
        origin, site = self.http.headers.get("origin"), self.http.headers.get("sec-fetch-site")
        # Under `Referrer-Policy: no-referrer` browsers send `Origin: null` even to our own pages.
        ours = site in ("same-origin", "none") if site else origin in (None, *self.hall.site.origins)
        if not ours or origin not in (None, "null", *self.hall.site.origins):
            raise FormRefused

    def check_form(self) -> None:
        """Raise `FormRefused` unless the form was made for this visitor, or before they signed in."""
        said = self.form.get("csrf", "")
        try:
            token = read_token(self.hall.key, self.binding, said)
        except FormRefused:
            token = read_token(self.hall.key, self.nonce.hex(), said)
        self.ticket, self.is_over = token.ticket, token.is_over(self.now)

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
        """Return a page; `title` in the reader's language, with nothing personal in it."""
        scripts = values.pop("scripts", ())
        frame = replace(frames.frame_of(self, title), scripts=tuple(scripts))
        body = self.hall.rendering.page(template, frame, **values)
        return HTMLResponse(body, status)

    def go(self, path: str) -> Response:
        """Return the way to another page of ours, to be fetched anew."""
        return RedirectResponse(path, 303)

    def remember(self, name: str, value: str, seconds: int) -> None:
        """Set a cookie with the answer; 0 seconds take it away."""
        self.cookies[name] = (value, seconds)


Endpoint: TypeAlias = Callable[[Visit], Awaitable[Response]]


@dataclass(slots=True)
class Pages:
    """The pages of a face, each with the permission it declares."""

    routes: list[Route] = field(default_factory=list)

    def page(
        self,
        path: str,
        *,
        permission: Permission,
        methods: tuple[str, ...] = ("GET",),
        files: bool = False,
        over: Endpoint | None = None,
        lasting: bool = False,
    ) -> Callable[[Endpoint], Endpoint]:
        """Add a page at a path; one that takes `files` takes larger forms.

        `over` answers a form that is too old, in place of the page that says so and leads back. One that
        is `lasting` changes nothing that could be done twice, and is taken at any age.
        """

        def add(endpoint: Endpoint) -> Endpoint:
            async def page(visit: Visit) -> Response:
                return await ((over or _over) if visit.is_over and not lasting else endpoint)(visit)

            async def answer(http: HttpRequest) -> Response:
                return await serve(http, page, permission, files=files)

            answer.permission, answer.path = permission, path  # type: ignore[attr-defined]
            name = f"{endpoint.__module__.rpartition('.')[2]}.{endpoint.__name__}"
            self.routes.append(Route(path, answer, methods=list(methods), name=name))
            return endpoint

        return add


async def serve(
    http: HttpRequest, endpoint: Endpoint, permission: Permission, *, files: bool = False
) -> Response:
    """Let a page answer one request, whatever comes; of a form nothing is read before it may be sent."""
    visit = visit_of(http, permission)
    with ExitStack() as held:
        try:
            if not visit.public:
                await _recognise(visit)
            out = permission is Permission.MEMBER and visit.signed_in is None
            if http.method == "POST":
                visit.check_origin()
                room: Room = http.app.state.room
                size, place = size_of(http, files=files), network_of(visit.address)
                if out and size > MOST_PLAIN:
                    raise NotSignedIn
                held.enter_context(room.held(size, place=place))
                visit.form, visit.files = await read_form(http)
                if not out:
                    visit.check_form()
            response = _signed_out(visit) if out else await endpoint(visit)
        except TrothError as problem:
            response = _problem(visit, problem)
        finally:
            for upload in visit.files.values():
                await upload.close()
    for name, (value, seconds) in visit.cookies.items():
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
        )
    return response


def visit_of(http: HttpRequest, permission: Permission) -> Visit:
    """Return the visit that a request makes; nobody is recognised yet, and no form is read."""
    hall: Hall = http.app.state.hall
    language, theme, zone = _look(http, hall.languages)
    if permission is Permission.PUBLIC:
        return Visit(hall, http, Reader(language, zone), theme, b"", public=True)
    raw = http.cookies.get(VISIT_COOKIE, "")
    try:
        nonce = urlsafe_b64decode(raw) if len(raw) == 44 else b""
    except ValueError:
        nonce = b""
    visit = Visit(hall, http, Reader(language, zone), theme, nonce)
    if len(nonce) != 32:
        visit.nonce = new_nonce()
        visit.remember(VISIT_COOKIE, urlsafe_b64encode(visit.nonce).decode("ascii"), DAY // 1_000_000)
    return visit


def _look(http: HttpRequest, offered: tuple[str, ...]) -> tuple[str, str, str]:
    """Return language, theme and zone as they were chosen on our pages, or as the browser asks."""
    language, _, rest = http.cookies.get(LOOK_COOKIE, "").partition("|")
    theme, _, zone = rest.partition("|")
    chosen = http.query_params.get("language") or language
    return (
        choose(http.headers.get("accept-language"), chosen or None, among=offered),
        theme if theme in ("light", "dark") else "",
        zone if known_zone(zone) else "UTC",
    )


async def _recognise(visit: Visit) -> None:
    """Find out who is signed in by the cookie, if anybody is."""
    token, rule = visit.http.cookies.get(MEMBER_COOKIE, ""), sign_in_of(visit.hall.house)
    if not token or rule is None:
        return
    hall = visit.hall
    try:
        visit.signed_in = await sessions.resume(
            hall.teller,
            hall.sign_ins,
            rule,
            token,
            limits=hall.limits,
            network=network_of(visit.address),
            at=visit.now,
        )
    except TooManyAttempts:
        return  # nobody was looked for: the cookie may be good a moment later
    if visit.signed_in is None:
        visit.remember(MEMBER_COOKIE, "", 0)


def _signed_out(visit: Visit) -> Response:
    """Return the page from which a form is sent once its giver has signed in again; else the way to do so."""
    typed = [(name, said) for name, said in visit.form.items() if name not in _NOT_BACK and said]
    if not typed:
        raise NotSignedIn
    title, status = visit.words("You are not signed in any more"), status_of(NotSignedIn())
    action, page = visit.http.url.path, addresses.nearest(visit.http)
    return visit.page("again.html", title, status, action=action, page=page, csrf=visit.csrf(), typed=typed)


async def _over(visit: Visit) -> Response:
    """Return the page that says that a form is too old, with the way to the one it stands on."""
    return visit.page("over.html", visit.words("Not done"), 409, again=visit.here)


def back_of(visit: Visit, default: str = "/home") -> str:
    """Return the page of ours that somebody came from, as the form or the address says; never another's."""
    said = visit.form.get("back") or visit.http.query_params.get("back") or ""
    parts = urlsplit(said)
    own = (
        said.startswith("/") and not said.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    )
    return said if own and len(said) < 500 and said.isascii() and said.isprintable() else default


def _problem(visit: Visit, problem: TrothError) -> Response:
    """Return the page of an error: why, under which clauses, and the way on."""
    if isinstance(problem, NotSignedIn):
        return visit.go(f"/sign-in?back={quote(addresses.here(visit.http))}")
    if isinstance(problem, Refused) and "assurance-missing" in problem.codes:
        reads, page = visit.http.method != "POST", addresses.here(visit.http)
        back = page if reads else back_of(visit, page)
        return visit.go(f"/confirm?back={quote(back)}")
    status = 429 if isinstance(problem, TooManyAttempts) else status_of(problem)
    status = 403 if isinstance(problem, FormRefused) else status
    response = visit.page(
        "problem.html",
        frames.title_of(visit, problem, status),
        status,
        problem=frames.told(visit, problem, status),
    )
    if isinstance(problem, TooManyAttempts):
        response.headers["Retry-After"] = str(problem.wait)
    return response
