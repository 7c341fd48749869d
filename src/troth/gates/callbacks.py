"""Call back: tell an agent how a request stands, at an address that the agent named.

The address is somebody's text: `https` alone; what its host's name leads to must be public addresses; the one
that was judged is connected to, and no other; nothing is redirected, and nothing of an answer is read.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from urllib.parse import SplitResult

from troth.errors import AddressRefused, TransferFailed
from troth.gates.addresses import web_address

PATIENCE = 10.0  # seconds
LONGEST = 1_000  # letters of an address


def judged(address: str) -> SplitResult:
    """Return an address taken apart that may be called back, unlooked; raises `AddressRefused`."""
    try:
        parts = web_address(address) if len(address) <= LONGEST else None
    except ValueError as problem:
        raise AddressRefused(problem=str(problem)) from None
    if parts is None or parts.scheme != "https":
        raise AddressRefused(problem="is no `https://` address, or too long")
    return parts


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public network."""
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (inner or address).is_global and not (inner or address).is_multicast


def call_back(
    address: str, body: bytes, *, trust: str = "", allowed: Callable[[str], bool] = is_public
) -> None:
    """Post a JSON body; `trust` is a file with further roots, `allowed` says which numbers may be reached.

    Raises `AddressRefused`, and `TransferFailed` when the other side did not take it.
    """
    import httpx

    parts = judged(address)
    host, port = parts.hostname or "", parts.port or 443
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressRefused(problem="leads nowhere") from None
    numbers = [str(each[4][0]) for each in found]
    if not all(map(allowed, numbers)):
        raise AddressRefused(problem="leads into a network that is not public")
    number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    target = parts._replace(netloc=f"{number}:{port}").geturl()
    try:
        status = asyncio.run(_sent(target, parts, body, trust))
    except (httpx.HTTPError, ssl.SSLError, OSError):
        raise TransferFailed(problem="the other side did not answer") from None
    if not 200 <= status <= 299:
        raise TransferFailed(problem=f"the other side answered {status}")


async def _sent(target: str, parts: SplitResult, body: bytes, trust: str) -> int:
    import httpx

    context = ssl.create_default_context(cafile=trust or None)
    headers = {"user-agent": "troth", "host": parts.netloc, "content-type": "application/json"}
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", target, content=body, headers=headers, extensions={"sni_hostname": parts.hostname}
        ) as answer,
    ):
        return answer.status_code
