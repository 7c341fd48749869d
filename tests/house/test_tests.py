"""The tests keep rules too: nothing is faked that is ours, and nothing is skipped."""

import ast
import re

from tests.house.source import ROOT, assert_none, dotted, imports, trees

ROOMS = {path.parent.name for path in (ROOT / "src/troth").glob("*/__init__.py")}
SILENT = re.compile(r"^pytest\.(skip|xfail|importorskip|mark\.(skip|skipif|xfail))$")


def test_no_test_patches_skips_or_expects_to_fail():
    found = [
        f"{path}:{line}: {name}"
        for path, tree in trees("tests")
        for line, name in imports(tree)
        if name.startswith(("unittest", "mock", "pytest_mock"))
    ]
    found += [
        f"{path}:{node.lineno}: {dotted(node)}"
        for path, tree in trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (SILENT.match(dotted(node)) or dotted(node) == "monkeypatch.setattr")
    ]
    assert_none(found)


def test_every_test_can_fail():
    assert_none(
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not judges(node)
    )


def judges(test: ast.FunctionDef) -> bool:
    """Whether a test asserts, expects an error, or calls something that a reader sees does so."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name.endswith(("raises", "fail")) or re.search(
                r"(^|[._])(assert|expect|verify|check|must)", name
            ):
                return True
    return False


def test_every_test_of_a_room_mirrors_a_module():
    strays = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / "tests" / room).rglob("test_*.py")
        if not mirrored(room, path.stem.removeprefix("test_"))
    ]
    assert_none(strays)


def mirrored(room: str, name: str) -> bool:
    """Whether `name` is a module of the room, or begins with one (`test_parse_errors` tests `parse`)."""
    modules = {path.stem for path in (ROOT / "src/troth" / room).rglob("*.py")} - {"__init__"} | {room}
    parts = name.split("_")
    return any("_".join(parts[:end]) in modules for end in range(1, len(parts) + 1))
