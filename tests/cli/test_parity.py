"""`check ui` compares giving and taking back on the pages; it says how many pairs, and which differ."""

from tests.cli.conftest import answer
from troth.cli.agreements import MINIMAL


def test_the_pages_are_compared_for_the_reference_agreement(run):
    assert "0 unequal" in run("check", "ui").stdout


def test_the_pages_are_compared_for_another_agreement(run):
    found = answer(run("check", "ui", MINIMAL, "--json"))
    assert found["compared"] == len(found["pairs"])
    assert found["unequal"] == 0


def test_an_agreement_that_is_unsound_is_an_error(run, tmp_path):
    (tmp_path / "a.md").write_text("# Nothing\n")
    assert "error[" in run("check", "ui", tmp_path / "a.md", exit=1).stderr


def test_a_file_that_is_not_there_is_wrong_usage(run):
    assert "Usage: " in run("check", "ui", "nowhere.md", exit=2).stderr
