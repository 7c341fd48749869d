"""Membership: joining comes with a first collection that opens an account; leaving starts clocks."""

from troth.custody.desk import About
from troth.custody.stand import Stand
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker


def leaving(*, by: Actor, about: About) -> Stand:
    """Leave: every class whose time runs from leaving begins to run; answered with a `Receipt`.

    Raises `BadArgument`.
    """
    return Stand(Request(Act.LEAVE, asker(by)), given.about(about))
