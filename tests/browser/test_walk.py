"""The walk of a new member, from registration to a refused read, in a real browser against a real process."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.watching import Served, Watched
from tests.gates.counterparts import Office, mail_server

TROTH = (sys.executable, "-m", "troth")
EMAIL = "mia.moon@example.org"


def photo(shade: int) -> dict[str, object]:
    """Return a photograph as a browser hands it over, with the place where it was taken in it."""
    image = Image.new("RGB", (640, 480), (shade, 90, 120))
    hidden = image.getexif()
    hidden[0x010F] = "A Camera"
    kept = BytesIO()
    image.save(kept, "JPEG", exif=hidden)
    return {"name": "front.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[str, Path, Office]]:
    """A house founded and served by the commands of the README; its address, its directory, its letters."""
    house, office = tmp_path / "house", Office()
    subprocess.run([*TROTH, "init", "--member", "--dir", str(house)], check=True, capture_output=True)
    with mail_server(office) as port:
        with (house / "troth.toml").open("a") as settings:
            settings.write(
                f'\n[mail]\nhost = "127.0.0.1"\nport = {port}\nfrom = "Example <portal@example.org>"\n'
                'tls = "none"\n'
            )
        command = [*TROTH, "serve", "--dir", str(house), "--port", "0", "--json"]
        with (
            (tmp_path / "log").open("w") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as served,
        ):
            try:
                said = ""
                while not said.endswith("}\n") and (line := served.stdout.readline()):
                    said += line
                assert said, (tmp_path / "log").read_text()
                yield json.loads(said)["url"], house, office
            finally:
                served.terminate()
            assert served.wait(30) == 0


def key_of(house: Path, program: str, purpose: str) -> str:
    """Make a service key, as an operator does."""
    made = subprocess.run(
        [*TROTH, "key", "make", "--dir", str(house), "--program", program, "--purpose", purpose, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    return str(json.loads(made.stdout)["key"])


def asked(origin: str, path: str, key: str, *, body: object = None, **headers: str) -> tuple[int, dict]:
    """Ask the API; return status and document."""
    named = {"authorization": f"Bearer {key}", **{k.replace("_", "-"): v for k, v in headers.items()}}
    data = None if body is None else json.dumps(body).encode()
    if data:
        named["content-type"] = "application/json"
    try:
        with urlopen(Request(origin + path, data, named)) as answer:
            return answer.status, json.loads(answer.read())
    except OSError as problem:
        return problem.code, json.loads(problem.read())


def go_on(page: Page, words: str) -> None:
    """Press what is called so, a button or a way; fail soon when there is none."""
    main = page.locator("main")
    button, way = (main.get_by_role(role, name=words, exact=True) for role in ("button", "link"))
    button.or_(way).first.click(timeout=5_000)


def test_a_new_member_walks_through_all_of_it(chromium: Browser, process, pictures):
    origin, house, office = process
    watched = Watched(chromium.new_context(base_url=origin, viewport={"width": 1200, "height": 900}), origin)
    page, served = watched.page, Served(origin, None, None, (), office)  # type: ignore[arg-type]

    def kept(name: str) -> None:
        watched.look()
        page.screenshot(path=pictures / f"walk-{name}.png", full_page=True)

    # register, with a wrong code first
    page.goto("/register")
    page.get_by_label("E-mail address or user name").fill(EMAIL)
    page.get_by_label(re.compile("I have read the agreement")).check()
    go_on(page, "Go on")
    code = served.code(EMAIL)
    page.get_by_label("Code").fill(str(int(code) ^ 1).zfill(8))
    go_on(page, "Go on")
    assert "There is a problem" in page.locator("main").inner_text()
    page.get_by_label("Code").fill(code)
    go_on(page, "Go on")
    assert page.url.startswith(f"{origin}/security")
    kept("1-registered")

    # verify with pictures: consent before the camera opens
    page.goto("/verification")
    go_on(page, "Begin")
    assert page.locator("input[type=file]").count() == 0, "a picture is asked for before the consent"
    kept("2-consent")
    go_on(page, "I give consent")
    kept("3-consent-receipt")
    go_on(page, "Go on")
    page.get_by_role("link", name=re.compile("Give.*verify your identity")).click()
    page.fill("[name='name']", "Mia Moon")
    page.fill("[name='birth_date']", "1990-05-17")
    page.select_option("[name='id_number.country']", "US")
    page.fill("[name='id_number.number']", "000-00-0000")
    go_on(page, "Go on")
    assert "There is a problem" in page.locator("main").inner_text()
    assert page.input_value("[name='name']") == "Mia Moon", "what was typed is lost"
    page.fill("[name='id_number.number']", "536-90-4399")
    go_on(page, "Go on")
    kept("4-check-answers")
    go_on(page, "Send")
    page.goto("/verification")
    page.get_by_role("link", name=re.compile("Give.*Pictures")).click()
    for n, chosen in enumerate(page.locator("main input[type=file]").all()):
        chosen.set_input_files(photo(40 + n))
    kept("5-pictures")
    go_on(page, "Send")
    go_on(page, "Check and hand in")
    go_on(page, "Hand it in")
    kept("6-handed-in")
    case = page.locator(".reference").first.inner_text()

    # a bank account: one that is none is told so, and what was typed is still there
    page.goto("/give")
    page.get_by_role("link", name=re.compile("Give.*pay or are paid")).first.click()
    page.fill("[name='holder']", "Mia Moon")
    page.fill("[name='iban']", "GB29NWBK60161331926818")
    go_on(page, "Go on")
    assert "check digit" in page.locator("main").inner_text()
    page.fill("[name='iban']", "GB29 NWBK 6016 1331 9268 19")
    go_on(page, "Go on")
    go_on(page, "Send")
    kept("7-bank-account")

    # talk to support
    page.goto("/support")
    go_on(page, "Write to us")
    page.fill("[name='topic']", "My deposit")
    page.fill("[name='message']", "Where is it?")
    page.locator("main form button.act-primary").click()
    kept("8-talk")
    assert "Where is it?" in page.locator("main").inner_text() or page.locator(".reference").count()

    # a program reads the pictures, as the consent allows; she sees that it did
    key = key_of(house, "verification", "camera.identity")
    finder = key_of(house, "portal", "signin")
    status, found = asked(
        origin, "/api/v1/subjects/search", finder, troth_purpose="signin",
        body={"field": "account.email", "value": EMAIL},
    )  # fmt: skip
    assert status == 200, found
    subject = found["found"][0]["subject"]
    pictures_of = f"/api/v1/subjects/{subject}/records/camera.identity"
    status, answer = asked(origin, pictures_of, key, troth_purpose="camera.identity", troth_case=case)
    assert status == 200, answer
    page.goto("/seen")
    assert "To compare your pictures with your document" in page.locator("main").inner_text()
    kept("9-seen")

    # she withdraws her consent by one press, and the next read is refused, and she sees that, too
    page.goto("/choices")
    page.locator("main form button", has_text="No, I do not agree").first.click()
    kept("10-withdrawn")
    status, answer = asked(origin, pictures_of, key, troth_purpose="camera.identity", troth_case=case)
    assert status == 403, answer
    assert answer["reasons"][0]["code"] == "consent-withdrawn"
    assert "use.camera.identity" in answer["clauses"]
    page.goto("/seen?who=refused")
    assert "refused" in page.locator("main").inner_text()
    kept("11-refused")
    watched.context.close()
    watched.judge()
