"""Every example in README.md and docs runs: each page in a folder of its own, its blocks in order.

A Python block shares its names with those before it; where a `print` is followed by a comment, what is
printed begins with the comment, up to its first colon or comma. A command of an `sh` block exits with 0,
or with what its comment `# exits with N` says.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.houses import ROOT
from troth.library import Troth

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_SAID = re.compile(r"print\(.*\)\s+# (?P<said>[^:,\n]+)")
_EXITS = re.compile(r"# exits with (?P<code>\d+)$")
_HERE = re.compile(r"<<'(?P<end>\w+)'")
QUIET = {name: word for name, word in os.environ.items() if not name.startswith("TROTH_")}


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line of the page on which it begins."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(page):
        if token.type == "fence" and token.info.strip():
            yield Block(token.info.split()[0], token.content, (token.map or [0])[0] + 2)


def commands(block: str) -> Iterator[str]:
    """Yield each command of an `sh` block, with the lines that it reads from here."""
    lines = iter(block.splitlines())
    for line in lines:
        text, here = line, _HERE.search(line)
        while here and text.splitlines()[-1] != here["end"]:
            text += "\n" + next(lines)
        if text.strip():
            yield text


def run_python(block: Block, page: Path, names: dict[str, object]) -> None:
    said = io.StringIO()
    # Padded, so that a line of a traceback is the line of the page.
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    with contextlib.redirect_stdout(said):
        exec(code, names)
    printed = said.getvalue().splitlines()
    for match in _SAID.finditer(block.text):
        assert any(line.startswith(match["said"].strip()) for line in printed), (match[0], printed)


def run_commands(block: Block, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{QUIET.get('PATH', '')}"
    for command in commands(block.text):
        exits = _EXITS.search(command)
        ran = subprocess.run(
            ["sh", "-c", command],
            cwd=folder, env={**QUIET, "PATH": path}, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert ran.returncode == (int(exits["code"]) if exits else 0), (command, ran.stdout, ran.stderr)


def examples() -> list[Path]:
    return [
        page for page in PAGES if any(b.language in ("python", "sh") for b in blocks(page.read_text("utf-8")))
    ]


@pytest.mark.parametrize("page", examples(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__example__"}
    try:
        for block in blocks(page.read_text("utf-8")):
            if block.language == "python":
                run_python(block, page, names)
            elif block.language == "sh":
                run_commands(block, tmp_path)
    finally:
        for value in names.values():
            if isinstance(value, Troth):
                value.close()


def test_the_library_is_shown_in_fifteen_lines_on_the_first_page():
    shown = [block for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.language == "python"]

    assert shown
    assert all(len(block.text.splitlines()) <= 15 for block in shown)


def test_an_example_that_says_what_it_does_not_print_is_found(tmp_path):
    wrong = Block("python", "print(1 + 1)  # 3: as everybody knows\n", 1)

    with pytest.raises(AssertionError, match="# 3"):
        run_python(wrong, tmp_path, {})


@pytest.mark.parametrize("command", ["false", "true    # exits with 1", "cat <<'END'\nhello\nEND\nfalse"])
def test_a_command_that_exits_otherwise_than_it_says_is_found(command, tmp_path):
    with pytest.raises(AssertionError):
        run_commands(Block("sh", command, 1), tmp_path)


def test_a_command_reads_what_stands_below_it(tmp_path):
    run_commands(Block("sh", "cat > told <<'END'\none\ntwo\nEND\ngrep -q two told\n", 1), tmp_path)

    assert (tmp_path / "told").read_text() == "one\ntwo\n"
