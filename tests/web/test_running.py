"""A server as a process of its own: how it is reached, how it is stopped, and what it loses: nothing."""

import queue
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from email import message_from_bytes, policy

import httpx
import pytest

import troth
from tests.gates.counterparts import Office, mail_server, soon, trust_in
from tests.houses import MEMBER_TEXT
from tests.inside import rows_of
from tests.web.browsing import CODE, Browser
from tests.web.serving import TROTH, key_of, serving
from troth.clock import now
from troth.settings import read_settings
from troth.store import schema
from troth.web.listening import listen
from troth.web.running import Running

QUICK = MEMBER_TEXT.replace("rate_limit: 60/minute", "rate_limit: 5/minute")
PEOPLE = "/api/v1/records"


@pytest.fixture(scope="session")
def founded(tmp_path_factory):
    """A house in which nothing happened, by the clock of this machine, to be copied."""
    place = tmp_path_factory.mktemp("founded") / "house"
    troth.init(place, QUICK).close()
    return place


@pytest.fixture
def directory(founded, tmp_path):
    shutil.copytree(founded, tmp_path / "house")
    return tmp_path / "house"


def set_up(directory, text):
    with (directory / "troth.toml").open("a") as settings:
        settings.write(f"\n{text}\n")


@contextmanager
def under_load(server, headers):
    """Let four programs take in people until the block ends; give the list of who was acknowledged."""
    acknowledged, over = [], threading.Event()

    def program(number):
        with httpx.Client(base_url=server.origin, headers=headers, timeout=30) as client:
            for count in range(1_000_000):
                who = f"P-{number}-{count}"
                body = {
                    "about": {"reference": who}, "category": "account", "when": "registration",
                    "values": {"email": f"{who}@example.org".lower()},
                }  # fmt: skip
                try:
                    answer = client.post(PEOPLE, json=body)
                except httpx.HTTPError:
                    return
                if answer.status_code == 201:
                    acknowledged.append(who)
                if over.is_set():
                    return

    with ThreadPoolExecutor(4) as pool:
        for number in range(4):
            pool.submit(program, number)
        try:
            yield acknowledged
        finally:
            over.set()


