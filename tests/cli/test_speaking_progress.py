"""Long work shows a bar to whoever watches on a terminal, beside the answer, and to nobody else."""

import json
import os
import pty
import subprocess

import pytest

from tests.cast import MIA
from tests.cli.conftest import QUIET, TROTH, troth_command

AGENT = ("--as", "role:support-agent", "--staff", "anna")
ACT = {"circumstance": "registration", "category": "account"}
WORDS = {
    "collect": "collecting", "sweep": "sweeping", "ledger verify": "verifying", "erase": "erasing",
    "erase --after": "sealing away", "case run": "going on", "case prove": "carrying out",
    "case file": "carrying out",
}  # fmt: skip


@pytest.fixture
def watched(directory, run):
    """The words of commands that take long, with what they need ready."""
    rows = ({**ACT, "reference": f"N-{n}", "fields": {"username": f"noor.{n}"}} for n in range(30))
    file = directory.parent / "acts.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    run("ledger", "export", "log")
    filed = run("case", "file", "restrict", "--category", "device", "--about", MIA, "--json", *AGENT)
    demand = json.loads(filed.stdout)["reference"]
    return {
        "collect": ["collect", file, "--batch", 10],
        "sweep": ["sweep"],
        "ledger verify": ["ledger", "verify", "log"],
        "erase": ["erase", "--about", MIA, "--yes"],
        "erase --after": ["erase", "--about", MIA, "--yes", "--after", 3],
        "case run": ["case", "run"],
        "case prove": ["case", "prove", demand],
        "case file": ["case", "file", "restrict", "--category", "account", "--about", MIA],
    }


def read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


@pytest.mark.parametrize("name", WORDS)
def test_long_work_shows_a_bar_on_a_terminal_and_leaves_the_answer_alone(watched, directory, name):
    ours, theirs = pty.openpty()
    command = [str(TROTH), *map(str, watched[name]), "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**QUIET, "TERM": "xterm-256color"},
        cwd=directory.parent,
    ) as running:
        os.close(theirs)
        seen = b"".join(iter(lambda: read(ours), b""))
        said = running.stdout.read()
    os.close(ours)
    assert running.returncode == 0
    assert WORDS[name].encode() in seen
    assert "━".encode() in seen
    assert isinstance(json.loads(said), dict)


@pytest.mark.parametrize("name", WORDS)
def test_off_a_terminal_there_is_no_bar(watched, directory, name):
    done = troth_command(*watched[name], cwd=directory.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert WORDS[name] not in done.stdout
