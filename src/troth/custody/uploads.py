"""Values that are stored apart: pictures and files, sealed chunk by chunk under the person's key.

The bytes are written before the unit commits; if it never does, no record knows the file, and the
sweep removes it. What a caller sends is bytes: a reference to a stored file is never taken from
outside, so nobody can claim another person's file.
"""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any, TypeAlias

from troth.custody.desk import Desk
from troth.custody.plans import STORED_APART, Plan
from troth.errors import BadValue, BlobTooLarge
from troth.rules.decision import Reason, Why
from troth.rules.record import Record
from troth.store import files
from troth.terms.agreement import FieldSpec
from troth.terms.kinds import KINDS, Accepts
from troth.terms.vocabulary import FieldName

_Note: TypeAlias = tuple[str, int, bytes, int]  # a row of the table of blobs
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)


def media_type(content: bytes) -> str:
    """Return the media type that the first bytes show."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((media for magic, media in _MAGIC if content.startswith(magic)), "application/octet-stream")


def faults(plan: Plan, clean: Mapping[FieldName, Any]) -> list[Reason]:
    """Return a reason for each picture or file that is not bytes, not of its type, or too large."""
    found = []
    for name, content in clean.items():
        accepts, spec = plan.accepts[name]
        if spec.type in STORED_APART:
            try:
                _described(name, content, accepts, spec)
            except BadValue:
                found.append(Reason(Why.MALFORMED, (plan.intake.clause,), name))
    return found


def _described(name: FieldName, content: object, accepts: Accepts, spec: FieldSpec) -> str:
    """Return the media type of a file's content; raises `BadValue` for what is not to be taken."""
    if not isinstance(content, bytes):
        raise BadValue(field=name, kind=spec.type, reason="it is not bytes", hint="send its bytes")
    media = media_type(content)
    accepts({"blob": "-", "type": media, "size": len(content)}, spec)
    return media


def stored_apart(
    desk: Desk, plan: Plan, subject: int, clean: dict[FieldName, Any], ids: Sequence[bytes]
) -> list[Reason]:
    """Seal every picture or file of an offer into a blob and put its reference in place of the bytes.

    `ids` are the record ids that the parts will have. Returns a reason for each value that is not
    bytes, not of its type, or too large; then nothing is kept.
    """
    reasons: list[Reason] = []
    written: list[_Note] = []
    for (part, _), record in zip(plan.parts, ids, strict=True):
        if any(name in clean for name in part.fields):
            reasons += _write(desk, plan, (subject, part.kept), record, part.fields, clean, written)
    return _noted(desk, reasons, written)


def stored_again(
    desk: Desk, plan: Plan, found: Iterable[Record], clean: dict[FieldName, Any]
) -> list[Reason]:
    """Do as `stored_apart` does for records that are corrected; the old files wait for the sweep."""
    reasons: list[Reason] = []
    written: list[_Note] = []
    for record in found:
        owner = (record.subject, record.origin.kept)
        desk.open_keys([owner])
        reasons += _write(desk, plan, owner, record.id, record.origin.fields, clean, written)
    return _noted(desk, reasons, written)


def _write(
    desk: Desk,
    plan: Plan,
    owner: tuple[int, str],
    record: bytes,
    fields: Iterable[FieldName],
    clean: dict[FieldName, Any],
    written: list[_Note],
) -> list[Reason]:
    """Write what is stored apart of one record, under its owner's key; add to `written`."""
    reasons: list[Reason] = []
    for name in fields:
        if name not in clean or plan.accepts[name][1].type not in STORED_APART:
            continue
        accepts, spec = plan.accepts[name]
        content = clean[name]
        try:
            media = _described(name, content, accepts, spec)
            blob = desk.house.blobs.write(
                BytesIO(content),
                under=desk.keys[owner],
                about=record + name.encode(),
                limit=spec.limit or KINDS[spec.type].limit,
            )
        except (BadValue, BlobTooLarge):
            reasons.append(Reason(Why.MALFORMED, (plan.intake.clause,), name))
            continue
        clean[name] = {"blob": blob.name, "type": media, "size": blob.size}
        written.append((blob.name, owner[0], record, desk.now))
    return reasons


def _noted(desk: Desk, reasons: list[Reason], written: list[_Note]) -> list[Reason]:
    """Note the files that were written; none is kept when anything is refused."""
    if reasons:
        for name, *_ in written:
            desk.house.blobs.remove(name)
    else:
        files.add(desk.unit, written)
    return reasons
