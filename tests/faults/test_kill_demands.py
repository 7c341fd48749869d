"""kill -9 at any statement of a demand: it was never filed, or it comes to its end; nothing is half-said."""

import pytest

from tests.cast import AGENT, MIA, NOOR, joins, tells
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import ledger_of, rows_of, shown
from troth.acts import filing
from troth.clock import SECOND
from troth.custody.keymaking import DUTIES
from troth.custody.repeating import Once
from troth.errors import Erased, NotFound
from troth.rules.decision import member
from troth.rules.rights_cases import Event, State
from troth.store import schema, schema_keys

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def prepared(house):
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "device")
    house.checkpoint()


def ready(sqlite_house):
    house = sqlite_house()
    prepared(house)
    return house


def closed(house):
    place, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    return place, at


def goes_on(house):
    """Let an hour pass, in which whatever was cut off is taken up again."""
    house.teller.house.clock.forward(3_600 * SECOND)
    house.sweep()


def must_be_told_once(house):
    """Each event of each demand has one line of the ledger, and each row says the state of its events."""
    lines = [(e.case, e.fields[0]) for e in ledger_of(house) if e.kind.startswith("right.")]
    said = []
    for row in rows_of(house, schema.rights_cases):
        case, _ = house.demanded(reference=row.reference)
        assert row.state == case.state.value
        said += [(case.reference, one.event.value) for one in case.events]
    assert sorted(lines) == sorted(said)


def test_an_erasure_that_is_demanded_is_whole_or_was_never_filed(sqlite_house, tmp_path):
    model, at = closed(ready(sqlite_house))

    def work(house, say):
        say(house.demand(about=MIA, right="erase").receipt)

    seen = set()
    for again, fate in at_every_cut(model, at, tmp_path, work):
        goes_on(again)
        demands = rows_of(again, schema.rights_cases)
        seen.add(len(demands))
        if demands:
            assert demands[0].state == State.DONE.value
            with pytest.raises((NotFound, Erased)):
                again.access(about=MIA, category="account")
            assert len({row.subject for row in rows_of(again, schema_keys.keys)}) == 1
        else:
            assert fate.receipts == []
            assert again.access(about=MIA, category="account").records
        must_be_told_once(again)
        must_be_sound(again, fate.receipts)
    assert seen == {0, 1}


def test_a_correction_that_is_demanded_is_made_once(sqlite_house, tmp_path):
    model, at = closed(ready(sqlite_house))

    def work(house, say):
        values = {"email": "new@example.org"}
        say(house.demand(about=MIA, right="correct", category="account", values=values).receipt)

    for again, fate in at_every_cut(model, at, tmp_path, work):
        goes_on(again)
        filed = bool(rows_of(again, schema.rights_cases))
        email = shown(again.access(about=MIA, category="account"))[0]["email"]
        assert email == ("new@example.org" if filed else "m-1001@example.org")
        corrected = [entry for entry in ledger_of(again) if entry.kind == "record.corrected"]
        assert len(corrected) == filed
        must_be_told_once(again)
        must_be_sound(again, fate.receipts)


def test_a_proof_after_which_it_is_erased_is_given_once_and_carried_out(sqlite_house, tmp_path):
    house = ready(sqlite_house)
    lodged = house.demand(about=MIA, right="erase", by=AGENT)
    model, at = closed(house)

    def work(house, say):
        say(house.prove_demand(case=lodged.case.id, by=member("portal", "step_up")).receipt)

    states = set()
    for again, fate in at_every_cut(model, at, tmp_path, work):
        goes_on(again)
        case, _ = again.demanded(reference=lodged.case.reference)
        states.add(case.state)
        assert case.has(Event.PROVEN) == (case.state is State.DONE)
        must_be_told_once(again)
        must_be_sound(again, fate.receipts)
    assert states == {State.RECEIVED, State.DONE}


def test_a_copy_that_is_demanded_is_ready_after_the_next_sweep_or_was_never_filed(sqlite_house, tmp_path):
    model, at = closed(ready(sqlite_house))

    def work(house, say):
        say(house.demand(about=MIA, right="access").receipt)

    for again, fate in at_every_cut(model, at, tmp_path, work):
        goes_on(again)
        for row in rows_of(again, schema.rights_cases):
            assert row.state == State.DONE.value
            package = next(p for p in again.packages(about=MIA) if p.state == "ready")
            assert b"".join(again.open_package(package.id, about=MIA)).startswith(b"PK")
        must_be_told_once(again)
        must_be_sound(again, fate.receipts)


def test_a_demand_under_a_key_is_answered_alike_wherever_it_was_cut_off(sqlite_house, tmp_path):
    model, at = closed(ready(sqlite_house))

    def asked(house):
        job = filing.demanding(by=member(), about=MIA, right="erase")
        return filing.carry_out(house.teller, house.teller.ask(Once(job, "api portal 7", b"the same")))

    def work(house, say):
        say(asked(house).receipt)

    for again, fate in at_every_cut(model, at, tmp_path, work):
        lodged = asked(again)
        assert lodged.case.state is State.DONE
        assert [lodged.receipt] == (fate.receipts or [lodged.receipt])
        assert asked(again) == lodged
        assert len(rows_of(again, schema.rights_cases)) == 1
        must_be_told_once(again)
        must_be_sound(again, fate.receipts)


def test_a_duty_that_is_settled_by_hand_is_settled_once_and_its_demand_ends(sqlite_house, tmp_path):
    house = ready(sqlite_house)
    with_systems(house, Standin(away("unknown-there", stuck=True)))
    case = house.demand(about=MIA, right="erase").case
    (duty,) = house.open_duties(by=AGENT)
    model, at = closed(house)

    def settled(house):
        return house.settle_duty(duty=duty.id, reason="nothing-there", by=AGENT)

    def work(house, say):
        say(settled(house).receipt)

    for again, fate in at_every_cut(model, at, tmp_path, work):
        receipt = settled(again).receipt
        assert [receipt] == (fate.receipts or [receipt])
        assert [line.kind for line in ledger_of(again)].count("duty.settled") == 1
        assert again.demanded(reference=case.reference)[0].state is State.PARTLY
        assert DUTIES not in {row.kept for row in rows_of(again, schema_keys.keys)}
        must_be_sound(again, fate.receipts)
