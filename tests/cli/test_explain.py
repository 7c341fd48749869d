"""Every clause and every code can be explained."""

import pytest

from tests.cli.conftest import answer
from tests.house.test_errors import ERRORS
from troth.cli.agreements import MEMBER, MINIMAL
from troth.cli.explain import LINTS
from troth.rules.decision import Why
from troth.terms.parse import parse

CLAUSES = parse(MEMBER.read_text("utf-8"), "agreement.md").clauses


@pytest.mark.parametrize("code", [str(kind.code) for kind in ERRORS])
def test_every_error_is_explained(run, code):
    found = answer(run("explain", code, "--json"))
    assert found["kind"] == "error"
    assert found["says"]
    assert found["fix"]


@pytest.mark.parametrize("code", [why.value for why in Why])
def test_every_refusal_is_explained(run, code):
    found = answer(run("explain", code, "--json"))
    assert found["kind"] == "refusal"
    assert found["fix"]
    assert "{" not in found["title"]


@pytest.mark.parametrize("code", LINTS)
def test_every_lint_is_explained(run, code):
    assert LINTS[code] in run("explain", code.lower()).stdout


def test_every_clause_of_the_reference_agreement_is_explained(run):
    for clause in CLAUSES[::7]:
        found = answer(run("explain", clause.id, "--json"))
        assert found["title"] == f"{clause.number} {clause.title}"
        assert len(found["the_engine_does"]) == len(clause.rules)


def test_a_clause_that_collects_is_told_with_notice_who_what_and_how_long(run):
    done = run("explain", "collect.account")
    for words in (
        "the engine does",
        "notice",
        "who",
        "what",
        "how long",
        "account.email",
        "30 days after you leave",
    ):
        assert words in done.stdout


def test_a_clause_is_found_by_its_number(run):
    assert "collect.account" in run("explain", "1.1").stdout


def test_the_agreement_may_be_named_or_is_the_one_of_the_house(run, directory):
    assert "Minimal" not in run("explain", "keep.account").stdout
    assert "secretary" in run("explain", "use.letters", "--agreement", MINIMAL).stdout
    run("explain", "use.letters", exit=1)


def test_a_word_that_is_nothing_gets_the_nearest_one(run):
    done = run("explain", "collect.acount", exit=1)
    assert "did you mean `collect.account`?" in done.stderr
