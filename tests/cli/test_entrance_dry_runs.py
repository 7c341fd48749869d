"""What changes something can be tried first: a dry run says what the act then does, and changes nothing."""

import sqlite3

import click
import pytest

from tests.cast import MIA
from tests.cli.conftest import answer
from tests.cli.test_systems import DECLARED, stuck
from troth.acts.filing import naming, proving
from troth.cli.entrance import entrance
from troth.rules.decision import member

__all__ = ["stuck"]
GROUPS = (
    "case", "hold", "systems", "recipient", "consent", "export", "erase", "backup", "restore", "scan",
    "sweep", "shorten", "stop", "object",
)  # fmt: skip
LOOKS = {"case list", "case show", "case read", "hold list", "systems duties"}  # they change nothing
AGENT = ("--as", "role:support-agent", "--staff", "anna")
LAWYER = ("--as", "role:lawyer", "--staff", "liam")
OFFICER = ("--as", "role:privacy-officer", "--staff", "olga")
ENGINEER = ("--as", "role:engineer", "--staff", "emil")
MATTER = ("--matter", "L-7", "--reason", "litigation")
ABOUT = ("--about", MIA)
OF_RECEIPT = {"entry", "hash", "at"}
PAPER = ("--kind", "contract", "--reference", "F-1", "--until", "2099-12-31T00:00:00Z")


def commands():
    """Every command of these groups, by the words that call it."""
    context = click.Context(entrance)
    for name in GROUPS:
        command = entrance.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {word}", each) for word, each in command.commands.items())
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield name, command


def options_of(command):
    return {option for each in command.params for option in each.opts}


def test_every_command_of_rights_and_retention_answers_in_json_and_what_changes_something_runs_dry():
    found = dict(commands())
    assert found.keys() > LOOKS
    assert [name for name, command in found.items() if "--json" not in options_of(command)] == []
    assert {name for name, command in found.items() if "--dry-run" not in options_of(command)} == LOOKS


def rows(directory):
    """Every row of every database of a house, and every file that is none."""
    found = {}
    for file in sorted(each for each in directory.rglob("*") if each.is_file()):
        if file.read_bytes()[:15] == b"SQLite format 3":
            with sqlite3.connect(file) as opened:
                found[file.name] = list(opened.iterdump())
            opened.close()
        elif not file.name.endswith(("-wal", "-shm")):
            found[file.name] = file.read_bytes()
    return found


@pytest.fixture
def dry(run, directory):
    """Run a command dry, and see that the house has every row as before."""

    def running(*words, **more):
        before = rows(directory)
        done = run(*words, "--dry-run", "--json", **more)
        assert rows(directory) == before
        found = answer(done)
        assert found.pop("dry_run") is True
        return found

    return running


def filed(run, *more):
    return answer(run("case", "file", *more, *ABOUT, "--json", *AGENT))["reference"]


PURPOSE = ("--purpose", "contact.promotion")
CHOICES = [
    ("consent", "give", *PURPOSE),
    ("consent", "refuse", *PURPOSE),
    ("consent", "withdraw", *PURPOSE),
    ("object", "--purpose", "analysis.improve"),
    ("stop", *PURPOSE, "--channel", "email"),
]


@pytest.mark.parametrize("words", CHOICES, ids=" ".join)
def test_a_choice_is_foretold_with_what_the_ledger_would_remember(run, dry, words):
    if words[1] == "withdraw":
        run("consent", "give", *PURPOSE, *ABOUT)
    said = dry(*words, *ABOUT)
    assert said["clauses"]
    assert said["done"] == answer(run(*words, *ABOUT, "--json"))["done"]
    assert "nothing was done" in run(*words, *ABOUT, "--dry-run").stdout


def test_a_shorter_time_is_foretold_and_one_that_is_none_refused(run, dry):
    words = ("shorten", "--class", "activity", *ABOUT)
    assert dry(*words, "--days", 5)["done"] == answer(run(*words, "--days", 5, "--json"))["done"]
    assert dry(*words, "--end")["done"] == answer(run(*words, "--end", "--json"))["done"]
    assert_same_refusal(run, *words, "--days", 36_500)


