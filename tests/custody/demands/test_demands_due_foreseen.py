"""A run is foretold in the numbers that it then has, whatever its demands wait for."""

import pytest
from sqlalchemy import update

from tests.cast import AGENT, MIA, NOOR, joins
from tests.custody.demands.test_demands_due import SURE, spoilt_row, spoilt_told
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.inside import ledger_of
from troth.acts import downstream, filing
from troth.clock import DAY
from troth.custody.demands.demands_due import Ran, foresee_due, run_due
from troth.custody.rehearsing import rehearsed
from troth.rules.rights_cases import State
from troth.store import rights_cases, schema


class Restricting(Standin):
    """A system that can be told of restrictions."""

    acts = frozenset({"erase", "correct", "restrict", "lift"})


WANTED = {"category": "account", "values": {"username": "mia.star"}, "by": AGENT}


def foreseen(house):
    """Return what a run would come to, and see that foretelling it leaves no line."""
    before = len(ledger_of(house))
    found, elsewhere = house.teller.alone(rehearsed(foresee_due))
    assert len(ledger_of(house)) == before
    return found, elsewhere


def assert_foretold(house, *, elsewhere=0):
    """Assert that a run comes to what it was foretold to; what waits for other systems is open then."""
    found, waits = foreseen(house)
    ran = run_due(house.teller)
    assert waits == elsewhere
    assert Ran(found.ended, found.open + waits, found.escalated, found.removed) == ran
    return ran


def now_due(house, lodged):
    house.teller.alone(lambda desk: rights_cases.look(desk.unit, lodged.case.id, desk.now))


def test_what_waits_for_somebody_is_foretold_as_open_and_its_end_as_told(house, clock):
    joins(house)
    lodged = house.demand(about=MIA, right="complain", text="You never answered me.")
    now_due(house, lodged)
    ran = []
    for at in (clock.at, lodged.due.at - DAY, lodged.due.at + 1):
        clock.at = at
        ran.append(assert_foretold(house))
    assert ran == [Ran(open=1), Ran(open=1, escalated=1), Ran(open=1, escalated=1)]


def test_what_is_done_here_and_waits_for_another_system_is_foretold_as_that(house, clock):
    joins(house)
    with_systems(house, Standin(*[away()] * 500))
    lodged = house.demand(about=MIA, right="correct", **{**WANTED, "by": SURE})
    assert (lodged.case.state, "done" in lodged.case.outcome) == (State.WORKING, True)
    now_due(house, lodged)
    assert_foretold(house, elsewhere=1)
    clock.at = lodged.due.at + 1
    assert assert_foretold(house, elsewhere=1) == Ran(open=1, escalated=1)
    house.teller.house.systems = {}  # declared no more, and its duty is open all the same
    now_due(house, lodged)
    assert assert_foretold(house, elsewhere=1) == Ran(open=1)


@pytest.mark.parametrize("over", [{}, {"category": "account"}], ids=["everything", "one category"])
def test_a_restriction_of_everything_alone_is_foretold_as_told_to_other_systems(house, over):
    joins(house)
    with_systems(house, Restricting(*[away()] * 500))
    job = filing.demanding(about=MIA, right="restrict", by=AGENT, **over)
    told = () if over else ("crm",)
    assert house.teller.alone(filing.foretelling(job)).elsewhere == told
    case = house.teller.ask(job).case
    proof = filing.proving(case=case.id, by=SURE)
    assert house.teller.alone(filing.foreseeing(proof)).elsewhere == told
    house.teller.ask(proof)
    assert assert_foretold(house, elsewhere=len(told)).open == len(told)
    assert tuple(each.system for each in downstream.open_duties(house.teller)) == told


@pytest.mark.parametrize("spoil", [spoilt_told, spoilt_row])
def test_one_that_is_broken_is_foretold_as_open_and_keeps_no_other_from_it(house, spoil):
    cases = []
    for who in (MIA, NOOR):
        joins(house, who)
        cases.append(house.demand(about=who, right="correct", **WANTED).case)
        house.teller.ask(filing.proving(case=cases[-1].id, by=SURE))
    with house.teller.house.filing.connect("store") as connection:
        table = schema.rights_cases
        mine = table.c.case_id == cases[0].id
        row = connection.execute(table.select().where(mine)).one()
        connection.execute(update(table).where(mine).values(**spoil(row)))
    assert assert_foretold(house) == Ran(ended=1, open=1)


def test_one_of_which_what_was_told_is_lost_is_foretold_as_open(house):
    joins(house)
    case = house.demand(about=MIA, right="correct", **WANTED).case
    house.teller.ask(filing.proving(case=case.id, by=SURE))
    house.teller.alone(lambda desk: rights_cases.set_told(desk.unit, case.id, b""))
    assert assert_foretold(house) == Ran(open=1)
