"""`restore` makes a house of copies, says what it replayed and what it could not, and refuses to guess."""

import shutil

import pytest

from tests.cast import MIA
from tests.cli.conftest import answer


@pytest.fixture
def lost(run, directory, opened, tmp_path):
    """The options that restore a house that was backed up, then went on, and was lost."""
    (tmp_path / "outside").mkdir()
    with (directory / "troth.toml").open("a") as settings:
        settings.write('\n[backup]\nledger = "../outside"\n')
    made = answer(run("backup", "--data", "copies", "--keys", "elsewhere", "--json"))
    with opened() as house:
        house.withdraw(about=MIA, purpose="contact.promotion")
        house.correct(about=MIA, category="account", values={"username": "mia.sun"})
    shutil.copy(directory / "keys/root", tmp_path / "root")
    shutil.rmtree(directory)
    return ("--data", made["data"], "--keys", made["keys"], "--root", "root", "--into", "troth-house")


def test_a_dry_run_judges_the_copies_and_builds_nothing(run, lost, tmp_path):
    found = answer(run("restore", *lost, "--ledger", "outside", "--dry-run", "--json"))
    assert (found["erasures"], found["noes"]) == (0, 1)
    assert found["lines"] > 1
    assert "would be replayed" in run("restore", *lost, "--ledger", "outside", "--dry-run").stdout
    assert not (tmp_path / "troth-house").exists()


def test_a_restored_house_is_opened_by_the_next_command(run, lost):
    found = answer(run("restore", *lost, "--ledger", "outside", "--json"))
    assert found["noes"] == 1
    assert [kind for _, kind in found["aside"]] == ["record.corrected"]
    assert "account" in run("access", "--about", MIA, "--category", "account").stdout


def test_what_a_restore_could_not_do_is_said_in_words(run, lost):
    said = run("restore", *lost, "--ledger", "outside").stdout
    assert "replayed: 0 erasures, 1 refusals" in said
    assert "(record.corrected)" in said


def test_without_a_ledger_it_is_an_error_and_accepted_loss_is_said(run, lost):
    done = run("restore", *lost, exit=1)
    assert "copy.loss-not-accepted" in done.stderr
    done = run("restore", *lost, "--accept-loss")
    assert "whoever was erased or refused since is as before" in done.stderr


def test_copies_that_are_given_the_wrong_way_round_are_named_as_such(run, lost):
    swapped = ("--data", lost[3], "--keys", lost[1], *lost[4:])
    done = run("restore", *swapped, "--ledger", "outside", exit=1)
    assert "error[copy.unfit]" in done.stderr
    assert "one is to be of data, the other of keys" in done.stderr
