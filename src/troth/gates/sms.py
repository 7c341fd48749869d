"""Text messages: a message becomes one signed HTTP request to a gateway, whoever runs it.

The signature is that of Standard Webhooks 1.0 (standardwebhooks.com), and not an HTTP Message Signature
(RFC 9421): a gateway checks it with a library that it has in any language, or in five lines; it covers all
that matters here (id, time, body), while method and address are one a gateway, and the key is made for it.
docs/formats/sms.md describes every byte. A gateway's answer is its status: of the body nothing is read.
"""

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING

from troth.canonical import encode
from troth.clock import SECOND, Clock
from troth.errors import BadArgument, BadMessage, NotTaken, NotTakenYet
from troth.gates.addresses import web_address
from troth.gates.message import Message

if TYPE_CHECKING:
    import ssl

_NUMBER = re.compile(r"\+[1-9][0-9]{5,14}\Z")  # E.164
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes of a key, as the scheme has it
_LATER = {408, 425, 429}  # 4xx that say: not now
KEY = f"`{_PREFIX}` or nothing, then base64 of {_SHORTEST} to {_LONGEST} random bytes"


class SmsGate:
    """One gateway that takes our text messages; not to be asked inside of a running event loop."""

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        secret: str,
        clock: Clock,
        trust: str = "",
        patience: float = 20.0,
    ) -> None:
        """Keep where text messages go; nothing is reached yet.

        `secret` is the key as text (see `signing_key`). `trust` is a file of the certificates (PEM) to
        believe instead of the system's. `patience` is in seconds, for all of an attempt.

        Raises `BadArgument`.
        """
        try:
            web_address(url)
        except ValueError:
            raise BadArgument(
                name="url", wanted="an `https://` address, or `http://` on this machine"
            ) from None
        try:
            self._key = signing_key(secret)
        except ValueError:
            raise BadArgument(name="secret", wanted=KEY) from None
        self._url, self._sender, self._clock = url, sender, clock
        self._trust, self._patience = trust, patience
        self._context: ssl.SSLContext | None = None

    def hand_out(self, message: Message, /) -> None:
        """Give a message to the gateway, which has then promised to deliver it.

        Raises `BadMessage` for a number that is none in E.164, `NotTaken` when the gateway never will take
        it (4xx, or a redirect, which is not followed), and `NotTakenYet` for 5xx, 408, 425, 429 and silence.
        """
        import asyncio

        import httpx

        if not _NUMBER.match(message.to):
            raise BadMessage(part="to", reason="it is no number in E.164")
        body = encode({"from": self._sender, "id": message.id, "text": message.text, "to": message.to})
        seconds = self._clock() // SECOND
        headers = {
            "content-type": "application/json",
            "user-agent": "troth",
            "webhook-id": message.id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature(self._key, message.id, seconds, body),
        }
        try:
            status = asyncio.run(self._posted(body, headers))
        except (httpx.HTTPError, OSError) as failure:
            problem: NotTaken | NotTakenYet | None = _unanswered(failure)
        else:
            problem = _answered(status)
        if problem is not None:
            raise problem  # out here, so that nothing of the request hangs on it

    async def _posted(self, body: bytes, headers: dict[str, str]) -> int:
        """Return the status of the answer; asynchronous, because only so one limit holds for all of it."""
        import asyncio
        import ssl

        import httpx

        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._trust or None)
        async with (
            asyncio.timeout(self._patience),
            # not the environment's proxies and passwords: what is not in the settings is not done
            httpx.AsyncClient(verify=self._context, trust_env=False, timeout=self._patience) as client,
            client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            return answer.status_code


def signing_key(text: str) -> bytes:
    """Return the key that a secret's text holds: `whsec_` or nothing, then base64 of 24 to 64 bytes.

    Raises `ValueError` for any other, without repeating it.
    """
    try:
        key = b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"it is not {KEY}")
    return key


def signature(key: bytes, number: str, seconds: int, body: bytes) -> str:
    """Return `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks, symmetric)."""
    signed = b".".join((number.encode("ascii"), b"%d" % seconds, body))
    return "v1," + b64encode(digest(key, signed, sha256)).decode("ascii")


def _answered(status: int) -> NotTaken | NotTakenYet | None:
    if 200 <= status <= 299:
        return None
    kind = NotTakenYet if status >= 500 or status in _LATER else NotTaken
    return kind(way="sms", problem=f"the gateway answered {status}")


def _unanswered(failure: Exception) -> NotTakenYet:
    import httpx

    if isinstance(failure, TimeoutError | httpx.TimeoutException):
        return NotTakenYet(way="sms", problem="the gateway did not answer in time")
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):
        return NotTakenYet(way="sms", problem="the gateway's certificate is not to be trusted")
    return NotTakenYet(way="sms", problem="the gateway cannot be reached, or speaks no HTTP")
