"""Channels: stop one way of being reached for a purpose, open it again, and ask before anything is sent."""

from troth.custody.desk import About
from troth.custody.sending import Send
from troth.custody.stand import Stand
from troth.custody.unsubscribing import read_token, token_for, unsubscribe
from troth.errors import BadArgument, NothingThere, TrothError
from troth.ledger.receipt import Receipt
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.teller import Teller
from troth.terms.vocabulary import Purpose


def stopping(*, by: Actor, about: About, purpose: str, channel: str) -> Stand:
    """Stop one channel of a purpose (GDPR Art. 21(2), 7(3)); effective at once, answered with a `Receipt`.

    Raises `BadArgument`.
    """
    return Stand(_request(Act.STOP, by, purpose, channel), given.about(about))


def opening(*, by: Actor, about: About, purpose: str, channel: str) -> Stand:
    """Open a channel again that was stopped; it needs what it needed before."""
    return Stand(_request(Act.START, by, purpose, channel), given.about(about))


def sending(*, by: Actor, about: About, purpose: str, channel: str, case: str = "", reason: str = "") -> Send:
    """Ask whether one message may be sent now; answered with a `Receipt` where it may."""
    return Send(_request(Act.SEND, by, purpose, channel, case, reason), given.about(about))


def _request(act: Act, by: Actor, purpose: str, channel: str, case: str = "", reason: str = "") -> Request:
    return Request(
        act,
        asker(by),
        purpose=Purpose(given.text("purpose", purpose)),
        channel=given.text("channel", channel),
        case=given.text("case", case),
        reason=given.text("reason", reason),
    )


def list_unsubscribe(
    teller: Teller, *, about: About, purpose: str, channel: str, site: str
) -> tuple[tuple[str, str], ...]:
    """Return the headers by which one click ends such letters (RFC 2369, RFC 8058); none where it cannot.

    They name the address of one person, one purpose and one channel, under `site`, which is served by TLS.
    Whoever signs the letter must sign both (DKIM). Raises `BadArgument`.
    """
    given.about(about)
    words = given.text("purpose", purpose), given.text("channel", channel)
    sound = given.text("site", site).isascii() and site.isprintable() and " " not in site
    if not (sound and site.startswith("https://")):
        raise BadArgument(name="site", wanted="the `https://` address at which the server is reached")
    token = teller.alone(lambda desk: token_for(desk, about, *words))
    if token is None:
        return ()
    address = f"<{site.rstrip('/')}/u/{token}>"
    return ("List-Unsubscribe", address), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def ending(teller: Teller, *, token: str) -> Receipt | None:
    """Stop what a token names; None where that is so already, or nobody is there any more.

    Raises `NothingThere` for what is no token of ours, and what refuses it.
    """
    way = read_token(teller.house, given.text("token", token))
    if way is None:
        raise NothingThere
    found = teller.alone(lambda desk: unsubscribe(desk, way))
    if isinstance(found, TrothError):
        raise found
    return found
