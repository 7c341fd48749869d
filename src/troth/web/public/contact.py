"""Write to us without an account: a conversation of its own, and an unguessable link to follow it.

Whoever writes becomes a person of whom nothing is known but the message. The link is a sealed token that
names the conversation; it holds nothing about anybody, and opens that conversation alone.
"""

import secrets

from starlette.responses import Response

from troth.acts import cases
from troth.clock import DAY
from troth.custody.take_in import Taken
from troth.errors import BadMessage, CourierFull, FlowOver, FlowRefused, NoGate
from troth.gates.message import Message
from troth.rules.cases import Case
from troth.rules.decision import member
from troth.terms.agreement import CaseRule
from troth.web import errands, frames, intakes, threads
from troth.web.credentials.flows import open_flow, seal_flow
from troth.web.errands import Errand
from troth.web.hall import sign_in_of
from troth.web.permission import Permission
from troth.web.portal.support import ways
from troth.web.public.pages import missing
from troth.web.threads import Talk
from troth.web.visit import Pages, Visit

pages = Pages()
KIND = "thread"
LIFETIME = 20 * 365 * DAY  # of a link; what it opens ends long before, when its clause says


def _rule(visit: Visit) -> CaseRule | None:
    """Return the conversation that somebody unknown can begin."""
    book = visit.hall.house.book
    for _, rule in intakes.cases_of_kind(book, "conversation"):
        intake = threads.message_intake(book, rule)
        if intake is not None and intake.rule.opens:
            return rule
    return None


def _errand(visit: Visit) -> Errand | None:
    """Return the errand of a message without an account; None where the agreement has none."""
    rule = _rule(visit)
    intake = threads.message_intake(visit.hall.house.book, rule) if rule else None
    if rule is None or intake is None:
        return None
    return Errand(
        visit=visit,
        intake=intake,
        path="/contact",
        title=visit.words("Write to us"),
        back="/",
        done=_opened,
        by=_stranger(visit),
        about=f"letter-{secrets.token_hex(16)}",
        within=rule.name,
        review=False,
        held=False,
    )


def _stranger(visit: Visit) -> "member":  # type: ignore[valid-type]
    """Return who asks: a person themself, of whom nothing is sure but that they came here."""
    rule = sign_in_of(visit.hall.house)
    return member(rule.program if rule else None, "signed_in")
