"""The pages of a face: each declares its permission, is called with a `Visit`, and answers it.

What a page raises becomes a page with the reason, its clauses and the way on; of a form nothing is read
before it may be sent.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from troth.clock import DAY
from troth.errors import FormRefused, NotSignedIn, Refused, TooManyAttempts, TrothError
from troth.web import addresses, frames
from troth.web.accounts import sessions
from troth.web.credentials.flows import new_nonce
from troth.web.credentials.limits import network_of
from troth.web.forms import MOST_PLAIN, Room, read_form, size_of
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader, choose
from troth.web.looks import Look
from troth.web.permission import Permission
from troth.web.problems import status_of
from troth.web.visit import Visit, back_of

MEMBER_COOKIE = "__Host-troth-member"
VISIT_COOKIE = "__Host-troth-visit"
LOOK_COOKIE = "__Host-troth-look"
# Since its last page: what was typed into a form that is over can still be given back.
VISIT = 7 * DAY
YEAR = 365 * DAY
_NOT_BACK = frozenset({"csrf", "back", "password", "code", "credential"})  # of a form, and never given back

Endpoint: TypeAlias = Callable[[Visit], Awaitable[Response]]
Chooser: TypeAlias = Callable[[Look, Mapping[str, str], Collection[str]], Look]


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
        typed: bool = False,
        limit: str = "",
    ) -> Callable[[Endpoint], Endpoint]:
        """Add a page at a path; one that takes `files` takes larger forms.

        `over` answers a form that is too old, in place of the page that says so and leads back. One that
        is `lasting` changes nothing that could be done twice, and is taken at any age. What somebody `typed`
        is given back to be sent again, where it must first be surer that it is them. A form counts as an
        attempt at what its `limit` names before any of it is read.
        """

        def add(endpoint: Endpoint) -> Endpoint:
            async def page(visit: Visit) -> Response:
                try:
                    return await ((over or _over) if visit.is_over and not lasting else endpoint)(visit)
                except Refused as problem:
                    if not (typed and _must_confirm(problem)):
                        raise
                    return _again(visit, visit.words("Confirm that it is you"), 403, "/confirm")

            async def answer(http: HttpRequest) -> Response:
                return await serve(http, page, permission, files=files, limit=limit)

            answer.permission, answer.path = permission, path  # type: ignore[attr-defined]
            name = f"{endpoint.__module__.rpartition('.')[2]}.{endpoint.__name__}"
            self.routes.append(Route(path, answer, methods=list(methods), name=name))
            return endpoint

        return add

    def look(self, path: str, chosen: Chooser) -> None:
        """Add the form by which a browser's look is chosen: taken from any page of ours, whoever is in.

        It needs no mark of a session, so that it works in a tab whose session is over. What is `chosen` is
        worked out of the look, the form and the languages alone: it has nothing to ask or change with.
        """

        async def keep(visit: Visit) -> Response:
            look = chosen(_look(visit.http), visit.form, visit.hall.languages)
            visit.remember(LOOK_COOKIE, str(look), YEAR // 1_000_000)
            return visit.go(back_of(visit, "/"))

        async def answer(http: HttpRequest) -> Response:
            return await serve(http, keep, Permission.VISITOR, marked=False)

        answer.permission, answer.path = Permission.VISITOR, path  # type: ignore[attr-defined]
        self.routes.append(Route(path, answer, methods=["POST"], name=f"look.{chosen.__name__}"))


async def serve(
    http: HttpRequest,
    endpoint: Endpoint,
    permission: Permission,
    *,
    files: bool = False,
    limit: str = "",
    marked: bool = True,
) -> Response:
    """Let a page answer one request, whatever comes; of a form nothing is read before it may be sent.

    A form that is not `marked` needs only to come from our own pages, and nobody is recognised by it.
    """
    visit = visit_of(http, permission)
    with ExitStack() as held:
        try:
            if marked and not visit.public:
                await _recognise(visit)
            out = permission is Permission.MEMBER and visit.signed_in is None
            if http.method == "POST":
                visit.check_origin()
                room: Room = http.app.state.room
                size, place = size_of(http, files=files), network_of(visit.address)
                if out and size > MOST_PLAIN:
                    raise NotSignedIn
                if limit:
                    visit.limit(limit)
                take = held.enter_context(room.held(size, place=place, member=visit.signed_in is not None))
                visit.form, visit.files = await read_form(http, take)
                if marked:
                    visit.check_form(out=out)
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
    """Return the visit that a request makes; nobody is recognised yet, and no form is read.

    What flows and forms are bound to stays the same for as long as a browser comes back.
    """
    hall: Hall = http.app.state.hall
    look = _look(http)
    asked = http.query_params.get("language") or look.language or None
    language = choose(http.headers.get("accept-language"), asked, among=hall.languages)
    reader = Reader(language, look.zone or "UTC")
    if permission is Permission.PUBLIC:
        return Visit(hall, http, reader, look.theme, b"", public=True)
    raw = http.cookies.get(VISIT_COOKIE, "")
    try:
        nonce = urlsafe_b64decode(raw) if len(raw) == 44 else b""
    except ValueError:
        nonce = b""
    visit = Visit(hall, http, reader, look.theme, nonce if len(nonce) == 32 else new_nonce())
    visit.remember(VISIT_COOKIE, urlsafe_b64encode(visit.nonce).decode("ascii"), VISIT // 1_000_000)
    return visit


def _look(http: HttpRequest) -> Look:
    """Return how pages look in this browser, as it was chosen on one of them."""
    return Look.read(http.cookies.get(LOOK_COOKIE, ""))


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
    if visit.is_over or not _typed(visit):
        raise NotSignedIn
    return _again(visit, visit.words("You are not signed in any more"), status_of(NotSignedIn()), "/sign-in")


def _typed(visit: Visit) -> list[tuple[str, str]]:
    return [(name, said) for name, said in visit.form.items() if name not in _NOT_BACK and said]


def _again(visit: Visit, title: str, status: int, way: str) -> Response:
    """Return the page with all that was typed, to be sent again after going another way first."""
    return visit.page(
        "again.html",
        title,
        status,
        title=title,
        action=visit.http.url.path,
        way=f"{way}?back={quote(addresses.nearest(visit.http))}",
        typed=_typed(visit),
        csrf=visit.csrf(visit.token),
        confirms=way == "/confirm",
    )


def _must_confirm(problem: TrothError) -> bool:
    """Whether something was refused because it must be surer that it is them."""
    return isinstance(problem, Refused) and "assurance-missing" in problem.codes


async def _over(visit: Visit) -> Response:
    """Return the page that says that a form is too old, with the way to the one it stands on."""
    return visit.page("over.html", visit.words("Not done"), 409, again=visit.here)


def _problem(visit: Visit, problem: TrothError) -> Response:
    """Return the page of an error: why, under which clauses, and the way on."""
    if isinstance(problem, NotSignedIn):
        return visit.go(f"/sign-in?back={quote(addresses.here(visit.http))}")
    if _must_confirm(problem):
        reads, page = visit.http.method != "POST", addresses.here(visit.http)
        back = page if reads else back_of(visit, page)
        return visit.go(f"/confirm?back={quote(back)}" + ("" if reads else "&sent=yes"))
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
