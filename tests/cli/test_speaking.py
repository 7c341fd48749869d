"""What is shown moves no cursor, and is plain when nobody looks."""

import os
import pty
import subprocess

import click
import pytest
from click.testing import CliRunner

from tests.cli.conftest import QUIET, TROTH
from troth.cli.speaking import shown, table, until
from troth.clock import FOREVER, instant


def test_control_characters_are_written_out():
    assert shown("a\x1b[2Jb\r\nc\x9bd\u202e") == "a\\x1b[2Jb\\r\\nc\\x9bd\\u202e"
    assert shown("Łukasz Żółć 李") == "Łukasz Żółć 李"


def test_a_table_is_aligned_text_when_it_is_piped():
    @click.command()
    def shows():
        table(("field", "value"), [("name", "x"), ("e", "\x1b[31mred")])

    done = CliRunner().invoke(shows)
    assert done.stdout == "field  value\nname   x\ne      \\x1b[31mred\n"


def test_what_has_no_end_says_so():
    assert until(FOREVER) == "no end yet"
    assert until(instant("2027-01-31T12:00:59Z")) == "2027-01-31 12:00 UTC"


@pytest.mark.parametrize("without", [True, False], ids=["NO_COLOR", "colours"])
def test_on_a_terminal_a_table_is_drawn_in_colours_unless_they_are_not_wanted(directory, without):
    ours, theirs = pty.openpty()
    environment = {**QUIET, "TERM": "xterm-256color", **({"NO_COLOR": "1"} if without else {})}
    running = subprocess.Popen(
        [TROTH, "verify"], stdout=theirs, stderr=theirs, env=environment, cwd=directory.parent
    )
    os.close(theirs)
    said = b"".join(iter(lambda: read(ours), b""))
    assert running.wait() == 0
    assert "━".encode() in said or "─".encode() in said
    assert (b"\x1b[3" in said) != without


def read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""
