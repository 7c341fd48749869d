"""The project as a project: pinned, described, quick to start, and silent about where it was made."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import troth
from scripts.pages import module_page
from tests.house.source import ROOT, assert_none

PINS = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(_PIN.findall((ROOT / "requirements" / name).read_text(encoding="utf-8")))


def plain(requirement: str) -> str:
    return re.split(r"[<>=\[;~! ]", requirement)[0].lower().replace("_", "-")


DEPENDENCIES = [
    plain(each)
    for some in (
        PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    )
    for each in some
]


@pytest.mark.parametrize("name", PINS)
def test_every_requirement_is_pinned_and_hashed_and_names_no_address(name):
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z0-9._-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line)


def test_the_smaller_set_of_requirements_is_part_of_the_larger():
    assert pins("core.txt").items() <= pins("full.txt").items() <= pins("dev.txt").items()


@pytest.mark.parametrize("name", sorted(set(DEPENDENCIES)))
def test_every_dependency_is_pinned_and_has_its_reason(name):
    assert name in pins("dev.txt") | pins("lock.txt")
    reasons = (ROOT / "docs/adr/0001-dependencies.md").read_text(encoding="utf-8").lower()
    assert re.search(rf"^\| `{re.escape(name)}`", reasons, re.MULTILINE), "docs/adr/0001-dependencies.md"


def test_it_is_open_source_for_any_recent_python():
    about = PROJECT["project"]
    assert (about["license"], about["requires-python"]) == ("Apache-2.0", ">=3.11")
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(
        encoding="utf-8"
    )
    assert about["scripts"]["troth"].startswith("troth.")


def test_the_first_page_tells_of_the_two_commands_that_do_it_all():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in page
    assert "make test" in page


def made(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make` as somebody who just cloned the project does."""
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def test_make_lists_every_command_and_does_nothing_else():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split())
    listed = dict(re.findall(r"^  make (\w+) +(\S.*)$", made().stdout, re.MULTILINE))
    assert {"setup", "demo", "test", "check", "fix", "bench", "docs"} <= listed.keys()
    assert listed.keys() == phony
    assert len(made().stdout.splitlines()) == len(listed)


@pytest.mark.parametrize("name", ["demo", "test", "check", "fix", "bench", "docs", "lock"])
def test_every_command_of_make_sets_up_what_it_needs_first(name):
    planned = made("--dry-run", "--always-make", name).stdout
    first, rest = planned.split("\n", 1)
    assert first == "sh scripts/setup.sh"
    assert ".venv/bin" in rest


def test_demo_and_test_pass_on_what_they_are_given():
    assert ".venv/bin/troth demo --members 20\n" in made("--dry-run", "demo", "ARGS=--members 20").stdout
    assert re.search(r"-m pytest .*-k word$", made("--dry-run", "test", "ARGS=-k word").stdout, re.MULTILINE)


def test_continuous_integration_runs_make_test_wherever_it_is_called_from(tmp_path):
    (tmp_path / "make").write_text('#!/bin/sh\npwd\necho "$@"\n', encoding="utf-8")
    (tmp_path / "make").chmod(0o700)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / ".ci/run"], cwd=tmp_path, env={"PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [str(ROOT), "test"]


def test_the_command_stands_beside_the_python_of_the_environment():
    done = subprocess.run(
        [Path(sys.executable).with_name("troth"), "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"troth {troth.__version__}\n"


def test_the_module_page_of_the_documentation_is_current():
    assert (ROOT / "docs/modules.md").read_text(encoding="utf-8") == module_page(), "run `make docs`"


def test_the_changelog_names_what_is_unreleased():
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_version_is_a_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|a\d+|b\d+|rc\d+)?", troth.__version__)


def test_importing_troth_loads_no_heavy_library():
    code = "import sys, troth; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"sqlalchemy", "alembic", "cryptography", "rich", "phonenumbers", "markdown_it"} & set(
        loaded
    ) == set()


def test_nothing_names_where_it_was_made_or_fetched():
    # Put together here, so that this file does not name them either.
    places = re.compile(
        "|".join(["/wo" + "rk/", "/ro" + "ot/", "py" + r"pi\.", "pythonho" + "sted", "registry\\.np" + "m"])
    )
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    files = [ROOT / name for name in listed if name] or list((ROOT / "src").rglob("*.py"))
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        if path.is_file()
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1)
        if places.search(line)
    ]
    assert_none(named)
