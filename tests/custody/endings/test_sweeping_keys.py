"""Sweeping keys: those of nobody are destroyed, wherever they stand among others, and no others are."""

from functools import partial

import pytest

from tests.cast import MIA, NOOR, ZOE, joins, tells, tells_everything
from tests.faults.beside import Beside
from tests.faults.soundness import must_be_sound, must_open
from tests.inside import count_of, rows_of
from troth.acts.rights import erasing
from troth.custody.endings import erasing as custody_erasing
from troth.custody.endings.sweeping import sweep_keys
from troth.custody.keymaking import SELF, make_keys
from troth.rules.decision import member
from troth.store import schema

NOBODY = (1, 7, (1 << 62) + 5, (1 << 63) - 1)  # below, between and above the numbers that people get


def keys_of(house):
    return {(row.subject, row.kept) for row in rows_of(house, schema.keys)}


def swept(house, limit):
    """Look at all keys, so many people at a time; return how many keys were destroyed."""
    gone, after = 0, 0
    while after >= 0:
        destroyed, after = house.teller.alone(partial(sweep_keys, after=after, limit=limit))
        gone += destroyed
    return gone


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_all_keys_of_nobody_go_and_all_others_stay_however_many_are_looked_at_at_once(house, limit):
    for who in (MIA, NOOR, ZOE):
        joins(house, who)
        tells(house, who, "usage")
    known = keys_of(house)
    house.teller.chore(lambda inner: make_keys(inner, [(one, "account") for one in NOBODY]))
    assert keys_of(house) == known | {(one, kept) for one in NOBODY for kept in ("account", SELF)}

    assert swept(house, limit) == 2 * len(NOBODY)

    assert keys_of(house) == known
    assert swept(house, limit) == 0
    must_open(house)


def test_the_keys_of_a_person_in_every_class_stay(house):
    tells_everything(house)
    known = keys_of(house)
    assert len(known) > 8

    assert house.sweep().orphans == 0

    assert keys_of(house) == known


def test_the_keys_of_whoever_is_being_erased_are_left_to_the_erasure(house):
    joins(house)
    house.teller.alone(lambda desk: custody_erasing.begin(desk, erasing(by=member(), about=MIA)))
    known = keys_of(house)
    assert known
    assert count_of(house, schema.subjects) == 0

    assert swept(house, 100) == 0

    assert keys_of(house) == known
    assert house.teller.resume() == (1, ())
    assert keys_of(house) == set()


def test_the_keys_of_whoever_joins_in_another_process_meanwhile_stay(house):
    other = Beside(house.teller.house.directory, "acting")
    sweeps = 0
    while other.is_running() or not sweeps:
        assert house.sweep().orphans == 0
        sweeps += 1
    must_be_sound(house, other.done())
