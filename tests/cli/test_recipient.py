"""What a recipient signed is recorded, in the agreement's words."""

from tests.cli.conftest import answer

OFFICER = ("--as", "role:privacy-officer", "--staff", "olga")
PAPER = ("--kind", "contract", "--reference", "F-1", "--until", "2099-12-31T00:00:00Z")


def test_an_instrument_is_recorded(run, directory):
    found = answer(run("recipient", "add", "protection.outside-lawyers", *PAPER, *OFFICER, "--json"))
    assert found["done"] == "instrument.recorded"


def test_a_recipient_that_no_clause_lists_is_an_error(run, directory):
    assert (
        "error[recipient.unknown]" in run("recipient", "add", "data.broker", *PAPER, *OFFICER, exit=1).stderr
    )


def test_a_time_without_a_zone_is_an_error(run, directory):
    paper = (*PAPER[:-1], "2099-12-31T00:00:00")
    done = run("recipient", "add", "protection.outside-lawyers", *paper, *OFFICER, exit=1)
    assert "error[clock.bad-time]" in done.stderr


def test_it_is_recorded_by_somebody(run, directory):
    assert "Usage: " in run("recipient", "add", "protection.outside-lawyers", *PAPER, exit=2).stderr
