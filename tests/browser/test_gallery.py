"""One of every part in a real browser, under the policy that the door sends: seen, measured and used."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Browser, Page, expect

from tests.web.gallery import FRAME, gallery
from tests.web.pseudo import Pseudo
from troth.web.door import HEADERS
from troth.web.languages import LANGUAGES, Reader
from troth.web.rendering import Rendering

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
THEMES = ("light", "dark")
GALLERIES = [f"{language}-{theme}" for language in LANGUAGES for theme in THEMES]
OPTIONS = {
    "challenge": "AAECAwQFBgcICQoLDA0ODw",
    "rp": {"id": "localhost", "name": "Example Exchange"},
    "user": {"id": "AAEC", "name": "amira", "displayName": "Amira"},
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
}
PAGES = {
    "swap": """{% extends "base.html" %}{% import "parts/form.html" as forms %}{% block main %}
<h1>Before</h1><div id="place"><form method="post" action="/wrong" hx-post="/wrong" hx-target="#place">
{{ forms.hidden("csrf", "token") }}{{ forms.button("Send") }}</form></div>{% endblock %}""",
    "wrong": """{% import "parts/form.html" as forms %}
{{ forms.error_summary((("name", "Type your name"),)) }}
{{ forms.field("name", "Name", error="Type your name") }}""",
    "passkey": """{% extends "base.html" %}{% import "parts/form.html" as forms %}{% block main %}
<form method="post" action="/made" data-passkey="create" data-passkey-options="{{ options }}"
 data-passkey-failed="It did not work." hidden>
{{ forms.hidden("csrf", "token") }}{{ forms.hidden("credential", "") }}{{ forms.button("Make a passkey") }}
<p data-passkey-says role="status"></p></form>{% endblock %}""",
}


class Site(ThreadingHTTPServer):
    """A server of these pages alone; it keeps what was posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.rendering = Rendering()
        self.posted: list[tuple[str, str]] = []
        self.pages = {
            f"/{language}-{theme}": gallery(
                replace(FRAME, theme=theme, reader=Reader(language)), rendering=self.rendering
            )
            for language in LANGUAGES
            for theme in THEMES
        }
        self.pages["/long"] = gallery(words=Pseudo)
        inside = self.rendering._environment
        inside.loader = ChoiceLoader(
            [inside.loader, DictLoader({f"{each}.html": PAGES[each] for each in PAGES})]
        )
        for name in ("swap", "passkey"):
            frame = replace(FRAME, usage="", scripts=("passkey.js",))
            page = self.rendering.page(f"{name}.html", frame, options=json.dumps(OPTIONS))
            self.pages[f"/{name}"] = page

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if asset := self.server.rendering.assets.at(path):
            self._send(200, asset.media_type, asset.content)
        elif page := self.server.pages.get(path):
            self._send(200, "text/html; charset=utf-8", page.encode())
        else:
            self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append((self.path, body))
        if self.path == "/wrong":
            said = self.server.rendering.part("wrong.html", Reader())
            self._send(422, "text/html; charset=utf-8", said.encode())
        else:
            self._send(200, "text/html", b'<!doctype html><link rel="icon" href="data:,">')

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value.replace("camera=()", "camera=(self)"))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    served = Site()
    thread = Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A fresh page; the test fails when it said anything, asked elsewhere or met something missing."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    said: list[str] = []
    opened.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((site.origin, "blob:", "data:")) else said.append(asked.url)
        ),
    )
    site.posted.clear()
    yield opened
    context.close()
    assert [each for each in said if "422" not in each] == []


def becomes(page: Page, condition: str) -> bool:
    """Whether a condition holds within five seconds; the page itself may not evaluate text, by the policy."""
    for _ in range(100):
        if page.evaluate(condition):
            return True
        page.wait_for_timeout(50)
    return False


