"""Ask before a message is sent: may this person be reached for this purpose, by this channel, now?"""

import asyncio
from functools import partial

from fastapi import APIRouter
from starlette.responses import Response

from troth.acts.channels import list_unsubscribe, sending
from troth.ledger.receipt import Receipt
from troth.web.api import bodies, results, shapes
from troth.web.api.answers import answer, receipt
from troth.web.api.calls import Acting, Purposed
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import who

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["messages"])


@operation(router, "POST", "/messages/permission", answers=results.MayBeSent, takes=(bodies.JSON,))
async def permit_message(call: Purposed, _: Acting, asked: shapes.MessageAsked) -> Response:
    """Ask whether one message may be sent now; it is remembered as sent where it may.

    What decides is the clause of the purpose, consents, objections, restrictions, and the channels that the
    person stopped. Where they can end such letters with one click, `headers` are those that the letter has
    to carry (RFC 2369, RFC 8058); who sends it signs both.
    """
    about, purpose = who(asked.about), call.purpose
    job = sending(
        by=call.by, about=about, purpose=purpose, channel=asked.channel, case=call.case, reason=call.reason
    )
    found: Receipt = await call.ask(job)
    site = call.hall.site.origins[0]
    headers: tuple[tuple[str, str], ...] = ()
    if site.startswith("https://"):
        ways = partial(list_unsubscribe, about=about, purpose=purpose, channel=asked.channel, site=site)
        headers = await asyncio.to_thread(ways, call.hall.teller)
    return answer({"headers": dict(headers), "receipt": receipt(found)})
