"""How a clause stood on a day is the worst that was found on it; days before a year ago are forgotten."""

import pytest

from tests.inside import rows_of
from troth.clock import DAY
from troth.errors import RowBroken
from troth.evidence import days
from troth.evidence.status import CheckResult, ClauseStatus, Status
from troth.store import schema


def stands(word, clause="collect.account"):
    check = CheckResult("a-check", "it measures", "it cannot see", word or Status.KEPT, 1)
    return ClauseStatus(clause, "1.1", "A clause", word, 0, (check,))


def noted(house, *words):
    for word in words:
        house.teller.alone(lambda desk, word=word: days.note(desk, [stands(word)]))


def past(house, back=400 * DAY):
    return house.teller.alone(lambda desk: days.since(desk, desk.now - back))


def test_a_word_that_is_none_is_not_read(new_house):
    house = new_house()
    noted(house, Status.KEPT)
    with house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql("UPDATE statuses SET word = 'compliant'")
        connection.commit()

    with pytest.raises(RowBroken):
        past(house)


def test_a_clause_that_promises_nothing_has_no_days(new_house):
    house = new_house()
    house.teller.alone(lambda desk: days.note(desk, [stands(None)]))

    assert past(house) == {}


def test_the_worst_word_of_a_day_stays(new_house):
    house = new_house()

    noted(house, Status.KEPT, Status.BROKEN, Status.KEPT, Status.UNPROVEN)

    (row,) = rows_of(house, schema.statuses)
    assert (row.clause, row.word, row.failing) == ("collect.account", "broken", "a-check")


def test_the_next_day_begins_anew(new_house):
    house = new_house()
    noted(house, Status.BROKEN)
    house.teller.house.clock.forward(DAY)
    noted(house, Status.KEPT)

    assert list(past(house)["collect.account"].values()) == [Status.BROKEN, Status.KEPT]


def test_days_of_more_than_a_year_ago_are_forgotten(new_house):
    house = new_house()
    noted(house, Status.KEPT)
    house.teller.house.clock.forward(days.KEPT + DAY)
    noted(house, Status.KEPT)

    assert len(rows_of(house, schema.statuses)) == 1
