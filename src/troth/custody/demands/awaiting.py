"""What was asked by an address alone waits, sealed, from before it is answered until it is filed.

Nobody is known yet whose key it could be, so it is sealed under one of the house, and leaves no copy. It is
filed in the transaction in which it stops to wait: whatever is cut off, it is filed once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from troth.clock import DAY, SECOND
from troth.custody.demands.filing import Demand, Lodged, file_demands
from troth.custody.demands.proofs import ask_again
from troth.custody.demands.told import tell_with, told_with
from troth.custody.desk import Desk
from troth.errors import SealBroken, UnknownSuite
from troth.house import House
from troth.rules.rights_cases import ENDED, RightsCase
from troth.store import askings, rights_cases
from troth.store.askings import Asking

MOST = 1_000  # that wait at a time
LASTS = DAY  # what could not be filed until then is forgotten
_AGAIN = 5  # seconds until another takes up what somebody took up and did not file
_BRANCH = "troth.asking"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked by an address, as it waits to be filed."""

    id: bytes
    said: Mapping[str, str] = field(repr=False)


def keeping(mark: str, said: Mapping[str, str]) -> Callable[[Desk], bool]:
    """Return the work that keeps what was asked, once for each `mark`; False where too much waits already."""

    def work(desk: Desk) -> bool:
        if askings.count(desk.unit) >= MOST:
            return False
        branch = desk.house.keyring.branch(_BRANCH)
        asking = branch.digest("mark", mark)
        plain = json.dumps(dict(said)).encode("utf-8")  # not hashed
        askings.add(desk.unit, Asking(asking, desk.now, desk.now, branch.seal(plain, _BRANCH, salt=asking)))
        return True

    return work


def taken_up(desk: Desk) -> list[Asked]:
    """Take up what waits to be filed; what nobody files is taken up again after a while, for a day."""
    found = []
    for it in askings.due(desk.unit, desk.now, _AT_ONCE):
        said = _opened(desk.house, it)
        if said is None or it.made_at + LASTS <= desk.now:
            askings.drop(desk.unit, it.id)
        elif askings.later(desk.unit, it, desk.now + _AGAIN * SECOND):
            found.append(Asked(it.id, said))
    return found


def _opened(house: House, it: Asking) -> dict[str, str] | None:
    try:
        plain = house.keyring.branch(_BRANCH).unseal(it.sealed, _BRANCH, salt=it.id)
    except (SealBroken, UnknownSuite):
        return None
    found: dict[str, str] = json.loads(plain)
    return found


def filing(it: Asked, demand: Demand, mark: bytes) -> Callable[[Desk], tuple[bool, RightsCase | None]]:
    """Return the work that files what was asked, and has it wait no more, in one transaction.

    Where it has to be proven first, the letter for that is noted with it; `mark` stands for the address that
    it goes to. One that is open already has another letter. Answered with whether that is all; where it is
    not, it still waits, until whoever asked was told of the demand that is proven already, or of none.
    """

    def work(desk: Desk) -> tuple[bool, RightsCase | None]:
        if not askings.is_there(desk.unit, it.id):
            return True, None
        (outcome,) = file_demands(desk, [demand])
        case = outcome.case if isinstance(outcome, Lodged) else _open_same(desk, demand)
        if case is None or not case.waits:
            return False, case
        tell_with(desk, case, {**told_with(desk, case), "mark": mark.hex()})
        askings.drop(desk.unit, it.id)
        return True, ask_again(desk, case.id)

    return work


def _open_same(desk: Desk, demand: Demand) -> RightsCase | None:
    """Return the open demand of the same person for the same right over the same."""
    subject = desk.people.get(demand.about)
    mine = rights_cases.of(desk.unit, subject) if subject is not None else []
    right = str(demand.request.circumstance)
    same = (one for one in mine if one.right.value == right and one.scope == demand.scope)
    return next((one for one in same if one.state not in ENDED), None)


def forgotten(it: Asked) -> Callable[[Desk], bool]:
    """Return the work that forgets what was asked, once whoever asked was told; False where it is gone."""
    return lambda desk: askings.drop(desk.unit, it.id)
