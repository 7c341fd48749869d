"""What may be sent before anybody is heard, how long we wait for it, and how much of us one place gets."""

import asyncio
import json
import queue
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise

import httpx
import pytest

from tests.gates.counterparts import soon, trust_in
from troth.settings import read_settings
from troth.web.assets import Assets
from troth.web.door import HEADERS
from troth.web.listening import OTHERS, certified, listen
from troth.web.places import EACH_PLACE, MOST, Places, Stage
from troth.web.rendering import VENDOR
from troth.web.running import Running
from troth.web.wire import MOST_AHEAD, MOST_HEAD, PIECE, UNREAD, WHOLE


class Ahead(asyncio.SelectorEventLoop):
    """A loop whose clock can be moved ahead."""

    ahead = 0.0

    def time(self):
        return super().time() + self.ahead


class Served:
    """A server that runs in this process, asked over sockets."""

    def __init__(self, running, loop, origin):
        self.running, self.loop, self.origin = running, loop, origin
        self.port = int(origin.rpartition(":")[2])

    def head(self, path="/health", method="GET"):
        """The beginning of a request, without its end."""
        return f"{method} {path} HTTP/1.1\r\nhost: localhost:{self.port}\r\n".encode()

    def post(self, length):
        """The whole head of a form."""
        kind = "content-type: application/x-www-form-urlencoded\r\n"
        return self.head("/sign-in", "POST") + f"{kind}content-length: {length}\r\n\r\n".encode()

    def opened(self, stack, some=b""):
        """Return a new connection over which something was sent."""
        made = stack.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=20))
        made.sendall(some)
        return made

    def health(self):
        return httpx.get(f"{self.origin}/health", timeout=20).status_code

    def forward(self, seconds):
        self.loop.ahead += seconds


@pytest.fixture
def serve(sqlite_house):
    """Call it for a running server; `text` is added to its settings."""
    with ExitStack() as stack:
        yield lambda text="", tls=None: stack.enter_context(_served(sqlite_house().teller, text, tls))


@contextmanager
def _served(teller, text, tls):
    place, begun, loop = teller.house.directory, queue.Queue(), Ahead()
    with (place / "troth.toml").open("a") as settings:
        settings.write(text)
    listener = listen("127.0.0.1", 0)
    listener.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536
    )  # of every connection; no more waits unread
    running = Running(teller, read_settings(place), place, listener=listener, ways={}, tls=tls)
    running._loop = lambda: loop
    thread = threading.Thread(target=running.run, args=(begun.put,), daemon=True)
    thread.start()
    try:
        yield Served(running, loop, begun.get(timeout=20))
    finally:
        running.stop()
        running.stop()
        thread.join(20)
    assert not thread.is_alive()


def answer(connection):
    """Return what comes until the connection ends."""
    found = b""
    with suppress(ConnectionError):
        while some := connection.recv(65_536):
            found += some
    return found


def is_over(connection):
    """Whether a connection was ended."""
    connection.settimeout(0)
    try:
        return connection.recv(65_536) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    finally:
        connection.settimeout(20)


# ---- how much


