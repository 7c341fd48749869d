"""Readying: judge the pictures and files of a job, and draw them anew, before it waits for its unit.

Nobody else's work waits for a decoder then. What comes in is taken as unjudged, whatever it says of
itself, and nothing is decided: what is not taken travels on as the reason, to be told if all else is allowed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from troth.custody.amend import Amend
from troth.custody.files.uploads import Judged, prepare, promised
from troth.custody.plans import STORED_APART
from troth.custody.repeating import Once
from troth.custody.take_in import TakeIn
from troth.rules.rulebook import Rulebook
from troth.terms.agreement import FieldSpec
from troth.terms.vocabulary import FieldName

J = TypeVar("J")
_SENT = (bytes, Judged)


def has_uploads(job: object) -> bool:
    """Whether a job brings bytes, which may be pictures or files."""
    if isinstance(job, Once):
        return has_uploads(job.job)
    if isinstance(job, TakeIn):
        return any(_brings(offer.values) for offer in job.offers)
    return isinstance(job, Amend) and _brings(job.values)


def ready(book: Rulebook, job: J) -> J:
    """Return a job with its uploads judged by the agreement in force; raises `PillowMissing`."""
    if isinstance(job, Once):
        return replace(job, job=ready(book, job.job))
    checks = promised(book)
    if isinstance(job, TakeIn):
        offers = []
        for offer in job.offers:
            intake = book.intakes.get((offer.request.category, offer.request.circumstance))
            specs = intake.specs if intake else {}
            offers.append(replace(offer, values=_readied(offer.values, specs, checks)))
        return replace(job, offers=tuple(offers))
    if isinstance(job, Amend):
        specs = book.fields.get(job.request.category, {})
        return replace(job, values=_readied(job.values, specs, checks))
    return job


def _brings(values: Mapping[FieldName, Any]) -> bool:
    return any(isinstance(value, _SENT) for value in values.values())


def _readied(
    values: Mapping[FieldName, Any], specs: Mapping[FieldName, FieldSpec], checks: frozenset[str]
) -> Mapping[FieldName, Any]:
    if not _brings(values):
        return values
    sent = {name: value.content if isinstance(value, Judged) else value for name, value in values.items()}
    for name, spec in specs.items():
        if spec.type in STORED_APART and isinstance(sent.get(name), bytes):
            sent[name] = prepare(sent[name], spec, checks)
    return sent
