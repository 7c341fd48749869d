"""The manifest of a package: what is in it, of whom and under which agreement; and what is signed of it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from json import JSONEncoder
from json import loads as parsed
from typing import Any

from troth.canonical import decode, encode
from troth.clock import Instant, iso
from troth.errors import NotCanonical, PackageFaulty
from troth.packages.zipping import Written

FORMAT = "troth-package/1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
LARGEST = 64 * 1024 * 1024  # bytes of a manifest
MOST_OPENED, MOST_PARTED = (
    1_000_000,
    5_000_000,
)  # brackets and commas of a JSON file: each takes room when read
MOST_KINDS = 1_000  # categories that it counts
MOST_NAMED = 1_000  # characters of a name or reference in it
_TEXTS = ("format", "right", "made", "log", "person", "case")
_pretty = JSONEncoder(ensure_ascii=False, indent=1).encode


def manifest_of(
    written: Sequence[Written],
    *,
    right: str,
    at: Instant,
    log: str,
    person: str,
    case: str,
    organisation: str,
    agreement: Mapping[str, Any],
    counts: Mapping[str, int],
) -> bytes:
    """Return the manifest as canonical JSON (RFC 8785).

    `log` names the ledger whose key signs it, `person` is the number of the person there; `counts` are
    records by category.
    """
    return encode(
        {
            "format": FORMAT,
            "right": right,
            "made": iso(at),
            "log": log,
            "organisation": organisation,
            "person": person,
            "case": case,
            "agreement": dict(agreement),
            "counts": dict(counts),
            "files": [{"path": each.path, "size": each.size, "sha256": each.sha256} for each in written],
        }
    )


def signed_text(log: str, manifest: bytes) -> str:
    """Return the text that is signed of a manifest: it is no checkpoint, nor anything else that is signed."""
    return f"{FORMAT}\n{log}\nmanifest sha256:{sha256(manifest).hexdigest()}\n"


def read_manifest(raw: bytes) -> dict[str, Any]:
    """Return a manifest that has the form of one; raises `PackageFaulty`."""
    _bounded(raw)
    try:
        found = decode(raw)
    except (NotCanonical, ValueError, RecursionError):
        raise PackageFaulty(fault="manifest") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise PackageFaulty(fault="format")
    said = [found.get(name) for name in (*_TEXTS, "organisation")]
    if not all(isinstance(text, str) and len(text) <= MOST_NAMED for text in said):
        raise PackageFaulty(fault="manifest")
    if not isinstance(found.get("agreement"), dict) or not isinstance(found.get("counts"), dict):
        raise PackageFaulty(fault="manifest")
    counts = found["counts"]
    if len(counts) > MOST_KINDS or any(len(each) > MOST_NAMED for each in counts):
        raise PackageFaulty(fault="size")
    if not all(type(count) is int and count >= 0 for count in counts.values()):
        raise PackageFaulty(fault="manifest")
    files = found.get("files")
    if not isinstance(files, list) or not all(_is_file(each) for each in files):
        raise PackageFaulty(fault="manifest")
    return found


def _is_file(each: object) -> bool:
    return (
        isinstance(each, dict)
        and each.keys() == {"path", "size", "sha256"}
        and isinstance(each["path"], str)
        and type(each["size"]) is int
        and isinstance(each["sha256"], str)
    )


def _bounded(raw: bytes) -> None:
    """Raise `PackageFaulty` for JSON that is small as bytes and large once it is read."""
    if raw.count(b"[") + raw.count(b"{") > MOST_OPENED or raw.count(b",") > MOST_PARTED:
        raise PackageFaulty(fault="size")


def pretty(value: object) -> bytes:
    """Return a document as JSON that people can read."""
    return _pretty(value).encode("utf-8") + b"\n"  # not hashed


def read_json(raw: bytes) -> Any:  # noqa: ANN401 - whatever it holds
    """Return what a JSON file of a package holds; raises `PackageFaulty`."""
    _bounded(raw)
    try:
        return parsed(raw)
    except (ValueError, RecursionError):
        raise PackageFaulty(fault="json") from None
