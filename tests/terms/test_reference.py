import re

from scripts.pages import ROOT, language_page
from troth.terms.check import check
from troth.terms.grammar import RULES
from troth.terms.kinds import KINDS
from troth.terms.parse import parse
from troth.terms.reference import tables

PAGE = (ROOT / "docs/reference/agreement-language.md").read_text(encoding="utf-8")


def test_the_page_of_the_language_is_current():
    assert language_page() == PAGE, "run `make docs`"


def test_the_agreement_on_the_page_is_read_and_clean():
    example = re.search(r"^````markdown\n(.*?)^````$", PAGE, re.MULTILINE | re.DOTALL)[1]
    assert check(parse(example)) == ()


def test_the_tables_name_every_kind_key_and_type():
    shown = tables()
    for kind in RULES.values():
        section = shown.split(f"### `{kind.head}`")[1].split("\n### ")[0]
        assert all(f"| `{key.name}` |" in section for key in kind.keys)
    assert all(f"| `{name}` |" in shown for name in KINDS)
