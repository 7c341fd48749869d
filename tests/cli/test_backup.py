"""`backup` copies data and keys into two places, says what it did, and does nothing on a dry run."""

from sqlalchemy import update

from tests.cli.conftest import answer
from troth.store import schema

PLACES = ("--data", "copies", "--keys", "elsewhere")


def test_a_dry_run_says_what_would_be_copied_and_makes_nothing(run, directory, tmp_path):
    found = answer(run("backup", *PLACES, "--dry-run", "--json"))
    assert found["dry_run"]
    assert (found["people"], found["files"], found["pruned"]) == (1, 0, [])
    assert not (tmp_path / "copies").exists()
    assert "would copy 1 people" in run("backup", *PLACES, "--dry-run").stdout


def test_a_backup_says_where_it_is_and_that_it_was_read_back(run, directory, tmp_path):
    found = answer(run("backup", *PLACES, "--json"))
    assert found["verified"]
    assert (tmp_path / found["data"] / "manifest").is_file()
    assert (tmp_path / found["keys"] / "keys.rows").is_file()
    said = run("backup", *PLACES).stdout
    assert "every key opens" in said
    assert "the root key is in no copy" in said


def test_one_place_for_both_is_an_error_with_a_fix(run, directory):
    done = run("backup", "--data", "copies", "--keys", "copies/keys", exit=1)
    assert "copy.places-overlap" in done.stderr
    assert "keep copies of keys apart" in done.stderr


def test_damage_in_the_house_is_told_and_is_exit_3(run, directory, opened):
    with opened() as house, house.teller.house.filing.connect("keystore") as connection:
        connection.execute(update(schema.keys).where(schema.keys.c.kept == "account").values(wrapped=b"x"))
    done = run("backup", *PLACES, exit=3)
    assert "does not open" in done.stderr
