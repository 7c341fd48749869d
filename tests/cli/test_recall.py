"""`erase --after` prints a code, and `recall` takes it from the input; one answer to whatever is wrong."""

import re

from tests.cast import MIA, NOOR
from tests.cli.conftest import answer
from tests.inside import rows_of
from troth.store import schema

ABOUT = ("--about", MIA)
READ = ("access", "--category", "account", *ABOUT)


def test_what_is_sealed_away_is_brought_back_by_the_code_that_was_printed(run, directory, opened):
    done = run("erase", *ABOUT, "--after", "7", "--yes")
    code = re.search(r"recovery code: (\S+)", done.stdout).group(1)
    assert "sealed away" in done.stdout
    run(*READ, exit=1)
    back = run("recall", *ABOUT, "--json", stdin=code.lower() + "\n")
    assert answer(back)["done"] == "grace.ended"
    run(*READ, canaries=True)
    with opened() as house:
        assert rows_of(house, schema.graces) == []


def test_in_json_the_code_the_classes_and_the_last_day_are_told(run, directory):
    found = answer(run("erase", *ABOUT, "--after", "7", "--yes", "--json"))
    assert [row["fate"] for row in found["classes"]] == ["sealed away"]
    assert len(found["code"]) == 47
    assert found["ends_at"]
    assert len(found["entries"]) == 2


def test_another_code_and_an_unknown_person_are_one_answer(run, directory):
    code = answer(run("erase", *ABOUT, "--after", "7", "--yes", "--json"))["code"]
    wrong = run("recall", *ABOUT, stdin="0" * 40, exit=1)
    strange = run("recall", "--about", NOOR, stdin=code, exit=1)
    assert wrong.stderr == strange.stderr
    assert "person.not-restored" in wrong.stderr


def test_other_days_and_single_classes_are_wrong_usage(run, directory):
    for more in (("--after", "0"), ("--after", "31"), ("--after", "7", "--class", "account")):
        assert "--after" in run("erase", *ABOUT, "--yes", *more, exit=2).output
