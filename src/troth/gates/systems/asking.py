"""Ask a system by HTTP: bounded in time and size, no redirect followed, nothing of an answer repeated."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from troth.errors import NotDoneThere

if TYPE_CHECKING:
    import ssl

MOST = 64 * 1024  # bytes of an answer
UNREACHABLE, TIMEOUT, UNTRUSTED, TOO_LARGE = "unreachable", "timeout", "untrusted", "answer-too-large"
UNLIKE = "answer-unlike"
_AS_IT_IS = "identity, *;q=0"  # a content coding: nothing that is packed (RFC 9110, 8.4.1 and 12.5.3)
_OURS = {"user-agent": "troth", "accept-encoding": _AS_IT_IS}
_LATER = {408, 425, 429}  # 4xx that say: not now


@dataclass(frozen=True, slots=True)
class Said:
    """What came back, as bytes: nothing of it is believed before it was verified."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """The way to one system; not to be asked inside of a running event loop."""

    def __init__(self, system: str, url: str, *, trust: str = "", patience: float = 20.0) -> None:
        """Keep where it is; nothing is reached yet. `trust` is a file of certificates (PEM)."""
        self._system, self._url = system, url
        self._trust, self._patience = trust, patience
        self._context: ssl.SSLContext | None = None

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Said:
        """Return the answer to a body that is sent; raises `NotDoneThere`."""
        return self._asked("POST", path, body, headers)

    def get(self, path: str, headers: Mapping[str, str]) -> Said:
        """Return what is there; raises `NotDoneThere`."""
        return self._asked("GET", path, None, headers)

    def _asked(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Said:
        import httpx

        try:
            said = asyncio.run(self._sent(method, self._url + path, body, headers))
        except NotDoneThere:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
            problem = _problem(failure)
        else:
            return said
        raise NotDoneThere(system=self._system, problem=problem, stuck=False)  # out here: nothing hangs on it

    async def _sent(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Said:
        import ssl

        import httpx

        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._trust or None)
        async with (
            asyncio.timeout(self._patience),
            httpx.AsyncClient(verify=self._context, trust_env=False, timeout=self._patience) as client,
            client.stream(method, url, content=body, headers={**_OURS, **headers}) as answer,
        ):
            if answer.headers.get("content-encoding", "") not in ("", _AS_IT_IS.partition(",")[0]):
                raise NotDoneThere(system=self._system, problem=UNLIKE, stuck=False)
            parts, size = [], 0
            async for part in answer.aiter_raw():  # as it came: packed, a kilobyte is a gigabyte
                size += len(part)
                if size > MOST:
                    raise NotDoneThere(system=self._system, problem=TOO_LARGE, stuck=False)
                parts.append(part)
            return Said(answer.status_code, dict(answer.headers), b"".join(parts))


def _problem(failure: Exception) -> str:
    import httpx

    if isinstance(failure, TimeoutError | httpx.TimeoutException):
        return TIMEOUT
    return UNTRUSTED if "CERTIFICATE_VERIFY_FAILED" in str(failure) else UNREACHABLE


def refused(system: str, status: int) -> NotDoneThere:
    """Return what a status says that is no success: again later, or somebody has to look."""
    if status in (401, 403):
        return NotDoneThere(system=system, problem="credentials", stuck=False)
    if 300 <= status <= 399:
        return NotDoneThere(system=system, problem="redirected", stuck=True)
    if 400 <= status <= 499 and status not in _LATER:
        return NotDoneThere(system=system, problem="refused", stuck=False)
    return NotDoneThere(system=system, problem="not-now", stuck=False)


def object_of(system: str, body: bytes) -> dict[str, object]:
    """Return the JSON object of an answer; raises `NotDoneThere`, which tells nothing of it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    raise NotDoneThere(system=system, problem=UNLIKE, stuck=False)
