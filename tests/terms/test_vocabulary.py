"""The words of an agreement: what covers what, and periods with their limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.clock import DAY, FOREVER, SECOND, instant, iso
from troth.terms.vocabulary import WORD, Period, above, covers

words = st.lists(st.sampled_from(["a", "b", "ab", "a-b"]), min_size=1, max_size=4).map(".".join)
instants = st.integers(0, FOREVER)
periods = st.builds(Period, st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 100_000))


@given(words, words)
def test_a_word_covers_itself_and_what_is_below_it_and_is_covered_by_all_above_it(one, other):
    assert covers(one, other) is (one in above(other))
    assert above(one)[0] == one
    assert all(covers(word, one) for word in above(one))


@pytest.mark.parametrize(
    ("broad", "narrow"), [("a", "ab"), ("a", "ab.c"), ("a.b", "a"), ("a.b", "a.c"), ("", "a")]
)
def test_words_that_begin_alike_cover_nothing_of_each_other(broad, narrow):
    assert not covers(broad, narrow)


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "1a", "a b", "a.1", "é", "a\n", "*"])
def test_what_is_no_word_does_not_match(text):
    assert WORD.match(text) is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P90D", Period(days=90)),
        ("P1Y", Period(months=12)),
        ("P1Y6M", Period(months=18)),
        ("P2W3D", Period(days=17)),
        ("PT72H", Period(seconds=259_200)),
        ("PT1H1M1S", Period(seconds=3_661)),
        ("P1DT12H", Period(days=1, seconds=43_200)),
        ("PT0S", Period()),
        ("P999999Y999999M999999W999999DT999999H999999M999999999S", Period(
            12_999_987, 7_999_992, 999_999 * 3_660 + 999_999_999
        )),
    ],
)  # fmt: skip
def test_a_period_is_read_as_it_is_written(text, period):
    assert Period.parse(text) == period


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "PT", "P1", "1D", "P1DT", "P-1D", "+P1D", "P1.5D", "P1D ", " P1D", "p1d", "P1D1Y", "P1M1Y",
        "P1H", "PT1D", "P1Y\n", "P\u0661D", "P1000000Y", "P1000000D", "PT1000000H", "PT1000000000S",
        "P" + "1" * 5_000 + "D",
    ],
)  # fmt: skip
def test_what_is_no_period_or_beyond_its_digits_is_none(text):
    assert Period.parse(text) is None


@pytest.mark.parametrize(
    "text", ["P999999Y", "P999999M", "P999999W", "P999999D", "PT999999999S", "P9999Y999999DT999999H"]
)
@pytest.mark.parametrize("start", ["1970-01-01T00:00:00Z", "2027-02-28T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_longest_periods_end_by_the_end_of_time_and_never_fail(text, start):
    end = Period.parse(text).after(instant(start))
    assert instant(start) <= end <= FOREVER
    assert iso(end)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("9998-12-31T23:59:59Z", Period(months=12), "9999-12-31T23:59:59Z"),
        ("9997-06-01T00:00:00Z", Period(months=12, days=999), "9999-12-31T23:59:59Z"),
        ("9998-11-30T00:00:00Z", Period(months=1), "9998-12-30T00:00:00Z"),
        ("9998-11-30T00:00:00Z", Period(days=31), "9998-12-31T00:00:00Z"),
        ("9999-12-31T23:59:59Z", Period(seconds=1), "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:58Z", Period(seconds=1), "9999-12-31T23:59:59Z"),
        ("2027-06-01T09:00:00Z", Period(), "2027-06-01T09:00:00Z"),
        ("2028-01-31T00:00:00.000001Z", Period(1, 1, 1), "2028-03-01T00:00:01.000001Z"),
    ],
)
def test_a_period_ends_where_people_would_say(start, period, end):
    assert iso(period.after(instant(start))) == end


@given(periods, instants)
def test_no_period_ends_before_it_begins_or_after_the_end_of_time(period, start):
    assert start <= period.after(start) <= FOREVER


@given(periods, instants, st.integers(0, 10_000))
def test_a_longer_period_never_ends_sooner(period, start, days):
    longer = Period(period.months, period.days + days, period.seconds)
    assert longer.after(start) >= period.after(start)
    if period.months == 0 and longer.after(start) < FOREVER:
        assert longer.after(start) - period.after(start) == days * DAY


@given(periods)
def test_a_period_is_written_as_it_is_read(period):
    assert Period.parse(str(period)) == period
    assert period.roughly() * SECOND >= 0
