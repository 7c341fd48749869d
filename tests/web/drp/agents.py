"""An agent of the Data Rights Protocol for the tests: signs as libsodium does, and calls our server."""

import json
from base64 import b64encode
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.web.browsing import Portal
from troth.acts.agents import add_agent
from troth.clock import SECOND, iso

BUSINESS = "EXAMPLE_BUSINESS"
BACK = "https://agent.example.org/back"


class Client:
    """One agent: its key, its token, and what it sends."""

    def __init__(self, portal: Portal, name: str = "GOOD_AGENT", *, seed: bytes = b"\1" * 32) -> None:
        self.portal, self.id = portal, name
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.token = ""

    def register(self) -> "Client":
        add_agent(
            self.portal.house.teller, agent=self.id, name="Good Agent", key=self.public, redirects=[BACK]
        )
        return self

    def ready(self) -> "Client":
        """Register, and set the token up."""
        self.register()
        answer = self.set_up()
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["token"]
        return self

    @property
    def public(self) -> str:
        return b64encode(self.key.public_key().public_bytes_raw()).decode()

    def envelope(self, **said: Any) -> dict[str, Any]:
        now = self.portal.clock()
        return {
            "agent-id": self.id,
            "business-id": BUSINESS,
            "issued-at": iso(now - SECOND),
            "expires-at": iso(now + 600 * SECOND),
            "drp.version": "1.0",
            **{name.replace("__", "-"): value for name, value in said.items()},
        }

    def sign(self, said: Any) -> bytes:
        signed = said if isinstance(said, bytes) else json.dumps(said).encode()
        return b64encode(self.key.sign(signed) + signed)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> httpx.Response:
        sent = {"content-type": "text/plain", **headers}
        if self.token and "authorization" not in sent:
            sent["authorization"] = f"Bearer {self.token}"
        return self.portal.fetch(method, f"/drp/v1/{path}", content=body, headers=sent)

    def set_up(self, **said: Any) -> httpx.Response:
        return self.send("POST", f"agent/{self.id}", self.sign(self.envelope(**said)))

    def ask(self, exercise: str = "deletion", email: str = "mia@example.org", **said: Any) -> httpx.Response:
        claims = {"email": email, "email_verified": True, "regime": "ccpa", "exercise": exercise, **said}
        return self.send("POST", "data-rights-request", self.sign(self.envelope(**claims)))

    def status(self, request: str) -> dict[str, str]:
        answer = self.send("GET", f"data-rights-request/{request}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def revoke(self, request: str) -> httpx.Response:
        return self.send(
            "DELETE", f"data-rights-request/{request}", self.sign(self.envelope(reason="no more"))
        )
