"""The source as syntax trees, for the tests that read it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "troth"


def trees(*places: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the path (from the root of the checkout) and the tree of every module in some places."""
    for place in places or ("src",):
        for path in sorted((ROOT / place).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def assert_none(found: Iterable[str]) -> None:
    """Fail with one line for each thing found, uncut."""
    if lines := list(found):
        pytest.fail("\n".join(lines), pytrace=False)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` of a name or an attribute, and the empty text of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of everything a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
