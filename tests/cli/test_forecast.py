"""What goes when, and why something is kept, on the command line."""

from tests.cli.conftest import answer
from tests.cli.test_erase import ABOUT
from tests.inside import ledger_of


def test_a_dry_run_tells_what_goes_and_removes_nothing(run, directory):
    found = answer(run("sweep", "--dry-run", "--json"))
    assert found == {"classes": []}
    assert "nothing goes within the next 30 days" in run("sweep", "--dry-run").stdout


def test_why_something_is_kept_names_its_clause_and_its_end(run, directory):
    found = answer(run("kept", *ABOUT, "--json"))["kept"]
    (account,) = (each for each in found if each["category"] == "account")
    assert (account["clause"], account["starts"], account["then"]) == ("keep.account", "leave", "erase")
    assert "runs from leave" in run("kept", *ABOUT).stdout


def test_why_something_is_kept_is_told_to_whom_a_clause_lets_see_it_and_remembered(run, directory, opened):
    agent = ("--as", "role:support-agent", "--staff", "anna")
    assert "error[door.refused]" in run("kept", *ABOUT, *agent, exit=1).stderr
    assert "error[person.not-found]" in run("kept", "--about", "M-9", exit=1).stderr
    assert answer(run("kept", *ABOUT, "--as", "role:privacy-officer", "--staff", "olga", "--json"))["kept"]
    with opened() as house:
        refused, _, seen = ledger_of(house)[-3:]
    assert (refused.kind, refused.act) == ("request.refused", "access")
    assert (seen.kind, seen.actor.split(":")[1], seen.fields) == ("record.accessed", "privacy-officer", ())
