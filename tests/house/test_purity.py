"""What was promised and what follows from it are values: the same tomorrow, and on every machine."""

import ast

import pytest

from tests.house.source import ROOT, assert_none, dotted, imports, trees

PURE = ("src/troth/terms", "src/troth/rules")
FACES = ("src/troth/cli/", "src/troth/web/")
# Of the clock a pure room may use what does not tell the time.
TIMELESS = {"Instant", "SECOND", "DAY", "FOREVER", "iso", "instant"}
CALLS = {"open", "print", "input", "exec", "eval", "__import__"}


def test_the_pure_rooms_never_ask_what_time_it_is():
    assert_none(
        f"{path}:{line}: {name}"
        for path, tree in trees(*PURE)
        for line, name in imports(tree)
        if name == "troth.clock"
        or (name.startswith("troth.clock.") and name.rpartition(".")[2] not in TIMELESS)
    )


def test_the_pure_rooms_neither_read_nor_print():
    assert_none(
        f"{path}:{node.lineno}: {dotted(node.func)}"
        for path, tree in trees(*PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            dotted(node.func) in CALLS
            or dotted(node.func).endswith((".read_text", ".write_text", ".read_bytes"))
        )
    )


def test_the_pure_rooms_keep_nothing_that_changes():
    assert_none(
        f"{path}:{node.lineno}: global {', '.join(node.names)}"
        for path, tree in trees(*PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Global)
    )


def test_only_faces_write_json_that_is_not_canonical():
    # Elsewhere a comment on the line may say `# not hashed`, and so also not signed and not compared.
    assert_none(
        f"{path}:{node.lineno}: {dotted(node.func)}: use troth.canonical.encode"
        for path, tree in trees("src")
        if not path.startswith(FACES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and dotted(node.func) in {"json.dumps", "json.dump"}
        and "# not hashed" not in (ROOT / path).read_text(encoding="utf-8").splitlines()[node.lineno - 1]
    )


@pytest.mark.parametrize("place", PURE)
def test_there_is_something_to_look_at(place):
    assert list(trees(place))
