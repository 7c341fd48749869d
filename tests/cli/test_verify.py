"""`verify` gives every clause its word and an exit code to act on; `sweep` does what is due."""

from sqlalchemy import text

import troth
from tests.cast import MIA, joins, tells
from tests.cli.conftest import answer
from tests.houses import MEMBER_TEXT
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
    assert "unproven" in run("verify", "--strict", exit=3).stdout


def test_a_record_behind_the_back_of_the_ledger_breaks_a_clause(run, directory, opened):
    with opened() as house, house.teller.house.filing.connect("store") as connection:
        connection.execute(text("UPDATE records SET sealed = x'00'"))
    found = answer(run("verify", "--json", exit=3))
    broken = [clause["clause"] for clause in found["clauses"] if clause["status"] == "broken"]
    assert "collect.account" in broken


def test_a_sweep_signs_the_ledger_and_says_what_it_did(run, directory):
    done = answer(run("sweep", "--json"))
    assert done.keys() == {"expired", "resumed", "files", "noted", "checkpoint"}
    assert done["checkpoint"]["size"] > 0
    assert "the ledger is signed at" in run("sweep").stdout


def test_a_sweep_removes_what_has_expired(run, tmp_path):
    long_ago = Settable(now() - 1_500 * DAY)
    words = MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2010-01-01")
    with troth.init(tmp_path / "old", words, clock=long_ago) as house:
        joins(house)
        tells(house, MIA, "usage")
    assert answer(run("sweep", "--dir", "old", "--json"))["expired"] == 1
    assert answer(run("sweep", "--dir", "old", "--json"))["expired"] == 0


def test_a_clock_that_runs_backwards_sweeps_nothing(run, directory):
    with troth.open(directory, clock=Settable(now() + DAY)) as house:
        tells(house, MIA, "usage")
    assert "error[door.clock-backwards]" in run("sweep", exit=1).stderr
