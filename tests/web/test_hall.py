"""The hall: what the agreement promises for every page."""

import pytest

from tests.houses import MEMBER_TEXT
from troth.clock import SECOND
from troth.terms.parse import parse
from troth.web.credentials.limits import Rate
from troth.web.hall import strictest

ONE = "protect:\n  breach_notice: PT72H\n"
SHIPPED = Rate(60, 60 * SECOND)


@pytest.mark.parametrize(
    ("other", "kept"),
    [("5/minute", Rate(5, 60 * SECOND)), ("1/second", Rate(1, SECOND)), ("60/day", Rate.of("60/day")),
     ("9000/hour", SHIPPED)],
)  # fmt: skip
def test_of_two_rates_the_slower_one_is_kept(other, kept):
    text = MEMBER_TEXT.replace(ONE, f"{ONE}  rate_limit: {other}\n")
    assert text != MEMBER_TEXT
    assert strictest(parse(text, "a.md"), "rate_limit", "1/day") == kept


def test_a_rate_that_nobody_promised_is_the_usual_one():
    assert strictest(parse(MEMBER_TEXT, "a.md"), "no_such_measure", "7/hour") == Rate.of("7/hour")
