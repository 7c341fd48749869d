"""Kept: why what is held of a person is kept, and when it goes; nothing of what it says."""

from collections.abc import Callable
from dataclasses import dataclass

from troth.custody.desk import About, Desk
from troth.custody.endings.foretelling import Keeping, why_kept
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules import given
from troth.rules.decision import Act, Actor, Refusal, Request, asker
from troth.terms.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Kept:
    """Why what is held of a person is kept, and the receipt of the line that remembers who asked."""

    keepings: tuple[Keeping, ...]
    receipt: Receipt


def explaining(*, by: Actor, about: About, category: str = "") -> Callable[[Desk], Kept | TrothError]:
    """Return the work that says why things of a person are kept, of one category or of all.

    The period is part of what a person has access to (GDPR Art. 15(1)(d)): decided as access to the category,
    or to everything held, and remembered; what refuses it is returned. Who may not see it learns not whether
    anybody is known. Given to `Teller.alone` or `Teller.alone_soon`. Raises `BadArgument`.
    """
    given.about(about)
    word = given.text("category", category) if category else ""
    request = Request(Act.ACCESS, asker(by), Category(word or "*"))

    def work(desk: Desk) -> Kept | TrothError:
        desk.find([about])
        asked, decision = desk.admit_known(request, about)
        if isinstance(decision, Refusal):
            return desk.refuse(asked, decision, about)
        receipt = desk.remember_act(asked, decision, desk.people[about], fields=frozenset())
        return Kept(why_kept(desk, about, word), receipt)

    return work