@pytest.mark.parametrize("name", [*GALLERIES, "long"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_rule_of_accessibility_is_broken_and_nothing_runs_out_of_the_page(page, site, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.origin}/{name}")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 320])
def test_whatever_is_pressed_is_large_enough(page, site, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.origin}/en-light")
    small = page.evaluate(
        """[...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
        .filter((each) => !each.closest("svg") && !each.classList.contains("skip"))
        .map((each) => [each.outerHTML, each.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.width < 23.9 || box.height < 23.9)).map(([html]) => html)"""
    )
    assert small == []


def test_icons_are_drawn_under_the_policy(page, site):
    page.goto(f"{site.origin}/en-light")
    assert becomes(page, "document.querySelector('.site-menu use').getBBox().width > 0")


def test_the_table_below_a_picture_opens_with_its_statuses_at_their_size(page, site):
    page.goto(f"{site.origin}/en-light")
    page.locator("#strip summary").press("Enter")
    shape = page.locator("#strip td .stand-shape").first
    expect(shape).to_be_visible()
    assert shape.bounding_box()["width"] == 20


@pytest.mark.parametrize("text", ["Account data", "DECLARATION"])
def test_a_picture_is_legible_in_forced_colours(page, site, text):
    page.emulate_media(forced_colors="active")
    page.goto(f"{site.origin}/en-dark")
    words = page.locator("#map svg text", has_text=text).first
    box = page.locator("#map svg .box").first
    ink = words.evaluate("(each) => getComputedStyle(each).fill")
    assert ink != box.evaluate("(each) => getComputedStyle(each).fill")
    assert ink != words.evaluate(
        "(each) => getComputedStyle(each.closest('.picture-scroll')).backgroundColor"
    )


def test_the_first_key_offers_to_skip_to_the_content(page, site):
    page.goto(f"{site.origin}/swap")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_menu_of_a_narrow_page_opens_and_closes_with_the_keyboard_and_without_scripts(chromium, site):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(f"{site.origin}/en-light")
    menu = page.get_by_role("link", name="Choices")
    expect(menu).to_be_hidden()
    page.locator(".site-menu-opens").press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    context.close()


def test_the_menu_of_a_wide_page_is_always_there(page, site):
    page.goto(f"{site.origin}/en-light")
    expect(page.get_by_role("link", name="Choices")).to_be_visible()
    expect(page.locator(".site-menu-opens")).to_be_hidden()


def test_an_error_summary_takes_the_focus_when_a_page_comes_back_with_errors(page, site):
    page.goto(f"{site.origin}/en-light")
    expect(page.locator(".error-summary")).to_be_focused()


def test_after_a_swap_the_focus_is_on_what_is_wrong_and_nothing_stays_busy(page, site):
    page.goto(f"{site.origin}/swap")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#place .error-summary")).to_be_focused()
    assert page.locator("[aria-busy]").count() == 0
    assert site.posted == [("/wrong", "csrf=token")]


def test_the_camera_takes_a_picture_only_when_asked_and_the_file_field_stays(page, site):
    page.goto(f"{site.origin}/en-light")
    field = page.locator("#front")
    page.get_by_role("button", name="Use the camera").click()
    page.locator(".camera video").wait_for()
    assert becomes(page, "document.querySelector('.camera video').videoWidth > 0")
    assert page.evaluate("document.querySelector('#front').files.length") == 0
    expect(field).to_be_visible()
    page.get_by_role("button", name="Take the picture").click()
    assert becomes(page, "document.querySelector('#front').files.length === 1")
    taken = page.evaluate("[...document.querySelector('#front').files].map((each) => [each.name, each.type])")
    assert taken == [["front.jpg", "image/jpeg"]]
    page.get_by_role("button", name="Take it again").click()
    page.get_by_role("button", name="Close the camera").click()
    expect(page.get_by_role("button", name="Use the camera")).to_be_visible()
    assert [path for path, _ in site.posted] == ["/usage"]


def test_the_usage_script_tells_the_page_without_its_query_and_to_this_site_only(page, site):
    page.goto(f"{site.origin}/en-light?secret=1")
    page.wait_for_timeout(200)
    ((path, body),) = site.posted
    told = json.loads(body)
    assert path == "/usage"
    assert told.keys() == {"time", "page", "came_from", "language"}
    assert (told["page"], told["came_from"]) == (f"{site.origin}/en-light", None)


def test_the_usage_script_says_nothing_when_the_browser_asks_not_to_be_tracked(page, site):
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    page.goto(f"{site.origin}/en-light")
    page.wait_for_timeout(200)
    assert site.posted == []


def test_a_passkey_is_made_and_sent_as_a_field_of_the_form(page, site):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto(f"{site.origin}/passkey")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/made")
    ((path, body),) = site.posted
    made = json.loads(parse_qs(body)["credential"][0])
    assert path == "/made"
    assert made["type"] == "public-key"
    assert {"clientDataJSON", "attestationObject"} <= made["response"].keys()


def test_a_passkey_that_fails_is_said_on_the_page(page, site):
    page.goto(f"{site.origin}/passkey")
    page.evaluate("document.querySelector('form[data-passkey]').dataset.passkeyOptions = '{}'")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("It did not work.")).to_be_visible()


def test_paper_shows_the_text_and_not_the_controls(page, site):
    page.goto(f"{site.origin}/en-dark")
    page.emulate_media(media="print")
    expect(page.locator(".site-menu")).to_be_hidden()
    expect(page.get_by_role("button", name="Continue")).to_be_hidden()
    expect(page.get_by_text("Your request is filed")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_nothing_moves_for_those_who_asked_for_stillness(page, site):
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site.origin}/en-light")
    moving = page.evaluate(
        """[...document.querySelectorAll("*")]
        .filter((each) => getComputedStyle(each).transitionDuration !== "0s").length"""
    )
    assert moving == 0
