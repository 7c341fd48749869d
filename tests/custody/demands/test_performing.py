"""Demands carried out: each right is done, read back, and done only when every part is."""

import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO

import pytest

from tests.cast import AGENT, LAWYER, MIA, NOOR, OUTBOX, joins, tells, tells_everything
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.inside import ledger_of, rows_of, shown
from troth.acts import filing
from troth.clock import DAY
from troth.custody.demands.demands_due import run_due
from troth.custody.demands.performing import GONE, perform, take_up
from troth.errors import Erased, NotFound, Refused
from troth.rules.decision import member
from troth.rules.rights_cases import Event, State
from troth.store import schema, schema_keys

SURE = member("portal", "step_up")


@pytest.mark.parametrize("over", [{}, {"category": "*"}, {"category": "account"}], ids=str)
def test_a_restriction_is_stored_and_not_used_from_the_next_read_on(house, over):
    joins(house)
    done = house.demand(about=MIA, right="restrict", **over)
    assert done.case.state is State.DONE
    with pytest.raises(Refused) as refused:
        house.purpose("contact.service", by=OUTBOX).read(about=MIA, category="account")
    assert "restricted" in refused.value.codes


@pytest.mark.parametrize("right", ["opt_out", "withdraw"])
def test_a_consent_ends_by_the_right_that_the_person_names(house, right):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account")
    assert house.demand(about=MIA, right=right, purpose="contact.promotion").case.state is State.DONE
    with pytest.raises(Refused):
        house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account")


def test_a_correction_shows_what_was_demanded_and_a_reviewed_one_only_when_granted(house):
    tells_everything(house)
    own = house.demand(about=MIA, right="correct", category="account", values={"username": "mia.star"})
    assert own.case.state is State.DONE
    assert shown(house.access(about=MIA, category="account"))[0]["username"] == "mia.star"
    asked = house.demand(about=MIA, right="correct", category="identity", values={"name": "Mia L. Star"})
    assert asked.case.state is State.RECEIVED
    assert shown(house.access(about=MIA, category="identity"))[0]["name"] == "Mia Luna Moon"
    house.decide_demand(case=asked.case.id, decision="review", by=AGENT)
    granted = house.decide_demand(case=asked.case.id, decision="grant", by=AGENT)
    assert granted.case.state is State.DONE
    assert shown(house.access(about=MIA, category="identity"))[0]["name"] == "Mia L. Star"


def test_a_correction_that_the_agreement_does_not_take_ends_refused_with_its_code(house):
    joins(house)
    joins(house, NOOR, email="taken@example.org")
    done = house.demand(about=MIA, right="correct", category="account", values={"email": "taken@example.org"})
    assert (done.case.state, done.case.events[-1].codes) == (State.REFUSED, ("taken",))
    assert shown(house.access(about=MIA, category="account"))[0]["email"] == "m-1001@example.org"


def test_an_erasure_says_what_went_and_nothing_is_found_any_more(house):
    subject = joins(house)
    tells(house, MIA, "device")
    done = house.demand(about=MIA, right="erase")
    outcome = done.case.outcome
    assert (done.case.state, outcome["whole"], outcome["stays"]) == (State.DONE, True, [])
    assert set(outcome["erased"]) == {"account", "technical", "technical:security.accounts"}
    assert rows_of(house, schema_keys.keys) == []
    with pytest.raises(Erased):
        house.access(about=subject, category="account")
    assert house.demands(about=subject)[0][0].state is State.DONE  # the receipt outlives the person


def test_what_a_duty_keeps_is_named_with_its_clause_and_the_demand_is_done_in_part(house):
    tells_everything(house)
    done = house.demand(about=MIA, right="erase")
    assert done.case.state is State.PARTLY
    stays = {kept: clause for kept, _, clause, _ in done.case.outcome["stays"]}
    assert stays == {
        "identity": "keep.identity", "payment": "keep.payment", "transactions": "keep.transactions",
    }  # fmt: skip


def test_an_erasure_of_what_is_held_alone_is_refused_with_the_reason(house):
    joins(house)
    house.hold(about=MIA, matter="case-9", reason="litigation", by=LAWYER)
    done = house.demand(about=MIA, right="erase", classes=["account"])
    assert done.case.state is State.REFUSED
    assert "held" in done.case.events[-1].codes[0]


