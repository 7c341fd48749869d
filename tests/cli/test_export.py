"""`export` writes a package that opens without us, for its owner alone; and nothing on a dry run."""

import io
import json
import stat
from pathlib import Path
from zipfile import ZipFile

from tests.cast import ACCOUNT, MIA
from tests.cli.conftest import answer
from tests.inside import ledger_of

ABOUT = ("--about", MIA)


def test_it_writes_a_file_that_only_its_owner_reads_and_that_holds_what_is_held(run, directory):
    found = answer(run("export", *ABOUT, "-o", "mine.zip", "--json"))

    file = Path("mine.zip")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert found["size"] == file.stat().st_size
    with ZipFile(file) as package:
        (record,) = json.loads(package.read("data/account.json"))["records"]
        assert record["values"] == ACCOUNT
        assert package.read("index.html").startswith(b"<!doctype html>")


def test_a_dry_run_lists_what_would_be_in_it_and_makes_nothing(run, directory, opened):
    with opened() as house:
        before = len(ledger_of(house))

    found = answer(run("export", *ABOUT, "--right", "port", "--dry-run", "--json"))

    assert found["categories"] == ["account"]
    assert "notices" in {gap["category"] for gap in found["withheld"]}
    assert "account" in run("export", *ABOUT, "--dry-run").stdout
    assert list(Path.cwd().glob("*.zip")) == []
    with opened() as house:
        assert len(ledger_of(house)) == before
        assert house.packages(about=MIA) == ()


def test_it_goes_to_stdout_where_it_is_asked_for_there(run, directory):
    done = run("export", *ABOUT, "-o", "-")

    assert ZipFile(io.BytesIO(done.stdout_bytes)).testzip() is None
    run("export", *ABOUT, "-o", "-", "--json", exit=2)


def test_whoever_has_not_the_right_is_refused_and_nothing_is_written(run, directory):
    done = run("export", *ABOUT, "--as", "role:support-agent", "--staff", "anna", exit=1)

    assert "error[door.refused]" in done.stderr
    assert list(Path.cwd().glob("*.zip")) == []


def test_a_place_that_cannot_be_written_is_named_and_nothing_stays_behind(run, directory):
    done = run("export", *ABOUT, "-o", "nowhere/mine.zip", exit=1)

    assert "nowhere/mine.zip" in done.stderr
    assert list(Path.cwd().glob("*.zip")) == []
