"""The documentation says what is so: its commands run, its links lead somewhere, its lists are whole."""

import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from scripts.pages import command_page
from tests.house.source import ROOT, SOURCE, assert_none, trees
from troth.evidence.status import Status
from troth.library import Context, Troth
from troth.settings import OPTIONAL, Settings

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ENDS = re.compile(r"\s+# exits with (\d)$")
_VARIABLE = re.compile(r"\bTROTH_[A-Z]+\b")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(page: str) -> list[tuple[str, int]]:
    """The commands of a page's shell blocks, a here-document whole, with the exit code each names."""
    found: list[tuple[str, int]] = []
    for block in _SHELL.findall(text(page)):
        lines = iter(block.splitlines())
        for line in lines:
            taken = [line]
            if "<<'END'" in line:
                for more in lines:
                    taken.append(more)
                    if more == "END":
                        break
            ends = _ENDS.search(line)
            found.append(("\n".join(taken), int(ends[1]) if ends else 0))
    return found


def test_the_first_ten_minutes_work_as_they_are_written(tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    bare = {key: value for key, value in os.environ.items() if not key.startswith("TROTH_")}
    assert commands("docs/start.md")
    for command, ends in commands("docs/start.md"):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env={**bare, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == ends, f"{command}\n{done.stdout}{done.stderr}"


def test_every_link_leads_to_a_file():
    assert_none(
        f"{name(page)}: {link}"
        for page in PAGES
        for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
        if "://" not in link and not (page.parent / link).exists()
    )


@pytest.mark.parametrize("page", ["docs/threats.md", "docs/request.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_is_there(page):
    named = set(
        re.findall(r"`((?:tests|docs|src|scripts|[a-z]+)/[a-z_/]*[a-z_]+\.(?:py|md|toml))`", text(page))
    )
    assert named
    assert_none(
        f"{page}: {file}" for file in named if not ((ROOT / file).exists() or (SOURCE / file).exists())
    )


def test_the_page_of_commands_is_current():
    assert text("docs/reference/cli.md") == command_page(), "run `make docs`"


def test_the_page_of_the_library_names_every_method_and_every_argument():
    page = text("docs/reference/library.md")
    lacking = []
    for kind in (Troth, Context):
        for method, thing in inspect.getmembers(kind, inspect.isfunction):
            if method.startswith("_"):
                continue
            shown = re.findall(rf"`\.{method}\(([^`]*)\)`", page)
            wanted = [each for each in inspect.signature(thing).parameters if each != "self"]
            if not any(all(re.search(rf"\b{each}\b", given) for each in wanted) for given in shown):
                lacking.append(f"{kind.__name__}.{method}({', '.join(wanted)})")
    assert_none(lacking)


def test_the_page_of_settings_names_every_setting_and_variable():
    page = text("docs/reference/settings.md")
    read = {
        variable
        for path, _ in trees()
        for variable in _VARIABLE.findall((ROOT / path).read_text(encoding="utf-8"))
    }
    assert_none(f"{each} is read by the code" for each in read - set(_VARIABLE.findall(page)))
    told = re.findall(r"^\| `\[([a-z]+)\] ([a-z_]+)`", page, re.MULTILINE)
    optional = {(section, key) for section, keys in OPTIONAL.items() for key in keys}
    assert {each for each in told if each[0] in OPTIONAL} == optional
    assert len(fields(Settings)) == len(set(told) - optional) + len(OPTIONAL)


def test_the_first_page_explains_every_status_of_a_clause():
    assert_none(status for status in Status if f"| `{status.value}` |" not in text("README.md"))


def test_the_list_of_decisions_names_each_of_them():
    written = {path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    assert set(re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", text("docs/adr/README.md"))) == written


def test_every_decision_says_what_gets_worse():
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        said = path.read_text(encoding="utf-8")
        assert all(f"## {part}\n" in said for part in ("Context", "Decision", "Consequences")), path.name
        assert "* Bad: " in said, path.name


def test_no_page_promises_more_of_copies_and_of_time_than_the_limits_leave():
    """An older copy closes with its epoch; how long what is over stays is for the agreement to say."""
    too_much = ("no copy can", "in no copy", "no code, no copy", "copies included", "within a day")
    assert_none(
        f"{name(page)}: {words}"
        for page in sorted((SOURCE / "web/templates").rglob("*.html"))
        for words in too_much
        if words in page.read_text(encoding="utf-8")
    )


def test_no_format_is_described_that_no_page_gives():
    given = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    described = re.findall(r"\(`(troth-[a-z]+/\d)`\)", (ROOT / "docs/formats/faces.md").read_text("utf-8"))
    assert described
    assert_none(each for each in described if each not in given)