def test_one_class_is_erased_and_the_rest_stays(house):
    joins(house)
    tells(house, MIA, "device")
    done = house.demand(about=MIA, right="erase", classes=["technical"])
    assert done.case.state is State.DONE
    assert not house.access(about=MIA, category="device").records
    assert house.access(about=MIA, category="account").records


@pytest.mark.parametrize("right", ["access", "port"])
def test_a_copy_is_made_read_back_and_given_once(house, right):
    joins(house)
    tells(house, MIA, "transactions")
    done = house.demand(about=MIA, right=right)
    assert done.case.state is State.DONE
    (package,) = house.packages(about=MIA)
    data = b"".join(house.open_package(package.id, about=MIA))
    names = zipfile.ZipFile(BytesIO(data)).namelist()
    assert {"index.html", "manifest.json"} <= set(names)
    (row,) = rows_of(house, schema.packages)
    assert row.case_id == done.case.id


def test_complaints_are_done_when_whoever_decides_them_answered(house):
    joins(house)
    lodged = house.demand(about=MIA, right="complain", text="Too slow.")
    house.decide_demand(case=lodged.case.id, decision="review", by=AGENT)
    assert house.decide_demand(case=lodged.case.id, decision="grant", by=AGENT).case.state is State.DONE


def test_leaving_starts_what_runs_from_it(house, clock):
    joins(house)
    assert house.demand(about=MIA, right="leave").case.state is State.DONE
    clock.forward(40 * DAY)
    house.sweep()
    with pytest.raises(NotFound):
        house.access(about=MIA, category="account")


# ---- others have a part


def test_while_another_system_does_not_answer_it_is_not_done_and_then_it_is(house, clock):
    joins(house)
    crm = with_systems(house, Standin(away()))
    working = house.demand(about=MIA, right="erase")
    assert (working.case.state, "systems" in working.case.outcome) == (State.WORKING, False)
    with pytest.raises(NotFound):
        house.access(about=MIA, category="account")  # here it is gone already
    clock.forward(DAY)
    house.sweep()
    clock.forward(DAY)
    house.sweep()
    done, _ = house.demanded(reference=working.case.reference)
    assert done.state is State.DONE
    assert crm.name in done.outcome["systems"]
    assert rows_of(house, schema_keys.keys) == []


def test_a_correction_and_an_erasure_without_a_demand_tell_other_systems_too(house):
    joins(house)
    crm = with_systems(house, Standin())
    house.correct(about=MIA, category="account", values={"email": "new@example.org"})
    house.teller.house.clock.forward(1)
    house.erase(about=MIA)
    house.sweep()
    assert [order.act for order in crm.orders] == ["correct", "erase"]
    assert crm.orders[0].change == {"account.email": "new@example.org"}
    assert crm.orders[0].known["account.email"] == ("m-1001@example.org",)


# ---- two at once, and what is cut off


def test_what_else_was_demanded_by_somebody_who_is_erased_ends_with_its_reason(house):
    joins(house)
    open_ = [
        house.demand(about=MIA, right="access", by=member("portal", "signed_in")),
        house.demand(about=MIA, right="complain", text="Too slow."),
        house.demand(about=MIA, right="restrict", by=AGENT),
    ]
    house.demand(about=MIA, right="erase")
    with pytest.raises((NotFound, Erased)):
        house.prove_demand(case=open_[0].case.id, by=SURE)
    house.sweep()
    for each in open_:
        found, _ = house.demanded(reference=each.case.reference)
        assert (found.state, found.events[-1].codes) == (State.REFUSED, (GONE,))


def test_two_erasures_of_one_person_are_both_done_and_nothing_is_erased_twice(house):
    joins(house)
    tells(house, MIA, "device")
    one = house.demand(about=MIA, right="erase", classes=["technical"], by=AGENT)
    all_ = house.demand(about=MIA, right="erase", by=AGENT)
    house.prove_demand(case=one.case.id, by=SURE)
    house.prove_demand(case=all_.case.id, by=SURE)
    states = [house.demanded(reference=each.case.reference)[0].state for each in (one, all_)]
    assert states == [State.DONE, State.DONE]
    assert [e.kind for e in ledger_of(house)].count("erasure.done") == 2


