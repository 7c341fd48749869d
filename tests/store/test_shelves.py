"""Shelves: the partitions of streams on PostgreSQL, and how a row knows its own."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.clock import DAY, SECOND, instant
from troth.store import shelves
from troth.store.origins import Origins
from troth.store.shelves import APART, BY_DAY, BY_MONTH, shelf_at, shelf_of
from troth.store.unit import unit

INSTANTS = st.integers(0, instant("2500-01-01T00:00:00Z"))


@given(INSTANTS, st.sampled_from([BY_DAY, BY_MONTH]))
def test_every_instant_has_one_shelf_of_each_kind_and_stands_within_it(at, kind):
    shelf = shelf_at(kind, at)
    assert shelf.start <= at < shelf.end
    assert shelf_at(kind, shelf.start) == shelf_at(kind, shelf.end - 1) == shelf
    assert shelf_at(kind, shelf.end).start == shelf.end


@pytest.mark.parametrize(
    ("days", "kind"), [(1, BY_DAY), (35, BY_DAY), (36, BY_MONTH), (36_525, BY_MONTH), (36_526, APART)]
)
def test_what_lives_longer_goes_by_the_month_and_what_never_ends_stands_apart(days, kind):
    assert shelf_of(5 * SECOND, 5 * SECOND + days * DAY) == kind


def test_december_ends_with_the_year():
    shelf = shelf_at(BY_MONTH, instant("2027-12-31T23:59:59Z"))
    assert (shelf.name, shelf.end) == ("streams_m202712", instant("2028-01-01T00:00:00Z"))


@pytest.fixture
def filing(new_house):
    return new_house().teller.house.filing


def test_partitions_are_made_once_and_on_sqlite_never(filing):
    at = instant("2027-06-01T12:00:00Z")
    origins = Origins()
    with unit(filing) as here:
        made = 0 if here.sqlite else 3
        wanted = [(BY_DAY, at), (BY_DAY, at + 1), (BY_MONTH, at), (APART, at)]
        assert shelves.need(here, wanted, origins) == made
        assert shelves.need(here, wanted, Origins()) == 0
        assert len(shelves.there(here)) == made
    with unit(filing) as here:
        assert [s.name for s in shelves.over(here, at + 400 * DAY) if not here.sqlite] == (
            ["streams_d20270601", "streams_m202706"][:made]
        )
        assert shelves.over(here, at) == []


def test_a_partition_that_was_made_in_a_unit_that_failed_is_made_again(filing):
    at = instant("2027-06-01T12:00:00Z")
    origins = Origins()
    with suppress(ZeroDivisionError), unit(filing) as here:
        made = shelves.need(here, [(BY_DAY, at)], origins)
        _ = 1 // 0
    origins.forget()
    with unit(filing) as here:
        assert shelves.need(here, [(BY_DAY, at)], origins) == made
