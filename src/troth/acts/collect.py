"""Collect: take in what a clause names, in its circumstance; one act, or a stream of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from troth.custody.desk import About
from troth.custody.drafts import Offer
from troth.custody.frameless import frameless
from troth.custody.take_in import TakeIn
from troth.errors import BadArgument
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category, Circumstance


@frameless
def offering(
    *,
    by: Actor,
    about: About,
    category: str,
    when: str,
    values: Mapping[str, Any],
    age: int | None = None,
    within: bytes | str | None = None,
) -> Offer:
    """Return one offer: values of one category, in one circumstance.

    Pictures and files are given as `bytes`. `age` is the person's age in years, where a clause asks it.
    `within` is the id of a case that this belongs to, or the name of a conversation that opens with it.
    Raises `BadArgument`.
    """
    if not (within is None or isinstance(within, bytes | str)):
        raise BadArgument(name="within", wanted="the id of a case, or the name of one to open")
    told = given.values(values)
    request = Request(
        Act.COLLECT,
        asker(by),
        Category(given.text("category", category)),
        frozenset(told),
        circumstance=Circumstance(given.text("when", when)),
        age=age if type(age) is int else None,
    )
    return Offer(request, given.about(about), told, within)


def taking(offers: Iterable[Offer], *, together: bool = False) -> TakeIn:
    """Return the job that takes offers in; `together` writes one ledger line for each kind of act.

    Answered with a tuple, in the order of the offers: `Taken`, or the error that refused that one.
    What is good is kept, whatever its neighbours are. Raises `BadArgument` for what is no offer.
    """
    if isinstance(offers, Iterable):
        some = tuple(offers)
        if all(isinstance(offer, Offer) for offer in some):
            return TakeIn(some, bool(together))
    raise BadArgument(name="offers", wanted="a list of offers, made by `offering`")
