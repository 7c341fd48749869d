"""A grace beside what else is under way: packages that were made, demands that are open, other processes."""

import pytest

from tests.cast import MIA, joins, tells, tells_everything
from tests.inside import rows_of
from troth.clock import DAY
from troth.errors import Absent, Denied, TrothError
from troth.rules.decision import member
from troth.store import schema


def kinds_of(house):
    return {row.kept for row in rows_of(house, schema.keys)}


def test_a_package_that_was_made_is_sealed_away_too_and_can_be_fetched_after_coming_back(house):
    joins(house)
    tells(house, MIA, "support")
    package = house.package(about=MIA)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=2, code=code)
    assert kinds_of(house) == {":grace"}
    with pytest.raises((Absent, Denied)):
        b"".join(house.open_package(package.id, about=MIA))
    house.come_back(about=MIA, code=code)
    assert b"".join(house.open_package(package.id, about=MIA))[:2] == b"PK"


def test_where_something_stays_a_package_that_was_made_is_sealed_away_all_the_same(house):
    tells_everything(house)
    package = house.package(about=MIA)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=2, code=code)
    assert ":packages" not in kinds_of(house)
    with pytest.raises(TrothError):
        b"".join(house.open_package(package.id, about=MIA))
    house.come_back(about=MIA, code=code)
    assert b"".join(house.open_package(package.id, about=MIA))[:2] == b"PK"


def test_a_package_goes_with_the_end_of_the_grace(house):
    joins(house)
    house.package(about=MIA)
    house.erase_later(about=MIA, days=2, code=house.recovery_code())
    house.teller.house.clock.forward(2 * DAY)
    house.sweep()
    assert kinds_of(house) == set()
    assert list(house.teller.house.blobs.names()) == []


def test_a_demand_that_is_open_waits_for_the_person_and_goes_on_when_they_are_back(house):
    joins(house)
    lodged = house.demand(about=MIA, right="access", by=member("portal", "signed_in"))
    assert lodged.case.ended_at is None
    code = house.recovery_code()
    house.erase_later(about=MIA, days=2, code=code)
    with pytest.raises(TrothError):
        house.prove_demand(case=lodged.case.id)
    house.sweep()
    assert house.demanded(reference=lodged.case.reference)[0].ended_at is None
    house.come_back(about=MIA, code=code)
    assert house.prove_demand(case=lodged.case.id).case.state.value == "done"
