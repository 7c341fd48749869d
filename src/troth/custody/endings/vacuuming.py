"""Vacuum: what was deleted goes from the files of the databases as well.

Of the keystore twice a day, so that within a day of an erasure no copy of a wrapped key is left in it; of the
store when it is asked for, as it may be large.
"""

from troth.clock import DAY
from troth.custody.desk import Desk
from troth.store import registry

EACH = DAY // 2
_DONE = "keystore_vacuumed_at"


def is_due(desk: Desk) -> bool:
    """Whether half a day went by since the keystore was written anew."""
    return desk.now >= registry.number(desk.unit, _DONE) + EACH


def note(desk: Desk) -> None:
    """Remember that the keystore was written anew just now."""
    registry.set_setting(desk.unit, _DONE, str(desk.now))
