"""`check` finds what is wrong and says how to mend it; `schema` is for editors."""

from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import answer
from troth.cli.agreements import MEMBER, MINIMAL

LINTS = Path(__file__).parents[1] / "terms" / "lints"


@pytest.mark.parametrize("file", [MEMBER, MINIMAL], ids=["member", "minimal"])
def test_the_shipped_agreements_are_in_the_package_and_have_no_error(run, file):
    assert "troth/agreements" in file.as_posix()
    assert "0 errors" in run("check", file).stdout


def test_an_agreement_with_errors_exits_with_3_and_names_line_clause_and_fix(run):
    done = run("check", LINTS / "L01-fail.md", exit=3)
    assert "error[L1] " in done.stdout
    assert "L01-fail.md:" in done.stdout
    assert "{#" in done.stdout
    assert "  fix: " in done.stdout


def test_warnings_alone_exit_with_0(run):
    found = answer(run("check", LINTS / "L11-fail.md", "--json"))
    assert found["errors"] == 0
    assert found["warnings"] > 0


def test_findings_in_json_have_stable_keys(run):
    found = answer(run("check", LINTS / "L01-fail.md", "--json", exit=3))
    assert found.keys() == {"file", "errors", "warnings", "hash", "findings"}
    assert {"level", "code", "file", "line", "column", "clause", "sentence", "fix"} == found["findings"][
        0
    ].keys()


def test_a_text_that_cannot_be_read_names_every_fault_and_exits_with_3(run, tmp_path):
    (tmp_path / "a.md").write_text(MINIMAL.read_text("utf-8").replace("type: email", "type: emial"), "utf-8")
    found = answer(run("check", "a.md", "--json", exit=3))
    assert found["hash"] is None
    assert [row["line"] for row in found["findings"]] == [20]


def test_a_file_that_is_not_text_is_an_error(run, tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xff\xfe\x00")
    assert "error[cli.file-unusable]" in run("check", "a.md", exit=1).stderr


def test_a_file_that_is_not_there_is_wrong_usage(run):
    assert "Usage: " in run("check", "nowhere.md", exit=2).stderr


@pytest.mark.parametrize("front", [[], ["--front"]])
def test_the_schema_is_a_schema(run, front):
    jsonschema.Draft202012Validator.check_schema(answer(run("schema", *front)))
