"""Call agents back when a request of theirs stands otherwise than they were told; where it fails, again."""

import json
from collections.abc import Callable
from functools import partial
from threading import Lock

from troth.clock import DAY, FOREVER, SECOND, Instant
from troth.custody.demands import agents
from troth.custody.desk import Desk
from troth.errors import AddressRefused, TransferFailed
from troth.gates.callbacks import call_back
from troth.rules.rights_cases import PROOF_LASTS
from troth.store import agents as rows
from troth.web.drp import statuses
from troth.web.drp.statuses import Stands
from troth.web.hall import Hall

TRIES = 10  # the last some seventeen hours after the first
LOOK = 300 * SECOND  # until an open request is looked at again
AT_ONCE = 100
_one = Lock()

Post = Callable[[str, bytes], None]


def run(hall: Hall, post: Post = call_back) -> int:
    """Tell every agent what they do not know yet; return how many were told. May be cut off and run again."""
    count = 0
    with _one:
        seen = set[bytes]()
        while some := [it for it in hall.teller.alone(_due) if it.row.request not in seen]:
            for it in some:
                seen.add(it.row.request)
                count += _tell(hall, it, post)
    return count


def _due(desk: Desk) -> list[Stands]:
    rows.forget_used(desk.unit, desk.now)
    return [statuses.looked_up(desk, row) for row in rows.due(desk.unit, desk.now, AT_ONCE)]


def _tell(hall: Hall, it: Stands, post: Post) -> bool:
    status = statuses.status_of(hall, it)
    said, row = statuses.told_of(status), it.row
    final = status["status"] in statuses.FINAL
    if not it.trusted or said == row.told or not it.said.get("callback") or row.tries >= TRIES:
        hall.teller.alone(partial(_settled, it=it, said=said, final=final))
        return False
    try:
        post(it.said["callback"], json.dumps(status).encode("utf-8"))  # not hashed
    except (AddressRefused, TransferFailed):
        again = hall.now + (60 * SECOND << row.tries)
        hall.teller.alone(
            lambda d: rows.told(d.unit, row.request, row.told, tries=row.tries + 1, due_at=again)
        )
        return False
    hall.teller.alone(partial(_settled, it=it, said=said, final=final))
    return True


def _settled(desk: Desk, it: Stands, said: str, *, final: bool) -> None:
    """Keep what an agent knows, and when to look again; forget what ended long ago."""
    row = it.row
    if final and said == row.told and row.due_at - row.made_at > PROOF_LASTS and _is_old(desk, it):
        rows.remove(desk.unit, row.request)
        return
    due = desk.now + (DAY if final else LOOK)
    rows.told(desk.unit, row.request, said, tries=0, due_at=min(due, FOREVER))


def _is_old(desk: Desk, it: Stands) -> bool:
    ended: Instant = it.row.revoked_at or it.row.made_at + PROOF_LASTS
    if it.case is not None and it.case.ended_at is not None:
        ended = it.case.ended_at
    return desk.now >= ended + agents.KEPT
