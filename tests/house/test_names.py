"""Names say what a thing is; some words say nothing."""

import ast
import re
from collections.abc import Iterator

from tests.house.source import SOURCE, assert_none, trees

BANNED = {
    "util",
    "helper",
    "manager",
    "handler",
    "service",
    "common",
    "misc",
    "data",
    "info",
    "process",
    "user",
}
# Names that a library calls by, and that therefore are not ours to choose.
FORCED = {"process_bind_param", "process_result_value", "handle_data", "data_received"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def banned(name: str) -> set[str]:
    words = {word.lower() for word in _WORD.findall(name)}
    return set() if name in FORCED else BANNED & (words | {word.removesuffix("s") for word in words})


def given(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((node.lineno, alias.asname) for alias in names if alias.asname)


def test_no_name_says_nothing():
    assert_none(
        f"{path}:{line}: `{name}`" for path, tree in trees() for line, name in given(tree) if banned(name)
    )


def test_no_file_or_room_is_named_by_a_word_that_says_nothing():
    assert_none(str(path) for path in SOURCE.rglob("*") if banned(path.stem))


def test_a_banned_word_is_found_inside_a_name_and_not_inside_a_word():
    assert banned("UserManager") == {"user", "manager"}
    assert banned("load_data") == {"data"}
    assert banned("json_utils") == {"util"}
    assert banned("metadata") == set()
    assert banned("tzinfo") == set()
    assert banned("subprocess") == set()
