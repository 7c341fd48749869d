"""A grace and other systems: put off while it runs, taken back on return, begun at its end."""

import pytest

from tests.cast import MIA, joins
from tests.custody.systems.test_duties import Standin, keys_for_duties, run, with_systems
from tests.inside import ledger_of, rows_of
from troth.clock import DAY
from troth.custody.systems.attempts import Ran
from troth.store import schema_rights


@pytest.fixture
def crm(house):
    joins(house)
    return with_systems(house, Standin())


def states(house):
    return [row.state for row in rows_of(house, schema_rights.duties)]


def test_while_it_runs_nothing_is_asked_of_another_system(house, crm):
    house.erase_later(about=MIA, days=3, code=house.recovery_code())
    assert states(house) == ["put-off"]
    assert run(house) == Ran()
    house.sweep()
    assert crm.orders == []


def test_who_comes_back_leaves_nothing_to_do_anywhere_and_no_key_for_it(house, crm, clock):
    code = house.recovery_code()
    house.erase_later(about=MIA, days=3, code=code)
    house.come_back(about=MIA, code=code)
    assert states(house) == []
    assert keys_for_duties(house) == []
    clock.forward(4 * DAY)
    house.sweep()
    assert crm.orders == []


def test_at_its_end_the_system_is_told_by_what_it_knew_them(house, crm, clock):
    house.erase_later(about=MIA, days=3, code=house.recovery_code())
    clock.forward(3 * DAY)
    house.sweep()
    run(house)
    (order,) = crm.orders
    assert order.act == "erase"
    assert order.known["account.email"] == ("m-1001@example.org",)
    assert states(house) == ["done"]
    assert keys_for_duties(house) == []
    kinds = [e.kind for e in ledger_of(house)]
    assert kinds.index("duty.noted") < kinds.index("grace.sealed") < kinds.index("duty.done")
