"""A hold stops an erasure until it ends; who may place one is for a clause to say."""

import json

from tests.cast import MIA

CASE = ("--matter", "L-7", "--reason", "litigation")
MATTER = (*CASE, "--about", MIA)
LAWYER = ("--as", "role:lawyer", "--staff", "liam")


def test_what_a_matter_holds_is_not_erased_until_it_ends(run, directory):
    assert "remembered in ledger entry" in run("hold", "place", *MATTER, *LAWYER).stdout
    assert "`account` is kept for a legal reason" in run("erase", "--about", MIA, "--yes", exit=1).stderr
    run("hold", "end", *MATTER, *LAWYER)
    assert "nothing of the person is left" in run("erase", "--about", MIA, "--yes").stdout


def test_a_role_that_no_clause_names_places_no_hold(run, directory):
    done = run("hold", "place", *MATTER, "--as", "role:engineer", "--staff", "emil", exit=1)
    assert "error[door.refused]" in done.stderr


def test_a_matter_is_listed_moved_and_ended_for_everybody(run, directory):
    run("hold", "place", *MATTER, *LAWYER, "--until", "2099-01-01T00:00:00Z")
    listed = run("hold", "list", *LAWYER).stdout
    assert "L-7" in listed
    assert "2099-01-01" in listed
    run("hold", "move", *CASE, *LAWYER, "--until", "2098-01-01T00:00:00Z")
    (it,) = json.loads(run("hold", "list", *LAWYER, "--json").stdout)["matters"]
    assert (it["owner"], it["until"], it["people"]) == ("lawyer", "2098-01-01T00:00:00Z", 1)
    run("hold", "end", *CASE, "--everybody", *LAWYER)
    assert json.loads(run("hold", "list", *LAWYER, "--json").stdout) == {"matters": []}
    run("sweep")
    assert "nothing of the person is left" in run("erase", "--about", MIA, "--yes").stdout


def test_a_dry_run_says_what_would_be_held_and_holds_nothing(run, directory):
    assert "would be opened" in run("hold", "place", *MATTER, *LAWYER, "--dry-run").stdout
    assert json.loads(run("hold", "list", *LAWYER, "--json").stdout) == {"matters": []}


def test_of_an_untold_matter_kept_says_until_when_at_most_alone(run, directory):
    run("hold", "place", *MATTER, *LAWYER, "--until", "2099-01-01T00:00:00Z", "--untold", "AMLR-73")
    said = run("kept", "--about", MIA).stdout
    assert "kept for a legal reason, until 2099-01-01T00:00:00Z at most" in said
    assert "L-7" not in said


def test_another_role_than_the_owner_ends_nothing(run, directory):
    run("hold", "place", *MATTER, *LAWYER)
    done = run("hold", "end", *MATTER, "--as", "role:privacy-officer", "--staff", "olga", exit=1)
    assert "error[door.refused]" in done.stderr


def test_the_list_is_not_for_whoever_may_not_hold(run, directory):
    done = run("hold", "list", "--as", "role:engineer", "--staff", "emil", exit=1)
    assert "error[door.refused]" in done.stderr


def test_who_names_one_person_ends_a_matter_for_nobody_else(run, directory):
    run("hold", "place", *MATTER, *LAWYER)
    done = run("hold", "end", *MATTER, "--everybody", *LAWYER, exit=2)
    assert "everybody" in done.stderr
    assert len(json.loads(run("hold", "list", *LAWYER, "--json").stdout)["matters"]) == 1
