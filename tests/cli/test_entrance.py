"""The command line as a whole: quick to start, honest about how it ended, silent about values."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from tests.cli.conftest import QUIET, TROTH, answer, troth_command
from troth.cli.agreements import MINIMAL
from troth.cli.entrance import COMMANDS, Entrance, entrance

HEAVY = {
    "sqlalchemy", "alembic", "cryptography", "rich", "psycopg", "phonenumbers", "markdown_it", "yaml",
    "email_validator", "stdnum", "faker", "asyncio",
}  # fmt: skip


def loaded_by(*words: str) -> set[str]:
    """Return the top-level modules that a command has loaded when it ends."""
    code = (
        "import sys; from troth.cli import main; sys.argv = ['troth', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("collect", "--help"), ("read", "--help")])
def test_help_loads_no_heavy_library(words):
    assert loaded_by(*words) & HEAVY == set()


def test_checking_an_agreement_loads_neither_database_nor_keys(tmp_path):
    from troth.cli.agreements import MINIMAL

    assert loaded_by("check", str(MINIMAL)) & {"sqlalchemy", "alembic", "cryptography", "rich"} == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_and_can_answer_in_json(name):
    done = CliRunner().invoke(entrance, [name, "--help"])
    assert done.exit_code == 0, done.output
    command = entrance.get_command(click.Context(entrance), name)
    assert isinstance(command, click.Command)
    for each in command.commands.values() if isinstance(command, click.Group) else [command]:
        assert any("--json" in parameter.opts for parameter in each.params), f"{name} {each.name}"
        assert any("--dir" in p.opts for p in each.params) or name in (
            "check", "schema", "bench", "ledger", "restore"
        )  # fmt: skip
        assert each.help


def test_help_lists_every_command_without_a_terminal_and_without_colour():
    done = troth_command("--help")
    assert done.returncode == 0
    assert set(COMMANDS) <= set(done.stdout.split())
    assert "\x1b" not in done.stdout


def test_an_unknown_command_is_wrong_usage_also_in_json(run):
    done = run("frobnicate", "--json", exit=2)
    assert answer(done)["error"]["code"] == "usage"


@pytest.mark.parametrize("words", [["--json"], ["--bogus", "verify", "--json"], ["--json", "verify"]])
def test_wrong_usage_before_the_command_is_told_in_json_too(run, words):
    done = run(*words, exit=2)
    assert json.loads(done.stdout)["error"]["code"] == "usage"
    assert "Usage: " in done.stderr


def test_an_error_says_code_sentence_and_fix_on_stderr(run):
    done = run("read", "--about", "M-1", "--purpose", "p", "--category", "c", "--program", "portal", exit=1)
    assert done.stdout == ""
    assert done.stderr.startswith("error[house.none]: there is no house in `troth-house`\n  fix: found one")


def test_a_refusal_in_json_holds_code_clauses_fix_and_reasons(run, directory):
    words = [
        "--purpose",
        "contact.promotion",
        "--category",
        "account",
        "--as",
        "role:engineer",
        "--staff",
        "emil",
    ]
    found = answer(run("read", "--about", "M-1001", *words, "--json", exit=1))["error"]
    assert {"code", "message", "fix", "clauses", "reasons", "allowed", "entry"} == found.keys()
    assert found["code"] == "door.refused"
    assert "not-by" in found["reasons"]
    assert found["clauses"] == ["use.promotions"]
    assert directory.exists()


class Tripping(Entrance):
    """An entrance whose every command trips over a value."""

    def get_command(self, ctx, cmd_name):
        @click.command(name=cmd_name)
        @click.option("--json", is_flag=True)
        def trip(json):
            secret = SimpleNamespace(email="canary@example.org")
            raise ValueError(f"cannot do with {secret.email}")

        return trip


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("words", [["read"], ["read", "--json"]])
def test_what_nobody_expected_ends_in_one_line_without_its_text(words, debug):
    done = CliRunner().invoke(Tripping("troth"), words, env={"TROTH_DEBUG": debug})
    assert done.exit_code == 1
    assert "error[unexpected]: something unexpected happened (ValueError)" in done.stderr
    assert "canary" not in done.output
    assert ("test_entrance.py" in done.stderr) == bool(debug)
    assert ("unexpected" in done.stdout) == ("--json" in words)


def test_a_reader_that_goes_away_is_no_error_of_ours():
    done = subprocess.run(
        f"{TROTH} schema | head -n 1", shell=True, env=QUIET, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


FULL = Path("/dev/full")  # where nothing can be written
COMMANDS_THAT_SAY = (
    ["--version"], ["--help"], ["verify", "--help"], ["schema"], ["check", MINIMAL], ["doctor"],
    ["explain", "door.refused"], ["verify"], ["verify", "--json"], ["sweep"],
    ["sweep", "--dir", "nowhere", "--json"],
    ["verify", "--no-such-option", "--json"],
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS_THAT_SAY, ids=lambda words: " ".join(map(str, words)))
def test_an_answer_that_cannot_be_written_is_an_error_with_one_line_and_its_fix(directory, words):
    with FULL.open("w") as full:
        done = subprocess.run(
            [TROTH, *words], stdout=full, stderr=subprocess.PIPE, text=True, env=QUIET, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "error[cli.answer-lost]: the answer cannot be written (No space left on device)"
    )
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nobody_who_listens_is_no_crash(unbuffered, directory):
    alike = {**QUIET, "PYTHONUNBUFFERED": unbuffered}
    with FULL.open("w") as full:
        lost = subprocess.run([TROTH, "verify"], stdout=full, stderr=full, env=alike, check=False)
    assert lost.returncode == 1
    closed = subprocess.run(
        ["sh", "-c", '"$0" verify >&-', TROTH], stderr=subprocess.PIPE, text=True, env=alike, check=False
    )
    assert (closed.returncode, "error[cli.answer-lost]" in closed.stderr) == (1, True)


def test_a_reader_who_went_away_ends_a_command_in_silence(directory):
    with subprocess.Popen(
        [TROTH, "verify"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=QUIET
    ) as running:
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 1
