"""A server tries its own pages soon after it started, and stops when it is told to."""

import json
import os
import signal
import subprocess
import sys
from time import monotonic

import pytest

from tests.houses import MEMBER_TEXT
from tests.inside import rows_of
from troth.library import init
from troth.library import open as open_house
from troth.store import schema

QUICK = MEMBER_TEXT.replace("rate_limit: 60/minute", "rate_limit: 12/minute")  # fewer attempts to make


@pytest.fixture
def directory(tmp_path):
    init(tmp_path / "house", QUICK).close()
    return tmp_path / "house"


def served(directory, until, within=90.0):
    """Serve a house until a line of its log tells of something; return the lines, and the seconds to stop."""
    command = [sys.executable, "-m", "troth", "serve", "--port", "0", "--dir", str(directory)]
    lines, here = [], os.environ | {"TMPDIR": str(directory.parent)}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=here
    ) as running:
        end = monotonic() + within
        for line in running.stderr:
            lines.append(json.loads(line))
            if until(lines[-1]) or monotonic() > end:
                break
        asked = monotonic()
        running.send_signal(signal.SIGTERM)
        lines += [json.loads(line) for line in running.stderr]
        assert running.wait(30) == 0
    return lines, monotonic() - asked


def test_pages_are_tried_soon_after_the_start_and_their_requests_are_in_no_log(directory):
    lines, _ = served(directory, lambda line: line["event"] in ("tried", "trial-failed"))

    (tried,) = [line for line in lines if line["event"] == "tried"]
    assert (tried["broken"], tried["promises"] > 10) == ([], True)
    assert [line for line in lines if line["event"] == "request"] == []
    with open_house(directory) as house:
        assert len(rows_of(house, schema.probes)) == tried["promises"]


def test_told_to_stop_at_once_it_stops_and_leaves_nothing_behind(directory):
    lines, took = served(directory, lambda line: line["event"] == "started")

    assert took < 20
    assert lines[-1]["event"] == "stopped"
    assert list(directory.parent.glob("troth-rehearsal-*")) == []
