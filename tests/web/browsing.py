"""A browser for the tests: keeps cookies, reads pages as trees, sends forms; through the real application.

member = portal.register("mia@example.org")     # through the true pages, with the code of the letter
member.confirm()                                # the step-up, by a code that is mailed
page = member.get("/data")                      # a `Page`: status, text, tree, forms
done = member.send(page.form("/choices"), purpose="contact.promotion")
"""

import asyncio
import html
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cached_property
from http.cookies import SimpleCookie
from io import BytesIO
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import httpx

from tests.gates.counterparts import Office, soon
from tests.web.markup import Element, parsed
from troth.library import Troth
from troth.web import packing
from troth.web.hall import Hall

ORIGIN = "http://localhost:8000"
CODE = re.compile(r"\b(\d{8})\b")


@dataclass
class Form:
    """A form of a page: where it goes, and what it holds as it was given."""

    action: str
    method: str
    fields: dict[str, str]
    element: Element
    upload: bool = False


class Page:
    """What was answered."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status, self.headers = response.status_code, response.headers
        self.path = urlsplit(str(response.url)).path
        self.body = response.content

    @property
    def text(self) -> str:
        """The content as text."""
        return self.response.text

    @cached_property
    def tree(self) -> Element:
        """The page as a tree; fails when it is not well formed."""
        return parsed(self.response.text)

    @property
    def words(self) -> str:
        """What the page's main part says."""
        main = self.text.partition("<main")[2].partition("</main>")[0].partition(">")[2]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", "", main)).split())

    @property
    def title(self) -> str:
        """The first heading."""
        return self.tree.of("h1")[0].text

    @property
    def forms(self) -> list[Form]:
        """Every form, in order."""
        return [_form(each, self.path) for each in self.tree.of("form")]

    def form(self, action: str, **holding: str) -> Form:
        """Return the first form that goes to a path and holds these values, in fields or buttons."""
        for form in self.forms:
            buttons = {b.get("name"): b.get("value") for b in form.element.of("button") if b.get("name")}
            if form.action == action and all(
                {**buttons, **form.fields}.get(k) == v for k, v in holding.items()
            ):
                return form
        raise AssertionError(f"no form to {action} with {holding} among {[f.action for f in self.forms]}")

    def links(self, to: str) -> list[str]:
        """Return the addresses of links that begin so."""
        return [each.get("href") for each in self.tree.of("a") if each.get("href").startswith(to)]


def _form(element: Element, here: str) -> Form:
    fields = {}
    for each in element.of("input", "textarea", "select"):
        name, kind = each.get("name"), each.get("type")
        if (
            not name
            or kind in ("file", "submit")
            or (kind in ("checkbox", "radio") and "checked" not in each.attributes)
        ):
            continue
        if each.name == "select":
            chosen = [o for o in each.of("option") if "selected" in o.attributes] or each.of("option")
            fields[name] = chosen[0].get("value") if chosen else ""
        else:
            fields[name] = (
                each.get("value", "on" if kind == "checkbox" else "") if each.name == "input" else each.text
            )
    upload = element.get("enctype") == "multipart/form-data"
    return Form(element.get("action") or here, element.get("method", "get").lower(), fields, element, upload)


