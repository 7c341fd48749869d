"""Where a package is brought: to public places by TLS, or on this machine; who answers is not believed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic, sleep

import pytest

from troth.errors import AddressRefused, TransferFailed
from troth.gates.transfer import bring, place_at


@contextmanager
def answering(
    status: int, body: bytes, *, asked: bytes | None = None, slow: float = 0.0, **headers: str
) -> Iterator[str]:
    """Somebody who answers so; where they are `asked` who they are, with that; `slow`: a byte at a time."""

    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(*((status, body) if asked is None else (200, asked)))

        def do_PUT(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer(status, body)

        def _answer(self, status, body):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # whoever asked went away
                for low in range(0, len(body), 1 if slow else len(body)):
                    self.wfile.write(body[low : low + 1] if slow else body)
                    sleep(slow)

        def log_message(self, *said):
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/v1/arrivals/code"
        finally:
            server.shutdown()
            thread.join()


def sent(address):
    return bring(address, iter([b"abc"]), size=3, digest=bytes(32), signature=b"signed", here=True)


@pytest.mark.parametrize(
    "address",
    [
        "", "example.org", "ftp://example.org/x", "http://example.org/x", "https://a:b@example.org/x",
        "https://example.org/x#y", "file:///etc/passwd", "https://10.0.0.1/x", "https://169.254.169.254/x",
        "https://192.168.1.1/x", "https://[fc00::1]/x", "https://[::ffff:10.0.0.1]/x", "https://0.0.0.0/x",
    ],
)  # fmt: skip
def test_an_address_that_is_none_or_not_public_is_not_gone_to(address):
    for here in (False, True):
        with pytest.raises(AddressRefused):
            place_at(address, here=here)


def test_a_house_that_others_reach_goes_to_nothing_of_its_own_machine():
    with answering(200, b"{}") as address, pytest.raises(AddressRefused):
        place_at(address)
    with pytest.raises(AddressRefused):
        place_at("https://localhost/x")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"hello"),
        (200, b"[]"),
        (200, b'{"format": "other", "organisation": "X", "vkey": "k"}'),
        (200, b'{"format": "troth-arrival/1", "organisation": "", "vkey": "k"}'),
        (200, b'{"format": "troth-arrival/1", "organisation": "X\\u0000", "vkey": "k"}'),
        (404, b"{}"),
        (200, b"x" * 70_000),
    ],
)
def test_who_does_not_say_who_they_are_gets_nothing(status, body):
    with answering(status, body) as address, pytest.raises(TransferFailed):
        place_at(address, here=True)


def test_nobody_is_followed_elsewhere():
    with (
        answering(302, b"", location="http://127.0.0.1:1/x") as address,
        pytest.raises(TransferFailed, match="302"),
    ):
        sent(address)


def test_nobody_there_is_said():
    with pytest.raises(TransferFailed):
        place_at("http://127.0.0.1:9/x", here=True)


def test_who_answers_drop_by_drop_is_not_waited_for():
    begun = monotonic()

    with answering(200, b"x" * 30, slow=0.1) as address, pytest.raises(TransferFailed, match="in time"):
        place_at(address, here=True, within=0.5)

    assert monotonic() - begun < 4.0