def taken_up_twice(house, **over):
    """Have two take a demand up before either of them does anything; return what each came to."""
    lodged = house.teller.ask(filing.demanding(by=SURE, about=MIA, **over))
    both = [house.teller.alone(partial(take_up, case=lodged.case.id)) for _ in range(2)]
    return [perform(house.teller, lodged.case.id, taken=each) for each in both]


@pytest.mark.parametrize("over", [{"right": "erase"}, {"right": "erase", "classes": ["technical"]}], ids=str)
@pytest.mark.parametrize("telling", [joins, tells_everything])
@pytest.mark.parametrize("answers", [True, False])
def test_an_erasure_that_two_take_up_at_once_is_done_once_and_says_what_went(house, over, telling, answers):
    telling(house)
    if telling is joins:
        tells(house, MIA, "device")
    with_systems(house, Standin(*([] if answers else [away()] * 9)))
    first, second = taken_up_twice(house, **over)
    assert first.state is State.WORKING or answers
    assert (second.state, second.outcome) == (first.state, first.outcome)
    assert second.outcome["erased"]
    assert [one.event for one in second.events].count(Event.BEGUN) == 1


def test_what_was_given_since_an_erasure_is_not_erased_by_whoever_took_it_up_too(house):
    joins(house)
    tells(house, MIA, "device")
    lodged = house.teller.ask(filing.demanding(by=SURE, about=MIA, right="erase", classes=["technical"]))
    both = [house.teller.alone(partial(take_up, case=lodged.case.id)) for _ in range(2)]
    first = perform(house.teller, lodged.case.id, taken=both[0])
    tells(house, MIA, "device")
    second = perform(house.teller, lodged.case.id, taken=both[1])
    assert (second.state, second.outcome) == (first.state, first.outcome) == (State.DONE, first.outcome)
    assert house.access(about=MIA, category="device").records


@pytest.mark.parametrize("days", [0, 9])
def test_a_copy_that_two_take_up_at_once_is_one_also_when_the_second_comes_late(house, clock, days):
    joins(house)
    lodged = house.teller.ask(filing.demanding(by=SURE, about=MIA, right="access"))
    both = [house.teller.alone(partial(take_up, case=lodged.case.id)) for _ in range(2)]
    first = perform(house.teller, lodged.case.id, taken=both[0])
    clock.forward(days * DAY)
    house.sweep()
    second = perform(house.teller, lodged.case.id, taken=both[1])
    assert (second.state, second.outcome) == (first.state, first.outcome)
    begun = [one.event for one in house.demanded(reference=lodged.case.reference)[0].events]
    assert begun.count(Event.BEGUN) == 1


def test_a_sweep_beside_those_who_demand_fails_nobody(house):
    people, over = [f"P-{n}" for n in range(10)], threading.Event()
    for n, who in enumerate(people):
        joins(house, who, email=f"p{n}@example.org")

    def sweeping():
        while not over.is_set():
            run_due(house.teller)

    with ThreadPoolExecutor(1) as beside:
        ran = beside.submit(sweeping)
        try:
            for who in people:
                assert house.demand(about=who, right="erase").case.state in (State.WORKING, State.DONE)
        finally:
            over.set()
        ran.result()


@pytest.mark.parametrize(
    "over",
    [
        {"right": "erase", "classes": ["technical"]},
        {"right": "correct", "category": "account", "values": {"username": "mia.star"}},
    ],
    ids=lambda over: over["right"],
)
def test_what_was_done_here_is_refused_by_nobody_while_another_system_has_its_part_to_do(house, over):
    joins(house)
    tells(house, MIA, "device")
    with_systems(house, Standin(*[away()] * 9))
    working = house.demand(about=MIA, **over)
    with pytest.raises(Refused) as refused:
        house.decide_demand(case=working.case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    assert refused.value.codes == ("wrong-state",)
    assert house.demanded(reference=working.case.reference)[0].state is State.WORKING