@dataclass
class Browser:
    """One browser with its cookies; `email` of whoever registered with it."""

    portal: "Portal"
    email: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # sent with every request, such as `sec-gpc`
    _ends: dict[str, int] = field(default_factory=dict)  # when each cookie that was set goes

    def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        """Fetch a page."""
        return self.ask("GET", path, follow=follow, headers=headers)

    def post(
        self, path: str, fields: dict[str, str], *, files: Any = None, follow: bool = True, **headers: str
    ) -> Page:
        """Send fields to a path, as a page of ours would."""
        ours = {"origin": ORIGIN, "sec-fetch-site": "same-origin", **headers}
        return self.ask("POST", path, follow=follow, headers=ours, data=fields, files=files)

    def send(self, form: Form, *, files: Any = None, follow: bool = True, **fields: str) -> Page:
        """Send a form of a page, with some fields filled in or a button pressed."""
        if form.method == "get":
            query = httpx.QueryParams({**form.fields, **fields})
            return self.get(f"{form.action}?{query}", follow=follow)
        filled = {**form.fields, **fields}
        return self.post(form.action, filled, files=files or ({} if not form.upload else None), follow=follow)

    def ask(
        self, method: str, path: str, *, follow: bool = True, headers: Any = None, **content: Any
    ) -> Page:
        """Send any request; redirections are followed, as browsers do, unless told otherwise."""
        sent = {
            "accept": "text/html",
            **self.headers,
            **{k.replace("_", "-"): v for k, v in (headers or {}).items()},
        }
        for _ in range(10):
            for name in [each for each, end in self._ends.items() if end <= self.portal.clock()]:
                self.cookies.pop(name, None)
            if self.cookies:
                sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            response = self.portal.fetch(method, path, headers=sent, **content)
            self._keep(response)
            if not follow or response.status_code not in (302, 303, 307):
                return Page(response)
            method, content, path = "GET", {}, response.headers["location"]
        raise AssertionError(f"redirected in a circle to {path}")

    def _keep(self, response: httpx.Response) -> None:
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                assert morsel["secure"], f"{name} may travel in the clear"
                assert morsel["path"] == "/", f"{name} is not of the whole site"
                assert not morsel["domain"], f"{name} goes to other hosts"
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
                    self._ends[name] = self.portal.clock() + int(morsel["max-age"]) * 1_000_000
        if '"cookies"' in response.headers.get("clear-site-data", ""):
            self.cookies.clear()

    # ---- what members do

    def register(self, email: str) -> "Browser":
        """Become a member through the pages."""
        self.email = email
        form = self.get("/register").form("/register")
        asked = self.send(form, identifier=email, accept="yes")
        entered = self.send(asked.form("/register/code"), code=self.portal.code(email))
        assert entered.status in (200, 404), entered.text
        return self

    def sign_in(self, email: str) -> "Browser":
        """Sign in through the pages, by a code."""
        self.email = email
        ways = self.send(self.get("/sign-in").form("/sign-in"), identifier=email)
        asked = self.send(ways.form("/sign-in/code"))
        entered = self.send(asked.form("/sign-in/code/check"), code=self.portal.code(email))
        assert entered.status == 200, entered.text
        return self

    def package(self, right: str = "access") -> ZipFile:
        """Have a package made on the page, wait until it is ready, and fetch it."""
        self.send(self.get("/copy").form("/copy/make", right=right))
        until = monotonic() + 20
        while monotonic() < until:
            page = self.get("/copy")
            if any(form.action == "/copy/fetch" for form in page.forms):
                return ZipFile(BytesIO(self.send(page.form("/copy/fetch")).body))
            sleep(0.05)
        raise AssertionError("no package became ready")

    def confirm(self, back: str = "/home") -> Page:
        """Confirm that it is you, by a code that is mailed; return the page that comes then."""
        return self.confirmed(self.get(f"/confirm?back={back}"))

    def confirmed(self, page: Page) -> Page:
        """Confirm on a page that asks for it, and go on."""
        assert page.path == "/confirm", page.path
        asked = self.send(page.form("/confirm/code"))
        return self.send(asked.form("/confirm/code/check"), code=self.portal.code(self.email))

    @property
    def subject(self) -> int:
        """The number of whoever is signed in."""
        known = self.portal.hall.sign_ins._known.values()
        from troth.web.accounts.sessions import key_of

        return next(each.subject for each in known if each.key == key_of(self.cookies["__Host-troth-member"]))


class Portal:
    """A house whose pages are served, and the letters that went out."""

    def __init__(self, house: Troth, hall: Hall, app: Any, office: Office, runner: asyncio.Runner) -> None:
        self.house, self.hall, self.app, self.office, self._runner = house, hall, app, office, runner
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
        self._http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self._read = 0

    @property
    def clock(self) -> Any:
        """The clock of the house, to be moved ahead (`clock.forward(microseconds)`)."""
        return self.house.teller.house.clock

    def wait(self, minutes: int = 11) -> None:
        """Let time pass; after ten minutes nobody counts as confirmed any more."""
        self.clock.forward(minutes * 60_000_000)

    def fetch(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send one request."""
        return self._runner.run(self._http.request(method, path, **content))

    def at_once(self, *sent: tuple["Browser", Form, dict[str, str]]) -> list[Page]:
        """Send several forms at the same time, each with its fields filled in; return what each answered."""

        async def each(browser: "Browser", form: Form, fields: dict[str, str]) -> Page:
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
            headers = {
                "accept": "text/html", "origin": ORIGIN, "sec-fetch-site": "same-origin", "cookie": cookies,
            }  # fmt: skip
            return Page(await self._http.post(form.action, headers=headers, data={**form.fields, **fields}))

        async def all_of_them() -> list[Page]:
            return await asyncio.gather(*(each(*one) for one in sent))

        return self._runner.run(all_of_them())

    def run(self, awaited: Any) -> Any:
        """Run something that is awaited, on the loop of the server."""
        return self._runner.run(awaited)

    def close(self) -> None:
        """Close the client."""
        packing.end(self.hall)
        self._runner.run(self._http.aclose())

    def visitor(self, **headers: str) -> Browser:
        """A browser that nobody has used."""
        return Browser(self, headers=headers)

    def register(self, email: str = "mia@example.org", **headers: str) -> Browser:
        """A browser in which a new member is signed in."""
        return self.visitor(**headers).register(email)

    def letter(self, to: str) -> str:
        """Wait for the next letter to somebody, and return its text."""
        found: list[int] = []

        def there() -> bool:
            found[:] = [
                n for n, each in enumerate(self.office.letters) if n >= self._read and to in each.rcpt_tos
            ]
            return bool(found)

        assert soon(there), f"no letter to {to}"
        self._read = found[0] + 1
        letter = message_from_bytes(self.office.letters[found[0]].content, policy=policy.default)
        return letter.get_body(("plain",)).get_content()

    def code(self, to: str) -> str:
        """Wait for the next letter to somebody that holds a code, and return it."""
        while not (found := CODE.search(self.letter(to))):
            pass
        return found[1]
