"""Account activity: each sign-in, sign-out and change of settings, noted as the agreement says.

What failed is noted for accounts that exist, within a second and by the way, so that an answer takes as
long for an account as for none.
"""

from troth.acts import collect
from troth.clock import SECOND, iso
from troth.custody.drafts import Offer
from troth.rules.decision import program
from troth.web.accounts import entering
from troth.web.accounts.entering import Identifier
from troth.web.accounts.keeping import circumstance_of
from troth.web.hall import Hall, sign_in_of

SIGN_IN, SIGN_OUT, SETTINGS = "sign_in", "sign_out", "settings"


def _offer(hall: Hall, subject: int, action: str, *, succeeded: bool) -> Offer | None:
    """Return what is noted; None where the agreement notes none."""
    rule = sign_in_of(hall.house)
    if rule is None or rule.activity is None:
        return None
    now = hall.now
    return collect.offering(
        by=program(rule.program),
        about=subject,
        category=rule.activity,
        when=circumstance_of(hall.teller, rule.activity),
        values={"time": iso(now - now % SECOND), "action": action, "succeeded": succeeded},
    )


async def note(hall: Hall, subject: int, action: str) -> None:
    """Note what somebody did, before they are answered."""
    offer = _offer(hall, subject, action, succeeded=True)
    if offer is not None:
        await hall.teller.ask_soon(collect.taking([offer], together=True))


async def failed(hall: Hall, identifier: Identifier) -> None:
    """Note a sign-in that failed, if anybody has the identifier; it takes as long if nobody has."""
    subject = await entering.whose(hall, identifier)
    offer = None if subject is None else _offer(hall, subject, SIGN_IN, succeeded=False)
    if offer is not None:
        hall.gathered.put(hall.teller, offer)
