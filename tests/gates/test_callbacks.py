"""Where an agent may be called back: public places by TLS; no redirect, no private network."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.gates.counterparts import trust_in
from troth.errors import AddressRefused, TransferFailed
from troth.gates.callbacks import call_back


@contextmanager
def answering(context: ssl.SSLContext, status: int = 200, location: str = "") -> Iterator[tuple[int, list]]:
    taken: list[tuple[str, dict[str, str], bytes]] = []

    class Other(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(status)
            if location:
                self.send_header("location", location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *said):
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *said):
            pass  # a client that hung up because of a certificate

    with Quiet(("127.0.0.1", 0), Other) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, taken
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/x", "https://169.254.169.254/x",
        "https://192.168.1.1/x", "https://[fc00::1]/x", "https://[::1]/x", "https://[::ffff:10.0.0.1]/x",
        "https://[2002:7f00:1::]/x", "https://0.0.0.0/x", "https://100.64.0.1/x", "https://2130706433/x",
    ],
)  # fmt: skip
def test_what_is_not_public_is_not_gone_to(address: str) -> None:
    with pytest.raises(AddressRefused):
        call_back(address, b"{}")


def test_a_status_arrives_as_json(tmp_path: Path) -> None:
    trust = trust_in(tmp_path)
    with answering(trust.context) as (port, taken):
        address = f"https://localhost:{port}/told?x=1"
        call_back(address, b'{"status":"fulfilled"}', trust=str(trust.file), allowed=lambda _: True)
    ((path, headers, body),) = taken
    assert (path, headers["content-type"]) == ("/told?x=1", "application/json")
    assert headers["host"] == f"localhost:{port}"
    assert json.loads(body) == {"status": "fulfilled"}


@pytest.mark.parametrize("status", [301, 302, 307, 400, 500])
def test_a_redirect_is_not_followed_and_a_refusal_is_none_taken(tmp_path: Path, status: int) -> None:
    trust = trust_in(tmp_path)
    with answering(trust.context) as (other, never), answering(
        trust.context, status, f"https://localhost:{other}/inside"
    ) as (port, _), pytest.raises(TransferFailed):  # fmt: skip
        call_back(f"https://localhost:{port}/", b"{}", trust=str(trust.file), allowed=lambda _: True)
    assert never == []


def test_a_certificate_of_another_host_is_not_believed(tmp_path: Path) -> None:
    trust = trust_in(tmp_path, host="other.example.org")
    with answering(trust.context) as (port, taken), pytest.raises(TransferFailed):
        call_back(f"https://localhost:{port}/", b"{}", trust=str(trust.file), allowed=lambda _: True)
    assert taken == []
