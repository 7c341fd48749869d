"""Demands on the command line: filed, followed, proven, decided, taken back."""

import json

from tests.cast import MIA

AGENT = ("--as", "role:support-agent", "--staff", "anna")


def filed(run, *more):
    return json.loads(run("case", "file", *more, "--about", MIA, "--json").stdout)


def test_a_demand_is_filed_carried_out_and_followed(run, directory):
    found = filed(run, "restrict", "--category", "device")

    assert found["state"] == "done"
    assert "restrict, done" in run("case", "show", found["reference"]).stdout
    assert found["reference"] in run("case", "list", "--about", MIA).stdout
    assert found["reference"] in run("case", "list", "--state", "done", *AGENT).stdout


def test_what_staff_file_waits_for_its_proof(run, directory):
    found = filed(run, "restrict", "--category", "device", *AGENT)
    assert found["state"] == "received"

    assert "restrict, done" in run("case", "prove", found["reference"]).stdout


def test_a_dry_run_names_the_clause_and_files_nothing(run, directory):
    said = json.loads(run("case", "file", "erase", "--dry-run", "--about", MIA, "--json").stdout)

    assert said["how"] == "self"
    assert json.loads(run("case", "list", "--about", MIA, "--json").stdout)["cases"] == []


def test_a_demand_is_taken_back_or_refused_with_reasons_while_nothing_was_begun(run, directory):
    one = filed(run, "restrict", "--category", "device", *AGENT)["reference"]
    assert "cancelled" in run("case", "cancel", one).stdout
    two = filed(run, "restrict", "--category", "device", *AGENT)["reference"]
    run("case", "decide", two, "refuse", *AGENT, exit=1)

    refused = run("case", "decide", two, "refuse", "--reason", "nothing-held", *AGENT)

    assert "refused" in refused.stdout
    assert "nothing-held" in refused.stdout


def test_what_was_told_is_read_by_whoever_may_decide_it_and_by_nobody_else(run, directory):
    one = filed(run, "restrict", "--category", "device", *AGENT)["reference"]

    said = json.loads(run("case", "read", one, *AGENT, "--json").stdout)

    assert (said["reference"], said["text"], said["values"]) == (one, "", {})
    assert "nothing was told with it" in run("case", "read", one, *AGENT).stdout
    run("case", "read", one, "--as", "role:payments-clerk", "--staff", "carl", exit=1)


def test_what_is_due_is_gone_on_with(run, directory):
    assert "escalated 0" in run("case", "run").stdout


def test_values_and_texts_come_from_files_or_stdin_and_never_from_arguments(run, directory, tmp_path):
    told = tmp_path / "values.json"
    told.write_text('{"email": "new@example.org"}', "utf-8")
    done = filed(run, "correct", "--category", "account", "--values-file", told)
    assert done["state"] == "done"
    said = run(
        "case", "file", "complain", "--text-file", "-", "--about", MIA, "--json", stdin="You never answered."
    )
    assert json.loads(said.stdout)["state"] == "received"
    assert "never answered" not in said.stdout
    run("case", "file", "complain", "--text-file", "-", "--about-stdin", stdin="M-1001\n", exit=2)
    run("case", "file", "complain", "--text-file", "-", "--about", MIA, stdin="", exit=2)


def test_a_dry_run_refuses_what_the_filing_would_refuse(run, directory):
    clerk = ("--as", "role:payments-clerk", "--staff", "carl")
    assert (
        "may not ask for this"
        in run("case", "file", "erase", "--dry-run", "--about", MIA, *clerk, exit=1).stderr
    )
    filed(run, "restrict", "--category", "device", *AGENT)
    again = ("case", "file", "restrict", "--category", "device", "--dry-run", "--about", MIA, *AGENT)
    assert "already" in run(*again, exit=1).stderr
    assert json.loads(run("case", "list", "--about", MIA, "--json").stdout)["cases"][0]["state"] == "received"


def test_who_may_not_follow_a_demand_is_answered_as_if_it_were_not_there(run, directory):
    reference = filed(run, "restrict", "--category", "device", *AGENT)["reference"]
    clerk = ("--as", "role:payments-clerk", "--staff", "carl")
    hidden = run("case", "show", reference, *clerk, exit=1)
    absent = run("case", "show", "RE-0000-0000", *clerk, exit=1)
    assert hidden.stderr == absent.stderr
    assert "may not ask for this" in run("case", "list", "--state", "received", *clerk, exit=1).stderr
