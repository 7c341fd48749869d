"""Copies of all that is held of somebody, in open formats, written while it is read.

Each record says where it came from, what for, under which clause, on which ground and until when; each
kind, who got it. What is not in a copy is named in it, with the reason. JSON holds everything, pictures and
files in base64; CSV is a table with a line for each value and each disclosure, and leaves out what is no
text. A value that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
"""

import csv
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, TypeAlias

from troth.clock import iso
from troth.custody.hand_out import Handed, Held
from troth.custody.knowing import Known
from troth.errors import Refused
from troth.rules.rulebook import Intake
from troth.web import belongings, disclosures, frames
from troth.web.belongings import media_of
from troth.web.lexicon import Lexicon, lexicon_of
from troth.web.visit import Visit

FORMAT = "troth-copy/1"
_FORMULA = tuple("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*").fullmatch


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is not in a copy, and why."""

    category: str
    field: str
    why: str


Read: TypeAlias = Handed | Withheld
Writing: TypeAlias = Callable[[Visit, Known, Sequence[str], Read | None], AsyncIterator[str]]


async def read(visit: Visit, category: str) -> Read:
    """Return what is held of one kind, or why it is not given; raises what asks for more certainty."""
    try:
        return await belongings.read(visit, category, masked=False)
    except Refused as problem:
        if "assurance-missing" in problem.codes:
            raise
        return Withheld(category, "", "; ".join(frames.told(visit, problem, 403).sentences))


async def _kinds(
    visit: Visit, kinds: Sequence[str], first: Read | None
) -> AsyncIterator[tuple[str, Read | None]]:
    """Yield each kind with what is held of it; None for those of which only disclosures may be left."""
    for place, category in enumerate(kinds):
        yield category, first if place == 0 and first is not None else await read(visit, category)
    for category in disclosures.kinds(visit.hall.house):
        if category not in kinds:
            yield category, None


def _secrets(visit: Visit, kinds: Sequence[str]) -> list[Withheld]:
    book = visit.hall.house.book
    why = "it verifies that it is you, and is shown to nobody"
    return [Withheld(kind, name, why) for kind in kinds for name in belongings.may(book, kind).secret]


def _origin(visit: Visit, lexicon: Lexicon, held: Held) -> dict[str, Any]:
    """Return where a record came from, what for, and until when."""
    intake = _intake(visit, held)
    clause = lexicon.clause(held.clause)
    return {
        "collected": iso(held.collected_at),
        "expires": iso(held.expires_at),
        "clause": held.clause,
        "clause_number": clause.number if clause else "",
        "source": intake.rule.source if intake else "",
        "basis": str(intake.rule.basis) if intake else "",
        "purposes": [str(purpose) for purpose in intake.rule.purposes] if intake else [],
    }


def _intake(visit: Visit, held: Held) -> Intake | None:
    """Return the intake of a record: of the version in force, else of the last one that had its clause."""
    books = [visit.hall.house.book, *reversed(visit.hall.house.books.values())]
    for book in books:
        for (category, _), intake in book.intakes.items():
            if category == held.category and intake.clause == held.clause:
                return intake
    return None


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return {"media_type": media_of(value), "base64": b64encode(value).decode("ascii")}
    return value


# ---- JSON


async def as_json(visit: Visit, known: Known, kinds: Sequence[str], first: Read | None) -> AsyncIterator[str]:
    """Yield one JSON document."""
    lexicon, promised = lexicon_of(visit.hall.agreement), visit.hall.agreement
    withheld = _secrets(visit, kinds)
    head = {
        "format": FORMAT,
        "made": iso(visit.now),
        "organisation": promised.organisation.name,
        "agreement": {"name": promised.name, "version": promised.version, "hash": promised.hash},
        "choices": _choices(known),
    }
    yield _text(head)[:-1] + ',"kinds":['
    comma = ""
    async for category, found in _kinds(visit, kinds, first):
        withheld += [found] if isinstance(found, Withheld) else []
        passed = disclosures.each(visit, category)
        latest = await anext(passed, None)
        if latest is None and not isinstance(found, Handed):
            continue
        yield f'{comma}{{"category":{_text(category)},"words":{_text(lexicon.category(category))},"records":['
        for place, held in enumerate(found.records if isinstance(found, Handed) else ()):
            values = {str(name): _plain(value.reveal()) for name, value in held.values.items()}
            one = {"values": values, **_origin(visit, lexicon, held)}
            yield ("," if place else "") + _text(one)
        yield f'],"disclosed":[{_text(latest) if latest else ""}'
        async for each in passed:
            yield "," + _text(each)
        yield f'],"receipt":{_text(str(found.receipt) if isinstance(found, Handed) else "")}}}'
        comma = ","
    gaps = [{"category": each.category, "field": each.field, "why": each.why} for each in withheld]
    yield f'],"withheld":{_text(gaps)}}}\n'


def _choices(known: Known) -> dict[str, Any]:
    standing = known.standing
    return {
        "consents": [
            {"purpose": c.purpose, "choice": c.choice.value, "version": c.version, "at": iso(c.at)}
            for c in standing.consents
        ],
        "objections": sorted(standing.objections),
        "restrictions": sorted(standing.restrictions),
    }


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # not hashed


# ---- CSV

_COLUMNS = (
    "category",
    "record",
    "field",
    "value",
    "collected",
    "expires",
    "clause",
    "source",
    "basis",
    "purposes",
    "recipient",
    "disclosed",
    "receipt",
)


async def as_csv(visit: Visit, known: Known, kinds: Sequence[str], first: Read | None) -> AsyncIterator[str]:
    """Yield one table (RFC 4180)."""
    lexicon = lexicon_of(visit.hall.agreement)
    withheld = _secrets(visit, kinds)
    yield _line(_COLUMNS)
    number = 0
    async for category, found in _kinds(visit, kinds, first):
        withheld += [found] if isinstance(found, Withheld) else []
        for held in found.records if isinstance(found, Handed) else ():
            number += 1
            about = _origin(visit, lexicon, held)
            tail = (
                about["collected"],
                about["expires"],
                about["clause_number"],
                about["source"],
                about["basis"],
            )
            purposes = " ".join(about["purposes"])
            for name, value in held.values.items():
                yield _line((category, str(number), str(name), _cell(value.reveal()), *tail, purposes))
        async for passed in disclosures.each(visit, category):
            yield _line(_disclosed(category, passed))
    for each in withheld:
        yield _line((each.category, "", each.field, f"(not given: {each.why})"))
    for choice, purposes in _choices(known).items():
        for said in purposes:
            yield _line((f"choice: {choice}", "", "", said if isinstance(said, str) else _text(said)))


def _disclosed(category: str, passed: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the line of one disclosure: its fields, under which clause, what for, to whom and when."""
    fields, clause = " ".join(passed["fields"]), passed["clause_number"]
    to = (_cell(passed["name"]), passed["at"], passed["receipt"])
    return (category, "", fields, "", "", "", clause, "", "", passed["purpose"], *to)


def _cell(value: object) -> str:
    """Return a value as a cell: text that no spreadsheet runs."""
    if isinstance(value, bytes):
        return f"(a file of {len(value)} bytes; the JSON copy holds it)"
    said = value if isinstance(value, str) else _text(value)
    return f"'{said}" if said.startswith(_FORMULA) and not _NUMBER(said) else said


def _line(cells: Sequence[str]) -> str:
    """Return one line of the table; columns that are not given stay empty."""
    out = StringIO()
    csv.writer(out).writerow([*cells, *[""] * (len(_COLUMNS) - len(cells))])
    return out.getvalue()
