"""Every Python example in README.md and docs runs: each page in a folder of its own, its blocks in order.

A block shares its names with those before it. Where a `print` is followed by a comment, what is printed
begins with the comment, up to its first colon or comma. The commands of docs/start.md run in
tests/house/test_pages.py.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.houses import ROOT
from troth.library import Troth

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_SAID = re.compile(r"print\(.*\)\s+# (?P<said>[^:,\n]+)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line of the page on which it begins."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    for token in MarkdownIt().parse(page.read_text("utf-8")):
        if token.type == "fence" and token.info.strip():
            yield Block(token.info.split()[0], token.content, (token.map or [0])[0] + 2)


def pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if any(block.language == language for block in blocks(page))]


def must_run(block: Block, page: Path, names: dict[str, object]) -> None:
    said = io.StringIO()
    # Padded, so that a line of a traceback is the line of the page.
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    with contextlib.redirect_stdout(said):
        exec(code, names)
    printed = said.getvalue().splitlines()
    for match in _SAID.finditer(block.text):
        assert any(line.startswith(match["said"].strip()) for line in printed), (match[0], printed)


@pytest.mark.parametrize("page", pages_with("python"), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__example__"}
    try:
        for block in blocks(page):
            if block.language == "python":
                must_run(block, page, names)
    finally:
        for value in names.values():
            if isinstance(value, Troth):
                value.close()


def test_the_library_is_shown_in_fifteen_lines_on_the_first_page():
    (shown,) = (block for block in blocks(ROOT / "README.md") if block.language == "python")

    assert len(shown.text.splitlines()) <= 15


def test_commands_stand_only_on_the_page_whose_commands_are_run():
    assert pages_with("sh") == [ROOT / "docs/start.md"]


def test_an_example_that_says_what_it_does_not_print_is_found(tmp_path):
    wrong = Block("python", "print(1 + 1)  # 3: as everybody knows\n", 1)

    with pytest.raises(AssertionError, match="# 3"):
        must_run(wrong, tmp_path, {})
