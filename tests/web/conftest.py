"""A portal: a house under the reference agreement, its pages served, and a mail server that keeps letters."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.gates.counterparts import Office, mail_server
from tests.houses import Houses
from tests.web.browsing import ORIGIN, Portal
from troth.gates.courier import Courier
from troth.gates.mail import SmtpGate
from troth.settings import read_settings
from troth.web.app import application
from troth.web.hall import hall_of
from troth.web.rendering import Rendering


@pytest.fixture(scope="session")
def mail_office() -> Iterator[tuple[Office, int]]:
    """A real SMTP server on loopback: what it took, and its port."""
    office = Office()
    with mail_server(office) as port:
        yield office, port


@pytest.fixture(scope="session")
def rendering() -> Rendering:
    """The templates, compiled once."""
    return Rendering()


@pytest.fixture
def new_portal(
    sqlite_house: Houses, mail_office: tuple[Office, int], rendering: Rendering
) -> Iterator[Callable[..., Portal]]:
    """Call it for a portal; `text` is another agreement, `clock` another clock than a `Settable` one."""
    open_now: list[tuple[Portal, Courier, asyncio.Runner]] = []

    def new(**how: object) -> Portal:
        house = sqlite_house(**how)
        office, port = mail_office
        office.letters.clear()
        gate = SmtpGate(
            "127.0.0.1",
            port,
            sender="Example <portal@example.org>",
            tls="none",
            clock=house.teller.house.clock,
        )
        courier = Courier({"mail": gate}, clock=house.teller.house.clock)
        hall = hall_of(house.teller, read_settings(house.teller.house.directory), courier, origin=ORIGIN)
        hall.rendering = rendering
        runner = asyncio.Runner()
        portal = Portal(house, hall, application(hall), office, runner)
        open_now.append((portal, courier, runner))
        return portal

    yield new
    for portal, courier, runner in open_now:
        portal.close()
        courier.close(within=2.0)
        runner.close()


@pytest.fixture
def portal(new_portal: Callable[..., Portal]) -> Portal:
    """A portal of a new house under the reference agreement."""
    return new_portal()
