"""Recall for somebody else: what the ledger says of a person, where a clause on access lets them see it."""

from collections.abc import Callable
from dataclasses import dataclass

from troth.custody.desk import About, Desk
from troth.custody.recalling import Recalled, recall_some
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules import given
from troth.rules.decision import Act, Actor, ActorKind, Refusal, Request, asker
from troth.terms.vocabulary import Category

EVERYTHING = Category("*")


@dataclass(frozen=True, slots=True)
class Recollection:
    """Entries about a person, and the receipt of the line that remembers that they were asked for."""

    recalled: Recalled
    receipt: Receipt


def recalling(
    *, by: Actor, about: About, before: int | None = None, limit: int = 50
) -> Callable[[Desk], Recollection | TrothError]:
    """Return the work that finds entries about a person (GDPR Art. 15), newest first, below `before`.

    Decided as access to everything held, and remembered; what refuses it is returned. Given to
    `Teller.alone` or `Teller.alone_soon`. Raises `BadArgument`.
    """
    request = Request(Act.ACCESS, asker(by), EVERYTHING)
    given.about(about)

    def work(desk: Desk) -> Recollection | TrothError:
        desk.find([about])
        asked, decision = desk.admit_known(request, about)
        if isinstance(decision, Refusal):
            return desk.refuse(asked, decision, about)
        subject = desk.people[about]
        every = asked.by.kind is not ActorKind.SUBJECT
        found = recall_some(desk, subject, before=before, limit=limit, every=every)
        return Recollection(found, desk.remember_act(asked, decision, subject))

    return work
