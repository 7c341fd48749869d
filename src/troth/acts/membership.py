"""Membership: joining comes with a first collection; what was proven; leaving, which starts clocks."""

from troth.custody.desk import About
from troth.custody.stand import Stand
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category, FieldName


def leaving(*, by: Actor, about: About) -> Stand:
    """Leave: every class whose time runs from leaving begins to run; answered with a `Receipt`.

    Raises `BadArgument`.
    """
    return Stand(Request(Act.LEAVE, asker(by)), given.about(about))


def proving(*, by: Actor, about: About, field: str) -> Stand:
    """Note that a code which was sent to the value of `category.field` came back; answered with a `Receipt`.

    It holds until the value changes. Raises `BadArgument`.
    """
    category, _, name = given.text("field", field).rpartition(".")
    request = Request(Act.PROVE, asker(by), Category(category), frozenset({FieldName(name)}))
    return Stand(request, given.about(about))
