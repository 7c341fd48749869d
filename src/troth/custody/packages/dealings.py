"""What a person asked of the house, and the cases that go on about them, as their package tells it."""

from typing import Any

from troth.clock import Instant, iso
from troth.custody.demands.filing import due_of
from troth.custody.demands.told import told_with
from troth.custody.desk import Desk
from troth.custody.packages.packing import Making
from troth.rules.cases import Case
from troth.rules.decision import ActorKind
from troth.rules.rights_cases import RightsCase
from troth.store import cases, rights_cases

_THEIRS = ("text", "values")  # of what was told with a request: the rest is how its end is told


def dealings_of(desk: Desk, making: Making) -> dict[str, Any]:
    """Return each request of the person with its events and when it is due, and each case of theirs.

    What was told with a request that is open goes to the person alone, not to whoever makes the package
    for them: that is read by whoever may decide it. Raises `SealBroken`.
    """
    subject, own = making.row.subject, making.request.by.kind is ActorKind.SUBJECT
    desk.find([subject])
    return {
        "requests": [_request(desk, each, own=own) for each in rights_cases.of(desk.unit, subject)],
        "cases": [_case(each) for each in cases.of(desk.unit, subject)],
    }


def _request(desk: Desk, case: RightsCase, *, own: bool) -> dict[str, Any]:
    scope, due = case.scope, due_of(desk, case)
    told = told_with(desk, case) if own else {}
    return {
        "reference": case.reference,
        "right": case.right.value,
        "category": scope.category or "",
        "classes": list(scope.classes),
        "purpose": scope.purpose or "",
        "channel": scope.channel,
        "state": case.state.value,
        "due": _time(due.at if due else None),
        "events": [
            {"at": iso(one.at), "event": one.event.value, "by": one.by, "codes": list(one.codes)}
            for one in case.events
        ],
        "told": {name: told[name] for name in _THEIRS if name in told},
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "name": case.name,
        "state": case.state,
        "opened": iso(case.opened_at),
        "changed": iso(case.changed_at),
        "ended": _time(case.ended_at),
        "reasons": list(case.reasons),
    }


def _time(at: Instant | None) -> str | None:
    return None if at is None else iso(at)