@pytest.mark.parametrize(
    "line", [b"cookie: " + b"a" * 2 * MOST_HEAD, b"x: y\r\n" * (MOST_HEAD // 3), b"a" * 2 * MOST_HEAD]
)
def test_a_head_that_does_not_end_is_refused_while_it_comes(serve, line):
    server = serve()
    with ExitStack() as stack:
        assert answer(server.opened(stack, server.head() + line)).startswith(b"HTTP/1.1 431 ")


def test_an_ordinary_head_may_come_byte_by_byte(serve):
    server = serve()
    with ExitStack() as stack:
        connection = server.opened(stack)
        for byte in server.head() + b"connection: close\r\n\r\n":
            connection.sendall(bytes([byte]))
        assert answer(connection).startswith(b"HTTP/1.1 200 ")


def test_what_follows_a_body_has_an_end_too_and_is_no_header(serve):
    server = serve()
    chunked = server.head("/sign-in", "POST") + b"transfer-encoding: chunked\r\n"
    form = chunked + b"content-type: application/x-www-form-urlencoded\r\n\r\n3\r\na=b\r\n"
    with ExitStack() as stack:
        endless = server.opened(stack, form + b"0\r\nx: " + b"y" * 3 * MOST_HEAD)
        assert answer(endless).startswith(b"HTTP/1.1 431 ")
        short = server.opened(stack, form + b"0\r\nsec-fetch-site: cross-site\r\n\r\n")
        second = server.head() + b"connection: close\r\n\r\n"
        short.sendall(second)
        assert answer(short).count(b"HTTP/1.1 ") == 2


def test_a_few_requests_may_wait_for_the_one_before_and_not_many(serve):
    server = serve()
    one = server.head() + b"\r\n"
    last = server.head() + b"connection: close\r\n\r\n"
    with ExitStack() as stack:
        few = answer(server.opened(stack, one * 9 + last))
        many = answer(server.opened(stack, one * 8 * MOST_AHEAD + last))
    assert few.count(b"HTTP/1.1 200 ") == 10
    assert many.count(b"HTTP/1.1 200 ") == 0


# ---- what is no request


def requests_with(server, upgrade, length):
    """Return a request with a body of many bytes, in which a second request stands at each boundary."""
    inner = server.head("/agreement") + b"\r\n"
    head = server.head("/sign-in", "POST") + upgrade + b"content-length: %d\r\n\r\n" % length
    whole = bytearray(head + b"\r\n" * (length // 2 + 1))[: len(head) + length]
    for at in range(4_096, len(whole) - len(inner), 4_096):
        whole[at : at + len(inner)] = inner
    return bytes(whole), len(head)


@pytest.mark.parametrize("upgrade", [b"x", b"h2c", b"websocket"])
def test_the_body_of_what_asks_for_an_upgrade_never_becomes_a_request(serve, upgrade):
    server = serve()
    asks = b"upgrade: %b\r\nconnection: keep-alive, Upgrade\r\n" % upgrade
    whole, head = requests_with(server, asks, 20_000)
    cuts = ([], [head], [4_096], [head, 8_192], [head - 2, head + 4_096])
    with ExitStack() as stack:
        for each in cuts:
            connection = server.opened(stack)
            for start, end in pairwise([0, *each, len(whole)]):
                connection.sendall(whole[start:end])
                time.sleep(0.05)
            found = answer(connection)
            assert found.startswith(b"HTTP/1.1 400 ")
            assert found.count(b"HTTP/1.1 ") == 1
        chunked = server.head("/sign-in", "POST") + asks + b"transfer-encoding: chunked\r\n\r\n"
        found = answer(server.opened(stack, chunked + b"0\r\n\r\n" + server.head() + b"\r\n"))
        assert found.startswith(b"HTTP/1.1 400 ")
        assert found.count(b"HTTP/1.1 ") == 1


def test_what_asks_for_an_upgrade_and_has_no_body_is_answered_plainly_and_is_the_last_of_its_connection(
    serve,
):
    server = serve()
    asks = server.head() + b"upgrade: h2c\r\nconnection: upgrade\r\n\r\n"
    plain = server.head() + b"\r\n"
    with ExitStack() as stack:
        together = answer(server.opened(stack, plain * 3 + asks + plain * 3))
        connection = server.opened(stack, asks)
        time.sleep(0.2)
        with suppress(ConnectionError):
            connection.sendall(plain)
        apart = answer(connection)
    assert together.count(b"HTTP/1.1 200 ") == together.count(b"HTTP/1.1 ") == 4
    assert apart.count(b"HTTP/1.1 200 ") == apart.count(b"HTTP/1.1 ") == 1
    assert b"\r\nconnection: close\r\n" in apart


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"CONNECT localhost:443 HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\n", 400),
        (b"GET http://localhost HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * (MOST_HEAD + PIECE) + b"\r\n\r\n", 431),
    ],
)
def test_what_cannot_be_read_is_refused_as_everything_else_is(serve, begun, status):
    server = serve()
    with ExitStack() as stack:
        found = answer(server.opened(stack, begun))
    head, _, body = found.partition(b"\r\n\r\n")
    lines = {
        name.lower(): value for name, _, value in (e.partition(": ") for e in head.decode().split("\r\n"))
    }
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert HEADERS.items() <= lines.items()
    assert lines["connection"] == "close"
    assert lines["content-type"] == "application/problem+json"
    assert len(body) == int(lines["content-length"])
    assert json.loads(body)["status"] == status


def test_what_cannot_be_read_never_stands_for_the_answer_to_something_else(serve):
    server = serve()
    slow = server.head("/agreement") + b"accept: text/html\r\n\r\n"
    with ExitStack() as stack:
        for last in (
            b"BREW / HTTP/1.1\r\n",
            server.head("/", "POST") + b"connection: upgrade\r\nupgrade: x\r\ncontent-length: 9\r\n\r\n",
        ):
            assert answer(server.opened(stack, slow + last)) == b""


# ---- how many


def test_the_server_has_no_more_connections_than_it_can(serve):
    places, ended = Places(most=3), []

    class One:
        def __init__(self, since, stage=Stage.HEAD):
            self.since, self.stage = since, stage

        def end(self):
            ended.append(self)
            places.leave(self, self.place)

    every = [One(1, Stage.ANSWER), One(3), One(2)]
    for number, one in enumerate(every):
        one.place = places.enter(one, f"192.0.2.{number}")
    new = One(9)
    new.place = places.enter(new, "192.0.2.9")
    assert ended == [every[2]]


def test_as_many_files_may_be_open_as_connections_need():
    asked = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({}, {})); "
    asked += "from troth.web.listening import connections; "
    asked += "print(connections(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    said = [
        subprocess.run([sys.executable, "-c", asked.format(*each)], capture_output=True, check=True).stdout
        for each in ((256, 1_024), (256, 4_096), (4_096, 4_096))
    ]
    assert [tuple(map(int, each.split())) for each in said] == [
        (1_024 - OTHERS, 1_024, 1_024),
        (MOST, MOST + OTHERS, 4_096),
        (MOST, 4_096, 4_096),
    ]


