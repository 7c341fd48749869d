"""A rehearsal's directory: what a killed one left is removed, what a living one uses is not."""

import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from troth.web.probes.place import PREFIX, own_place

HOLD = """
import sys
from troth.web.probes.place import own_place
with own_place() as place:
    (place / "house").mkdir()
    print(place, flush=True)
    sys.stdin.read()
"""


@contextmanager
def rehearsing(**environment):
    """Another process that rehearses; give its directory, and itself."""
    where = {"TMPDIR": tempfile.gettempdir(), **environment}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=where,
    ) as process:  # fmt: skip
        yield Path(process.stdout.readline().strip()), process
        process.kill()


def test_what_a_living_one_uses_stays_and_its_end_removes_it():
    with rehearsing() as (theirs, process):
        with own_place() as mine, own_place() as another:
            assert (theirs / "house").is_dir()
            assert mine.is_dir()
            assert len({theirs, mine, another}) == 3
        process.stdin.close()
        process.wait(10)

    assert not any(place.exists() for place in (theirs, mine, another))


def test_what_a_killed_one_left_is_removed_by_the_next():
    with rehearsing() as (theirs, process):
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert (theirs / "house").is_dir()

    with own_place():
        assert not theirs.exists()


def test_what_has_the_name_alone_is_left_alone(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    (tmp_path / f"{PREFIX}file").write_text("mine")

    with rehearsing(TMPDIR=str(tmp_path)) as (theirs, process):
        assert theirs.stat().st_mode & 0o777 == 0o700
        process.stdin.close()
        process.wait(10)

    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"elsewhere", f"{PREFIX}file", f"{PREFIX}link"}
