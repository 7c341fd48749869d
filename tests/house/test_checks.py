"""The checks of `make check`, as tests, so that `make test` alone says whether the house stands."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

TOOLS = Path(sys.executable).parent


def assert_quiet(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


@pytest.mark.parametrize(
    "tool",
    ["ruff check --quiet", "ruff format --check", "mypy", "lint-imports --no-cache --no-logo"],
)
def test_the_tool_has_nothing_to_say(tool):
    name, *arguments = tool.split()
    assert_quiet(str(TOOLS / name), *arguments)


def test_no_module_and_no_function_outgrew_the_house():
    assert_quiet(sys.executable, "scripts/size_report.py")
