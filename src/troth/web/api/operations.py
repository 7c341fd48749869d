"""An operation of the API: who may come to it is settled before its body is read; errors become problems."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeVar

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from troth.errors import AnswerOfOtherKind, TrothError
from troth.web.api import answers, bodies
from troth.web.api.calls import Call
from troth.web.hall import Hall
from troth.web.permission import Permission
from troth.web.problems import MEDIA

PREFIX: Final = "/api/v1"
SCHEME: Final = "program_key"
F = TypeVar("F", bound=Callable[..., Awaitable[Response]])
Short: TypeAlias = Callable[[Call], Awaitable[Response | None]]
_ALWAYS = (400, 406, 422, 500, 503)
_WITH_KEY = (401, 403, 404, 410, 429)
_WITH_BODY = (409, 413, 415)
_SINGLE = frozenset(
    {
        *(b"authorization", b"content-type", b"idempotency-key", b"if-match"),
        *(b"troth-purpose", b"troth-case", b"troth-reason", b"prefer"),
    }
)  # headers of which the first would count, and the second be passed over
_ETAG = {
    "ETag": {"schema": {"type": "string"}, "description": "To be sent as `If-None-Match` or `If-Match`."}
}
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {  # of what has an ETag and honours `If-None-Match`
    200: {"headers": _ETAG},
    304: {"description": "It is as `If-None-Match` says it is known.", "headers": _ETAG},
}
_MEANS = {
    400: "The request cannot be read.",
    401: "No valid key came with it.",
    403: "The agreement, or the key, does not allow it.",
    404: "There is nothing here.",
    406: "The answer does not exist in a form that is accepted.",
    409: "The state does not allow it, or somebody holds it already.",
    410: "It is erased.",
    412: "It was changed since it was read.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "What was sent cannot be taken; nothing of it is repeated.",
    428: "It does not say which version it changes.",
    429: "Too many requests; `Retry-After` says when to go on.",
    500: "Something is not as it was left.",
    503: "Not available now; nothing was done.",
}


class Operation(APIRoute):
    """A route that FastAPI describes, and that lets nobody in before their key was seen.

    An endpoint may have a `short` way, which answers what is ordinary without FastAPI's machinery and
    gives None for everything else.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:  # noqa: ANN401
        super().__init__(path, endpoint, **how)
        self._permission: Permission = endpoint.permission  # type: ignore[attr-defined]
        self._offers: tuple[str, ...] = endpoint.offers  # type: ignore[attr-defined]
        self._takes: tuple[str, ...] = endpoint.takes  # type: ignore[attr-defined]
        self._most: int = endpoint.most  # type: ignore[attr-defined]
        self._short: Short | None = endpoint.short  # type: ignore[attr-defined]
        self._query = {each.alias for each in self.dependant.query_params}
        self._ordinary = self.app
        self.app = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpRequest(scope, receive)
        try:
            call = await self._begun(http)
            scope["troth.call"] = call
            response = await self._short(call) if self._short else None
            if response is None:
                await self._ordinary(scope, _again(call.body, receive), send)
                return
        except RequestValidationError as problem:
            response = answers.invalid(problem.errors())
        except TrothError as problem:
            response = answers.problem(problem)
        await response(scope, receive, send)

    async def _begun(self, http: HttpRequest) -> Call:
        """Return the call of a request that may be made; raises what keeps it from that."""
        hall: Hall = http.scope["app"].state.hall
        call = Call(hall, http)
        if self._permission is Permission.PROGRAM:
            shown = http.headers.get("authorization", "")
            call.caller = await hall.keys.caller(hall.teller, shown, hall.now)
        self._check_names(http)
        _acceptable(http, self._offers)
        if self._takes and bodies.expect(http, *self._takes) != bodies.FORM:
            call.body = await bodies.whole(http, self._most)
            if bodies.media_type(http) == bodies.JSON:
                call.said = bodies.read(call.body)
        return call

    def _check_names(self, http: HttpRequest) -> None:
        """Raise `RequestValidationError` for what is given twice, or would be passed over."""
        heads = [name for name, _ in http.scope["headers"] if name in _SINGLE]
        if len(heads) == len(set(heads)) and not http.scope["query_string"]:
            return
        found: list[dict[str, Any]] = [
            {"loc": ("header", name.decode("ascii")), "type": "given_twice"}
            for name in sorted(set(heads))
            if heads.count(name) > 1
        ]
        asked = [name for name, _ in http.query_params.multi_items()]
        found += [
            {"loc": ("query", name), "type": "given_twice"}
            for name in sorted(self._query)
            if asked.count(name) > 1
        ]
        if not self._query.issuperset(asked):
            found.append({"loc": ("query",), "type": "extra_forbidden"})  # its name is the caller's own
        if found:
            raise RequestValidationError(found)


def operation(
    router: APIRouter,
    method: str,
    path: str,
    *,
    permission: Permission = Permission.PROGRAM,
    answers: type[BaseModel] | None = None,
    status: int = 200,
    also: tuple[int, ...] = (),
    offers: tuple[str, ...] = (bodies.JSON,),
    takes: tuple[str, ...] = (),
    most: int = bodies.MOST,
    short: Short | None = None,
    **how: Any,  # noqa: ANN401 - of FastAPI
) -> Callable[[F], F]:
    """Add an operation to a router: `also` are statuses beyond the usual ones, `how` is for FastAPI."""

    def add(endpoint: F) -> F:
        known = endpoint.__dict__
        known.update(
            permission=permission, path=PREFIX + path, offers=offers, takes=takes, most=most, short=short
        )
        keyed = permission is Permission.PROGRAM
        statuses = {*_ALWAYS, *also, *(_WITH_KEY if keyed else ()), *(_WITH_BODY if takes else ())}
        extra = {"security": [{SCHEME: []}] if keyed else [], **how.pop("openapi_extra", {})}
        responses = {each: _problem(each) for each in sorted(statuses)} | how.pop("responses", {})
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            status_code=status,
            response_model=answers,
            operation_id=endpoint.__name__,
            summary=endpoint.__name__.replace("_", " ").capitalize(),
            responses=responses,
            openapi_extra=extra,
            **how,
        )
        return endpoint

    return add


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    found: dict[str, Any] = {"description": _MEANS[status], "content": {MEDIA: {"schema": schema}}}
    if status == 429:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "In seconds."}}
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def _acceptable(http: HttpRequest, offered: tuple[str, ...]) -> None:
    """Raise `AnswerOfOtherKind` for a caller who accepts nothing of what is offered (RFC 9110, 12.5.1)."""
    accept = http.headers.get("accept")
    if accept is None or accept == "*/*":
        return
    for each in accept.lower().split(","):
        media, _, rest = each.partition(";")
        media = media.strip()
        family = media.partition("/")[0]
        fits = media in ("", "*/*", *offered) or (
            media.endswith("/*") and any(one.startswith(family + "/") for one in offered)
        )
        if fits and rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return
    raise AnswerOfOtherKind(offered=" or ".join(f"`{each}`" for each in offered))


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive a body that was read already."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
