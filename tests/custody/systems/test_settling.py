"""Settling by hand: in a role of the right's clause, for a reason, once; and never called done."""

import pytest

from tests.cast import AGENT, CLERK, MIA, OFFICER, OUTBOX, joins
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.inside import audited, ledger_of, rows_of
from troth.acts import downstream
from troth.clock import DAY, SECOND
from troth.errors import BadArgument, NothingThere, Refused
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.gates.systems.system import Answer
from troth.rules.decision import member
from troth.rules.rights_cases import State
from troth.store import schema, schema_keys


@pytest.fixture
def stuck(house):
    """A house with a demand of an erasure that a system will never say it did."""
    joins(house)
    with_systems(house, Standin(away("unknown-there", stuck=True)))
    return house, house.demand(about=MIA, right="erase").case


def the_duty(house, by=AGENT):
    (duty,) = house.open_duties(by=by)
    return duty


def test_what_is_settled_ends_its_demand_in_part_and_says_by_whom_and_why(stuck, tmp_path):
    house, case = stuck
    assert house.demanded(reference=case.reference)[0].state is State.WORKING
    settled = house.settle_duty(duty=the_duty(house).id, reason="nothing-there", by=AGENT)
    after, _ = house.demanded(reference=case.reference)
    assert after.state is State.PARTLY
    by_hand = {"reason": "nothing-there", "by": "staff:support-agent"}
    assert after.outcome["systems"]["crm"] == {"counts": {}, "kept": {}, "settled": by_hand}
    line = ledger_of(house)[settled.receipt.entry]
    assert (line.kind, line.recipient, line.reasons, line.case, line.circumstance) == (
        "duty.settled", "crm", ("nothing-there",), case.reference, "erase",
    )  # fmt: skip
    assert rows_of(house, schema_keys.keys) == []  # what the system knew them by opens no more
    assert rows_of(house, schema.duties)[0].sealed == b""
    audited(house, tmp_path)
    assert [each.clause for each in verify(house.teller).clauses if each.status is Status.BROKEN] == []


@pytest.mark.parametrize("by", [CLERK, OFFICER, OUTBOX, member()])
def test_nobody_settles_whom_the_clause_of_the_right_does_not_name(stuck, by):
    house, case = stuck
    duty = the_duty(house)
    with pytest.raises(Refused) as refused:
        house.settle_duty(duty=duty.id, reason="done-by-hand", by=by)
    assert "not-by" in refused.value.codes
    assert ledger_of(house)[refused.value.entry].act == "settle"
    assert house.demanded(reference=case.reference)[0].state is State.WORKING


def test_twice_for_the_same_reason_is_once_and_for_another_is_refused(stuck):
    house, _ = stuck
    duty = the_duty(house).id
    first = house.settle_duty(duty=duty, reason="done-by-hand", by=AGENT)
    assert house.settle_duty(duty=duty, reason="done-by-hand", by=AGENT) == first
    with pytest.raises(Refused) as refused:
        house.settle_duty(duty=duty, reason="system-gone", by=AGENT)
    assert refused.value.codes == ("wrong-state",)
    assert [line.kind for line in ledger_of(house)].count("duty.settled") == 1


def test_what_may_still_be_done_is_not_settled_until_it_failed_for_a_day(house, clock):
    joins(house)
    with_systems(house, Standin(*[away() for _ in range(20)]))
    house.demand(about=MIA, right="erase")
    duty = the_duty(house).id
    with pytest.raises(Refused) as refused:
        house.settle_duty(duty=duty, reason="not-possible", by=AGENT)
    assert refused.value.codes == ("wrong-state",)
    for _ in range(3):
        clock.forward(DAY // 2)
        downstream.run_due(house.teller)
    assert house.settle_duty(duty=duty, reason="not-possible", by=AGENT).duty.code == "not-possible"


def test_a_system_that_is_declared_no_more_is_settled_at_once(house):
    joins(house)
    with_systems(house, Standin(away()))
    case = house.demand(about=MIA, right="erase").case
    house.teller.house.systems = {}
    house.settle_duty(duty=the_duty(house).id, reason="system-gone", by=AGENT)
    assert house.demanded(reference=case.reference)[0].state is State.PARTLY


def test_settled_and_cut_off_the_demand_ends_with_the_next_sweep_and_its_key_goes(stuck):
    house, case = stuck
    house.teller.ask(downstream.settling(by=AGENT, duty=the_duty(house).id, reason="done-by-hand"))
    assert house.demanded(reference=case.reference)[0].state is State.WORKING
    house.teller.house.clock.forward(SECOND)
    house.sweep()
    assert house.demanded(reference=case.reference)[0].state is State.PARTLY
    assert rows_of(house, schema_keys.keys) == []


def test_a_worker_who_asked_meanwhile_changes_nothing_any_more(stuck):
    from troth.custody.systems import attempts

    house, _ = stuck
    downstream.retry(house.teller, "crm")
    house.teller.house.systems = {}
    (taken,) = house.teller.alone(lambda desk: attempts.take(desk))
    house.settle_duty(duty=taken.duty.id, reason="system-gone", by=AGENT)
    late = attempts.Ended(Answer(done=True, counts={"people": 1}))
    assert house.teller.alone(lambda desk: attempts.settle(desk, taken, late)) is None
    assert [line.kind for line in ledger_of(house)].count("duty.done") == 0


def test_a_duty_that_is_not_there_and_a_reason_that_is_none_are_refused(stuck):
    house, _ = stuck
    with pytest.raises(NothingThere):
        house.settle_duty(duty=bytes(16), reason="system-gone", by=AGENT)
    for how in ({"reason": "mia moved away"}, {"duty": b"1"}):
        with pytest.raises(BadArgument):
            house.settle_duty(**{"duty": bytes(16), "reason": "system-gone", "by": AGENT, **how})


def test_what_is_open_is_listed_for_roles_of_its_rights_alone_and_the_look_is_a_line(stuck):
    house, case = stuck
    duty = the_duty(house)
    assert (duty.system, duty.state, duty.code, duty.reference) == (
        "crm", "stuck", "unknown-there", case.reference,
    )  # fmt: skip
    line = ledger_of(house)[-1]
    assert (line.kind, line.count, line.subject) == ("demand.followed", 1, None)
    with pytest.raises(Refused):
        house.open_duties(by=CLERK)
    assert house.open_duties(by=AGENT, after=duty.id) == ()


def test_what_fails_for_a_day_now_for_this_and_now_for_that_can_be_settled(house, clock):
    joins(house)
    with_systems(house, Standin(*[away(word) for word in ("timeout", "unreachable") * 10]))
    house.demand(about=MIA, right="erase")
    for _ in range(3):
        clock.forward(DAY // 2)
        downstream.run_due(house.teller)
    assert house.settle_duty(duty=the_duty(house).id, reason="not-possible", by=AGENT)


def test_what_a_system_has_begun_for_a_month_can_be_settled_and_not_before(house, clock):
    joins(house)
    with_systems(house, Standin(*[Answer(done=False) for _ in range(90)]))
    house.demand(about=MIA, right="erase")
    duty = the_duty(house).id
    clock.forward(29 * DAY)
    downstream.run_due(house.teller)
    with pytest.raises(Refused):
        house.settle_duty(duty=duty, reason="not-possible", by=AGENT)
    clock.forward(DAY)
    downstream.run_due(house.teller)
    assert house.settle_duty(duty=duty, reason="not-possible", by=AGENT)
