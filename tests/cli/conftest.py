"""A house for the command line: founded once, copied for each test; and how a test runs `troth`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import troth
from tests.cast import ACCOUNT, MIA
from tests.houses import MEMBER_TEXT
from troth.cli.entrance import entrance
from troth.library import Troth

TROTH = Path(sys.executable).with_name("troth")
QUIET = {name: word for name, word in os.environ.items() if not name.startswith("TROTH_")}
CANARIES = (*ACCOUNT.values(), "canary")

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test in a folder of its own, without settings of whoever runs it."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ.keys() - QUIET.keys():
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house under the reference agreement, in force for years, in which Mia told her account."""
    directory = tmp_path_factory.mktemp("cli") / "house"
    text = MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2020-01-01")
    with troth.init(directory, text) as house:
        house.collect(about=MIA, category="account", when="registration", values=ACCOUNT)
    return directory


@pytest.fixture
def directory(founded: Path, tmp_path: Path) -> Path:
    """A copy of that house, where commands look for one."""
    shutil.copytree(founded, tmp_path / "troth-house")
    return tmp_path / "troth-house"


@pytest.fixture
def opened(directory: Path) -> Callable[[], Troth]:
    """A function that opens the house of the test, to look what a command did."""
    return lambda: troth.open(directory)


@pytest.fixture
def run() -> Run:
    """Run a command in this process, and expect an exit code; what was shown may hold no canary."""

    def running(*words: object, exit: int = 0, stdin: str | bytes = "", canaries: bool = False) -> Result:  # noqa: A002
        done = CliRunner().invoke(entrance, [str(word) for word in words], input=stdin)
        assert done.exit_code == exit, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        if not canaries:
            assert_silent(done.output)
        return done

    return running


def assert_silent(text: str) -> None:
    """Assert that nothing of Mia, and no canary, is in a text."""
    found = [canary for canary in CANARIES if canary in text]
    assert not found


def answer(done: Result) -> Any:
    """Return the one document of a command that was asked for JSON."""
    return json.loads(done.stdout)


def troth_command(
    *words: object, cwd: Path | None = None, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the real command, off a terminal."""
    return subprocess.run(
        [str(TROTH), *map(str, words)],
        cwd=cwd,
        input=stdin,
        env={**QUIET, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def lines_of(path: Path) -> list[Mapping[str, Any]]:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
