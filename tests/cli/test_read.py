"""`read` and `access` show masks until they are told to reveal, and refuse what no clause allows."""

from tests.cast import ACCOUNT, MIA
from tests.cli.conftest import answer
from tests.inside import ledger_of

AS_PORTAL = ("--purpose", "service.account", "--category", "account", "--program", "portal", "--about", MIA)
AS_AGENT = (
    "--purpose", "support.reply", "--category", "account", "--as", "role:support-agent", "--staff", "anna",
    "--about", MIA,
)  # fmt: skip


def test_values_are_masked_by_their_types(run, directory):
    done = run("read", *AS_PORTAL)
    assert "m***@e***.org" in done.stdout
    assert "--reveal was not given" in done.stdout


def test_values_show_when_they_are_asked_for(run, directory):
    done = run("read", *AS_PORTAL, "--reveal", "--json", canaries=True)
    found = answer(done)
    assert found.keys() == {"records", "revealed", "withheld", "tell", "entries"}
    assert found["records"][0]["values"] == ACCOUNT
    assert found["records"][0]["clause"] == "collect.account"


def test_reveal_does_not_lift_the_mask_of_a_clause(run, directory):
    values = answer(run("read", *AS_AGENT, "--case", "C-1", "--reveal", "--json", canaries=True))["records"][
        0
    ]["values"]
    assert values["email"] == "m***@e***.org"
    assert values["username"] == ACCOUNT["username"]


def test_only_the_fields_that_are_asked_for_are_read(run, directory):
    values = answer(run("read", *AS_PORTAL, "--fields", "email, phone", "--json"))["records"][0]["values"]
    assert values.keys() == {"email", "phone"}


def test_a_read_without_its_case_is_refused_with_its_clause(run, directory, opened):
    done = run("read", *AS_AGENT, exit=1)
    assert "error[door.refused]" in done.stderr
    assert "(clause `use.support-reply`)" in done.stderr or "clause" in done.stderr
    assert "remembered in ledger entry" in done.stderr
    with opened() as house:
        assert ledger_of(house)[-1].kind == "request.refused"


def test_somebody_unknown_is_an_error_that_repeats_no_reference(run, directory):
    done = run("read", *AS_PORTAL[:-1], "canary", exit=1)
    assert "error[person.not-found]" in done.stderr


def test_a_person_sees_all_that_is_held_of_them(run, directory):
    found = answer(run("access", "--about-stdin", "--reveal", "--json", stdin=MIA, canaries=True))
    assert [record["category"] for record in found["records"]] == ["account"]
    assert found["records"][0]["values"] == ACCOUNT


def test_access_to_one_category_is_masked_too(run, directory):
    assert "m***@e***.org" in run("access", "--about", MIA, "--category", "account").stdout
    assert "nothing is held" in run("access", "--about", MIA, "--category", "payment").stdout


def test_access_by_somebody_else_is_refused(run, directory):
    done = run("access", "--about", MIA, "--as", "role:engineer", "--staff", "emil", exit=1)
    assert "error[door.refused]" in done.stderr
