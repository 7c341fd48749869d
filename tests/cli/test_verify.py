"""`verify` gives every clause its word and an exit code to act on; `sweep` does what is due."""

import sqlite3

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
        "ledger_fault",
        "clauses",
        "counts",
    } == found.keys()
    assert {clause["status"] for clause in found["clauses"]} <= {*WORDS, None}
    assert {clause["clause"]: clause["status"] for clause in found["clauses"]}["collect.account"] == "kept"
    assert found["counts"]["broken"] == 0
    assert found["ledger_fault"] is None


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


def test_a_damaged_line_of_the_ledger_is_named_and_exits_with_3_when_no_clause_is_broken(run, tmp_path):
    run("init", "--dir", "club")
    with troth.open(tmp_path / "club") as house:
        joins(house)
        for _ in range(300):
            house.access(about=MIA, category="account")
        with house.teller.house.filing.connect("store") as connection:
            connection.execute(text("UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE entry = 5"))

    done = run("verify", "--dir", "club", exit=3)

    assert "the ledger is broken: entry 5 " in done.stdout
    found = answer(run("verify", "--dir", "club", "--json", exit=3))
    assert found["counts"]["broken"] == 0
    assert "entry 5 " in found["ledger_fault"]
    assert "entry 5 " in run("ledger", "export", "log", "--dir", "club", exit=1).stderr


def test_a_damaged_line_at_the_end_of_the_ledger_is_named_when_the_house_does_not_open(
    run, directory, opened
):
    with opened() as house, house.teller.house.filing.connect("store") as connection:
        connection.execute(text("UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE entry = 1"))

    assert "error[ledger.leaf-damaged]: entry 1 " in run("verify", exit=1).stderr


def test_a_sweep_signs_the_ledger_and_says_what_it_did(run, directory):
    done = answer(run("sweep", "--json"))
    assert done.keys() == {
        "expired",
        "late_seconds",
        "partitions",
        "rate",
        "ended",
        "resumed",
        "files",
        "noted",
        "stuck",
        "broken_keys",
        "packages",
        "vacuumed",
        "unvacuumed",
        "requests",
        "checkpoint",
    }
    assert done["broken_keys"] == []
    assert done["checkpoint"]["size"] > 0
    assert "0 leavers forgotten" in run("sweep").stdout
    assert "the ledger is signed at" in run("sweep").stdout


def test_a_sweep_names_keys_that_do_not_open_does_the_rest_and_exits_with_3(run, tmp_path):
    ago = Settable(now() - 30 * DAY)
    words = MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2010-01-01")
    with troth.init(tmp_path / "old", words, clock=ago) as house:
        subject = joins(house)
    keystore = sqlite3.connect(tmp_path / "old" / "keys" / "keystore.db")
    with keystore:
        keystore.execute("UPDATE keys SET wrapped = x'00' WHERE kept = 'account'")
    keystore.close()

    done = answer(run("sweep", "--dir", "old", "--json", exit=3))
    assert done["broken_keys"] == [{"person": subject, "class": "account"}]
    assert done["checkpoint"]["size"] > 0
    said = run("sweep", "--dir", "old", exit=3).stdout
    assert f"1 keys do not open and stay in their epoch: `account` of person {subject}" in said


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


def test_a_sweep_writes_both_databases_anew_when_it_is_asked_to_and_says_so(run, directory):
    assert answer(run("sweep", "--json"))["vacuumed"] == ["keystore"]
    assert answer(run("sweep", "--json"))["vacuumed"] == []
    assert answer(run("sweep", "--vacuum", "--json"))["vacuumed"] == ["keystore", "store"]
    said = run("sweep", "--vacuum").stdout
    assert "the keystore was written anew\nthe store was written anew\n" in said
    assert "anew" not in run("sweep").stdout


def test_a_sweep_says_that_requests_passed_their_end(run, tmp_path):
    ago = Settable(now() - 40 * DAY)
    words = MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2010-01-01")
    with troth.init(tmp_path / "late", words, clock=ago) as house:
        joins(house)
        house.demand(about=MIA, right="complain", text="You never answered.")
    assert (
        "of people's requests 0 ended; 1 near their end, or passed it" in run("sweep", "--dir", "late").stdout
    )
    again = answer(run("sweep", "--dir", "late", "--json"))
    assert again["requests"]["escalated"] == 0
