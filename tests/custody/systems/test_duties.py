"""What systems beyond ours have to do is noted with the act, and not called done before it is."""

import json
from dataclasses import replace

import pytest

from tests.cast import MIA, NOOR, OFFICER, PAYOUT, joins, tells
from tests.inside import audited, ledger_of, rows_of
from troth.acts import downstream
from troth.acts.rights import erasing
from troth.clock import DAY, SECOND
from troth.custody.endings import erasing as custody_erasing
from troth.custody.keymaking import DUTIES
from troth.custody.systems import attempts, duties
from troth.errors import NotDoneThere
from troth.gates.systems.system import Answer
from troth.rules.decision import member
from troth.store import schema_keys, schema_rights

CASE = bytes(range(16))
PAYMENTS = "processors.payments.payments-processor"
MEMBER = member(through="portal")


class Standin:
    """A system at the port: says what it is told to say, and remembers what it was asked."""

    acts = frozenset({"erase", "correct"})

    def __init__(self, *answers, name="crm", wants=("number", "account.email"), recipient=""):
        self.name, self.wants, self.recipient = name, frozenset(wants), recipient
        self.answers, self.orders = list(answers), []

    def do(self, order):
        self.orders.append(order)
        answer = self.answers.pop(0) if self.answers else Answer(done=True, counts={"people": 1})
        if isinstance(answer, Exception):
            raise answer
        return answer


def away(problem="unreachable", *, stuck=False, system="crm"):
    return NotDoneThere(system=system, problem=problem, stuck=stuck)


def with_systems(house, *systems):
    house.teller.house.systems = {system.name: system for system in systems}
    return systems[0]


def notes(house, act="erase", *, about=MIA, **more):
    """Note what systems have to do, in one unit, as an act does."""

    def work(desk):
        systems = duties.concerned(desk, _subject(desk, about), act)
        known = duties.known_by(desk, about, systems, by=MEMBER)
        return duties.note(
            desk, case_id=CASE, subject=desk.people[about], act=act, known=known, systems=systems, **more
        )

    return house.teller.alone(work)


def _subject(desk, about):
    desk.find([about])
    return desk.people[about]


def erases(house, about=MIA):
    """Begin a whole erasure for a case, and finish what is here."""
    job = replace(erasing(by=MEMBER, about=about), case_id=CASE)
    begun = house.teller.alone(lambda desk: custody_erasing.begin(desk, job))
    house.teller.resume()
    return begun


def run(house):
    return downstream.run_due(house.teller)


def one(house):
    return house.teller.alone(lambda desk: desk_duties(desk)[0])


def desk_duties(desk):
    return duties.open_of(desk, CASE) or tuple(duties.of_subject(desk, 0))


def keys_for_duties(house):
    return [row for row in rows_of(house, schema_keys.keys) if row.kept == DUTIES]


@pytest.fixture
def house(house):
    joins(house)
    tells(house, MIA, "account") if not house.access(about=MIA, category="account").records else None
    return house


def test_a_duty_is_done_after_the_system_said_so_and_keeps_nothing_of_the_person(house):
    crm = with_systems(house, Standin())
    notes(house)
    assert run(house) == attempts.Ran(done=1)
    (row,) = rows_of(house, schema_rights.duties)
    assert (row.state, bytes(row.sealed), json.loads(row.found)["counts"]) == ("done", b"", {"people": 1})
    (order,) = crm.orders
    assert order.known["account.email"] == ("m-1001@example.org",)
    assert order.known["number"] == (str(row.subject),)
    assert keys_for_duties(house) == []
    assert [e.kind for e in ledger_of(house) if e.kind.startswith("duty")] == ["duty.noted", "duty.done"]


