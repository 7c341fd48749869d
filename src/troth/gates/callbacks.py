"""Call back: tell an agent how a request stands, at an address that the agent named.

The address is somebody's text, and is judged like any (`addresses.py`): `https` to public places alone.
Nothing is redirected, and nothing of an answer is read.
"""

import asyncio
import ssl
from collections.abc import Callable
from urllib.parse import SplitResult

from troth.errors import TransferFailed
from troth.gates.addresses import is_public, led, typed

PATIENCE = 10.0  # seconds


def call_back(
    address: str, body: bytes, *, trust: str = "", allowed: Callable[[str], bool] = is_public
) -> None:
    """Post a JSON body; `trust` is a file with further roots, `allowed` says which numbers may be reached.

    Raises `AddressRefused`, and `TransferFailed` when the other side did not take it.
    """
    import httpx

    parts = typed(address)
    target = led(parts, allowed=allowed)
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
