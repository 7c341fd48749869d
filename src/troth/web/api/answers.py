"""What programs are answered: JSON of plain values, and problems that repeat nothing of what was sent."""

from collections.abc import Iterable, Mapping, Sequence
from json import JSONEncoder
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

from troth.clock import FOREVER, Instant, iso
from troth.custody.hand_out import Handed, Held
from troth.custody.take_in import Taken
from troth.errors import BodyUnreadable, KeyRefused, TooManyAttempts, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.cases import Case
from troth.web.api import shapes
from troth.web.api.calls import Call
from troth.web.api.ids import record_id, subject_id
from troth.web.problems import MEDIA, document

_encoded = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode  # not hashed
_MEMBERS = frozenset(
    name
    for shape in vars(shapes).values()
    if isinstance(shape, type) and issubclass(shape, shapes.Sent)
    for name in shape.model_fields
)
_PARAMETERS = frozenset({"path", "query", "header"})
_SILENT = frozenset({"body", "BySubject", "ByReference"})  # which stand in no document


def answer(content: Mapping[str, Any], status: int = 200, **headers: str) -> Response:
    """Return plain values as JSON; `headers` with `_` for `-`."""
    body = _encoded(content).encode("utf-8", "surrogatepass")
    return Response(body, status, _named(headers), "application/json")


def tagged(call: Call, content: Mapping[str, Any], etag: str, **headers: str) -> Response:
    """Return plain values with the tag of their state; without the values to who has that state already."""
    if call.has(etag):
        return Response(status_code=304, headers={"etag": etag, **_named(headers)})
    return answer(content, 200, etag=etag, **headers)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def problem(raised: TrothError) -> Response:
    """Return an error as a problem document, with the headers that its status asks for."""
    content = document(raised)
    headers = {}
    if isinstance(raised, KeyRefused):
        headers["www-authenticate"] = 'Bearer realm="troth"'
    if isinstance(raised, TooManyAttempts):
        headers["retry-after"] = str(raised.wait)
    return Response(_encoded(content).encode("utf-8", "replace"), content["status"], headers, MEDIA)


def invalid(found: Iterable[Mapping[str, Any]]) -> Response:
    """Return the problem of what is not as it is described: where, and how not; never what stood there."""
    content = document(unfit()) | {"pointers": pointers(found)}
    return Response(_encoded(content).encode("utf-8", "replace"), 422, media_type=MEDIA)


def unfit() -> BodyUnreadable:
    """Return the error of what is not as it is described."""
    return BodyUnreadable(reason="it is not as the description of the API has it")


def pointers(found: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what Pydantic found as pointers; of names, those alone that the API itself has."""
    told = {_pointer(each["loc"]): str(each["type"]).replace("_", "-") for each in found}
    return [{"pointer": pointer, "reason": reason} for pointer, reason in list(told.items())[:20]]


def problems_of(raised: ValidationError) -> list[dict[str, str]]:
    """Return the pointers of a body that Pydantic refused."""
    return pointers(raised.errors(include_input=False, include_url=False, include_context=False))


def _pointer(place: Sequence[Any]) -> str:
    """Return a JSON pointer, cut where a name of the caller's own would stand in it."""
    if place and place[0] in _PARAMETERS:  # all of its names are ours
        return "/" + "/".join(str(part) for part in place[:2])
    parts: list[str] = []
    for part in place:
        if part in _SILENT:
            continue
        if isinstance(part, str) and part not in _MEMBERS:
            break
        parts.append(str(part))
    return "".join(f"/{part}" for part in parts)


# ---- values of the house as they are shown


def moment(at: Instant | None) -> str | None:
    """Return an instant in RFC 3339; None where there is none, or no end yet."""
    return None if at is None or at >= FOREVER else iso(at)


def receipt(of: Receipt) -> dict[str, Any]:
    """Return a receipt as plain values."""
    return {
        "number": str(of), "entry": of.entry, "leaf_hash": of.hash.hex(), "kind": of.kind, "at": iso(of.at),
    }  # fmt: skip


def taken(of: Taken) -> dict[str, Any]:
    """Return what was taken in as plain values."""
    records = [record_id(record) for record in of.records]
    return {"subject": subject_id(of.subject), "records": records, "receipt": receipt(of.receipt)}


def handed(of: Handed, place: str) -> dict[str, Any]:
    """Return what was handed out as plain values; of files, where they are below `place`, and their size."""
    return {"records": [_held(held, place) for held in of.records], "receipt": receipt(of.receipt)}


def _held(held: Held, place: str) -> dict[str, Any]:
    record = record_id(held.id)
    values: dict[str, Any] = {}
    for name, plaintext in held.values.items():
        value = plaintext.reveal()
        if isinstance(value, bytes):
            value = {"href": f"{place}/{record}/files/{name}" if place else None, "size": len(value)}
        values[name] = value
    return {
        "record": record,
        "category": held.category,
        "clause": held.clause,
        "collected_at": iso(held.collected_at),
        "expires_at": moment(held.expires_at),
        "version": held.version.hex(),
        "values": values,
    }


def case(of: Case) -> dict[str, Any]:
    """Return a case as plain values."""
    return {
        "reference": of.reference,
        "name": of.name,
        "state": of.state,
        "subject": subject_id(of.subject),
        "opened_at": iso(of.opened_at),
        "changed_at": iso(of.changed_at),
        "ended_at": moment(of.ended_at),
        "reasons": list(of.reasons),
    }
