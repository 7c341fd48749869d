"""What is held of one category, as its person sees it: masked or shown, where it came from, until when."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from troth.acts import use
from troth.clock import Instant
from troth.custody.files.headers import media_type
from troth.custody.hand_out import Handed, Held
from troth.custody.plans import STORED_APART, stem_of
from troth.rules.decision import Act
from troth.rules.rulebook import Intake, Rulebook
from troth.terms.vocabulary import Category, FieldName
from troth.web import wordings
from troth.web.lexicon import Lexicon, cite
from troth.web.visit import Visit

_ALSO = ((b"%PDF-", "application/pdf"),)


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of a record on a page."""

    name: str
    words: str
    value: str = field(repr=False)  # masked, unless it was revealed
    apart: str = ""  # where a picture or file is, once it may be shown
    picture: bool = False
    file: bool = False


@dataclass(frozen=True, slots=True)
class Belonging:
    """One record as its person sees it."""

    id: str  # as an address carries it
    parts: tuple[tuple[str, ...], ...]  # the names of the fields of each part, in order
    fields: tuple[Shown, ...]
    collected_at: Instant
    ends: tuple[Instant, Instant]  # the first and the last of its parts
    clause: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class May:
    """What somebody may do about a category themselves, by the rules of rights."""

    correct: frozenset[FieldName]  # at once
    review: frozenset[FieldName]  # after a review alone
    remove: bool
    secret: tuple[str, ...]  # names of fields that nobody is shown


def may(book: Rulebook, category: str) -> May:
    """Return what the agreement lets people do about a category of theirs; custody decides each time anew."""
    word = Category(category)
    corrects = book.cells.get((Act.CORRECT, word, ""))
    removes = book.cells.get((Act.REMOVE, word, ""))
    own = [grant for grant in (corrects.grants if corrects else ()) if grant.by.subject]
    correct = frozenset[FieldName]().union(*(grant.fields for grant in own if not grant.review))
    review = frozenset[FieldName]().union(*(grant.fields for grant in own if grant.review)) - correct
    specs = book.fields.get(word, {})
    return May(
        correct,
        review,
        any(grant.by.subject for grant in (removes.grants if removes else ())),
        tuple(name for name, spec in specs.items() if spec.type == "secret"),
    )


def intake_of(book: Rulebook, category: str) -> Intake | None:
    """Return the intake of a category; of several the first."""
    return next((intake for (name, _when), intake in book.intakes.items() if name == category), None)


async def read(visit: Visit, category: str, *, masked: bool, fields: Iterable[str] = ()) -> Handed:
    """Return what is held of a category of the member; decided and remembered. Raises `Refused`."""
    job = use.accessing(
        by=visit.by, about=visit.member.subject, category=category, fields=fields, masked=masked
    )
    handed: Handed = await visit.read(job)
    return handed


def belongings(visit: Visit, lexicon: Lexicon, held: Iterable[Held], *, revealed: bool) -> list[Belonging]:
    """Return records as their person sees them, newest first; the parts of one record together."""
    whole: dict[bytes, list[Held]] = {}
    for each in held:
        whole.setdefault(stem_of(each.id), []).append(each)
    found = [_belonging(visit, lexicon, parts, revealed=revealed) for parts in whole.values()]
    return sorted(found, key=lambda each: (each.collected_at, each.id), reverse=True)


def _belonging(visit: Visit, lexicon: Lexicon, parts: list[Held], *, revealed: bool) -> Belonging:
    first = parts[0]
    clause = lexicon.clause(first.clause)
    shown = [
        _shown(visit, lexicon, part, str(name), value.reveal(), revealed=revealed)
        for part in parts
        for name, value in part.values.items()
    ]
    order = list(visit.hall.house.book.fields.get(first.category, {}))
    return Belonging(
        id=first.id.hex(),
        parts=tuple(tuple(map(str, part.values)) for part in parts),
        fields=tuple(sorted(shown, key=lambda each: order.index(FieldName(each.name)))),
        collected_at=first.collected_at,
        ends=(min(part.expires_at for part in parts), max(part.expires_at for part in parts)),
        clause=cite(clause) if clause else (first.clause, first.clause, "/agreement"),
    )


def _shown(visit: Visit, lexicon: Lexicon, part: Held, name: str, value: object, *, revealed: bool) -> Shown:
    spec = visit.hall.house.book.fields[part.category][FieldName(name)]
    words = lexicon.field(part.category, name)
    if spec.type in STORED_APART:
        address = f"/data/{part.category}/{part.id.hex()}/file/{name}" if revealed else ""
        return Shown(name, words, "", address, spec.type == "picture", spec.type == "file")
    return Shown(name, words, wordings.shown(visit, spec, value) if revealed else str(value))


def media_of(content: bytes) -> str:
    """Return what a picture or file is, by its first bytes."""
    known = media_type(content)
    if known:
        return known
    return next((media for magic, media in _ALSO if content.startswith(magic)), "application/octet-stream")


def record_of(text: str) -> bytes:
    """Return the record that an address names; none at all for what is no record."""
    try:
        return bytes.fromhex(text) if text.isalnum() else b""
    except ValueError:
        return b""
