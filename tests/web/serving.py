"""A server for the tests: `troth serve` as a process of its own, asked over sockets.

with serving(directory) as server:
    server.client.get("/agreement")     # httpx, at the address it printed
"""

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

TROTH = (sys.executable, "-m", "troth")


@dataclass
class Server:
    """A running `troth serve`."""

    origin: str
    process: subprocess.Popen[str]
    client: httpx.Client
    log: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.origin.rpartition(":")[2])

    def lines(self) -> list[dict[str, Any]]:
        """What it logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def kill(self) -> None:
        """Kill it where it stands."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.log.read_text()


@contextmanager
def serving(directory: Path, *options: object, trust: Path | None = None) -> Iterator[Server]:
    """Serve a house on a free port, until the end unless it stopped before; `trust`: whom to believe."""
    command = [*TROTH, "serve", "--dir", str(directory), "--port", "0", "--json", *map(str, options)]
    log = directory.parent / "serve.log"
    believed = ssl.create_default_context(cafile=trust) if trust else True
    with (
        log.open("w") as told,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True) as process,
    ):
        try:
            said = ""
            while not said.endswith("}\n") and (line := process.stdout.readline()):
                said += line
            assert said, log.read_text()
            origin = json.loads(said)["url"]
            with httpx.Client(base_url=origin, verify=believed, timeout=30) as client:
                server = Server(origin, process, client, log)
                yield server
            if process.poll() is None:
                server.stop()
        finally:
            process.kill()


def key_of(directory: Path, program: str, *purposes: str, rate: int = 100_000) -> dict[str, str]:
    """Make a service key, as an operator does, and return the header that shows it."""
    named = [word for purpose in purposes for word in ("--purpose", purpose)]
    command = [*TROTH, "key", "make", "--dir", str(directory), "--program", program, *named, "--json"]
    made = subprocess.run([*command, "--rate", str(rate)], check=True, capture_output=True, text=True)
    return {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
