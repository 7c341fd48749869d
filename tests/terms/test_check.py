from pathlib import Path

import pytest

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from troth.errors import AgreementFaulty
from troth.terms.check import check, errors
from troth.terms.parse import parse

HERE = Path(__file__).parent
FILES = sorted((HERE / "lints").glob("*.md"))
WARNINGS = {"L05", "L10", "L11", "L16", "L19"}
SHIPPED = sorted((HERE.parents[1] / "agreements").glob("*/agreement.md"))


def findings(text, file="a.md"):
    try:
        return check(parse(text, file))
    except AgreementFaulty as faulty:
        return faulty.problems


def found(path):
    return {finding.code for finding in findings(path.read_text(encoding="utf-8"), path.name)}


def test_every_lint_that_structure_decides_has_both_examples():
    lints = [n for n in range(1, 21) if n not in (18, 20)]  # two versions; owners of rows
    assert [p.name for p in FILES] == sorted(f"L{n:02}-{end}.md" for n in lints for end in ("fail", "pass"))


@pytest.mark.parametrize("path", [p for p in FILES if "fail" in p.name], ids=lambda p: p.stem)
def test_the_failing_example_is_found(path):
    code = "L" + str(int(path.stem[1:3]))
    hits = [f for f in findings(path.read_text(encoding="utf-8"), path.name) if f.code == code]
    assert hits
    for hit in hits:
        assert hit.fix
        assert hit.sentence[0] != hit.sentence[0].upper() or not hit.sentence[0].isalpha()
        assert not hit.sentence.endswith(".")


@pytest.mark.parametrize("path", [p for p in FILES if "pass" in p.name], ids=lambda p: p.stem)
def test_the_passing_example_is_clean_of_it(path):
    assert "L" + str(int(path.stem[1:3])) not in found(path)


@pytest.mark.parametrize(
    "path", [p for p in FILES if "fail" in p.name and "L17" not in p.name], ids=lambda p: p.stem
)
def test_errors_and_warnings_are_told_apart(path):
    code = "L" + str(int(path.stem[1:3]))
    levels = {f.level for f in check(parse(path.read_text(encoding="utf-8"))) if f.code == code}
    assert levels == {"warning" if path.stem[:3] in WARNINGS else "error"}


@pytest.mark.parametrize(
    "path", [*SHIPPED, HERE.parent / "agreements" / "clinic.md"], ids=lambda p: p.parent.name
)
def test_the_shipped_agreements_and_the_clinics_are_clean(path):
    assert check(parse(path.read_text(encoding="utf-8"), path.name)) == ()


def test_findings_stand_in_the_order_of_the_text_with_true_places():
    text = agreement(COLLECT, USE, KEEP, "never: use", "never: collect", prose="This may change.")
    hits = check(parse(text, "x.md"))
    assert [f.spot.line for f in hits] == sorted(f.spot.line for f in hits)
    lines = text.split("\n")
    hedge = next(f for f in hits if f.code == "L11")
    assert lines[hedge.spot.line - 1][hedge.spot.column - 1 :].startswith("may")
    ban = next(f for f in hits if f.code == "L1")
    assert lines[ban.spot.line - 1] in ("use: service", "collect: account")
    assert ban.spot.file == "x.md"


def test_errors_are_those_with_which_nothing_is_loaded():
    hits = check(parse(agreement(*BASE, "never: use", prose="This may change.")))
    assert {f.level for f in hits} == {"error", "warning"}
    assert errors(hits) == tuple(f for f in hits if f.level == "error")
