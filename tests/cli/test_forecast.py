"""What goes when, and why something is kept, on the command line."""

from tests.cli.conftest import answer
from tests.cli.test_erase import ABOUT


def test_a_dry_run_tells_what_goes_and_removes_nothing(run, directory):
    found = answer(run("sweep", "--dry-run", "--json"))
    assert found == {"classes": []}
    assert "nothing goes within the next 30 days" in run("sweep", "--dry-run").stdout


def test_why_something_is_kept_names_its_clause_and_its_end(run, directory):
    found = answer(run("kept", *ABOUT, "--json"))["kept"]
    (account,) = (each for each in found if each["category"] == "account")
    assert (account["clause"], account["starts"], account["then"]) == ("keep.account", "leave", "erase")
    assert "runs from leave" in run("kept", *ABOUT).stdout