def test_a_place_that_has_all_its_connections_gives_up_the_one_that_waited_longest(serve):
    server = serve()
    with ExitStack() as stack:
        taken = [server.opened(stack) for _ in range(EACH_PLACE + 50)]
        assert server.health() == 200
        time.sleep(0.2)
        over = [is_over(each) for each in taken]
    assert over[:50] == [True] * 50
    assert over.count(True) <= 52


def test_a_proxy_of_ours_has_as_many_as_it_likes(serve):
    server = serve('\n[server]\nproxies = ["127.0.0.1"]\n')
    with ExitStack() as stack:
        taken = [server.opened(stack) for _ in range(EACH_PLACE + 50)]
        assert server.health() == 200
        time.sleep(0.2)
        assert not any(is_over(each) for each in taken)


def test_every_page_is_compiled_soon_after_the_start_so_that_none_needs_a_file(serve):
    pages = serve().running.hall.rendering._environment
    assert soon(lambda: len(pages.cache) == len(pages.list_templates()), within=20)


# ---- how long


def test_whoever_lets_us_wait_is_not_waited_for(serve):
    server = serve()
    with ExitStack() as stack:
        silent, begun = server.opened(stack), server.opened(stack, server.head())
        body, idle = server.opened(stack, server.post(99) + b"a="), server.opened(stack, server.post(99))
        heard = server.opened(stack, server.head() + b"\r\n")
        assert heard.recv(65_536).startswith(b"HTTP/1.1 200 ")
        server.forward(Stage.HEAD.patience - 10)
        time.sleep(1.2)
        assert not any(is_over(each) for each in (silent, begun, body, idle, heard))
        begun.sendall(b"x: y\r\n")  # a head that grows is none yet
        body.sendall(b"b")  # a body that grows is one
        time.sleep(0.2)
        server.forward(11)
        assert [answer(each) for each in (silent, begun, idle)] == [b""] * 3
        assert not any(is_over(each) for each in (body, heard))


def test_a_body_that_comes_drop_by_drop_is_not_waited_for_without_end(serve):
    server = serve()
    with ExitStack() as stack:
        body = server.opened(stack, server.post(99) + b"a=")
        drops = int(WHOLE / 15) + 2  # the first may be over before the server read what was sent
        for n in range(drops):
            if n == drops - 4:
                time.sleep(1.2)
                assert not is_over(body)
            server.forward(15)
            body.sendall(b"b")
            time.sleep(0.02)
        assert answer(body) == b""


