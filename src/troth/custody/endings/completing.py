"""Complete an erasure: from its decision to its last line, while nobody else writes; or where it stopped."""

from collections.abc import Callable

from troth.custody.desk import Desk
from troth.custody.endings import erasing, finishing
from troth.custody.endings.erasing import Begun, Erase, Gone
from troth.custody.publishing import publish_everywhere
from troth.custody.serving import in_unit, remembered
from troth.errors import NotErased, NotKeptOutside, TrothError, Unfinished
from troth.house import House
from troth.ledger.receipt import Receipt


def erase(house: House, job: Erase, *, also: Callable[[Desk, Begun], object]) -> Gone | TrothError:
    """Decide an erasure, note it, and bring it to its end; return the refusal, where there is one.

    `also` is done in the transaction that begins it. Raises `Unfinished` where it was begun and could not be
    ended yet, `NotErased`, `NotKeptOutside`.
    """

    def begin(desk: Desk) -> Begun | TrothError:
        begun = erasing.begin(desk, job)
        if not isinstance(begun, TrothError):
            also(desk, begun)
        return begun

    with house.filing.alone():  # what is answered meanwhile would be erased
        begun = remembered(house, job, begin)
        if isinstance(begun, TrothError):
            return begun
        try:
            finished = end(house, begun.id, begun.subject, begun.classes, whole=begun.whole)
        except (NotErased, NotKeptOutside):
            raise
        except TrothError as problem:
            raise Unfinished(entry=begun.receipt.entry, problem=problem.code) from None
    count, files, done = finished or (0, 0, begun.receipt)
    return Gone(begun.classes, begun.stays, begun.whole, count, files, begun.receipt, done)


def end(
    house: House, erasure: bytes, subject: int, classes: tuple[str, ...], *, whole: bool
) -> tuple[int, int, Receipt] | None:
    """Finish an erasure that was begun, and fold the logs so that nothing of it stays in them.

    Returns (records, files, receipt); None when it was finished meanwhile. Raises `NotErased`, and
    `NotKeptOutside` where the ledger that outlives the house could not be told.
    """
    finished = in_unit(house, lambda desk: finishing.finish(desk, erasure, subject, classes, whole=whole))
    house.filing.fold()
    if finished is not None:
        keep_outside(house, finished[2])
    return finished


def keep_outside(house: House, receipt: Receipt) -> None:
    """Let the ledger that outlives the house say what a receipt does; raises `NotKeptOutside`."""
    if house.outside is not None:
        try:
            in_unit(house, publish_everywhere)
        except TrothError as problem:
            raise NotKeptOutside(entry=receipt.entry, problem=problem.code) from None
