"""kill -9 at any statement of a demand: it was never filed, or it comes to its end; nothing is half-said."""

import pytest

from tests.cast import AGENT, MIA, NOOR, joins, tells
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import ledger_of, rows_of, shown
from troth.clock import SECOND
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
