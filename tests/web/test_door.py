"""The door: which host names are ours, and who may use another."""

import httpx
import pytest

from troth.web.app import application, hosts_of
from troth.web.hall import hall_of

PUBLIC = "members.example.org"


@pytest.fixture
def status(portal):
    """Ask for a path under a host name; the house is reached at https://members.example.org."""
    hall = hall_of(portal.house.teller, portal.hall.settings, portal.hall.courier, origin=f"https://{PUBLIC}")
    transport = httpx.ASGITransport(app=application(hall), client=("127.0.0.1", 50000))

    async def answer(path, host):
        async with httpx.AsyncClient(transport=transport, base_url=f"https://{PUBLIC}") as client:
            return (await client.get(path, headers={"host": host})).status_code

    return lambda path, host: portal.run(answer(path, host))


@pytest.mark.parametrize("host", ["192.0.2.1", "localhost.example.org", "127.0.0.1.example.org", "[::1", ""])
def test_a_host_name_that_is_none_of_ours_opens_nothing(status, host):
    assert {status(path, host) for path in ("/agreement", "/health", "/ready")} == {400}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:80"])
def test_whoever_watches_from_this_machine_need_not_know_the_public_name(status, host):
    assert {status(path, host) for path in ("/health", "/ready")} == {200}
    assert {status(path, host) for path in ("/agreement", "/ready/", "/")} == {400}


@pytest.mark.parametrize("host", [f"{PUBLIC}:443", PUBLIC.upper()])
def test_the_public_name_is_the_same_with_its_usual_port(status, host):
    assert {status(path, host) for path in ("/health", "/agreement")} == {200}


@pytest.mark.parametrize("port", ["80", "8443", "0443", ""])
def test_the_public_name_with_another_port_is_none_of_ours(status, port):
    assert status("/agreement", f"{PUBLIC}:{port}") == 400


@pytest.mark.parametrize(
    ("origin", "hosts"),
    [
        ("https://localhost", {"localhost", "localhost:443"}),
        ("http://localhost", {"localhost", "localhost:80"}),
        ("https://[::1]", {"[::1]", "[::1]:443"}),
        ("http://[::1]:8080", {"[::1]:8080"}),
    ],
)
def test_a_host_is_an_origin_s_with_or_without_its_usual_port(origin, hosts):
    assert hosts_of(origin) == hosts


def test_the_public_name_opens_every_page(status):
    assert {status(path, PUBLIC) for path in ("/health", "/ready", "/agreement")} == {200}
