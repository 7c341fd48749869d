"""What holds something of a person, as their package tells it: as far as they may know."""

from typing import Any

from troth.clock import FOREVER, iso
from troth.custody.desk import Desk
from troth.custody.endings.foretelling import why_kept
from troth.store.packages import PackageRow


def held_of(desk: Desk, row: PackageRow) -> list[dict[str, Any]]:
    """Return each hold on each kind of data; of one that may not be told, until when at most and no more."""
    found: list[dict[str, Any]] = []
    for keeping in why_kept(desk, row.subject):
        for hold in keeping.held:
            one: dict[str, Any] = {
                "category": keeping.category,
                "class": keeping.kept,
                "clause": keeping.clause,
            }
            one["until"] = None if hold.until >= FOREVER else iso(hold.until)
            if hold.matter:
                one |= {"matter": hold.matter, "reason": hold.reason}
                one |= {"owner": hold.owner, "since": iso(hold.since)}
            found.append(one)
    return found
