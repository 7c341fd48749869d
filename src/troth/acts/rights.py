"""Restrict and erase: what a person may demand (GDPR Art. 17 and 18); and the holds that stop it."""

from collections.abc import Iterable

from troth.custody.desk import About
from troth.custody.erasing import Erase
from troth.custody.stand import Stand
from troth.rules.decision import Act, Actor, Request
from troth.terms.vocabulary import Category, RetentionClass


def restricting(*, by: Actor, about: About, category: str = "*") -> Stand:
    """Restrict a category, or everything: it stays stored and is neither used nor disclosed."""
    return Stand(Request(Act.RESTRICT, by, Category(category)), about)


def lifting(*, by: Actor, about: About, category: str = "*") -> Stand:
    """Lift a restriction."""
    return Stand(Request(Act.LIFT, by, Category(category)), about)


def holding(*, by: Actor, about: About, matter: str, reason: str) -> Stand:
    """Hold what is kept in every class whose clause names the reason, for as long as a matter lasts.

    A hold stops erasure and removal; it permits no use.
    """
    return Stand(Request(Act.HOLD, by, case=matter, reason=reason), about)


def releasing(*, by: Actor, about: About, matter: str, reason: str) -> Stand:
    """End the hold of a matter."""
    return Stand(Request(Act.RELEASE, by, case=matter, reason=reason), about)


def erasing(*, by: Actor, about: About, classes: Iterable[str] = (), case: str = "") -> Erase:
    """Erase everything, or some retention classes; what a duty or a matter keeps stays, and is named.

    Given to `Teller.erase`, which answers with `Gone`.
    """
    request = Request(Act.ERASE, by, Category("*"), case=case)
    return Erase(request, about, frozenset(RetentionClass(kept) for kept in classes))
