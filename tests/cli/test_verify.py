"""`verify` gives every clause its word and an exit code to act on; `sweep` does what is due."""

import pytest
from sqlalchemy import text

import troth
from tests.cast import MIA, tells
from tests.cli.conftest import answer
from troth.clock import DAY, Settable, now

WORDS = {"kept", "attested", "at risk", "unproven", "broken"}


def test_every_clause_has_a_word_and_nothing_is_broken(run, directory):
    found = answer(run("verify", "--json"))
    assert {
        "agreement",
        "version",
        "hash",
        "at",
        "ledger_size",
        "ledger_root",
        "clauses",
        "counts",
    } == found.keys()
    assert {clause["status"] for clause in found["clauses"]} <= {*WORDS, None}
    assert {clause["clause"]: clause["status"] for clause in found["clauses"]}["collect.account"] == "kept"
    assert found["counts"]["broken"] == 0


def test_the_table_says_why(run, directory):
    done = run("verify")
    row = next(line for line in done.stdout.splitlines() if "collect.account " in line)
    assert "kept" in row
    assert "records-map" in row
    assert done.stdout.rstrip().endswith("unproven")


def test_strict_wants_proof_of_everything(run, directory):
    run("verify", "--strict", exit=3)


def test_a_record_behind_the_back_of_the_ledger_breaks_a_clause(run, directory, opened):
    with opened() as house, house.teller.house.filing.connect("store") as connection:
        connection.execute(text("UPDATE records SET sealed = x'00'"))
    found = answer(run("verify", "--json", exit=3))
    broken = [clause["clause"] for clause in found["clauses"] if clause["status"] == "broken"]
    assert "collect.account" in broken


@pytest.fixture
def old(directory):
    """The house, with something in it that has expired since."""
    later = Settable(now() + DAY)
    with troth.open(directory, clock=later) as house:
        tells(house, MIA, "usage")
        (end,) = {record.expires_at for record in house.access(about=MIA, category="usage").records}
    return end


def test_a_sweep_signs_the_ledger_and_says_what_it_removed(run, directory):
    done = answer(run("sweep", "--json"))
    assert done.keys() == {"expired", "resumed", "files", "noted", "checkpoint"}
    assert done["checkpoint"]["size"] > 0
    assert "the ledger is signed at" in run("sweep").stdout


def test_a_house_ahead_of_the_clock_is_not_swept(run, directory, old):
    assert old > now()
    assert "error[door.clock-backwards]" in run("sweep", exit=1).stderr
