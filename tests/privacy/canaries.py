"""Canaries: values that occur nowhere else, in every form in which a byte might carry one.

A search that finds nothing proves nothing by itself, so the tests plant one and find it.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.cast import EXCHANGE, PORTAL, USAGE_SCRIPT
from tests.drawing import face, letter
from troth.rules.decision import Actor

WHO = "REF-Qx7Zjwk-4471900835"  # the organisation's own reference for the person
PICTURE, SELFIE, PORTRAIT = face("picture of a face"), face("selfie with a hat"), face("portrait in a park")
LETTER = letter("Qx7Zletter-of-complaint-2296 " * 20)

TOLD: tuple[tuple[str, str, Mapping[str, Any], Actor | None], ...] = (
    ("account", "registration", {
        "phone": "+442079460713", "email": "qx7zmaria.kwan@example.org", "username": "Qx7Zmaria_kwan",
    }, None),
    ("identity", "identity_verification", {
        "name": "Qx7Zmąria Kwań-Ōshiro", "birth_date": "1971-11-29", "id_number": "PL:90090515836",
    }, None),
    ("camera.identity", "camera", {"front": PICTURE, "selfie": SELFIE}, None),
    ("camera.profile", "camera", {"picture": PORTRAIT}, None),
    ("transactions", "service_use", {
        "time": "2027-05-30T03:17:41.550319Z", "kind": "buy", "reference": "Qx7Ztx-550319",
        "amount": {"amount": "7318294.66", "currency": "EUR"}, "counterparty": "Qx7Zother-side-91",
    }, EXCHANGE),
    ("activity", "service_use", {
        "time": "2027-05-30T04:18:42.661420Z", "action": "sign_in", "succeeded": True,
    }, PORTAL),
    ("device", "service_use", {
        "device_id": "Qx7Z-device-3306", "model": "Qx7Zphone 12", "system": "Qx7Zroid 15",
        "configuration": {"nick": "Qx7Zconfigured"},
    }, PORTAL),
    ("network", "service_use", {"ip": "198.51.100.213", "time": "2027-05-30T05:19:43.772531Z"}, PORTAL),
    ("payment", "payment", {"holder": "Qx7Zholder Kwan", "iban": "DE75512108001245126199"}, None),
    ("payment.national", "payment", {
        "holder": "Qx7Zother Holder", "country": "US", "number": "991177335566884",
    }, None),
    ("support", "customer_service", {
        "topic": "Qx7Ztopic of mine", "message": "Qx7Zmessage:\nplease help — quickly", "attachment": LETTER,
        "reply_to": "qx7zreply.here@example.org",
    }, None),
    ("support.feedback", "customer_service", {"rating": 482915, "comment": "Qx7Zcomment, kind"}, None),
    ("usage", "usage_log", {
        "time": "2027-05-30T06:20:44.883642Z", "browser": "Qx7Zbrowser/8.1",
        "page": "https://example.org/Qx7Zpage", "came_from": "https://example.org/?q=Qx7Zsearch",
    }, USAGE_SCRIPT),
)  # fmt: skip
_WORDS = frozenset({"buy", "sign_in", "EUR", "US"})  # of the agreement: they stand in its text


def canaries() -> Iterator[str | bytes]:
    """Yield every value that was told and is the person's own."""
    yield WHO
    for _, _, values, _ in TOLD:
        yield from _leaves(values.values())


def _leaves(values: Iterable[Any]) -> Iterator[str | bytes]:
    for value in values:
        if isinstance(value, Mapping):
            yield from _leaves(value.values())
        elif isinstance(value, bytes):
            middle = len(value) // 2  # whatever is put around it
            yield value[middle - 20 : middle + 20]
        elif not isinstance(value, bool) and str(value) not in _WORDS:
            yield str(value)


def forms(canary: str | bytes, *, all_cases: bool = True) -> set[bytes]:
    """Return every form in which a canary might be written, each long enough to be no accident."""
    texts: set[bytes] = set()
    if isinstance(canary, bytes):
        texts.add(canary)
    else:
        other = (canary.lower(), canary.upper(), canary.casefold()) if all_cases else ()
        for spelling in (canary, *other):
            texts |= {spelling.encode("utf-8"), spelling.encode("utf-16-le"), spelling.encode("utf-16-be")}
        texts |= {
            json.dumps(canary)[1:-1].encode(),
            quote(canary, safe="").encode(),
            repr(canary)[1:-1].encode(),
        }
    found = set(texts)
    for text in texts:
        found |= {text.hex().encode(), text.hex().upper().encode(), quote(text, safe="").encode()}
        for start in range(3):  # where a text begins within groups of three decides its base64
            inner = text[start : start + (len(text) - start) // 3 * 3]
            found |= {b64encode(inner), urlsafe_b64encode(inner)}
    found.add(canary[::-1].encode() if isinstance(canary, str) else canary[::-1])
    return {form for form in found if len(form) >= 6}


NEEDLES = {form: canary for canary in canaries() for form in forms(canary)}
AS_SPELLED = {form: canary for canary in canaries() for form in forms(canary, all_cases=False)}


def sightings(content: bytes, needles: Mapping[bytes, Any] = NEEDLES) -> list[Any]:
    """Return the canaries that are in some bytes, in whatever form."""
    return sorted({str(canary)[:20] for form, canary in needles.items() if form in content})


_BLANK = bytes(4096)  # what a preallocated file is full of


def search(
    directory: Path, needles: Mapping[bytes, Any] = NEEDLES, *, but: Path | None = None
) -> dict[str, list[Any]]:
    """Return what every file below a directory gives away, by its name; its name is searched too.

    Files that are the same, byte for byte, as one below `but` are passed over.
    """
    known = {path.read_bytes() for path in but.rglob("*") if path.is_file()} if but else set()
    found = {}
    for path in sorted(directory.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if content and content in known:
            continue
        content = path.name.encode() + b"\n" + content.replace(_BLANK, b"")
        if seen := sightings(content, needles):
            found[str(path.relative_to(directory))] = seen
    return found
