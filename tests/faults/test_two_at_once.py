"""Two demands of one person at once, from two processes: each ends, once, and what is gone stays gone."""

import time

import pytest

from tests.cast import joins, tells
from tests.faults.beside import PEOPLE, Beside, demands
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_demands import goes_on, must_be_told_once
from tests.inside import blobs_of, ledger_of, rows_of
from troth.custody.demands.performing import GONE
from troth.errors import PackageGone
from troth.rules.rights_cases import ENDED, State
from troth.store import schema, schema_keys


@pytest.fixture
def crowd(house):
    for n in range(PEOPLE):
        joins(house, f"P-{n}", email=f"p{n}@example.org")
        tells(house, f"P-{n}", "device")
    house.checkpoint()
    return house


def at_once(house, here, there):
    """Let two processes demand for the same people, in the same order, from the same moment on."""
    directory = house.teller.house.directory
    other = Beside(directory, "demanding", there)
    while not (directory / "ready").exists():
        time.sleep(0.01)
    (directory / "go").touch()
    demands(house, here)
    other.done()
    for name in ("ready", "go"):
        (directory / name).unlink()
    for _ in range(2):
        goes_on(house)
    must_be_told_once(house)
    cases = [house.demanded(reference=row.reference)[0] for row in rows_of(house, schema.rights_cases)]
    assert all(case.state in ENDED for case in cases)
    return cases


def must_be_gone(house):
    for table in (
        schema_keys.keys,
        schema_keys.sealed_keys,
        schema.records,
        schema.subjects,
        schema.packages,
    ):
        assert rows_of(house, table) == [], table.name
    assert blobs_of(house) == []
    kinds = [entry.kind for entry in ledger_of(house)]
    assert kinds.count("erasure.begun") == kinds.count("erasure.done") == PEOPLE


@pytest.mark.parametrize("other", ["access", "correct", "port", "restrict"])
def test_an_erasure_and_another_demand_at_once_leave_nothing_and_the_other_is_done_before_or_refused(
    crowd, other
):
    cases = at_once(crowd, "erase", other)
    erased = [case for case in cases if case.right.value == "erase"]
    assert [case.state for case in erased] == [State.DONE] * PEOPLE
    for case in cases:
        if case.right.value == other:
            codes = case.events[-1].codes
            assert case.state is State.DONE or (case.state, codes) == (State.REFUSED, (GONE,)), codes
    must_be_gone(crowd)
    must_be_sound(crowd, [])


def test_two_erasures_at_once_erase_once_and_both_are_done_or_one_was_never_filed(crowd):
    cases = at_once(crowd, "erase", "erase")
    assert {case.state for case in cases} == {State.DONE}
    assert len({case.subject for case in cases}) == PEOPLE
    must_be_gone(crowd)
    must_be_sound(crowd, [])


def test_two_copies_at_once_are_each_whole_or_the_second_was_never_filed(crowd):
    cases = at_once(crowd, "access", "access")
    assert {case.state for case in cases} == {State.DONE}
    packages = {}
    for n in range(PEOPLE):
        for package in crowd.packages(about=f"P-{n}"):
            assert package.state == "ready"
            packages[package.id.hex()] = n
    assert {case.outcome["package"] for case in cases} == set(packages)
    for package, n in packages.items():
        assert b"".join(crowd.open_package(bytes.fromhex(package), about=f"P-{n}"))[:2] == b"PK"
        with pytest.raises(PackageGone):
            crowd.open_package(bytes.fromhex(package), about=f"P-{n}")
    must_be_sound(crowd, [])


def test_a_correction_and_a_restriction_at_once_both_hold(crowd):
    cases = at_once(crowd, "correct", "restrict")
    assert len(cases) == 2 * PEOPLE
    assert {case.state for case in cases} <= {State.DONE, State.REFUSED}
    assert {case.state for case in cases if case.right.value == "restrict"} == {State.DONE}
    must_be_sound(crowd, [])
