"""Channels: stop one way of being reached for a purpose, open it again, and ask before anything is sent."""

from troth.custody.desk import About
from troth.custody.sending import Send
from troth.custody.stand import Stand
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
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
