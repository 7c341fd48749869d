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
    assert found["reference"] in run("case", "list", "--state", "done").stdout


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
