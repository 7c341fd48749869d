"""Only a decision makes a permit: nothing else in the source constructs, copies or revives one."""

import ast

from tests.house.source import dotted, imports, trees

DECIDE = "src/troth/rules/decide.py"
PERMIT = "troth.rules.decision.Permit"
# Ways of making a value of a class without calling it by its name.
BY_ANOTHER_NAME = {"replace", "dataclasses.replace", "copy.replace", "object.__new__", "__new__"}


def permits(path: str, tree: ast.Module) -> list[str]:
    """Where a module makes a Permit: called by any name it is imported under, or made from another."""
    names = {"Permit"} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "troth.rules.decision"
        for alias in node.names
        if alias.name == "Permit"
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        made = called in names or called.endswith(".Permit")
        first = dotted(node.args[0]) if node.args else ""
        copied = called in BY_ANOTHER_NAME and (first in names or first.rpartition(".")[2] == "permit")
        if made or copied:
            found.append(f"{path}:{node.lineno}")
    return found


def test_only_decide_makes_a_permit():
    made = [place for path, tree in trees("src") for place in permits(path, tree)]
    assert {place.partition(":")[0] for place in made} == {DECIDE}


def test_decide_makes_it_in_one_place():
    assert [len(permits(path, tree)) for path, tree in trees("src") if path == DECIDE] == [1]


def test_nobody_hides_it_behind_another_name():
    hidden = [
        f"{path}:{node.lineno}"
        for path, tree in trees("src")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and dotted(node.value).rpartition(".")[2] == "Permit"
    ]
    assert hidden == []


def test_every_way_of_making_one_is_seen():
    source = """
from dataclasses import replace
from troth.rules import decision
from troth.rules.decision import Permit as P
P(fields, clauses)
decision.Permit(fields, clauses)
replace(permit, fields=more)
object.__new__(P)
isinstance(answer, P)
"""
    tree = ast.parse(source)
    assert any(name == PERMIT for _, name in imports(tree))
    assert permits("m", tree) == ["m:5", "m:6", "m:7", "m:8"]
