"""Collect: one record, with its files when it has any; or many at once, on the batch path."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from troth.acts.cases import finding_case
from troth.acts.collect import offering, taking
from troth.custody.drafts import Offer
from troth.custody.take_in import Taken
from troth.errors import BodyUnreadable, TrothError
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, invalid, problems_of, taken, unfit
from troth.web.api.calls import Acting, Call
from troth.web.api.ids import subject_id
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import who
from troth.web.problems import document

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["collecting"])
_one = TypeAdapter(shapes.Offer).validate_python
_with_files = TypeAdapter(shapes.OfferWithFiles).validate_python

_FORM = {
    "type": "object",
    "properties": {bodies.RECORD: {"$ref": "#/components/schemas/OfferWithFiles"}},
    "required": [bodies.RECORD],
    "additionalProperties": {"type": "string", "format": "binary"},
}
_LINES = {"description": "One JSON object of the shape `Offer` a line; one that is not is refused by itself."}
_MANY = {
    "type": "array",
    "items": {"description": "Of the shape `Offer`; one that is not is refused by itself."},
    "minItems": 1,
    "maxItems": bodies.MOST_OFFERS,
}
EXAMPLE = {
    "about": {"reference": "C-1001"},
    "category": "vehicle",
    "when": "workshop_visit",
    "values": {"plate": "XY 123 Z"},
}


async def _collect(call: Call) -> Response:
    """Take in one record, sent as JSON or, with files, as a form."""
    files: Mapping[str, bytes] = {}
    if bodies.media_type(call.http) == bodies.FORM:
        call.said, files, said = await bodies.form(call.http)
        marks = (name.encode() + b"\0" + sha256(content).digest() for name, content in sorted(files.items()))
        call.body = b"".join((said, b"\0", *marks))
    try:
        sent = _with_files(call.said) if files else _one(call.said)
    except ValidationError as problem:
        return invalid(problem.errors(include_input=False, include_url=False, include_context=False))
    both = files.keys() & sent.values.keys()
    if both:
        raise BodyUnreadable(reason="a field is given as JSON and as a file")
    offer = await _offer(call, sent, files)
    (found,) = await call.ask(taking((offer,)))
    if isinstance(found, TrothError):
        raise found
    where = f"{PREFIX}/subjects/{subject_id(found.subject)}/records/{sent.category}"
    return answer(taken(found), 201, location=where)


async def _offer(call: Call, sent: shapes.Offer, files: Mapping[str, bytes]) -> Offer:
    """Return the offer of a body; raises `PurposeNotOfKey`, `BodyUnreadable` and `NothingThere`."""
    if not call.key.takes_in(call.house.book, sent.category, sent.when):
        call.turned_away()
    if sent.case and sent.opens:
        raise BodyUnreadable(reason="it belongs to a case, or opens one, not both")
    within: bytes | str | None = sent.opens
    if sent.case:
        within = (await call.hall.teller.alone_soon(finding_case(call.by, sent.case))).id
    return offering(
        by=call.by,
        about=who(sent.about),
        category=sent.category,
        when=sent.when,
        values={**sent.values, **files},
        age=sent.age,
        within=within,
    )


@operation(
    router,
    "POST",
    "/records",
    answers=results.Taken,
    status=201,
    takes=(bodies.JSON, bodies.FORM),
    short=_collect,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                bodies.JSON: {"schema": {"$ref": "#/components/schemas/Offer"}, "example": EXAMPLE},
                bodies.FORM: {"schema": _FORM},
            },
        }
    },
)
async def collect_record(call: Acting) -> Response:
    """Take in one record of what a clause names, in its circumstance.

    Pictures and files come in a form: the part `record` holds the JSON, and each file is a part named as
    its field.
    """
    return await _collect(call)


@operation(
    router,
    "POST",
    "/records/batch",
    answers=results.Outcomes,
    takes=(bodies.JSON, bodies.LINES),
    most=bodies.MOST_TOGETHER,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                bodies.JSON: {"schema": _MANY, "example": [EXAMPLE]},
                bodies.LINES: {"schema": _LINES},
            },
        }
    },
)
async def collect_records(call: Acting) -> Response:
    """Take in up to 1,000 records in one transaction, with one ledger line for each kind of act.

    What is refused keeps no other from being taken in; the outcomes stand in the order of the offers. Sent
    again under the same `Idempotency-Key` when the key or a case lets other offers through, it is refused.
    """
    offers: list[Offer] = []
    outcomes: list[dict[str, Any] | None] = []
    for said in _parts(call):
        try:
            offers.append(await _offer(call, _one(said() if callable(said) else said), {}))
            outcomes.append(None)
        except ValidationError as problem:
            outcomes.append(_refused(unfit(), pointers=problems_of(problem)))
        except TrothError as problem:
            outcomes.append(_refused(problem))
    which = ",".join(str(n) for n, outcome in enumerate(outcomes) if outcome is None)
    found = iter(await call.ask(taking(offers, together=True), which) if offers else ())
    return answer({"outcomes": [outcome or _outcome(next(found)) for outcome in outcomes]})


def _parts(call: Call) -> list[Any]:
    """Return what was sent: the items of a list, or of each line the way to read it."""
    if bodies.media_type(call.http) == bodies.LINES:
        return [_line(line) for line in bodies.lines(call.body)]
    if not isinstance(call.said, list) or not 0 < len(call.said) <= bodies.MOST_OFFERS:
        raise BodyUnreadable(reason=f"it is no list of 1 to {bodies.MOST_OFFERS} offers")
    return list(call.said)


def _line(line: bytes) -> Any:  # noqa: ANN401
    return lambda: bodies.read(line)


def _refused(problem: TrothError, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {**document(problem), **more}
    return {"status": told["status"], "done": None, "problem": told}


def _outcome(found: Taken | TrothError) -> dict[str, Any]:
    if isinstance(found, TrothError):
        return _refused(found)
    return {"status": 201, "done": taken(found), "problem": None}
