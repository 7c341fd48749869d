"""Correct: replace wrong values by right ones (GDPR Art. 16)."""

from collections.abc import Mapping
from typing import Any

from troth.custody.amend import Amend
from troth.custody.desk import About
from troth.custody.frameless import frameless
from troth.errors import BadArgument
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category


@frameless
def correcting(
    *,
    by: Actor,
    about: About,
    category: str,
    values: Mapping[str, Any],
    record: bytes | None = None,
    case: str = "",
    version: bytes | None = None,
) -> Amend:
    """Return the job of a correction; of the latest record, unless one is named.

    Answered with a `Receipt`; refused where a clause wants a review first. Of another version than is
    named here it is `ChangedMeanwhile`, and nothing is changed. Raises `BadArgument`.
    """
    if record is not None and not isinstance(record, bytes):
        raise BadArgument(name="record", wanted="the id of a record (bytes)")
    category = Category(given.text("category", category))
    request = Request(Act.CORRECT, asker(by), category, case=given.text("case", case))
    right = given.values(values)
    if not right:
        raise BadArgument(name="values", wanted="a mapping of field names to values, with one at least")
    return Amend(request, given.about(about), right, record, version)
