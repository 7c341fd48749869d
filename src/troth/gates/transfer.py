"""Transfer: bring a package straight to another provider, to an address that its person was given there.

The address is somebody's text, and is judged like any (`addresses.py`): `https` to public places alone. A
house that is served on this machine alone may reach this machine, also without TLS. Nothing is redirected.
"""

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import loads as parsed
from typing import TYPE_CHECKING, Any

from troth.errors import TransferFailed
from troth.gates.addresses import led, typed

if TYPE_CHECKING:
    import httpx

FORMAT = "troth-arrival/1"
SIGNATURE = "troth-signature"
_LARGEST = 65_536  # bytes of an answer
_CONNECT, _SILENT = 10.0, 60.0  # seconds
ASKED = 20.0  # seconds for all of an answer to who is there
_SLOWEST = 65_536  # bytes of a package in a second: whoever takes it slower keeps us waiting on purpose
_MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Who is at an address, as they say themselves: their name, and the key of their ledger."""

    organisation: str
    vkey: str


def place_at(address: str, *, trust: str = "", here: bool = False, within: float = ASKED) -> Place:
    """Ask who is at an address; `trust` is a file with further roots, `here` lets it be on this machine.

    All of the answer has to be there `within` so many seconds, however it comes.
    Raises `AddressRefused`, `TransferFailed`.
    """
    import asyncio

    status, body = asyncio.run(_asked("GET", address, within=within, trust=trust, here=here))
    if status != 200:
        raise TransferFailed(problem=f"the address answered {status}")
    try:
        said = parsed(body)
        found = Place(said["organisation"], said["vkey"])
        if said["format"] != FORMAT or not _is_name(found.organisation) or not _is_name(found.vkey):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise TransferFailed(problem="nobody there takes packages") from None
    return found


def bring(
    address: str,
    chunks: Iterator[bytes],
    *,
    size: int,
    digest: bytes,
    signature: bytes,
    trust: str = "",
    here: bool = False,
) -> bytes:
    """Bring a package as it is read; return the signed receipt. Raises `AddressRefused`, `TransferFailed`.

    All of it has its time, by its size. Whatever `chunks` raises goes through.
    """
    import asyncio

    headers = {
        "content-type": "application/zip",
        "content-length": str(size),
        "content-digest": f"sha-256=:{b64encode(digest).decode('ascii')}:",  # RFC 9530
        SIGNATURE: b64encode(signature).decode("ascii"),
    }
    within = _SILENT + size / _SLOWEST
    status, body = asyncio.run(
        _asked("PUT", address, within=within, headers=headers, chunks=chunks, trust=trust, here=here)
    )
    if status not in (200, 201):
        raise TransferFailed(problem=f"the other side answered {status}")
    return body


async def _asked(
    method: str,
    address: str,
    *,
    within: float,
    headers: dict[str, str] | None = None,
    chunks: Iterator[bytes] | None = None,
    trust: str = "",
    here: bool = False,
) -> tuple[int, bytes]:
    import asyncio

    import httpx

    try:
        async with asyncio.timeout(within), _client(trust) as client:
            parts = typed(address, here=here)
            target = led(parts, here=here)
            request = client.build_request(
                method,
                target,
                headers={"user-agent": "troth", "host": parts.netloc, **(headers or {})},
                content=_sent(chunks) if chunks is not None else None,
                extensions={"sni_hostname": parts.hostname},
            )
            answer = await client.send(request, stream=True)
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > _LARGEST:
                    raise TransferFailed(problem="the answer is too long")
            await answer.aclose()
            return answer.status_code, bytes(body)
    except (httpx.TimeoutException, TimeoutError):
        raise TransferFailed(problem="the other side did not answer in time") from None
    except (httpx.HTTPError, ssl.SSLError, OSError) as failure:
        what = "its certificate is not to be trusted" if "CERTIFICATE" in str(failure) else "it broke off"
        raise TransferFailed(problem=what) from None


@asynccontextmanager
async def _client(trust: str) -> "AsyncIterator[httpx.AsyncClient]":
    import httpx

    context = ssl.create_default_context(cafile=trust or None)
    patience = httpx.Timeout(_SILENT, connect=_CONNECT)
    async with httpx.AsyncClient(
        verify=context, trust_env=False, timeout=patience, follow_redirects=False
    ) as client:
        yield client


async def _sent(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read each chunk in a thread: opening it takes time, and others of this loop may wait."""
    import asyncio

    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


def _is_name(text: Any) -> bool:  # noqa: ANN401 - whatever somebody answered
    return isinstance(text, str) and 0 < len(text) <= _MOST_NAME and text.isprintable()
