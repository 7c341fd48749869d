"""What may be sent before anybody is heard, how long we wait for it, and how much of us one place gets."""

import asyncio
import queue
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from troth.settings import read_settings
from troth.web.listening import listen
from troth.web.running import Running
from troth.web.wire import EACH_PLACE, MOST_AHEAD, MOST_HEAD, UNREAD, WHOLE, Stage


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
        yield lambda text="": stack.enter_context(_served(sqlite_house().teller, text))


@contextmanager
def _served(teller, text):
    place, begun, loop = teller.house.directory, queue.Queue(), Ahead()
    with (place / "troth.toml").open("a") as settings:
        settings.write(text)
    listener = listen("127.0.0.1", 0)
    listener.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536
    )  # of every connection; no more waits unread
    running = Running(teller, read_settings(place), place, listener=listener, ways={})
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
        assert answer(endless) == b""
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


# ---- how many


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
        drops = int(WHOLE / 15)
        for n in range(drops):
            if n == drops - 2:
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
