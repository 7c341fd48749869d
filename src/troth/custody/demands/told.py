"""What a person told with a demand: sealed under their own key; of it stays only how its end is told."""

import json
from collections.abc import Mapping
from typing import Any

from troth.custody.desk import Desk
from troth.custody.keymaking import SELF
from troth.errors import SealBroken
from troth.rules.rights_cases import RightsCase
from troth.store import rights_cases

_STAYS = ("language", "mark")  # in which language, and to which of their addresses, its end is told


def sealed_for(desk: Desk, case: RightsCase, told: Mapping[str, Any]) -> bytes:
    """Return what a person told with a demand, sealed under their own key."""
    if not told:
        return b""
    desk.need_keys([(case.subject, SELF)])
    plain = json.dumps(dict(told), ensure_ascii=False).encode("utf-8")  # not hashed
    return desk.keys[case.subject, SELF].seal(plain, record=case.id, category="rights.case", schema=1)


def told_with(desk: Desk, case: RightsCase) -> dict[str, Any]:
    """Return what the person told with a demand; nothing once their keys are gone. Raises `SealBroken`."""
    sealed = rights_cases.sealed_of(desk.unit, case.id)
    if not sealed:
        return {}
    desk.open_keys([(case.subject, SELF)])
    key = desk.keys.get((case.subject, SELF))
    if key is None:
        return {}
    found: dict[str, Any] = json.loads(key.unseal(sealed, record=case.id, category="rights.case", schema=1))
    return found


def tell_with(desk: Desk, case: RightsCase, told: Mapping[str, Any]) -> None:
    """Keep, of what the person told with a demand, this and nothing else."""
    rights_cases.set_told(desk.unit, case.id, sealed_for(desk, case, told))


def forget(desk: Desk, case: RightsCase) -> None:
    """Forget what the person told with a demand that ended, but for how its end is told to them."""
    try:
        told = told_with(desk, case)
    except SealBroken:
        told = {}
    tell_with(desk, case, {name: said for name, said in told.items() if name in _STAYS})
