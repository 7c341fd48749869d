"""Undo: have everything erased some days later, and call it back in them with a code that nobody else has."""

from troth.custody.desk import About
from troth.custody.endings import grace, returning
from troth.custody.endings.erasing import Erase
from troth.custody.endings.grace import Away, PutAway
from troth.custody.endings.returning import ComeBack
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.teller import Teller
from troth.terms.vocabulary import Category
from troth.vault import recovery

EVERYTHING = Category("*")


def new_code() -> str:
    """Return a new recovery code: the person's alone, given to them before anything is sealed away."""
    return recovery.new_code()


def put_away(teller: Teller, *, by: Actor, about: About, days: int, code: str, case: str = "") -> Away:
    """Seal everything away that an erasure would take, which comes `days` (1 to 30) later.

    Until then whoever has the code, made by `new_code`, brings it back; nobody else reads it. Raises
    `BadArgument`, what refuses an erasure, and `Unfinished` when it is begun and cut off.
    """
    request = Request(Act.ERASE, asker(by), EVERYTHING, case=given.text("case", case))
    job = PutAway(Erase(request, given.about(about)), days, code)
    outcome = teller.chore(lambda house: grace.put_away(house, job))
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome


def come_back(teller: Teller, *, by: Actor, about: About, code: str) -> Receipt:
    """Bring back what was sealed away, as it was, in the days before it is erased.

    Raises `NotRestored` for a reference of nobody, another code and a time that is over, all alike.
    """
    request = Request(Act.RESTORE, asker(by), EVERYTHING)
    job = ComeBack(request, given.about(about), given.text("code", code))
    outcome = teller.chore(lambda house: returning.come_back(house, job))
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome
