"""What is asked by an address alone: it waits sealed, is filed once, and leaves nothing behind."""

import pytest

from tests.cast import MIA, joins
from tests.inside import count_of, rows_of
from troth.acts import filing
from troth.clock import DAY, SECOND
from troth.custody.demands import awaiting
from troth.rules.decision import member
from troth.store import copying, schema_rights

SAID = {"right": "erase", "purpose": "", "value": "m-1001@example.org", "language": "ja"}
MARK = b"\x01" * 8


@pytest.fixture
def mia(house):
    joins(house, MIA)
    return house


def kept(house, mark="form 1"):
    return house.teller.alone(awaiting.keeping(mark, SAID))


def demand():
    by = member("portal", "signed_in")
    return filing.demanding(by=by, about=MIA, right="erase", language="ja", proven="", as_="self")


def filed(house, it):
    return house.teller.alone(awaiting.filing(it, demand(), MARK))


def test_it_waits_sealed_and_once_for_each_form(mia):
    assert kept(mia)
    assert kept(mia)
    (row,) = rows_of(mia, schema_rights.askings)
    assert b"m-1001" not in row.sealed
    assert b"erase" not in row.sealed
    (it,) = mia.teller.alone(awaiting.taken_up)
    assert it.said == SAID
    assert "m-1001" not in repr(it)
    assert mia.teller.alone(awaiting.taken_up) == []


def test_it_is_filed_once_with_the_letter_that_asks_for_a_proof_and_waits_no_more(mia):
    kept(mia)
    (it,) = mia.teller.alone(awaiting.taken_up)
    is_all, case = filed(mia, it)
    assert (is_all, case.state) == (True, "verifying")
    assert rows_of(mia, schema_rights.askings) == []
    assert filed(mia, it) == (True, None)
    assert len(mia.demands(about=MIA)) == 1
    assert {row.number for row in rows_of(mia, schema_rights.tellings)} == {0, 1}


def test_what_is_asked_again_has_another_letter_and_is_no_other_demand(mia):
    kept(mia)
    (it,) = mia.teller.alone(awaiting.taken_up)
    filed(mia, it)
    kept(mia, "form 2")
    (again,) = mia.teller.alone(awaiting.taken_up)
    assert filed(mia, again)[0] is True
    assert len(mia.demands(about=MIA)) == 1
    assert count_of(mia, schema_rights.askings) == 0


def test_whatever_took_it_up_and_stopped_another_takes_it_up_soon(mia):
    kept(mia)
    assert len(mia.teller.alone(awaiting.taken_up)) == 1
    mia.teller.house.clock.forward(61 * SECOND)
    assert len(mia.teller.alone(awaiting.taken_up)) == 1


def test_what_cannot_be_filed_for_a_day_is_forgotten(mia):
    kept(mia)
    mia.teller.house.clock.forward(DAY)
    assert mia.teller.alone(awaiting.taken_up) == []
    assert rows_of(mia, schema_rights.askings) == []


def test_no_copy_of_the_store_holds_what_waits():
    assert "askings" not in copying.tables("store")
    assert "tellings" in copying.tables("store")
