"""Which house, about whom, by whom: asked in one way everywhere, and never by arguments that tell."""

import pytest

from tests.cast import MIA
from tests.cli.conftest import troth_command

ACCOUNT_READ = ("read", "--purpose", "support.reply", "--category", "account", "--case", "C-1")
SECRET = "a long sentence of our own"


def test_the_person_comes_from_stdin_a_file_or_a_reference(run, directory, tmp_path):
    (tmp_path / "who").write_text(MIA + "\r\n", "utf-8")
    asker = ("--as", "role:support-agent", "--staff", "anna")
    for about, stdin in (
        (["--about-stdin"], MIA + "\n"),
        (["--about-file", "who"], ""),
        (["--about", MIA], ""),
    ):
        assert "email" in run(*ACCOUNT_READ, *asker, *about, stdin=stdin).stdout


@pytest.mark.parametrize(
    "about",
    [[], ["--about", MIA, "--about-stdin"], ["--about", " "], ["--about-stdin"]],
    ids=["nobody", "twice", "blank", "nothing on stdin"],
)
def test_a_person_is_said_exactly_once(run, directory, about):
    assert "Usage: " in run(*ACCOUNT_READ, "--program", "helpdesk", *about, exit=2).stderr


@pytest.mark.parametrize("stdin", [b"\xff\xfe\n", b"m" * 2_000], ids=["not UTF-8", "too long"])
def test_a_reference_that_cannot_be_one_is_wrong_usage(run, directory, stdin):
    assert (
        "Usage: " in run(*ACCOUNT_READ, "--program", "helpdesk", "--about-stdin", stdin=stdin, exit=2).stderr
    )


@pytest.mark.parametrize(
    "by",
    [[], ["--as", "role:lawyer"], ["--as", "lawyer", "--staff", "liam", "--program", "portal"]],
    ids=["nobody", "a role without a name", "two askers"],
)
def test_who_asks_is_said_in_full(run, directory, by):
    assert "Usage: " in run(*ACCOUNT_READ, "--about", MIA, *by, exit=2).stderr


def test_the_name_of_staff_may_come_from_the_environment(run, directory, monkeypatch):
    monkeypatch.setenv("TROTH_STAFF", "anna")
    assert "email" in run(*ACCOUNT_READ, "--about", MIA, "--as", "support-agent").stdout
    assert "email" in run(*ACCOUNT_READ, "--about", MIA, "--program", "helpdesk").stdout


def test_the_house_may_be_named_by_the_environment(run, directory, monkeypatch):
    directory.rename(directory.with_name("elsewhere"))
    assert "error[house.none]" in run("sweep", exit=1).stderr
    monkeypatch.setenv("TROTH_DIR", "elsewhere")
    assert "signed" in run("sweep").stdout


@pytest.fixture
def guarded(run, tmp_path):
    run("init", "--passphrase-stdin", "--dir", "guarded", stdin=SECRET + "\n")
    return tmp_path / "guarded"


def test_off_a_terminal_a_missing_passphrase_is_an_error_and_no_prompt(guarded):
    done = troth_command("sweep", "--dir", guarded)
    assert done.returncode == 1
    assert done.stderr.startswith("error[cli.passphrase-missing]")


def test_a_wrong_passphrase_opens_nothing_and_is_not_repeated(run, guarded, tmp_path):
    (tmp_path / "phrase").write_text("the canary of a wrong one", "utf-8")
    done = run("sweep", "--dir", guarded, "--passphrase-file", "phrase", exit=1)
    assert "error[vault.wrong-passphrase]" in done.stderr
    (tmp_path / "phrase").write_text(SECRET, "utf-8")
    run("sweep", "--dir", guarded, "--passphrase-file", "phrase")
