"""What an error becomes at the faces: a status, and a problem document or a page; one table for all.

Problem documents follow RFC 9457: `type`, `title`, `status`, `detail`, and of ours `code`, `clauses`,
`reasons`, `allowed`, `fix` and `entry`. Nothing in them is personal: errors hold none.
"""

from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from troth.errors import (
    Absent,
    AnswerOfOtherKind,
    BadInput,
    BodyOfOtherKind,
    BodyTooLarge,
    Broken,
    ChangedMeanwhile,
    Conflict,
    Denied,
    Erased,
    KeyRefused,
    Misconfigured,
    Refused,
    TooManyAttempts,
    TrothError,
    VersionMissing,
)

MEDIA = "application/problem+json"
_STATUS: tuple[tuple[type[TrothError], int], ...] = (  # the first that fits
    (Erased, 410),
    (KeyRefused, 401),
    (TooManyAttempts, 429),
    (AnswerOfOtherKind, 406),
    (ChangedMeanwhile, 412),
    (BodyTooLarge, 413),
    (BodyOfOtherKind, 415),
    (VersionMissing, 428),
    (Denied, 403),
    (Absent, 404),
    (Conflict, 409),
    (BadInput, 422),
    (Misconfigured, 503),
    (Broken, 500),
)
# Codes of refusals that are about what was sent, and not about what is allowed: the sender can mend them.
_MENDABLE = frozenset(
    {"malformed", "field-missing", "unknown-field", "not-a-picture", "not-an-accepted-file", "too-large",
     "too-many-pixels", "damaged", "locked", "active-content"}
)  # fmt: skip
_TITLES = {
    400: "The request cannot be read",
    401: "Nobody is signed in, or no key was given",
    403: "The agreement does not allow it",
    404: "There is nothing here",
    405: "This cannot be done here",
    406: "There is no such form of it",
    409: "The state has moved",
    410: "It was erased",
    411: "The length is missing",
    412: "It was changed meanwhile",
    413: "It is too large",
    415: "This kind of content is not taken",
    422: "What was sent cannot be taken",
    428: "Say which version is to be changed",
    429: "Too many attempts",
    431: "The headers are too large",
    500: "Something is not as it was left",
    503: "Not available now",
}


def status_of(problem: TrothError) -> int:
    """Return the status of an error; of a refusal, 422 when every reason is about what was sent."""
    if isinstance(problem, Refused):
        if problem.codes and set(problem.codes) <= _MENDABLE:
            return 422
        if set(problem.codes) & {"taken", "already-held", "already-open", "wrong-state"}:
            return 409
        return 403
    return next((status for kind, status in _STATUS if isinstance(problem, kind)), 500)


def document(problem: TrothError) -> dict[str, Any]:
    """Return the members of a problem document; of what is broken nothing but that it is."""
    status = status_of(problem)
    found: dict[str, Any] = {
        "type": f"urn:troth:error:{problem.code}",
        "title": _TITLES[status],
        "status": status,
        "code": problem.code,
    }
    if status == 500:
        return found
    found |= {"detail": problem.message, "fix": problem.fix}
    if isinstance(problem, Refused):
        found["clauses"] = list(problem.clauses)
        found["reasons"] = [
            {"code": code, "word": word} for code, word in zip(problem.codes, problem.words, strict=True)
        ]
        found["allowed"] = list(problem.allowed)
        found["entry"] = problem.entry
    return found


def problem_response(problem: TrothError) -> Response:
    """Return an error as a problem document."""
    body = document(problem)
    return JSONResponse(body, body["status"], media_type=MEDIA)


def plain(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None) -> Response:
    """Return a problem of the transport itself, which no error of the house stands for."""
    body = {
        "type": f"urn:troth:error:{code}",
        "title": _TITLES[status],
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JSONResponse(body, status, headers, MEDIA)


def wants_page(http: HttpRequest) -> bool:
    """Whether somebody reads the answer in a browser."""
    return "text/html" in http.headers.get("accept", "")
