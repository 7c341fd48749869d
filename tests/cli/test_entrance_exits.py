"""Every command, one by one: how it ends, the one document it answers with, and the house it works on."""

import json
import shutil

import click
import pytest

from tests.cast import MIA
from tests.cli.conftest import answer, lines_of
from tests.houses import MEMBER_TEXT
from troth.cli.agreements import MINIMAL
from troth.cli.entrance import COMMANDS, entrance

AGENT = ["--as", "role:support-agent", "--staff", "anna"]
LAWYER = ["--as", "role:lawyer", "--staff", "liam"]
ABOUT = ["--about", MIA]
ACT = {
    "reference": "N-1",
    "circumstance": "registration",
    "category": "account",
    "fields": {"username": "noor"},
}
PAPER = ["--kind", "contract", "--reference", "file/7", "--until", "2099-12-31T23:59:59Z"]

# Every command, as it is done without an error; `{...}` are files that a test has ready.
GOOD = {
    "check file": [MINIMAL],
    "check ui": [],
    "explain": ["collect.account"],
    "schema": [],
    "init": [],
    "verify": [],
    "sweep": [],
    "ledger export": ["out"],
    "ledger verify": ["{log}"],
    "ledger prove": ["1", "-o", "one.tlog-proof"],
    "ledger check-proof": ["{proof}"],
    "recipient add": ["processors.payments.payments-processor", *PAPER, *LAWYER],
    "scan": [],
    "systems": [],
    "systems duties": AGENT,
    "systems settle": [],
    "doctor": [],
    "collect": ["{acts}"],
    "read": [*ABOUT, "--purpose", "support.reply", "--category", "account", "--case", "C-1", *AGENT],
    "access": ABOUT,
    "correct": [*ABOUT, "--category", "account", "--values-file", "{values}"],
    "consent give": [*ABOUT, "--purpose", "contact.promotion"],
    "consent refuse": [*ABOUT, "--purpose", "contact.promotion"],
    "consent withdraw": [*ABOUT, "--purpose", "contact.promotion"],
    "object": [*ABOUT, "--purpose", "service.upkeep"],
    "restrict": ABOUT,
    "leave": ABOUT,
    "hold place": [*ABOUT, "--matter", "case-1", "--reason", "litigation", *LAWYER],
    "hold end": [*ABOUT, "--matter", "case-1", "--reason", "litigation", *LAWYER],
    "hold list": LAWYER,
    "hold move": [],
    "tallies": [],
    "erase": [*ABOUT, "--yes"],
    "case file": ["restrict", *ABOUT],
    "case list": ABOUT,
    "case run": [],
    "case show": [],
    "case prove": [],
    "case decide": [],
    "case read": [],
    "case cancel": [],
    "agent list": [],
    "agent add": [],
    "agent end": [],
    "agent directory": [],
    "shorten": [*ABOUT, "--class", "activity", "--days", "30"],
    "stop": [*ABOUT, "--purpose", "contact.promotion", "--channel", "email"],
    "kept": ABOUT,
    "export": [*ABOUT, "-o", "package.zip"],
    "recall": ABOUT,
    "backup": ["--data", "{data}", "--keys", "{keys}"],
    "restore": ["--data", "{data}", "--keys", "{keys}", "--root", "root", "--into", "again"],
    "key make": ["--program", "portal", "--purpose", "service.account"],
    "key end": ["{key}"],
    "key list": [],
    "serve": ["--port", "0"],
    "demo": ["--once", "--members", "10"],
    "bench": ["--tiny", "--only", "decision", "--out", "results.md"],
}
HOUSELESS = {"check file", "check ui", "schema", "bench", "ledger verify", "restore"}  # they take no --dir
NEW = {"init", "demo"}  # they make the house they are pointed at
LENIENT = {"doctor", "explain", "ledger check-proof"}  # they do without a house
SLOW = {"demo", "bench", "serve"}  # their own tests run them
APART = {
    "recall",
    "restore",
    "hold move",
    "tallies",
    "systems settle",
    "case show",
    "case prove",
    "case decide",
    "case read",
    "case cancel",
    "agent add",
    "agent end",
    "agent directory",
}  # they need what another command left, and their own tests run them


def commands():
    """Yield the words of every command."""
    for name in COMMANDS:
        command = entrance.get_command(click.Context(entrance), name)
        if isinstance(command, click.Group):
            yield from [name] if command.invoke_without_command else []
            yield from (f"{name} {each}" for each in command.list_commands(click.Context(command)))
        else:
            yield name


@pytest.fixture
def elsewhere(founded, tmp_path):
    """A house that is not where commands look for one by themselves."""
    shutil.copytree(founded, tmp_path / "else where")
    return tmp_path / "else where"


@pytest.fixture
def words(elsewhere, tmp_path, run):
    """A function from a command to its words, with what it needs ready."""
    ready = {name: tmp_path / name for name in ("acts", "values", "log", "proof", "data", "keys")}

    def saying(name):
        ready["acts"].write_text(json.dumps(ACT) + "\n", "utf-8")
        ready["values"].write_text('{"username": "luna"}', "utf-8")
        if name == "ledger verify":
            run("ledger", "export", ready["log"], "--dir", elsewhere)
        if name in ("ledger prove", "ledger check-proof"):
            run("sweep", "--dir", elsewhere)  # only what is signed can be proven
            run("ledger", "prove", "1", "-o", ready["proof"], "--dir", elsewhere)
        if name == "key end":
            made = run("key", "make", *GOOD["key make"], "--json", "--dir", elsewhere)
            ready["key"] = answer(made)["id"]
        where = elsewhere if name not in NEW else tmp_path / "new"
        given = [str(word).format(**ready) if str(word).startswith("{") else word for word in GOOD[name]]
        return [*name.split(), *given, *([] if name in HOUSELESS else ["--dir", where])]

    return saying


