"""Consent and objection: give, refuse, withdraw; object, and end an objection. Effective at once."""

from troth.custody.desk import About
from troth.custody.stand import Stand
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Purpose


def choosing(act: Act, *, by: Actor, about: About, purpose: str) -> Stand:
    """Return the job of one choice; answered with a `Receipt`. Raises `BadArgument`."""
    request = Request(act, asker(by), purpose=Purpose(given.text("purpose", purpose)))
    return Stand(request, given.about(about))


def giving(*, by: Actor, about: About, purpose: str) -> Stand:
    """Give consent to a purpose (GDPR Art. 6(1)(a), 7)."""
    return choosing(Act.CONSENT, by=by, about=about, purpose=purpose)


def refusing(*, by: Actor, about: About, purpose: str) -> Stand:
    """Refuse consent to a purpose; remembered, so that it is not asked again at once."""
    return choosing(Act.DECLINE, by=by, about=about, purpose=purpose)


def withdrawing(*, by: Actor, about: About, purpose: str) -> Stand:
    """Withdraw consent (GDPR Art. 7(3)); as easy as giving it."""
    return choosing(Act.WITHDRAW, by=by, about=about, purpose=purpose)


def objecting(*, by: Actor, about: About, purpose: str) -> Stand:
    """Object to a purpose (GDPR Art. 21)."""
    return choosing(Act.OBJECT, by=by, about=about, purpose=purpose)


def yielding(*, by: Actor, about: About, purpose: str) -> Stand:
    """End an objection."""
    return choosing(Act.YIELD, by=by, about=about, purpose=purpose)