def test_an_answer_that_nobody_reads_is_given_up(serve):
    server = serve()
    whole = len(httpx.get(f"{server.origin}/agreement").content)
    asked = server.head("/agreement") + b"accept: text/html\r\n\r\n"
    with ExitStack() as stack:
        slow = stack.enter_context(socket.socket())
        slow.settimeout(20)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(asked * MOST_AHEAD)
        time.sleep(1)
        server.forward(UNREAD + 1)
        time.sleep(2)
        assert len(answer(slow)) < MOST_AHEAD * whole


def test_an_answer_that_is_read_slowly_is_given_out_to_its_end(serve):
    server = serve()
    style = Assets().address(VENDOR["ltr"])
    whole = len(httpx.get(f"{server.origin}{style}").content)
    with ExitStack() as stack:
        slow = stack.enter_context(socket.socket())
        slow.settimeout(20)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(server.head(style) + b"connection: close\r\n\r\n")
        found = b""
        for most in (150_000, 300_000):
            while len(found) < most:
                found += slow.recv(4_096)
            time.sleep(0.1)
            server.forward(UNREAD - 10)
        time.sleep(2.2)
        assert len(found) < whole
        found += answer(slow)
    assert len(found.partition(b"\r\n\r\n")[2]) == whole


# ---- by TLS


@pytest.fixture
def trust(tmp_path):
    made = trust_in(tmp_path)
    return ssl.create_default_context(cafile=made.file), certified(*[tmp_path / "server.pem"] * 2)


def test_who_shakes_no_hands_has_a_place_and_is_not_waited_for(serve, trust):
    ours, theirs = trust
    server = serve(tls=theirs)
    with ExitStack() as stack:
        taken = [server.opened(stack) for _ in range(EACH_PLACE + 20)]
        assert httpx.get(f"{server.origin}/health", verify=ours, timeout=20).status_code == 200
        time.sleep(0.2)
        assert [is_over(each) for each in taken].count(True) in (20, 21, 22)
        server.forward(Stage.SHAKE.patience + 1)
        time.sleep(1.5)
        assert all(is_over(each) for each in taken)
        assert answer(server.opened(stack, b"GET / HTTP/1.1\r\n\r\n")).count(b"HTTP/") == 0
        assert httpx.get(f"{server.origin}/health", verify=ours, timeout=20).status_code == 200


def test_what_is_sent_with_the_end_of_the_handshake_is_read(serve, trust):
    ours, theirs = trust
    server = serve(tls=theirs)
    with ExitStack() as stack:
        for _ in range(20):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            shaking = ours.wrap_bio(incoming, outgoing, server_hostname="localhost")
            connection = server.opened(stack)
            while True:
                try:
                    shaking.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    connection.sendall(outgoing.read())
                    incoming.write(connection.recv(65_536))
            shaking.write(server.head() + b"connection: close\r\n\r\n")
            connection.sendall(outgoing.read())  # the last of the handshake, and the request
            found = b""
            while b"\r\n\r\n" not in found:
                incoming.write(connection.recv(65_536))
                with suppress(ssl.SSLWantReadError):
                    found += shaking.read(65_536)
            assert found.startswith(b"HTTP/1.1 200 ")


def test_an_answer_by_tls_is_given_up_and_given_out_as_in_the_clear(serve, trust):
    ours, theirs = trust
    server = serve(tls=theirs)
    style = Assets().address(VENDOR["ltr"])
    whole = len(httpx.get(f"{server.origin}{style}", verify=ours).content)

    def slow(stack):
        made = stack.enter_context(socket.socket())
        made.settimeout(20)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        made.connect(("127.0.0.1", server.port))
        by_tls = stack.enter_context(ours.wrap_socket(made, server_hostname="localhost"))
        by_tls.sendall(server.head(style) + b"connection: close\r\n\r\n")
        return by_tls

    with ExitStack() as stack:
        reads, waits = slow(stack), slow(stack)
        found = b""
        for most in (200_000, 400_000):
            while len(found) < most:
                found += reads.recv(4_096)
            time.sleep(0.1)
            server.forward(UNREAD - 10)
        time.sleep(2.2)
        found += answer(reads)
        assert len(found.partition(b"\r\n\r\n")[2]) == whole
        with suppress(ssl.SSLError):
            assert len(answer(waits)) < whole