def test_the_table_above_names_every_command():
    assert set(commands()) == set(GOOD)


@pytest.mark.parametrize("name", sorted(GOOD.keys() - SLOW - APART))
def test_a_command_that_is_done_exits_with_0_on_the_house_that_dir_names(run, words, tmp_path, name):
    run(*words(name), exit=0)
    assert not (tmp_path / "troth-house").exists()


@pytest.mark.parametrize("name", sorted(GOOD.keys() - SLOW - APART))
def test_a_command_answers_with_one_json_document_and_exits_with_0(run, words, name):
    found = answer(run(*words(name), "--json", exit=0))
    assert isinstance(found, dict)
    assert "error" not in found


@pytest.mark.parametrize("name", sorted(GOOD.keys() - HOUSELESS - NEW - LENIENT - APART))
def test_a_command_without_its_house_exits_with_1_and_says_so_in_json_too(run, words, name):
    there = words(name)[:-1]
    done = run(*there, "nowhere", "--json", exit=1)
    assert answer(done)["error"]["code"] == "house.none"
    assert "error[house.none]" in done.stderr
    done = run(*there, "nowhere", exit=1)
    assert (done.stdout, "error[house.none]" in done.stderr) == ("", True)


FAILING = {
    "init": (["--dir", "{elsewhere}"], "house.exists"),
    "demo": (["--once", "--members", "10", "--dir", "{elsewhere}"], "house.exists"),
    "check file": (["{bytes}"], "cli.file-unusable"),
    "explain": (["no-such-word-anywhere"], "cli.unknown-word"),
    "ledger verify": (["{empty}"], "ledger.none"),
    "ledger check-proof": (["{bytes}", "--vkey", "{elsewhere}/log.vkey"], "ledger.bad-proof"),
}


@pytest.mark.parametrize("name", sorted(FAILING))
def test_a_command_that_needs_no_house_exits_with_1_for_its_own_errors(run, elsewhere, tmp_path, name):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00 neither text nor proof")
    (tmp_path / "empty").mkdir()
    ready = {"elsewhere": elsewhere, "bytes": tmp_path / "bytes", "empty": tmp_path / "empty"}
    given, code = FAILING[name]
    done = run(*name.split(), *(word.format(**ready) for word in given), "--json", exit=1)
    assert (answer(done)["error"]["code"], bool(answer(done)["error"]["fix"])) == (code, True)
    assert f"error[{code}]" in done.stderr


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_word_that_no_command_knows_is_wrong_usage_in_json_too(run, name):
    done = run(*name.split(), "--no-such-option", "--json", exit=2)
    assert answer(done)["error"]["code"] == "usage"
    assert run(*name.split(), "--no-such-option", exit=2).stdout == ""


REFUSED = {
    "read": [*ABOUT, "--purpose", "support.reply", "--category", "payment", "--case", "C-1", *AGENT],
    "access": [*ABOUT, "--as", "role:engineer", "--staff", "emil"],
    "correct": [*ABOUT, "--category", "usage", "--values-file", "{values}"],
    "consent give": [*ABOUT, "--purpose", "service.payments"],
    "consent refuse": [*ABOUT, "--purpose", "service.payments"],
    "consent withdraw": [*ABOUT, "--purpose", "service.payments"],
    "object": [*ABOUT, "--purpose", "service.payments"],
    "restrict": [*ABOUT, "--category", "shoes"],
    "leave": [*ABOUT, "--program", "portal"],
    "hold place": [*ABOUT, "--matter", "case-1", "--reason", "litigation", *AGENT],
    "hold end": [*ABOUT, "--matter", "case-1", "--reason", "a whim", *LAWYER],
    "erase": [*ABOUT, "--yes", "--class", "shoes"],
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refusal_exits_with_1_and_its_document_says_why_and_where_it_is_remembered(
    run, elsewhere, tmp_path, name
):
    (tmp_path / "values").write_text('{"language": "en"}', "utf-8")
    given = [word.format(values=tmp_path / "values") for word in REFUSED[name]]
    done = run(*name.split(), *given, "--dir", elsewhere, "--json", exit=1)
    problem = answer(done)["error"]
    assert problem["code"] == "door.refused"
    assert problem["reasons"]
    assert problem["fix"]
    assert problem["entry"] > 0
    assert "error[door.refused]" in done.stderr


def test_a_rejected_line_exits_with_1_and_its_document_still_counts_what_was_taken(run, elsewhere, tmp_path):
    (tmp_path / "acts").write_text(json.dumps(ACT) + "\nnonsense\n", "utf-8")
    found = answer(run("collect", tmp_path / "acts", "--dir", elsewhere, "--json", exit=1))
    assert (found["taken"], found["rejected"], found["reasons"]) == (1, 1, {"cli.bad-line": 1})
    (reject,) = lines_of(tmp_path / "acts.rejects.jsonl")
    assert (reject["line"], reject["code"]) == (2, "cli.bad-line")
    assert reject["message"]


def test_what_is_not_kept_exits_with_3_and_one_document(run, elsewhere, tmp_path):
    (tmp_path / "agreement.md").write_text(
        MEMBER_TEXT.replace("\nkeep: usage\n", "\nkeep: usag\n", 1), "utf-8"
    )
    assert answer(run("check", tmp_path / "agreement.md", "--json", exit=3))["errors"] > 0
    run("check", tmp_path / "agreement.md", exit=3)
    assert answer(run("verify", "--strict", "--dir", elsewhere, "--json", exit=3))["counts"]["unproven"] > 0
    run("verify", "--dir", elsewhere, exit=0)
