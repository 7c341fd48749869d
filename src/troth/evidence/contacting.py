"""The checks of a `contact` rule: its page opens to everybody, and nobody who wrote waits for ever."""

from typing import TYPE_CHECKING

from troth.evidence.protection import of_pages
from troth.evidence.status import CheckResult, judged
from troth.rules.cases import CONVERSATION
from troth.terms.vocabulary import Period

if TYPE_CHECKING:
    from troth.evidence.checks import Sight

PATIENCE = Period(months=1)  # GDPR Art. 12(3): the time within which a wish is answered


def of_contact(clause: str, sight: "Sight") -> tuple[CheckResult, ...]:
    """Return the results of both."""
    mine = [
        sight.cases[name]
        for name, (_, rule) in sight.house.book.cases.items()
        if rule.kind == CONVERSATION.kind and name in sight.cases
    ]
    waiting = [seen.waits_since for seen in mine if seen.waits_since is not None]
    late = [since for since in waiting if PATIENCE.after(since) < sight.now]
    faults = ["somebody who wrote has waited for longer than a month"] if late else []
    measures = (
        "nobody who wrote on our pages waits for an answer longer than a month (GDPR Art. 12(3)), but for the"
        " time in which they have what they wrote stored without use"
    )
    limits = "letters and mails; whether an answer helps, and in which language it is"
    count, nothing = sum(seen.rows for seen in mine), "nobody has written on our pages yet"
    answered = judged("answered", measures, limits, faults, count, nothing)
    return of_pages("contact", clause, sight), answered
