"""Shorter times that a member chooses: effective at once, never later, and for what is to come."""

from contextlib import suppress

import pytest

from tests.cast import AGENT, MIA, PORTAL, joins, tells
from tests.inside import count_of, ledger_of, rows_of
from troth.clock import DAY
from troth.errors import BadArgument, NotFound, Refused
from troth.store import schema


def readable(house, category="usage", who=MIA):
    with suppress(Refused):
        return len(house.access(about=who, category=category).records)
    return 0


@pytest.mark.parametrize(("category", "kept", "days"), [("usage", "usage", 7), ("activity", "activity", 90)])
def test_a_shorter_time_holds_at_once_for_what_is_held_and_for_what_comes(house, clock, category, kept, days):
    joins(house)
    tells(house, MIA, category)
    clock.forward(5 * DAY)
    receipt = house.keep_shorter(about=MIA, kept=kept, days=days)
    line = ledger_of(house)[receipt.entry]
    assert (line.kind, line.circumstance, line.count) == ("retention.shortened", kept, days)
    tells(house, MIA, category)
    assert readable(house, category) == 2
    clock.forward((days - 5) * DAY)
    assert readable(house, category) == 1
    clock.forward(5 * DAY - 1)
    assert readable(house, category) == 1
    clock.forward(1)
    assert readable(house, category) == 0
    assert house.sweep().expired == 2
    assert count_of(house, schema.streams) == 0


def test_what_would_be_over_already_ends_with_the_choice_and_counts_as_late_from_then_on(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    clock.forward(20 * DAY)
    house.keep_shorter(about=MIA, kept="usage", days=7)
    assert readable(house) == 0
    assert [row.expires_at for row in rows_of(house, schema.streams)] == [clock.at]
    assert house.sweep().late == 0


def test_nothing_is_kept_for_longer_by_a_choice(house, clock):
    joins(house)
    house.keep_shorter(about=MIA, kept="usage", days=3)
    tells(house, MIA, "usage")
    clock.forward(1)
    house.keep_shorter(about=MIA, kept="usage", days=20)
    clock.forward(1)
    tells(house, MIA, "usage")
    ends = sorted(row.expires_at - row.collected_at for row in rows_of(house, schema.streams))
    assert ends == [3 * DAY, 20 * DAY]


def test_the_end_of_a_choice_is_for_what_comes_alone(house, clock):
    joins(house)
    house.keep_shorter(about=MIA, kept="usage", days=3)
    tells(house, MIA, "usage")
    clock.forward(1)
    receipt = house.end_shorter(about=MIA, kept="usage")
    clock.forward(1)
    assert ledger_of(house)[receipt.entry].kind == "retention.lengthened"
    tells(house, MIA, "usage")
    clock.forward(3 * DAY)
    assert readable(house) == 1


def test_others_keep_theirs_for_as_long_as_ever(house, clock):
    joins(house)
    joins(house, "M-7")
    tells(house, "M-7", "usage")
    house.keep_shorter(about=MIA, kept="usage", days=1)
    clock.forward(5 * DAY)
    assert readable(house, who="M-7") == 1


@pytest.mark.parametrize("kept", ["transactions", "account", "nothing"])
def test_where_the_clause_lets_nobody_choose_it_is_refused(house, kept):
    joins(house)
    with pytest.raises(Refused) as caught:
        house.keep_shorter(about=MIA, kept=kept, days=10)
    assert caught.value.codes == ("no-clause",)


@pytest.mark.parametrize("by", [AGENT, PORTAL])
def test_nobody_chooses_for_somebody_else(house, by):
    joins(house)
    with pytest.raises(Refused):
        house.keep_shorter(about=MIA, kept="usage", days=10, by=by)


@pytest.mark.parametrize("days", [30, 31, 4000])
def test_as_long_or_longer_is_no_shorter_time(house, days):
    joins(house)
    with pytest.raises(Refused) as caught:
        house.keep_shorter(about=MIA, kept="usage", days=days)
    assert caught.value.codes == ("malformed",)


@pytest.mark.parametrize("days", [0, -1, 1.5, "7", True, 10**9])
def test_what_is_no_number_of_days_is_an_error(house, days):
    joins(house)
    with pytest.raises(BadArgument):
        house.keep_shorter(about=MIA, kept="usage", days=days)


def test_a_picture_that_runs_from_leaving_is_kept_for_as_long_as_was_chosen(house, clock):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    house.keep_shorter(about=MIA, kept="profile-picture", days=30)
    house.end_shorter(about=MIA, kept="profile-picture")
    with pytest.raises(Refused):
        tells(house, MIA, "camera.profile")  # there is one
    clock.forward(30 * DAY)
    assert readable(house, "camera.profile") == 0


@pytest.mark.parametrize("choice", ["keep_shorter", "end_shorter"])
def test_who_may_not_choose_for_somebody_learns_not_whether_anybody_is_known(house, choice):
    joins(house, MIA)
    days = {"days": 30} if choice == "keep_shorter" else {}
    told = []
    for about in (MIA, "M-9", 7):
        with pytest.raises(Refused) as refused:
            getattr(house, choice)(about=about, kept="activity", by=AGENT, **days)
        told.append((refused.value.codes, refused.value.clauses))
    assert told[1:] == told[:1] * 2
    with pytest.raises(NotFound):
        getattr(house, choice)(about="M-9", kept="activity", **days)
