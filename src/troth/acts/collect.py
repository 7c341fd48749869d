"""Collect: take in what a clause names, in its circumstance; one act, or a stream of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from troth.custody.desk import About
from troth.custody.take_in import Offer, TakeIn
from troth.rules.decision import Act, Actor, Request
from troth.terms.vocabulary import Category, Circumstance, FieldName


def offering(
    *,
    by: Actor,
    about: About,
    category: str,
    when: str,
    values: Mapping[str, Any],
    age: int | None = None,
) -> Offer:
    """Return one offer: values of one category, in one circumstance.

    Pictures and files are given as `bytes`. `age` is the person's age in years, where a clause asks it.
    """
    years = age if type(age) is int else None
    request = Request(Act.COLLECT, by, Category(category), circumstance=Circumstance(when), age=years)
    return Offer(request, about, {FieldName(str(name)): value for name, value in values.items()})


def taking(offers: Iterable[Offer], *, together: bool = False) -> TakeIn:
    """Return the job that takes offers in; `together` writes one ledger line for each kind of act.

    Answered with a tuple, in the order of the offers: `Taken`, or the error that refused that one.
    What is good is kept, whatever its neighbours are.
    """
    return TakeIn(tuple(offers), together)