def assert_same_refusal(run, *words):
    """Assert that a dry run is refused as the act is: with the same words, clauses and exit code."""
    foretold = answer(run(*words, "--dry-run", "--json", exit=1))["error"]
    real = answer(run(*words, "--json", exit=1))["error"]
    assert foretold.pop("entry", 0) + 1 == real.pop("entry", 1)  # each refusal is remembered
    assert foretold == real


@pytest.mark.parametrize(
    "words",
    [
        ("stop", "--purpose", "contact.service", "--channel", "email", *ABOUT),
        ("consent", "give", "--purpose", "nothing.such", *ABOUT),
        ("hold", "move", *MATTER, "--until", "2098-01-01T00:00:00Z", *ENGINEER),
        ("hold", "end", *MATTER, "--everybody", *ENGINEER),
        ("hold", "move", *MATTER, "--until", "2098-01-01T00:00:00Z", *OFFICER),
    ],
    ids=("stop", "consent", "move", "end", "move as another owner"),
)
def test_a_refusal_is_foretold_as_it_would_be(run, directory, words):
    run("hold", "place", *MATTER, *ABOUT, *LAWYER)
    assert_same_refusal(run, *words)


def test_the_end_of_a_matter_is_foretold(run, dry):
    run("hold", "place", *MATTER, *ABOUT, *LAWYER, "--until", "2099-01-01T00:00:00Z")
    move = ("hold", "move", *MATTER, "--until", "2098-01-01T00:00:00Z", *LAWYER)
    said = dry(*move)
    assert (said["until"], said["people"], said["new"]) == ("2098-01-01T00:00:00Z", 1, False)
    run(*move)
    (listed,) = answer(run("hold", "list", *LAWYER, "--json"))["matters"]
    assert {name: said[name] for name in listed} == listed
    ended = dry("hold", "end", *MATTER, "--everybody", *LAWYER)
    assert (ended["people"], ended["until"] < "2098") == (1, True)
    assert len(answer(run("hold", "list", *LAWYER, "--json"))["matters"]) == 1


def assert_same_case(said, real):
    for name in ("reference", "right", "state", "proven", "needs"):
        assert said[name] == real[name]
    steps = [[(each["event"], each["by"], each["codes"]) for each in one["events"]] for one in (said, real)]
    assert steps[0] == steps[1]


def test_a_proof_is_foretold_to_the_end_of_what_it_sets_off(run, dry):
    one = filed(run, "restrict", "--category", "device")
    said = dry("case", "prove", one)
    assert said["carried_out"] is True
    assert said["state"] == "done"
    assert_same_case(said, answer(run("case", "prove", one, "--json")))


def test_what_a_proof_would_erase_is_foretold_by_class(run, dry):
    one = filed(run, "erase")
    assert "would be erased: account" in run("case", "prove", one, "--dry-run").stdout
    said = dry("case", "prove", one)
    real = answer(run("case", "prove", one, "--json"))
    assert real["state"] == "done"
    assert sorted(said["goes"]) == sorted(real["outcome"]["erased"])
    assert said["stays"] == real["outcome"]["stays"] == []


def test_an_erasure_that_a_hold_stops_is_foretold_as_refused(run, dry):
    run("hold", "place", *MATTER, *ABOUT, *LAWYER)
    one = filed(run, "erase")
    said = dry("case", "prove", one)
    real = answer(run("case", "prove", one, "--json"))
    assert real["state"] == "refused"
    assert said["refused"] == real["events"][-1]["codes"]


def test_taking_back_and_deciding_are_foretold(run, dry):
    one = filed(run, "restrict", "--category", "device")
    assert_same_case(dry("case", "cancel", one), answer(run("case", "cancel", one, "--json")))
    two = filed(run, "restrict", "--category", "device")
    refuse = ("case", "decide", two, "refuse", "--reason", "nothing-held", *AGENT)
    assert_same_case(dry(*refuse), answer(run(*refuse, "--json")))
    assert_same_refusal(run, *refuse)
    assert_same_refusal(run, "case", "prove", two)


