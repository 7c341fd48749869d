"""Rights that take effect in one transaction: how each is carried out, and what has to be true then.

What was done is read back from the store, and not from what was meant to be written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from troth.custody.amend import Amend, amend, shows
from troth.custody.demands.told import told_with
from troth.custody.desk import About, Desk
from troth.custody.stand import Stand, stand
from troth.errors import NotSo, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.channels import is_stopped
from troth.rules.decision import NO_CATEGORY, Act, Actor, Request
from troth.rules.rights_cases import Event, RightsCase
from troth.rules.standing import Choice, Standing
from troth.rules.standing import read as read_standing
from troth.store import registry
from troth.terms.vocabulary import Category, FieldName, Purpose, RightName


@dataclass(frozen=True, slots=True)
class _Immediate:
    """The job that carries a right out, and whether it is so then."""

    job: Callable[[Desk, RightsCase, Actor], Stand | Amend | None]
    holds: Callable[[Desk, RightsCase, Standing], bool]


def is_immediate(right: RightName) -> bool:
    """Whether a right takes effect in one transaction."""
    return right in _RIGHTS


def is_lost(desk: Desk, case: RightsCase) -> bool:
    """Whether what was told with a demand, and is needed for it, was lost with a store.

    Whoever demanded it has to be asked again; the demand stays open until somebody ends it.
    """
    return case.right is RightName.CORRECT and not told_with(desk, case).get("values")


def done_at_once(desk: Desk, case: RightsCase, actor: Actor) -> Receipt | TrothError | None:
    """Carry a demand out; return the receipt of the act, why it is refused, or None where no act is needed.

    Raises `NotSo` when it reads back otherwise: then nothing of this transaction may stand.
    """
    way = _RIGHTS[case.right]
    job = way.job(desk, case, actor)
    outcome: Receipt | TrothError | None = None
    if isinstance(job, Stand):
        (outcome,) = stand(desk, [job])
    elif job is not None:
        (outcome,) = amend(desk, [job])
    if isinstance(outcome, TrothError):
        return outcome
    standing = read_standing(registry.standings(desk.unit, [case.subject])[case.subject])
    if not way.holds(desk, case, standing):
        raise NotSo(demand=case.reference)
    return outcome


def _asking(case: RightsCase, actor: Actor, act: Act, **said: Any) -> Request:  # noqa: ANN401
    return Request(act, actor, case=case.reference, reviewed=case.has(Event.GRANTED), **said)


def _over_purpose(act: Act) -> Callable[[Desk, RightsCase, Actor], Stand]:
    def job(desk: Desk, case: RightsCase, actor: Actor) -> Stand:
        purpose = case.scope.purpose or Purpose("")
        chosen = act
        if case.right is RightName.OPT_OUT and case.scope.channel:  # that way alone
            stop = _asking(case, actor, Act.STOP, purpose=purpose, channel=case.scope.channel)
            return Stand(stop, case.subject, case.id)
        if case.right is RightName.OPT_OUT and purpose not in desk.house.book.objectable:
            chosen = Act.WITHDRAW
        return Stand(_asking(case, actor, chosen, purpose=purpose), case.subject, case.id)

    return job


def _refused_now(desk: Desk, case: RightsCase, standing: Standing) -> bool:
    _ = desk
    purpose = case.scope.purpose or Purpose("")
    if case.right is RightName.OPT_OUT and case.scope.channel:
        return is_stopped(standing, purpose, case.scope.channel)
    return standing.objected(purpose) or standing.choice(purpose) is Choice.WITHDRAWN


def _about(desk: Desk, case: RightsCase) -> About:
    """Return the person as the organisation called them when they demanded, else by their number."""
    found: About = told_with(desk, case).get("reference", case.subject)
    return found


def _restricting(desk: Desk, case: RightsCase, actor: Actor) -> Stand:
    category = case.scope.category or Category("*")
    return Stand(_asking(case, actor, Act.RESTRICT, category=category), _about(desk, case), case.id)


def _correcting(desk: Desk, case: RightsCase, actor: Actor) -> Amend:
    said = told_with(desk, case)
    request = _asking(case, actor, Act.CORRECT, category=case.scope.category or NO_CATEGORY)
    record = bytes.fromhex(said["record"]) if said.get("record") else None
    values = {FieldName(name): value for name, value in said.get("values", {}).items()}
    return Amend(request, _about(desk, case), values, record, case_id=case.id)


def _corrected(desk: Desk, case: RightsCase, standing: Standing) -> bool:
    _ = standing
    said = told_with(desk, case).get("values", {})
    return shows(desk, case.subject, case.scope.category or NO_CATEGORY, said)


_RIGHTS: dict[RightName, _Immediate] = {
    RightName.OBJECT: _Immediate(_over_purpose(Act.OBJECT), _refused_now),
    RightName.OPT_OUT: _Immediate(_over_purpose(Act.OBJECT), _refused_now),
    RightName.WITHDRAW: _Immediate(_over_purpose(Act.WITHDRAW), _refused_now),
    RightName.RESTRICT: _Immediate(
        _restricting, lambda _, case, standing: standing.restricted(case.scope.category or Category("*"))
    ),
    RightName.LEAVE: _Immediate(
        lambda _, case, actor: Stand(_asking(case, actor, Act.LEAVE), case.subject, case.id),
        lambda _desk, _case, standing: standing.left is not None,
    ),
    RightName.CORRECT: _Immediate(_correcting, _corrected),
    RightName.COMPLAIN: _Immediate(lambda *_: None, lambda *_: True),  # who decided it has answered it
}
