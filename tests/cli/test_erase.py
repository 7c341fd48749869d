"""`erase` says what goes and what stays and why; it asks first, and does nothing on a dry run."""

import pytest

from tests.cast import MIA, tells
from tests.cli.conftest import answer, troth_command
from tests.inside import ledger_of

ABOUT = ("--about", MIA)


@pytest.fixture
def verified(opened):
    """Mia, with an identity that the law demands to keep."""
    with opened() as house:
        tells(house, MIA, "identity")


def test_a_dry_run_shows_the_fates_and_does_nothing(run, directory, verified, opened):
    with opened() as house:
        before = len(ledger_of(house))
    found = answer(run("erase", *ABOUT, "--dry-run", "--json"))
    assert {row["class"]: row["fate"] for row in found["classes"]} == {
        "account": "would be erased",
        "identity": "kept",
    }
    assert (found["dry_run"], found["whole"], found["entries"]) == (True, False, [])
    with opened() as house:
        assert len(ledger_of(house)) == before
        assert house.access(about=MIA, category="account").records


def test_what_a_duty_keeps_stays_with_its_end_and_its_clause(run, directory, verified):
    done = run("erase", *ABOUT, "--yes")
    kept = next(line for line in done.stdout.splitlines() if line.startswith("identity"))
    assert "kept" in kept
    assert "UTC" in kept or "no end yet" in kept
    assert "keep.identity" in kept
    assert "duty: the law against money laundering" in kept
    assert "1 records and 0 files removed" in done.stdout


def test_a_person_of_whom_nothing_must_stay_is_gone(run, directory):
    found = answer(run("erase", *ABOUT, "--yes", "--json"))
    assert found["whole"] is True
    assert found["classes"] == [
        {"class": "account", "fate": "erased", "until": None, "clause": "keep.account", "why": ""}
    ]
    assert len(found["entries"]) == 2
    read = ("read", "--purpose", "service.account", "--category", "account", "--program", "portal", *ABOUT)
    assert "error[person." in run(*read, exit=1).stderr


def test_one_class_may_be_erased_alone(run, directory, verified):
    found = answer(run("erase", *ABOUT, "--class", "account", "--yes", "--json"))
    assert [row["class"] for row in found["classes"]] == ["account"]
    assert found["whole"] is False


def test_a_class_that_must_stay_is_refused_with_its_clause(run, directory, verified):
    done = run("erase", *ABOUT, "--class", "identity", "--yes", exit=1)
    assert "the law demands to keep `identity` (clause `keep.identity`)" in done.stderr


def test_an_unknown_class_is_refused(run, directory):
    assert "error[door.refused]" in run("erase", *ABOUT, "--class", "canine", "--yes", exit=1).stderr


def test_off_a_terminal_it_wants_a_yes(directory, tmp_path, run):
    done = troth_command("erase", *ABOUT, cwd=tmp_path)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert answer(run("access", *ABOUT, "--json"))["records"]


def test_somebody_unknown_is_not_erased(run, directory):
    assert "error[person.not-found]" in run("erase", "--about", "nobody", "--yes", exit=1).stderr
