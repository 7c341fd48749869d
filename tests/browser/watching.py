"""A page that is watched: what it asked of others, what its policy forbade, what went wrong in it."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from tests.gates.counterparts import Office, soon
from troth.demo.cast import Role
from troth.library import Troth
from troth.web.running import Running

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
LISTEN = """
window.__violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.__violations.push(event.violatedDirective + " " + event.blockedURI));
"""


@dataclass
class Served:
    """A house that is served: where, with whom inside, and the letters that went out."""

    origin: str
    house: Troth
    running: Running
    cast: tuple[Role, ...]
    office: Office
    read: int = 0

    def code(self, to: str) -> str:
        """Wait for the next letter to somebody, and return the code in it."""
        found: list[tuple[int, str]] = []

        def there() -> bool:
            for n, letter in enumerate(self.office.letters):
                if n >= self.read and to in letter.rcpt_tos:
                    body = message_from_bytes(letter.content, policy=policy.default).get_body(("plain",))
                    found.extend((n + 1, code) for code in re.findall(r"code is (\d+)", body.get_content()))
            return bool(found)

        assert soon(there), f"no letter with a code to {to}"
        self.read, code = found[0]
        return code


@dataclass
class Watched:
    """One page of a browser of its own, and all that it did."""

    context: BrowserContext
    origin: str
    foreign: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context.add_init_script(LISTEN)
        self.page = self.context.new_page()
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda problem: self.failures.append(str(problem)))

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.foreign.append(request.url)

    def _said(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)
        elif message.type == "error" and "the server responded with a status of" not in message.text:
            self.failures.append(message.text)

    def look(self) -> None:
        """Note what the page's policy forbade so far."""
        self.violations += self.page.evaluate("window.__violations || []")

    def judge(self) -> None:
        """Fail when the page asked another site for anything, met its policy, or broke."""
        assert not self.foreign, f"asked of others: {self.foreign}"
        assert not self.violations, f"forbidden by the policy: {self.violations}"
        assert not self.failures, f"went wrong: {self.failures}"

    def axe(self) -> list[str]:
        """Return what the accessibility rules find that is serious or critical."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            """() => axe.run(document, {
                 runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
                 resultTypes: ["violations"],
               }).then((found) => found.violations)"""
        )
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"][:3]
        ]
