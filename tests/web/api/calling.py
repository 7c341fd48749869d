"""Programs for the tests: they hold keys of a house and call its API, through the real application.

helpdesk = api.program("helpdesk", "support")        # a key, made as `troth key make` makes it
answer = helpdesk.get("/subjects/s_.../records/account", troth_purpose="support.reply", troth_case="C-1")
answer = exchange.post("/records", {...}, idempotency_key="7")
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx

from troth.acts.keys import make_key
from troth.clock import DAY
from troth.library import Troth
from troth.web.api.ids import subject_id
from troth.web.hall import Hall

ORIGIN = "http://localhost:8000"
ROOT = "/api/v1"


def sent(headers: dict[str, str]) -> dict[str, str]:
    """Headers as they are written: `troth_purpose` as `troth-purpose`."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Api:
    """A house whose API is served."""

    def __init__(self, house: Troth, hall: Hall, app: Any, runner: asyncio.Runner) -> None:
        self.house, self.hall, self.app, self._runner = house, hall, app, runner
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
        self._http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    @property
    def clock(self) -> Any:
        """The clock of the house, to be moved ahead."""
        return self.house.teller.house.clock

    def run(self, awaited: Any) -> Any:
        """Run something that is awaited, on the loop of the server."""
        return self._runner.run(awaited)

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send one request, to a path below the API's root."""
        return self.run(self.ask_soon(method, path, **content))

    async def ask_soon(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send one request from within the loop."""
        return await self._http.request(method, ROOT + path, **content)

    def close(self) -> None:
        """Close the client."""
        self.run(self._http.aclose())

    def program(self, name: str, *purposes: str, rate: int = 600_000, days: int = 30) -> "Program":
        """A program with a new key for these purposes."""
        until = self.clock() + days * DAY
        made = make_key(self.house.teller, program=name, purposes=purposes, rate=rate, until=until)
        return Program(self, name, made.text, made.key.id)

    def lines(self) -> list[dict[str, Any]]:
        """Every line of the ledger, oldest first."""
        from troth.store import entries

        def work(desk: Any) -> list[bytes]:
            return list(entries.leaves(desk.unit, 0, desk.unit.size))

        return [json.loads(leaf) for leaf in self.house.teller.alone(work)]


@dataclass
class Program:
    """A program with its key."""

    api: Api
    name: str
    key: str
    id: str

    @property
    def shown(self) -> dict[str, str]:
        """The header that shows the key."""
        return {"authorization": f"Bearer {self.key}"}

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Read."""
        return self.api.ask("GET", path, headers={**self.shown, **sent(headers)})

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send JSON."""
        return self.api.ask("POST", path, json=body, headers={**self.shown, **sent(headers)})

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        """Send any bytes, as JSON unless told otherwise."""
        named = {"content-type": "application/json", **self.shown, **sent(headers)} if body else self.shown
        return self.api.ask(method, path, content=body, headers={**named, **sent(headers)})

    def records(self, who: int, category: str, purpose: str, **headers: str) -> httpx.Response:
        """Read a category of a person, for a purpose."""
        return self.get(f"/subjects/{subject_id(who)}/records/{category}", troth_purpose=purpose, **headers)


def codes(answer: httpx.Response) -> list[str]:
    """The codes of a refusal's reasons."""
    return [reason["code"] for reason in answer.json()["reasons"]]
