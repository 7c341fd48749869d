"""Agents are registered with their keys, listed without their tokens, and ended; our entry is printed."""

from base64 import b64encode

import pytest

from tests.cli.conftest import answer

KEY = b64encode(bytes(31) + b"\1").decode()
GOOD = ("--name", "Good Agent", "--key", KEY)


@pytest.mark.parametrize(
    "said",
    [
        ("lower_case", *GOOD),
        ("GOOD_AGENT", "--name", " ", "--key", KEY),
        ("GOOD_AGENT", "--name", "Good", "--key", "no key"),
        ("GOOD_AGENT", "--name", "Good", "--key", b64encode(bytes(31)).decode()),
        ("GOOD_AGENT", *GOOD, "--redirect", "javascript:alert(1)"),
        ("GOOD_AGENT", *GOOD, "--redirect", "http://agent.example.org/"),
    ],
)
def test_an_agent_is_not_registered_with_what_is_wrong(run, directory, said):
    assert "error[door.bad-argument]" in run("agent", "add", *said, exit=1).stderr


def test_an_agent_is_registered_once_listed_and_ended(run, directory):
    back = "https://agent.example.org/back"
    made = answer(run("agent", "add", "GOOD_AGENT", *GOOD, "--redirect", back, "--json"))
    assert made == {"agent": "GOOD_AGENT", "name": "Good Agent", "redirects": [back]}
    assert "error[agent.known]" in run("agent", "add", "GOOD_AGENT", *GOOD, exit=1).stderr
    (listed,) = answer(run("agent", "list", "--json"))["agents"]
    assert (listed["agent"], listed["token"], listed["ended_at"]) == ("GOOD_AGENT", False, None)
    assert answer(run("agent", "end", "GOOD_AGENT", "--json")) == {"ended": "GOOD_AGENT"}
    (listed,) = answer(run("agent", "list", "--json"))["agents"]
    assert listed["ended_at"]
    assert "error[agent.none]" in run("agent", "end", "GOOD_AGENT", exit=1).stderr
    assert "error[agent.known]" in run("agent", "add", "GOOD_AGENT", *GOOD, exit=1).stderr


def test_people_are_told_the_same_as_programs(run, directory):
    assert "registered GOOD_AGENT" in run("agent", "add", "GOOD_AGENT", *GOOD).stdout
    assert "Good Agent" in run("agent", "list").stdout
    assert "ended GOOD_AGENT" in run("agent", "end", "GOOD_AGENT").stdout


def test_our_entry_of_the_directory_needs_an_address_and_an_id(run, directory):
    assert "drp_business" in run("agent", "directory", exit=1).stderr
    settings = directory / "troth.toml"
    said = '\n[server]\nurl = "https://members.example.org"\ndrp_business = "EXAMPLE"\n'
    settings.write_text(settings.read_text() + said)
    entry = answer(run("agent", "directory"))
    assert (entry["id"], entry["api_base"]) == ("EXAMPLE", "https://members.example.org/drp")
    assert "deletion" in entry["supported_actions"]
