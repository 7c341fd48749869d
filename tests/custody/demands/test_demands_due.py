"""What time does to demands: an end is told of whatever is waited for; a broken one stops no other."""

import pytest
from sqlalchemy import update

from tests.cast import AGENT, MIA, NOOR, joins
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.inside import ledger_of, shown
from troth.acts import filing
from troth.clock import DAY, SECOND
from troth.errors import RowBroken, SealBroken
from troth.rules.decision import member
from troth.rules.rights_cases import State
from troth.store import rights_cases, schema

SURE = member("portal", "step_up")


def told_of(house, reference):
    return [e.reasons for e in ledger_of(house) if e.case == reference and e.fields == ("escalated",)]


def test_the_end_of_a_demand_that_waits_for_another_system_is_told_before_it_comes_and_when_it_passed(
    house, clock
):
    joins(house)
    with_systems(house, Standin(*[away()] * 500))
    lodged = house.demand(about=MIA, right="erase")
    assert lodged.case.state is State.WORKING
    clock.forward(DAY)
    house.sweep()
    assert told_of(house, lodged.case.reference) == []
    clock.at = lodged.due.at - DAY
    for _ in range(2):
        house.sweep()
        clock.forward(3600 * SECOND)
    assert told_of(house, lodged.case.reference) == [("soon",)]
    clock.at = lodged.due.at + 1
    for _ in range(2):
        house.sweep()
        clock.forward(3600 * SECOND)
    assert told_of(house, lodged.case.reference) == [("soon",), ("late",)]
    assert house.demanded(reference=lodged.case.reference)[0].state is State.WORKING


def spoilt_told(row):
    return {"sealed": bytes([bytes(row.sealed)[0]]) + bytes(len(row.sealed) - 1)}


def spoilt_row(row):
    return {"scope": "[]"}


@pytest.mark.parametrize("spoil", [spoilt_told, spoilt_row])
def test_a_demand_that_is_broken_keeps_no_other_from_being_carried_out_and_is_tried_again_later(
    house, clock, spoil
):
    wanted = {"category": "account", "values": {"username": "mia.star"}, "by": AGENT}
    for who in (MIA, NOOR):
        joins(house, who)
    first, second = (house.demand(about=who, right="correct", **wanted) for who in (MIA, NOOR))
    for each in (first, second):  # as if it was cut off after the proof
        house.teller.ask(filing.proving(case=each.case.id, by=SURE))
    with house.teller.house.filing.connect("store") as connection:
        table = schema.rights_cases
        mine = table.c.case_id == first.case.id
        row = connection.execute(table.select().where(mine)).one()
        connection.execute(update(table).where(mine).values(**spoil(row)))
        connection.commit()
    size = len(ledger_of(house))
    for _ in range(2):
        house.sweep()
    assert house.demanded(reference=second.case.reference)[0].state is State.DONE
    assert shown(house.access(about=NOOR, category="account"))[0]["username"] == "mia.star"
    assert "username" not in shown(house.access(about=MIA, category="account"))[0]
    failed = [e for e in ledger_of(house)[size:] if e.kind == "request.failed"]
    assert [e.reasons for e in failed] == [(SealBroken.code if spoil is spoilt_told else RowBroken.code,)]


def test_a_demand_that_waits_for_somebody_is_counted_as_open_and_never_as_ended(house, clock):
    joins(house)
    lodged = house.demand(about=MIA, right="complain", text="You never answered me.")
    house.teller.alone(lambda desk: rights_cases.look(desk.unit, lodged.case.id, desk.now))
    counted = []
    for at in (clock.at, lodged.due.at - DAY, lodged.due.at + 1):
        clock.at = at
        ran = house.sweep().demands
        counted.append((ran.ended, ran.open, ran.escalated))
    assert counted == [(0, 1, 0), (0, 1, 1), (0, 1, 1)]
    assert house.demanded(reference=lodged.case.reference)[0].state is State.RECEIVED
