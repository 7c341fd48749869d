"""A clock that jumps: nothing is done early, twice, or never; one that is set back decides nothing."""

from dataclasses import replace

import pytest

from tests.cast import AGENT, LAWYER, MIA, NOOR, joins, tells
from tests.faults.soundness import must_be_sound
from tests.inside import ledger_of, rows_of, shown
from troth.acts import filing
from troth.clock import DAY, SECOND
from troth.errors import ClockBackwards, InGrace, NotFound, PackageGone, TrothError
from troth.rules.rights_cases import LETTER, NOT_PROVEN
from troth.store import schema


def grace(house):
    """An erasure that is carried out seven days from now."""
    return house.erase_later(about=MIA, days=7, code=house.recovery_code()).ends_at, "erasure.done"


def package(house):
    """A package that can be fetched for seven days."""
    return house.package(about=MIA).ends_at, "package.ended"


def retention(house):
    """A record that is kept for thirty days."""
    tells(house, MIA, "usage")
    (row,) = rows_of(house, schema.streams)
    return row.expires_at, "record.expired"


def proof(house):
    """A demand whose proof a letter asked for, which counts for a week."""
    lodged = house.demand(about=MIA, right="erase", by=AGENT)
    asking = filing.deciding(case=lodged.case.id, by=AGENT, decision="ask")
    house.teller.ask(replace(asking, codes=(LETTER,)))
    (row,) = rows_of(house, schema.rights_cases)
    return row.look_at, "right.moved"


def late(house):
    """A demand that somebody has to answer within a month."""
    lodged = house.demand(about=MIA, right="complain", text="You never answered me.")
    house.teller.house.clock.at = lodged.due.at - DAY
    house.sweep()  # that its end comes was said
    return lodged.due.at, "right.moved"


def shorter(house):
    """A record that its person wants to be kept for nine days."""
    house.keep_shorter(about=MIA, kept="usage", days=9)
    tells(house, MIA, "usage")
    (row,) = rows_of(house, schema.streams)
    assert row.expires_at == house.teller.house.clock.at + 9 * DAY
    return row.expires_at, "record.expired"


def lines(house, kind):
    return [entry for entry in ledger_of(house) if entry.kind == kind]


def store_of(house):
    names = ("records", "streams", "subjects", "packages", "graces", "rights_cases", "keys", "sealed_keys")
    tables = {**schema.store.tables, **schema.keystore.tables}
    return {name: [tuple(row) for row in rows_of(house, tables[name])] for name in names}


@pytest.mark.parametrize("what", [grace, package, retention, shorter, proof, late])
def test_what_has_an_instant_is_done_then_or_after_any_jump_once_and_not_before(house, clock, what):
    joins(house)
    joins(house, NOOR)
    due, kind = what(house)
    before = len(lines(house, kind))
    clock.at = due - 1
    house.sweep()
    assert len(lines(house, kind)) == before
    clock.at = due - 30 * SECOND  # a little back, as machines are set
    house.sweep()
    assert len(lines(house, kind)) == before
    clock.at = due
    for _ in range(2):
        house.sweep()
    assert len(lines(house, kind)) == before + 1
    clock.at = due - 40 * SECOND
    house.sweep()
    assert len(lines(house, kind)) == before + 1
    clock.at = due + 2 * DAY
    for _ in range(2):
        house.sweep()
    assert len(lines(house, kind)) == before + 1
    assert house.access(about=NOOR, category="account").records


@pytest.mark.parametrize("what", [grace, package, retention, shorter, proof, late])
def test_far_ahead_and_back_again_nothing_is_decided_and_nothing_comes_back(house, clock, what):
    joins(house)
    joins(house, NOOR)
    due, kind = what(house)
    before = len(lines(house, kind))
    clock.at = due + 5 * DAY
    house.sweep()
    assert len(lines(house, kind)) == before + 1
    left, size = store_of(house), len(ledger_of(house))
    clock.at = due - 3 * DAY
    for ask in (
        house.sweep,
        lambda: house.access(about=NOOR, category="account"),
        lambda: house.package(about=NOOR),
        lambda: house.demand(about=NOOR, right="erase"),
        lambda: house.come_back(about=MIA, code=house.recovery_code()),
    ):
        with pytest.raises(ClockBackwards):
            ask()
    assert store_of(house) == left
    clock.at = due + 5 * DAY + 1
    assert len(ledger_of(house)) == size
    house.sweep()
    assert len(lines(house, kind)) == before + 1


def test_what_a_matter_holds_outlasts_any_jump_and_goes_once_when_it_ends(house, clock):
    joins(house)
    tells(house, MIA, "transactions")
    house.hold(about=MIA, matter="LC-7", reason="litigation", by=LAWYER)
    held = shown(house.access(about=MIA, category="transactions"))
    clock.at += 40 * 366 * DAY
    for _ in range(2):
        house.sweep()
    assert len(rows_of(house, schema.records)) >= len(held)
    house.end_hold(about=MIA, matter="LC-7", reason="litigation", by=LAWYER)
    for _ in range(2):
        house.sweep()
    assert [e.count for e in lines(house, "record.expired") if e.category == "transactions"] == [1]
    must_be_sound(house, [])


def test_a_grace_is_over_for_its_person_at_its_instant_though_no_sweep_has_run(house, clock):
    joins(house)
    code = house.recovery_code()
    away = house.erase_later(about=MIA, days=3, code=code)
    clock.at = away.ends_at - 1
    with pytest.raises((InGrace, NotFound)):
        house.access(about=MIA, category="account")
    clock.at = away.ends_at
    with pytest.raises(TrothError):
        house.come_back(about=MIA, code=code)


def test_a_package_is_over_at_its_instant_though_no_sweep_has_run(house, clock):
    joins(house)
    made = house.package(about=MIA)
    clock.at = made.ends_at
    with pytest.raises(PackageGone):
        house.open_package(made.id, about=MIA)


def test_a_proof_that_comes_when_its_week_is_over_and_swept_proves_nothing(house, clock):
    joins(house)
    due, _ = proof(house)
    clock.at = due
    house.sweep()
    (row,) = rows_of(house, schema.rights_cases)
    case, _ = house.demanded(reference=row.reference)
    assert case.events[-1].codes == (NOT_PROVEN,)
    with pytest.raises(TrothError):
        house.prove_demand(case=case.id)
    assert house.access(about=MIA, category="account").records
