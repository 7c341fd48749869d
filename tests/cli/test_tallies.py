"""What was counted of data whose time is over, on the command line."""

import troth
from tests.cli.conftest import answer
from tests.houses import LIBRARY_TEXT
from tests.town import OVER, PEOPLE, came, joined
from troth.clock import Settable, now

ASKING = ("--purpose", "counting", "--category", "visit", "--program", "statistics")


def founded(place):
    clock = Settable(now() - 2 * OVER)
    text = LIBRARY_TEXT.replace("effective: 2027-03-01", "effective: 2020-03-01")
    with troth.init(place / "troth-house", text, clock=clock) as house:
        joined(house)
        came(house)
        clock.forward(OVER)
        house.sweep()


def test_totals_are_shown_as_a_table_and_as_json_and_a_refusal_says_why(run, tmp_path):
    founded(tmp_path)
    found = answer(run("tallies", *ASKING, "--json"))
    (total,) = found["totals"]
    assert (total["field"], total["value"], total["count"]) == ("door", "north", PEOPLE)
    shown = run("tallies", *ASKING).stdout
    assert "north" in shown
    assert "R-" not in shown
    refused = run("tallies", "--purpose", "lending", "--category", "visit", "--program", "statistics", exit=1)
    assert "no clause allows this" in refused.output
    nothing = run("tallies", "--purpose", "counting", "--category", "loan", "--program", "statistics")
    assert "nothing was counted, or no month is over" in nothing.stdout
