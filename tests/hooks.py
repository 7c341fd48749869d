"""A web server on this machine that answers as it is told to, and remembers what it was sent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answered = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Sent:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


@contextmanager
def web_server(answer: Callable[[Sent], Answered]) -> Iterator[int]:
    """Run a server and give its port."""

    class Answering(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): line for name, line in self.headers.items()}
            status, more, said = answer(Sent(self.command, self.path, headers, body))
            self.send_response(status)
            for name, line in more.items():
                self.send_header(name, line)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _any  # noqa: N815 - called by that name

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Answering) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
