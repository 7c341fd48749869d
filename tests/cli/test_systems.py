"""`systems duties` lists what is open, and `systems settle` ends what a system will never do."""

import pytest

from tests.cast import MIA
from tests.cli.conftest import answer

AGENT = ("--as", "role:support-agent", "--staff", "anna")
DECLARED = """
[systems.shop]
kind = "database"
url = "sqlite:///{place}"

[systems.shop.tables.people]
person = {{column = "number", by = "number"}}
erase = "delete"
"""


@pytest.fixture
def stuck(run, directory, tmp_path):
    """A demand of an erasure, with a database that was declared and is not any more."""
    (directory / "systems.toml").write_text(DECLARED.format(place=tmp_path / "none" / "shop.db"), "utf-8")
    found = answer(run("case", "file", "erase", "--about", MIA, "--json"))
    (directory / "systems.toml").unlink()
    assert found["state"] == "working"
    return found["reference"]


def test_a_duty_is_listed_settled_and_shown_as_settled_by_hand(run, stuck):
    ((duty),) = answer(run("systems", "duties", "--json", *AGENT))["duties"]
    assert (duty["system"], duty["act"], duty["case"]) == ("shop", "erase", stuck)
    assert duty["duty"] in run("systems", "duties", *AGENT).stdout
    settled = answer(run("systems", "settle", duty["duty"], "--reason", "system-gone", "--json", *AGENT))
    assert (settled["state"], settled["settled_by"]) == ("settled", "staff:support-agent")
    assert "by hand" in run("systems", "settle", duty["duty"], "--reason", "system-gone", *AGENT).stdout
    shown = answer(run("case", "show", stuck, "--json"))
    assert shown["state"] == "partly"
    assert shown["outcome"]["systems"]["shop"]["settled"]["reason"] == "system-gone"
    assert answer(run("systems", "duties", "--json", *AGENT))["duties"] == []


def test_settling_takes_a_role_a_duty_and_a_reason_of_the_list(run, stuck):
    ((duty),) = answer(run("systems", "duties", "--json", *AGENT))["duties"]
    settle = ("systems", "settle", duty["duty"])
    run(*settle, "--reason", "system-gone", exit=2)
    run(*settle, "--reason", "because", *AGENT, exit=2)
    run("systems", "settle", "nothing", "--reason", "system-gone", *AGENT, exit=2)
    clerk = ("--as", "role:payments-clerk", "--staff", "carl")
    assert "may not ask for this" in run(*settle, "--reason", "system-gone", *clerk, exit=1).stderr
    assert "may not ask for this" in run("systems", "duties", *clerk, exit=1).stderr


def test_options_before_the_last_word_are_not_passed_over(run, stuck):
    assert "behind" in run("systems", "--retry", "shop", "duties", *AGENT, exit=2).stderr


def test_an_erasure_says_that_other_systems_are_still_to_be_told(run, directory, tmp_path):
    (directory / "systems.toml").write_text(DECLARED.format(place=tmp_path / "none" / "shop.db"), "utf-8")
    said = run("erase", "--about", MIA, "--yes").stdout
    assert "nothing of the person is left here" in said
    assert "other systems are told" in said
    waits = {"system": "shop", "state": "waiting", "count": 1}
    assert answer(run("systems", "--json"))["open"] == [waits]
