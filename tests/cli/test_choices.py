"""A person's choices take effect at once, and each is acknowledged with its receipt."""

import json

import pytest

from tests.cast import MIA
from tests.cli.conftest import answer

READS = (
    "read",
    "--purpose",
    "service.account",
    "--category",
    "account",
    "--program",
    "portal",
    "--about",
    MIA,
)
ABOUT = ("--about", MIA)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["consent", "give", "--purpose", "contact.promotion"], "consent.given"),
        (["consent", "refuse", "--purpose", "contact.promotion"], "consent.refused"),
        (["object", "--purpose", "analysis.improve"], "objection.made"),
        (["restrict"], "restriction.set"),
        (["restrict", "--category", "account"], "restriction.set"),
        (["leave"], "member.left"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else given,
)
def test_a_choice_is_acknowledged_with_its_ledger_entry(run, directory, words, kind):
    found = answer(run(*words, *ABOUT, "--json"))
    assert found.keys() == {"done", "entry", "hash", "at"}
    assert found["done"] == kind
    assert len(found["hash"]) == 64


def test_a_consent_that_was_given_is_withdrawn(run, directory):
    run("consent", "give", "--purpose", "contact.promotion", *ABOUT)
    done = run("consent", "withdraw", "--purpose", "contact.promotion", *ABOUT)
    assert done.stdout.startswith("consent.withdrawn, remembered in ledger entry ")


def test_an_objection_ends_and_a_restriction_is_lifted(run, directory):
    run("object", "--purpose", "analysis.improve", *ABOUT)
    assert "objection.ended" in run("object", "--purpose", "analysis.improve", "--end", *ABOUT).stdout
    run("restrict", *ABOUT)
    assert "restricted" in run(*READS, exit=1).stderr
    assert "restriction.lifted" in run("restrict", "--lift", *ABOUT).stdout
    run(*READS)


@pytest.mark.parametrize("purpose", ["no.purpose", "service.account"])
def test_consent_to_what_needs_none_is_refused(run, directory, purpose):
    done = run("consent", "give", "--purpose", purpose, *ABOUT, exit=1)
    assert "error[door.refused]" in done.stderr


def test_values_are_corrected_from_stdin(run, directory):
    run("correct", "--category", "account", *ABOUT, stdin=json.dumps({"email": "new.canary@example.org"}))
    assert "n***@e***.org" in run(*READS).stdout


def test_values_are_corrected_from_a_file_while_stdin_names_the_person(run, directory, tmp_path):
    (tmp_path / "values").write_text('{"email": "other.canary@example.org"}', "utf-8")
    run("correct", "--category", "account", "--about-stdin", "--values-file", "values", stdin=MIA)
    assert "o***@e***.org" in run(*READS).stdout


def test_one_record_may_be_named(run, directory):
    (record,) = answer(run(*READS, "--json"))["records"]
    named = ("correct", "--category", "account", *ABOUT, "--record")
    run(*named, record["record"], stdin='{"email": "new.canary@example.org"}')
    assert (
        "Usage: "
        in run(*named, "not hexadecimal", stdin='{"email": "new.canary@example.org"}', exit=2).stderr
    )


def test_a_mark_that_an_editor_put_before_the_values_is_passed_over(run, directory):
    marked = b'\xef\xbb\xbf{"email": "new.canary@example.org"}'
    run("correct", "--category", "account", *ABOUT, stdin=marked)
    assert "n***@e***.org" in run(*READS).stdout


@pytest.mark.parametrize(
    "stdin",
    [
        "canary", '["canary"]', "", b"\xff", '{"email": "a@example.org", "email": "b@example.org"}',
        '{"email": NaN}', '{"email": "\\ud800"}',
    ],
)  # fmt: skip
def test_values_that_are_no_object_are_wrong_usage(run, directory, stdin):
    done = run("correct", "--category", "account", *ABOUT, stdin=stdin, exit=2)
    assert "Usage: " in done.stderr
    assert "the values are one JSON object" in done.stderr


def test_a_correction_of_nothing_says_so(run, directory):
    done = run("correct", "--category", "account", *ABOUT, stdin="{}", exit=1)
    assert "error[door.bad-argument]: `values`" in done.stderr


def test_stdin_cannot_bring_both_the_person_and_the_values(run, directory):
    assert "Usage: " in run("correct", "--category", "account", "--about-stdin", stdin=MIA, exit=2).stderr


def test_a_correction_that_is_no_value_of_its_field_is_refused_without_repeating_it(run, directory):
    done = run("correct", "--category", "account", *ABOUT, stdin='{"email": "canary"}', exit=1)
    assert "the value of `email` is not of its type" in done.stderr


def test_one_way_of_reaching_somebody_is_stopped_and_opened_again(run, directory):
    way = ("stop", "--purpose", "contact.promotion", "--channel", "email", *ABOUT, "--json")
    assert answer(run(*way))["done"] == "channel.stopped"
    assert answer(run(*way, "--open"))["done"] == "channel.opened"
    refused = run("stop", "--purpose", "contact.service", "--channel", "email", *ABOUT, exit=1)
    assert "no clause allows this" in refused.stderr