def must_be_there(directory, acknowledged):
    """Assert that everybody who was acknowledged is there, and that the ledger and the evidence hold."""
    with troth.open(directory) as house:
        for who in acknowledged:
            (record,) = house.access(about=who, category="account").records
            assert record.values["email"].reveal() == f"{who}@example.org".lower()
    verified = subprocess.run(
        [*TROTH, "verify", "--dir", str(directory)], capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout


class Far:
    """A portal that is reached over a socket, as a `Browser` of the tests asks for one."""

    clock = staticmethod(now)

    def __init__(self, server, office):
        self.server, self.office = server, office

    def fetch(self, method, path, *, headers, **content):
        ours = {"origin": self.server.origin} if "origin" in headers else {}
        return self.server.client.request(method, path, headers={**headers, **ours}, **content)

    def code(self, to):
        assert soon(lambda: self.office.letters)
        letter = message_from_bytes(self.office.letters.pop().content, policy=policy.default)
        return CODE.search(letter.get_body(("plain",)).get_content())[1]


def registered(server, office):
    return Browser(Far(server, office)).register("mia@example.org")


def reported(server, who, page):
    """Report that a page was opened, as the script of ours does; return the status."""
    body = {"page": f"{server.origin}/{page}"}
    return who.ask("POST", "/usage", headers={"sec-fetch-site": "same-origin"}, json=body).status


# ---- reached


def test_tls_is_served_in_the_process(directory, tmp_path):
    trust = trust_in(tmp_path)
    pem = tmp_path / "server.pem"

    with serving(directory, "--certificate", pem, "--key", pem, trust=trust.file) as server:
        answer = server.client.get("/agreement")
        assert server.origin == f"https://localhost:{server.port}"
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        with pytest.raises(httpx.ConnectError), httpx.Client(verify=ssl.create_default_context()) as stranger:
            stranger.get(server.origin)
        with pytest.raises(httpx.HTTPError):
            httpx.get(server.origin.replace("https", "http"))


@pytest.mark.parametrize(("proxies", "believed"), [('["127.0.0.1"]', True), ('["192.0.2.0/24"]', False)])
def test_who_is_limited_is_told_by_our_proxies_and_by_nobody_else(directory, proxies, believed):
    set_up(directory, f"[server]\nproxies = {proxies}")

    with serving(directory) as server:

        def status(place):
            headers = {"x-forwarded-for": place, "content-type": "application/json"}
            return server.client.get("/ledger/proof/1", headers=headers).status_code

        assert [status("192.0.2.7") for _ in range(6)].index(429) == 5
        assert (status("192.0.2.8") != 429) is believed
        assert (status("192.0.2.7, 192.0.2.9") != 429) is believed  # the last one is the proxy's word


# ---- stopped


def test_told_to_stop_it_is_not_ready_any_more_while_it_ends_what_was_begun(sqlite_house):
    house, begun = sqlite_house().teller, queue.Queue()
    place = house.house.directory
    running = Running(house, read_settings(place), place, listener=listen("127.0.0.1", 0), ways={})
    thread = threading.Thread(target=running.run, args=(begun.put,), daemon=True)
    thread.start()
    origin = begun.get(timeout=20)
    where = ("127.0.0.1", int(origin.rpartition(":")[2]))

    with closing(socket.create_connection(where)) as slow, httpx.Client(base_url=origin) as client:
        slow.sendall(
            f"POST /contact HTTP/1.1\r\nhost: localhost:{where[1]}\r\ncontent-length: 9\r\n"
            "content-type: application/x-www-form-urlencoded\r\n\r\na=".encode()
        )
        assert client.get("/ready").status_code == 200
        running.stop()
        found = []
        while len(found) < 20:
            try:
                found.append(client.get("/ready", timeout=2).status_code)
            except httpx.TransportError:
                found.append(0)
            time.sleep(0.01)
        assert thread.is_alive()
        slow.sendall(b"1234567")
        assert slow.recv(100).startswith(b"HTTP/1.1 4")
    thread.join(20)

    assert not thread.is_alive()
    assert set(found) <= {503, 0}  # 0: no connection is taken any more


def test_what_waits_to_be_noted_is_noted_before_it_ends(directory):
    office = Office()
    with mail_server(office) as port:
        set_up(directory, f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "a@example.org"')
        with serving(directory) as server:
            mia = registered(server, office)
            with closing(sqlite3.connect(directory / "store.db", isolation_level=None)) as other:
                assert reported(server, mia, "home") == 204
                time.sleep(0.9)
                other.execute("BEGIN IMMEDIATE")  # so that the first report is being taken in
                time.sleep(0.3)
                assert reported(server, mia, "seen") == 204
                other.execute("ROLLBACK")
            assert reported(server, mia, "data") == 204
            server.stop()

    with troth.open(directory) as house:
        (who,) = [row.subject for row in rows_of(house, schema.subjects)]
        records = house.access(about=who, category="usage").records
        pages = [each.values["page"].reveal() for each in records]
    assert sorted(page.rpartition("/")[2] for page in pages) == ["data", "home", "seen"]


def test_told_to_stop_under_load_it_loses_nothing_that_it_acknowledged(directory):
    headers = key_of(directory, "portal", "service")
    with serving(directory) as server, under_load(server, headers) as acknowledged:
        assert soon(lambda: len(acknowledged) > 40, within=20)
        server.stop()

    must_be_there(directory, acknowledged)


def test_killed_under_load_it_has_lost_nothing_that_it_acknowledged(directory):
    headers = key_of(directory, "portal", "service")
    with serving(directory) as server, under_load(server, headers) as acknowledged:
        assert soon(lambda: len(acknowledged) > 40, within=20)
        server.kill()

    must_be_there(directory, acknowledged)
