"""Values that are stored apart: pictures and files, sealed chunk by chunk under the person's key.

The bytes are written before the unit commits; if it never does, no record knows the file, and the
sweep removes it. What a caller sends is bytes: a reference to a stored file is never taken from
outside, so nobody can claim another person's file.
"""

from io import BytesIO
from typing import Any

from troth.custody.desk import Desk
from troth.custody.plans import STORED_APART, Plan, new_record
from troth.errors import BadValue, BlobTooLarge
from troth.rules.decision import Reason, Why
from troth.store import records
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import FieldName

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


def stored_apart(
    desk: Desk, plan: Plan, subject: int, clean: dict[FieldName, Any], ids: list[bytes]
) -> list[Reason]:
    """Seal every picture or file of an offer into a blob and put its reference in place of the bytes.

    Adds to `ids`, last part first, the record ids that the parts will have. Returns a reason for
    each value that is not bytes, not of its type, or too large; then nothing is kept.
    """
    at = (plan.intake.clause,)
    reasons: list[Reason] = []
    written: list[tuple[str, int, bytes, int]] = []
    for part, _ in reversed(plan.parts):
        if not any(name in clean for name in part.fields):
            continue
        record = new_record(desk.now)
        ids.append(record)
        key = desk.keys[subject, part.kept]
        for name in part.fields:
            accepts, spec = plan.accepts[name]
            content = clean.get(name)
            if content is None or spec.type not in STORED_APART:
                continue
            if not isinstance(content, bytes) or not content:
                reasons.append(Reason(Why.MALFORMED, at, name))
                continue
            try:
                media = media_type(content)
                clean[name] = accepts({"blob": "-", "type": media, "size": len(content)}, spec)
                limit = spec.limit or KINDS[spec.type].limit
                blob = desk.house.blobs.write(
                    BytesIO(content), under=key, about=record + name.encode(), limit=limit
                )
            except (BadValue, BlobTooLarge):
                reasons.append(Reason(Why.MALFORMED, at, name))
                continue
            clean[name] = {"blob": blob.name, "type": media, "size": blob.size}
            written.append((blob.name, subject, record, desk.now))
    if reasons:
        for blob_name, *_ in written:
            desk.house.blobs.remove(blob_name)
        return reasons
    records.add_blobs(desk.unit, written)
    return []