def prove_alone(opened, *references):
    """Let demands be proven, and be cut off before they are carried out."""
    with opened() as house:
        for reference in references:
            case = house.teller.alone(naming(reference))
            house.teller.ask(proving(by=member(), case=case))


def test_a_run_is_foretold_in_numbers(run, dry, opened):
    one = filed(run, "restrict", "--category", "device")
    two = filed(run, "erase")
    prove_alone(opened, one, two)
    said = dry("case", "run")
    assert said.pop("elsewhere") == 0
    assert said["ended"] == 2
    assert said == answer(run("case", "run", "--json"))
    assert "nothing was done" in run("case", "run", "--dry-run").stdout


def test_a_paper_is_foretold_and_one_of_nobody_refused(run, dry):
    add = ("recipient", "add", "protection.outside-lawyers", *PAPER, *OFFICER)
    assert dry(*add)["done"] == answer(run(*add, "--json"))["done"]
    assert_same_refusal(run, "recipient", "add", "data.broker", *PAPER, *OFFICER)


def test_settling_by_hand_is_foretold(run, stuck, dry):
    ((duty),) = answer(run("systems", "duties", "--json", *AGENT))["duties"]
    settle = ("systems", "settle", duty["duty"], "--reason", "system-gone", *AGENT)
    said, real = dry(*settle), answer(run(*settle, "--json"))
    assert {**said, "entry": real["entry"]} == real
    clerk = ("--as", "role:payments-clerk", "--staff", "carl")
    assert_same_refusal(run, *settle[:-4], *clerk)


def test_what_would_be_tried_again_and_looked_through_is_foretold(run, directory, stuck, tmp_path):
    (directory / "systems.toml").write_text(DECLARED.format(place=tmp_path / "none" / "shop.db"), "utf-8")
    before = rows(directory)
    again = run("systems", "--retry", "shop", "--dry-run")
    assert "1 to be tried; nothing was done" in again.stderr
    assert answer(run("scan", "--dry-run", "--json")) == {"dry_run": True, "systems": ["shop"]}
    assert "shop" in run("scan", "--dry-run").stdout
    assert rows(directory) == before
    assert_same_refusal(run, "scan", "none")
    assert_same_refusal(run, "systems", "--retry", "none")


def test_what_other_systems_have_to_do_first_is_foretold(run, directory, dry, tmp_path):
    (directory / "systems.toml").write_text(DECLARED.format(place=tmp_path / "none" / "shop.db"), "utf-8")
    one = filed(run, "erase")
    said = dry("case", "prove", one)
    assert said["elsewhere"] == ["shop"]
    assert answer(run("case", "prove", one, "--json"))["state"] == "working"


def test_a_run_tells_apart_what_waits_for_other_systems_and_names_nobody(
    run, directory, dry, opened, tmp_path
):
    (directory / "systems.toml").write_text(DECLARED.format(place=tmp_path / "none" / "shop.db"), "utf-8")
    one = filed(run, "erase")
    prove_alone(opened, one)
    said = dry("case", "run")
    assert (said["ended"], said["open"], said["elsewhere"]) == (0, 0, 1)
    assert one not in str(said)
    assert answer(run("case", "run", "--json"))["open"] == 1


def test_an_erasure_that_can_be_called_back_is_foretold_to_its_person_alone(run, dry):
    later = ("erase", *ABOUT, "--after", 7, "--yes")
    said = dry(*later)
    assert_same_refusal(run, *later, "--as", "role:privacy-officer", "--staff", "olga")
    real = answer(run(*later, "--json"))
    fates = [
        [(row["class"], row["fate"].removeprefix("would be ")) for row in one["classes"]]
        for one in (said, real)
    ]
    assert fates[0] == fates[1]
    assert_same_refusal(run, *later)
