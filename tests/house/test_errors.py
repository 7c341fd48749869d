"""Every error has a code for ever, a sentence for people, a remedy, and its line on the page."""

import ast
import builtins
import pickle
import re
import string
from dataclasses import fields, is_dataclass

import pytest

from scripts.pages import error_page
from tests.house.source import ROOT, assert_none, dotted, imports, trees
from troth import errors


def below(kind: type[errors.TrothError]) -> list[type[errors.TrothError]]:
    return [each for child in kind.__subclasses__() for each in (child, *below(child))]


ERRORS = [kind for kind in below(errors.TrothError) if "code" in vars(kind)]
GROUPS = [kind for kind in errors.TrothError.__subclasses__() if "code" not in vars(kind)]
# Where a value of a person would have to travel; an error names fields, clauses, lines and counts.
PERSONAL = {"value", "plaintext", "content", "email", "phone", "address", "person", "reference", "body"}
EXCEPTIONS = {
    name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
}


@pytest.fixture(params=ERRORS, ids=lambda kind: kind.code)
def kind(request):
    return request.param


def sample(kind: type[errors.TrothError]) -> errors.TrothError:
    return kind(**{each.name: f"<{each.name}>" for each in fields(kind)})


def test_no_two_errors_share_a_code():
    codes = [kind.code for kind in ERRORS]
    assert sorted(codes) == sorted(set(codes))


def test_errors_are_defined_on_one_page():
    known = {kind.__name__ for kind in (errors.TrothError, *GROUPS, *ERRORS)} | EXCEPTIONS
    elsewhere = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in trees()
        if path != "src/troth/errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")  # one that never leaves its module is no error of Troth
        and {dotted(base).split(".")[-1] for base in node.bases} & known
    ]
    assert_none(elsewhere)


def test_the_page_imports_nothing_of_troth():
    tree = dict(trees())["src/troth/errors.py"]
    assert_none(name for _, name in imports(tree) if name.startswith("troth"))


def test_the_error_page_of_the_documentation_is_current():
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == error_page(), "run `make docs`"


def test_it_belongs_to_exactly_one_group(kind):
    assert len([group for group in GROUPS if issubclass(kind, group)]) == 1


def test_its_code_is_dotted_and_lower_case(kind):
    assert re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+", kind.code)


def test_it_says_what_happened_and_what_to_do(kind):
    for text in (kind.sentence, kind.remedy):
        assert text, "a sentence and a remedy"
        assert not text[0].isupper() or text.split()[0].isupper() or text[1].isupper(), "begins in lower case"
        assert not text.endswith("."), "no full stop"
        assert "\n" not in text


def test_it_fills_its_sentence_from_its_own_fields(kind):
    asked = {
        name
        for text in (kind.sentence, kind.remedy)
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }
    assert asked <= {each.name for each in fields(kind)}
    assert "<" in str(sample(kind)) or not asked


def test_no_field_of_it_could_hold_a_value_of_a_person(kind):
    assert {each.name for each in fields(kind)} & PERSONAL == set()


def test_it_is_a_described_keyword_only_value(kind):
    assert is_dataclass(kind)
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}("), "a docstring of its own"
    assert all(each.kw_only for each in fields(kind))


def test_it_travels_between_processes(kind):
    before = sample(kind)
    after = pickle.loads(pickle.dumps(before))
    assert type(after) is kind
    assert str(after) == str(before)
