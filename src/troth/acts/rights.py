"""Restrict and erase: what a person may demand (GDPR Art. 17 and 18).

Every job here raises `BadArgument` for what is not of its type.
"""

from collections.abc import Iterable

from troth.custody.desk import About
from troth.custody.endings.erasing import Erase
from troth.custody.endings.removing import Remove
from troth.custody.endings.shortening import Shorten
from troth.custody.stand import Stand
from troth.errors import BadArgument
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category, Circumstance, RetentionClass


def restricting(*, by: Actor, about: About, category: str = "*") -> Stand:
    """Restrict a category, or everything: it stays stored and is neither used nor disclosed."""
    return _limiting(Act.RESTRICT, by, about, category)


def lifting(*, by: Actor, about: About, category: str = "*") -> Stand:
    """Lift a restriction."""
    return _limiting(Act.LIFT, by, about, category)


def shortening(*, by: Actor, about: About, kept: str, days: int) -> Shorten:
    """Keep what is of a retention class for fewer days, from when it was taken in; effective at once."""
    if type(days) is not int or not 0 < days <= 36_500:
        raise BadArgument(name="days", wanted="a whole number of days, at least 1")
    return Shorten(_of_class(Act.SHORTEN, by, kept), given.about(about), days)


def lengthening(*, by: Actor, about: About, kept: str) -> Shorten:
    """End the choice of a shorter time; what was taken in under it goes as soon as was chosen."""
    return Shorten(_of_class(Act.LENGTHEN, by, kept), given.about(about))


def _of_class(act: Act, by: Actor, kept: str) -> Request:
    return Request(act, asker(by), circumstance=Circumstance(given.text("kept", kept)))


def erasing(*, by: Actor, about: About, classes: Iterable[str] = (), case: str = "") -> Erase:
    """Erase everything, or some retention classes; what a duty or a matter keeps stays, and is named.

    Whoever has everything erased leaves with it, so that what stays ends when its period after leaving does.
    Given to `Teller.erase`, which answers with `Gone`.
    """
    request = Request(Act.ERASE, asker(by), Category("*"), case=given.text("case", case))
    some = frozenset(map(RetentionClass, given.texts("classes", classes)))
    return Erase(request, given.about(about), some)


def removing(*, by: Actor, about: About, category: str, records: Iterable[bytes] = ()) -> Remove:
    """Take records of a category away at once: those named, or all; answered with a `Receipt`.

    What a duty or a matter keeps stays, and then nothing of the call goes.
    """
    request = Request(Act.REMOVE, asker(by), Category(given.text("category", category)))
    named = frozenset(records)
    if not all(isinstance(record, bytes) for record in named):
        raise BadArgument(name="records", wanted="the ids of records (bytes)")
    return Remove(request, given.about(about), named)


def _limiting(act: Act, by: Actor, about: About, category: str) -> Stand:
    word = Category(given.text("category", category))
    return Stand(Request(act, asker(by), word), given.about(about))
