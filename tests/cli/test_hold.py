"""A hold stops an erasure until it ends; who may place one is for a clause to say."""

from tests.cast import MIA

MATTER = ("--matter", "L-7", "--reason", "litigation", "--about", MIA)
LAWYER = ("--as", "role:lawyer", "--staff", "liam")


def test_what_a_matter_holds_is_not_erased_until_it_ends(run, directory):
    assert "remembered in ledger entry" in run("hold", "place", *MATTER, *LAWYER).stdout
    assert "`account` is kept for a legal reason" in run("erase", "--about", MIA, "--yes", exit=1).stderr
    run("hold", "end", *MATTER, *LAWYER)
    assert "nothing of the person is left" in run("erase", "--about", MIA, "--yes").stdout


def test_a_role_that_no_clause_names_places_no_hold(run, directory):
    done = run("hold", "place", *MATTER, "--as", "role:engineer", "--staff", "emil", exit=1)
    assert "error[door.refused]" in done.stderr
