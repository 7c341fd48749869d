"""A served house with its cast, and a real Chromium that watches what pages do."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.watching import Served, Watched
from tests.gates.counterparts import Office, mail_server
from tests.houses import MEMBER_TEXT
from troth import library
from troth.clock import Settable, now
from troth.demo.cast import Role, cast_of
from troth.demo.people import Crowd
from troth.gates.mail import SmtpGate
from troth.settings import read_settings
from troth.web.listening import listen
from troth.web.portal.links import link_for
from troth.web.running import Running

ART = Path(os.environ.get("TROTH_PICTURES", Path(__file__).parents[2] / ".pictures"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; nothing is downloaded.

    One for each module: while its driver lives, this thread counts as one that runs an event loop.
    """
    names = (os.environ.get("TROTH_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    assert path, "there is no Chromium: run `sh scripts/browser.sh`"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house under the reference agreement, served with its cast inside, and a mail server beside it.

    Its clock stands still until a test moves it ahead.
    """
    place = tmp_path_factory.mktemp("served") / "house"
    office, ready, origin = Office(), Event(), []
    with mail_server(office) as port, library.init(place, MEMBER_TEXT, clock=Settable(now())) as house:
        crowd = Crowd(41, date(2027, 1, 1))
        cast = cast_of(house, crowd)
        house.sweep()
        gate = SmtpGate(
            "127.0.0.1",
            port,
            sender="Example <portal@example.org>",
            tls="none",
            clock=house.teller.house.clock,
        )
        running = Running(
            house.teller, read_settings(place), place, listener=listen("127.0.0.1", 0), ways={"mail": gate}
        )
        running.hall.links = True

        def begun(where: str) -> None:
            origin.append(where)
            ready.set()

        thread = Thread(target=running.run, args=(begun,), daemon=True)
        thread.start()
        assert ready.wait(20), "the server did not start"
        yield Served(origin[0], house, running, cast, office)
        running.stop()
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def visit(chromium: Browser, served: Served) -> Iterator[Callable[..., Watched]]:
    """Call it for a watched page: of nobody, or of one of the cast; what it saw is judged in the end."""
    watched: list[Watched] = []

    def new(role: Role | None = None, **how: object) -> Watched:
        context = chromium.new_context(base_url=served.origin, **how)  # type: ignore[arg-type]
        here = Watched(context, served.origin)
        watched.append(here)
        if role is not None:
            here.page.goto(link_for(served.running.hall, role.subject, role.name))
            here.page.click("main button")
            here.page.wait_for_url("**/home")
        return here

    yield new
    for each in watched:
        each.context.close()
    for each in watched:
        each.judge()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of the main pages are kept, to be looked at."""
    ART.mkdir(parents=True, exist_ok=True)
    return ART