def test_a_system_that_does_not_answer_leaves_the_duty_open_and_is_asked_again_later_and_later(house, clock):
    crm = with_systems(house, Standin(*(away() for _ in range(12))))
    notes(house)
    pauses = []
    for _ in range(12):
        assert run(house) == attempts.Ran(waiting=1)
        duty = one(house)
        assert (duty.state, duty.code) == ("waiting", "unreachable")
        pauses.append((duty.due_at - clock()) // SECOND)
        clock.forward(duty.due_at - clock())
    assert pauses[:4] == [60, 120, 240, 480]
    assert pauses[-1] == 6 * 3600
    assert run(house) == attempts.Ran(done=1)
    assert len(crm.orders) == 13
    assert len({order.number for order in crm.orders}) == 1


def test_before_its_time_nothing_is_tried(house):
    crm = with_systems(house, Standin(away()))
    notes(house)
    run(house)
    assert run(house) == attempts.Ran()
    assert len(crm.orders) == 1


def test_what_needs_somebody_is_stuck_until_it_is_tried_again(house):
    with_systems(house, Standin(away("column-missing:people.email", stuck=True)))
    notes(house)
    assert run(house) == attempts.Ran(stuck=1)
    assert downstream.open_duties(house.teller) == (downstream.Standing("crm", "stuck", 1),)
    assert ledger_of(house)[-1].reasons == ("column-missing:people.email",)
    assert downstream.retry(house.teller, "crm") == 1
    assert run(house) == attempts.Ran(done=1)


def test_credentials_that_are_refused_for_a_day_need_somebody(house, clock):
    with_systems(house, Standin(*(away("credentials") for _ in range(20))))
    notes(house)
    while one(house).state == "waiting":
        run(house)
        clock.forward(max(0, min(one(house).due_at - clock(), DAY)))
    assert one(house).state == "stuck"
    assert one(house).code == "credentials"


def test_who_has_begun_is_asked_how_far_it_came(house, clock):
    crm = with_systems(house, Standin(Answer(done=False)))
    notes(house)
    assert run(house) == attempts.Ran(waiting=1)
    clock.forward(one(house).due_at - clock())
    assert run(house) == attempts.Ran(done=1)
    assert [order.asked for order in crm.orders] == [False, True]


def test_a_system_that_is_away_is_asked_once_a_run_and_others_are_told_meanwhile(house):
    joins(house, NOOR)
    crm = with_systems(house, Standin(away()), Standin(name="shop"))
    notes(house)
    notes(house, about=NOOR)
    assert run(house) == attempts.Ran(done=2, waiting=2)
    assert len(crm.orders) == 1


def test_two_duties_for_one_person_are_each_done_and_the_key_goes_with_the_last(house, clock):
    with_systems(house, Standin(away()), Standin(name="shop"))
    notes(house)
    notes(house, "correct", change={"account.email": "mia@moon.example"})
    run(house)
    assert len(keys_for_duties(house)) == 1
    clock.forward(DAY)
    run(house)
    assert keys_for_duties(house) == []


def test_after_a_whole_erasure_only_the_key_for_duties_is_left_until_they_are_done(house, clock):
    crm = with_systems(house, Standin(away()))
    begun = erases(house)
    assert begun.whole
    assert [row.kept for row in rows_of(house, schema_keys.keys)] == [DUTIES]
    run(house)
    house.sweep()
    assert [row.kept for row in rows_of(house, schema_keys.keys)] == [DUTIES]
    clock.forward(DAY)
    swept = house.sweep()
    assert swept.broken == ()
    assert rows_of(house, schema_keys.keys) == []
    assert crm.orders[-1].known["account.email"] == ("m-1001@example.org",)
    lines = [entry for entry in ledger_of(house) if entry.kind.startswith("duty.")]
    assert [line.kind for line in lines] == ["duty.noted", "duty.failed", "duty.done"]
    assert [line.subject is None for line in lines] == [False, True, True]


def test_what_a_killed_worker_had_taken_is_taken_by_the_next(house, clock):
    crm = with_systems(house, Standin())
    notes(house)
    (lost,) = house.teller.alone(attempts.take)
    assert run(house) == attempts.Ran()
    clock.forward(attempts.LENT)
    assert run(house) == attempts.Ran(done=1)
    late = house.teller.alone(
        lambda desk: attempts.settle(desk, lost, attempts.Ended(Answer(done=True, counts={"people": 9})))
    )
    assert late is None
    assert len(crm.orders) == 1


def test_who_was_too_slow_says_nothing_of_a_duty_that_another_worker_has_now(house, clock):
    with_systems(house, Standin())
    notes(house)
    (slow,) = house.teller.alone(attempts.take)
    clock.forward(attempts.LENT)
    (now,) = house.teller.alone(attempts.take)
    before = one(house)
    failed, done = attempts.Ended(None, "unreachable"), attempts.Ended(Answer(done=True))
    assert house.teller.alone(lambda desk: attempts.settle(desk, slow, failed)) is None
    assert one(house) == before
    assert house.teller.alone(lambda desk: attempts.settle(desk, now, done)).state == "done"
    lines = [entry.kind for entry in ledger_of(house) if entry.kind.startswith("duty.")]
    assert lines == ["duty.noted", "duty.done"]


def test_of_many_duties_each_is_done_and_the_keys_of_all_go_in_one_run(house):
    people = [f"m-20{n:02}" for n in range(2 * attempts.AT_ONCE)]
    crm = with_systems(house, Standin())
    for about in people:
        joins(house, about)
        notes(house, about=about)
    assert run(house) == attempts.Ran(done=len(people))
    assert len({order.number for order in crm.orders}) == len(people)
    assert keys_for_duties(house) == []


def test_a_clock_that_was_ahead_lets_nothing_wait_for_ever(house, clock):
    with_systems(house, Standin(away()))
    notes(house)
    run(house)

    def put_off(desk):
        (duty,) = duties.open_of(desk, CASE)
        from troth.store import duties as rows

        rows.put(desk.unit, replace(duty, due_at=desk.now + 400 * DAY))

    house.teller.alone(put_off)
    assert run(house) == attempts.Ran(done=1)


def test_a_system_that_is_declared_no_more_leaves_its_duty_stuck(house):
    with_systems(house, Standin())
    notes(house)
    house.teller.house.systems = {}
    assert run(house) == attempts.Ran(stuck=1)
    assert one(house).code == "undeclared"


def test_a_recipient_that_never_got_anything_is_not_told_that_somebody_is_here(house):
    with_systems(house, Standin(recipient=PAYMENTS))
    assert notes(house) == ()


def test_a_recipient_that_got_something_is_told_of_its_correction_and_its_erasure(house):
    tells(house, MIA, "payment")
    for kind in ("contract", "confidentiality", "safeguard"):
        until = house.teller.house.clock() + DAY
        house.record_instrument(by=OFFICER, recipient=PAYMENTS, kind=kind, reference="file/1", until=until)
    house.purpose("service.payments", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)
    payments = with_systems(house, Standin(recipient=PAYMENTS))
    notes(house, "correct", change={"payment.holder": "Mia Luna"})
    notes(house)
    assert run(house) == attempts.Ran(done=2)
    assert {order.act for order in payments.orders} == {"correct", "erase"}


def test_the_ledger_and_the_store_hold_no_value_of_what_is_told(house, tmp_path):
    with_systems(house, Standin(away()))
    notes(house, change={"account.email": "canary@moon.example"})
    run(house)
    assert audited(house, tmp_path / "export")
    held = b"".join(bytes(row.sealed) + row.found.encode() for row in rows_of(house, schema_rights.duties))
    for canary in (b"m-1001@example.org", b"canary@moon.example"):
        assert canary not in held
        assert all(canary not in repr(entry).encode() for entry in ledger_of(house))


def test_what_a_system_knows_somebody_by_before_it_was_told_of_a_correction_goes_with_an_erasure(
    house, clock
):
    crm = with_systems(house, Standin(away("busy")), Standin(name="shop"))
    notes(house, "correct", change={"account.email": "mia@moon.example"})
    run(house)
    house.correct(about=MIA, category="account", values={"email": "mia@moon.example"}, by=MEMBER)
    notes(house)
    run(house)
    erased = [order for order in crm.orders if order.act == "erase"]
    assert [order.known["account.email"] for order in erased] == [("mia@moon.example", "m-1001@example.org")]


def test_limits_reach_a_system_in_the_order_in_which_they_were_set(house, clock):
    crm = with_systems(house, Standin(away("busy"), away("busy")))
    crm.acts = frozenset({"restrict", "lift"})
    notes(house, "restrict")
    run(house)
    clock.forward(SECOND)
    notes(house, "lift")
    assert run(house) == attempts.Ran()
    clock.forward(DAY)
    assert run(house) == attempts.Ran(waiting=1)
    clock.forward(DAY)
    assert run(house) == attempts.Ran(done=2)
    assert [order.act for order in crm.orders] == ["restrict", "restrict", "restrict", "lift"]


def test_a_correction_that_is_stuck_keeps_the_next_one_from_finding_nobody(house, clock):
    crm = with_systems(house, Standin(away("unlike", stuck=True)))
    for email in ("mia@moon.example", "mia@sun.example"):
        notes(house, "correct", change={"account.email": email})
        run(house)
        clock.forward(DAY)
    assert [order.act for order in crm.orders] == ["correct"]
    downstream.retry(house.teller, "crm")
    run(house)
    assert [order.change["account.email"] for order in crm.orders] == [
        "mia@moon.example", "mia@moon.example", "mia@sun.example"
    ]  # fmt: skip


def test_the_key_of_a_worker_that_was_killed_after_the_last_duty_goes_with_the_next_sweep(house):
    with_systems(house, Standin())
    notes(house)
    (taken,) = house.teller.alone(attempts.take)
    ended = attempts.ask(house.teller.house, taken)
    house.teller.alone(lambda desk: attempts.settle(desk, taken, ended))
    assert len(keys_for_duties(house)) == 1  # and here it was killed
    house.sweep()
    assert keys_for_duties(house) == []
    assert house.access(about=MIA, category="account").records
