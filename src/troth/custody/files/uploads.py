"""Values stored apart: pictures and files, judged, then sealed chunk by chunk under the person's key.

The bytes are written before the unit commits; if it never does, no record knows the file, and the
sweep removes it. What a caller sends is bytes: a reference to a stored file is never taken from
outside, so nobody can claim another person's file.

To judge a picture and draw it anew takes long, so `custody.readying` does it before a job waits. What was
not made ready so, or for another promise, is done here: no caller can leave it out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeAlias

from troth.custody.desk import Desk
from troth.custody.files import attachments, pictures
from troth.custody.files.headers import media_type
from troth.custody.plans import STORED_APART, Plan
from troth.rules.decision import Reason, Why
from troth.rules.record import Record
from troth.rules.rulebook import Rulebook
from troth.store import files
from troth.terms.agreement import FieldSpec, Protect
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import FieldName

_Note: TypeAlias = tuple[str, int, bytes, int]  # a row of the table of blobs
UNKNOWN_MEDIA = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture or file that was judged, as it is to be stored; made by `prepare` alone."""

    content: bytes = field(repr=False)
    media: str
    kind: str  # the type of field it was judged for
    checks: frozenset[str]  # what was promised of uploads then


def promised(book: Rulebook) -> frozenset[str]:
    """Return what the agreement in force promises of every upload: `type`, `size`, `metadata`."""
    rules = (rule for _, rule in book.agreement.rules() if isinstance(rule, Protect))
    said = (value for rule in rules for name, value in rule.measures if name == "uploads")
    return frozenset(word for value in said for word in value.split(", "))


def prepare(sent: object, spec: FieldSpec, checks: frozenset[str]) -> Judged | Why:
    """Judge what was sent as a picture or file; return it as it is to be stored, or why it is not taken.

    A picture is always a JPEG, PNG or WebP, and nothing is larger than its field's limit. Where `checks`
    has `metadata`, pictures are drawn anew, whatever type of field they come for; where it has `type`,
    files are of the kinds that `attachments` takes. Raises `PillowMissing`.
    """
    if isinstance(sent, Why):
        return sent
    limit = spec.limit or KINDS[spec.type].limit
    if isinstance(sent, Judged):
        if sent.kind == spec.type and sent.checks >= checks and len(sent.content) <= limit:
            return sent
        sent = sent.content
    if not isinstance(sent, bytes) or not sent:
        return Why.MALFORMED
    if len(sent) > limit:
        return Why.TOO_LARGE
    found = _judged(sent, spec.type, limit, checks)
    return found if isinstance(found, Why) else Judged(found.content, found.media, spec.type, checks)


def _judged(content: bytes, kind: str, limit: int, checks: frozenset[str]) -> pictures.Picture | Why:
    media = media_type(content)
    if not media and kind == "picture":
        return Why.NOT_A_PICTURE
    if media:
        return pictures.redrawn(content, limit) if "metadata" in checks else pictures.Picture(content, media)
    judged = attachments.judged(content) if "type" in checks else UNKNOWN_MEDIA
    return judged if isinstance(judged, Why) else pictures.Picture(content, judged)


def prepared(desk: Desk, plan: Plan, clean: dict[FieldName, Any]) -> list[Reason]:
    """Put every picture and file in its place as it is to be stored; return a reason for each not taken."""
    reasons: list[Reason] = []
    if plan.whole:
        return reasons
    checks = promised(desk.house.book)
    for name, sent in clean.items():
        spec = plan.accepts[name][1]
        if spec.type in STORED_APART:
            found = clean[name] = prepare(sent, spec, checks)
            if isinstance(found, Why):
                reasons.append(Reason(found, (plan.intake.clause,), name))
    return reasons


def stored_apart(
    desk: Desk, plan: Plan, subject: int, clean: dict[FieldName, Any], ids: Sequence[bytes]
) -> None:
    """Seal every prepared upload of an offer into a blob and put its reference in its place.

    `ids` are the record ids that the parts will have.
    """
    written: list[_Note] = []
    for (part, _), record in zip(plan.parts, ids, strict=True):
        if any(name in clean for name in part.fields):
            _write(desk, (subject, part.kept), record, part.fields, clean, written)
    files.add(desk.unit, written)


def stored_again(desk: Desk, found: Iterable[Record], clean: dict[FieldName, Any]) -> None:
    """Do as `stored_apart` does for records that are corrected; the old files wait for the sweep."""
    written: list[_Note] = []
    for record in found:
        owner = (record.subject, record.origin.kept)
        desk.open_keys([owner])
        _write(desk, owner, record.id, record.origin.fields, clean, written)
    files.add(desk.unit, written)


def _write(
    desk: Desk,
    owner: tuple[int, str],
    record: bytes,
    fields: Iterable[FieldName],
    clean: dict[FieldName, Any],
    written: list[_Note],
) -> None:
    """Write what is stored apart of one record, under its owner's key; add to `written`."""
    for name in fields:
        upload = clean.get(name)
        if not isinstance(upload, Judged):
            continue
        blob = desk.house.blobs.write(
            BytesIO(upload.content), under=desk.keys[owner], about=record + name.encode()
        )
        clean[name] = {"blob": blob.name, "type": upload.media, "size": blob.size}
        written.append((blob.name, owner[0], record, desk.now))
