"""`scan` names columns and no value, and `systems` says what is open, for people and as JSON."""

import sqlite3

import pytest

from tests.cli.conftest import answer

DECLARED = """
[systems.shop]
kind = "database"
url = "sqlite:///{place}"

[systems.shop.tables.people]
person = {{column = "number", by = "number"}}
erase = "delete"
"""


@pytest.fixture
def shop(directory, tmp_path):
    """A shop's database that the house declares, with a table that nobody mapped."""
    place = tmp_path / "shop.db"
    connection = sqlite3.connect(place)
    connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, number INTEGER)")
    connection.execute("CREATE TABLE leads (id INTEGER PRIMARY KEY, contact TEXT)")
    rows = [(f"canary{n}@example.org",) for n in range(5)]
    connection.executemany("INSERT INTO leads (contact) VALUES (?)", rows)
    connection.commit()
    (directory / "systems.toml").write_text(DECLARED.format(place=place), "utf-8")
    yield connection
    connection.close()


def test_a_scan_names_what_nobody_mapped_and_no_value_and_ends_with_3(run, shop):
    shown = run("scan", exit=3).stdout
    assert "shop:leads.contact" in shown
    assert "account.email" in shown
    found = answer(run("scan", "shop", "--json", exit=3))
    ((suspect,),) = [each["suspects"] for each in found["systems"]]
    assert (suspect["looks"], suspect["by"], suspect["declared"]) == ("email", "values", False)
    assert "canary" not in shown + str(found)


def test_a_scan_that_finds_nothing_ends_well_and_is_in_the_ledger(run, shop, opened):
    shop.execute("DROP TABLE leads")
    shop.commit()
    assert "0 found" in run("scan").stdout
    with opened() as house:
        from tests.inside import ledger_of

        (line,) = [entry for entry in ledger_of(house) if entry.kind == "system.scanned"]
    assert (line.recipient, line.count) == ("shop", 0)


def test_a_system_that_is_not_declared_is_named_with_the_nearest_that_is(run, shop):
    assert "did you mean `shop`" in run("scan", "shob", exit=1).stderr
    assert "did you mean `shop`" in run("systems", "--retry", "shob", exit=1).stderr


def test_what_is_open_is_told_by_system(run, shop):
    assert answer(run("systems", "--json")) == {"declared": ["shop"], "open": []}
    assert "shop" in run("systems").stdout


def test_a_house_without_other_systems_has_nothing_to_scan(run, directory):
    assert "no database is declared" in run("scan").stdout
    assert answer(run("systems", "--json")) == {"declared": [], "open": []}
