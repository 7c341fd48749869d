"""The log: a line for each event, whole, whichever thread it comes from; and it stops nothing."""

import io
import json
import sys
import threading

import pytest

from troth.web import logs


class Full(io.StringIO):
    """A disk that is full."""

    def write(self, text):
        raise OSError


@pytest.fixture
def out():
    """Where the lines go instead."""
    here = io.StringIO()
    logs.write_to(here)
    yield here
    logs.write_to(sys.stderr)


def test_lines_of_many_threads_are_all_written_and_whole(out):
    each, failed = 5_000, []

    def write(thread):
        try:
            for n in range(each):
                logs.log("x", thread=thread, n=n)
        except IndexError as problem:
            failed.append(problem)

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(switch)

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert failed == []
    assert sorted((line["thread"], line["n"]) for line in lines) == [
        (t, n) for t in range(4) for n in range(each)
    ]


def test_a_log_that_cannot_be_written_stops_nothing(out):
    logs.write_to(Full())
    logs.log("x", n=1)
    logs.write_to(out)
    logs.log("x", n=2)
    assert [json.loads(line)["n"] for line in out.getvalue().splitlines()] == [2]
