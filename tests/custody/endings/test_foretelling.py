"""Foretelling: what goes when, what is held by which matter, and why something is kept."""

import pytest

from tests.cast import AGENT, LAWYER, MIA, NOOR, OFFICER, joins, tells
from tests.houses import START
from tests.inside import count_of, ledger_of
from tests.town import HOUR
from troth.clock import DAY
from troth.errors import BadArgument, Erased, InGrace, NotFound, Refused
from troth.store import schema


def going(house, kept):
    return next((each for each in house.forecast() if each.kept == kept), None)


def test_what_goes_is_told_by_class_and_day_and_nothing_is_done(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    clock.forward(DAY)
    tells(house, MIA, "usage")
    tells(house, MIA, "usage")
    before = count_of(house, schema.records)
    found = going(house, "usage")
    assert [count for _, count in found.days] == [1, 2]
    assert (found.clause, found.overdue, found.oldest, found.held) == ("keep.usage", 0, None, 0)
    assert count_of(house, schema.records) == before
    assert going(house, "account") is None  # it waits for years


def test_what_is_over_is_what_the_next_sweep_removes(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    clock.forward(31 * DAY)
    found = going(house, "usage")
    assert (found.overdue, found.oldest, found.days) == (1, clock.at - DAY, ())
    assert house.sweep().expired == 1
    assert going(house, "usage") is None


def test_what_a_matter_holds_is_told_apart_with_the_matter(house, clock):
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "activity")
    house.hold(about=MIA, matter="case-7", reason="litigation", by=LAWYER)
    clock.forward(367 * DAY)
    found = going(house, "activity")
    assert (found.overdue, found.held, found.matters) == (1, 1, (("case-7", 1),))
    assert house.sweep().expired == 1


def test_why_something_is_kept_names_clause_clock_end_holds_and_choice(house, clock):
    joins(house)
    tells(house, MIA, "activity")
    house.hold(about=MIA, matter="case-7", reason="litigation", by=LAWYER)
    house.keep_shorter(about=MIA, kept="activity", days=90)
    (why,) = house.why_kept(about=MIA, category="activity")
    assert (why.clause, why.starts, why.records, why.chosen) == ("keep.activity", "collection", 1, 90)
    assert [(hold.matter, hold.reason) for hold in why.held] == [("case-7", "litigation")]
    assert why.latest == clock.at + 90 * DAY
    assert {each.category for each in house.why_kept(about=MIA)} == {"account", "activity"}
    (account,) = house.why_kept(about=MIA, category="account")
    assert account.starts == "leave"


def test_of_nobody_nothing_is_kept(house):
    with pytest.raises(NotFound):
        house.why_kept(about="M-9")
    with pytest.raises(BadArgument):
        house.why_kept(about=None)


@pytest.mark.parametrize("untold", ["", "AMLR-73"])
def test_what_a_matter_keeps_beyond_its_end_is_still_told_and_why(house, clock, untold):
    joins(house)
    tells(house, MIA, "activity")
    end = clock.at + 366 * DAY
    house.hold(about=MIA, matter="case-7", reason="litigation", by=LAWYER, until=end + 9 * DAY, untold=untold)
    clock.forward(367 * DAY)
    house.sweep()
    (why,) = house.why_kept(about=MIA, category="activity")
    assert (why.records, why.over) == (1, True)
    assert why.latest <= clock.at
    assert [(hold.matter, hold.until) for hold in why.held] == [("" if untold else "case-7", end + 9 * DAY)]
    clock.forward(9 * DAY)
    assert house.why_kept(about=MIA, category="activity") == ()  # over, and held by nothing


def test_streams_that_wait_for_their_partition_go_when_it_is_told(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    for _ in range(31 * 24 + 15):
        clock.forward(HOUR)
        if clock.at % DAY == 0 or clock.at > START + 29 * DAY:
            found = going(house, "usage")
            before = count_of(house, schema.records)
            house.sweep()
            assert before - count_of(house, schema.records) == (found.overdue if found else 0)
    assert going(house, "usage") is None


def test_who_may_not_see_it_is_not_told_why_something_is_kept_and_each_look_is_a_line(house):
    joins(house)
    for who in (MIA, "M-9"):  # known or not is answered alike
        with pytest.raises(Refused) as caught:
            house.why_kept(about=who, by=AGENT)
        assert set(caught.value.codes) == {"not-by"}
        assert (ledger_of(house)[-1].kind, ledger_of(house)[-1].act) == ("request.refused", "access")
    assert house.why_kept(about=MIA, by=OFFICER)
    line = ledger_of(house)[-1]
    assert (line.kind, line.actor.split(":")[1], line.fields) == ("record.accessed", "privacy-officer", ())


def test_of_who_is_erased_or_may_come_back_nothing_is_kept(house):
    joins(house)
    house.erase_later(about=MIA, days=3, code=house.recovery_code())
    with pytest.raises(InGrace):
        house.why_kept(about=MIA)
    noor = joins(house, NOOR)
    house.erase(about=NOOR)
    with pytest.raises(Erased):
        house.why_kept(about=noor)
