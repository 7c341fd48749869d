"""Restores that are not like any other: two at once, of less than there is, of what was done together."""

import fcntl
import os
import shutil
import threading

import pytest

from tests.cast import MIA, NOOR, ZOE, joins, tells
from tests.copies import scene
from tests.inside import ledger_of, rows_of
from troth import canonical
from troth.acts.restore import DONE
from troth.acts.rights import removing
from troth.assembling import QUARANTINED
from troth.clock import DAY
from troth.custody.plans import stem_of
from troth.errors import CopyBroken, HouseExists, LossNotAccepted, NotFound
from troth.rules.decision import member, program
from troth.store import schema


@pytest.fixture
def stage(new_house, tmp_path):
    return scene(new_house, tmp_path)


def is_here(house, who):
    try:
        return bool(house.access(about=who, category="account").records)
    except NotFound:
        return False


# ---- more than one restore


def test_a_restore_waits_while_another_has_the_directory_and_leaves_alone_what_it_built(stage):
    joins(stage.house)
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.house.erase(about=NOOR)
    stage.lose()
    stores = stage.databases()
    into = stage.place / "again"
    into.mkdir()
    outcomes = list[object]()

    def again():
        try:
            outcomes.append(stage.restore(backup, store=stores[0], keystore=stores[1]))
        except HouseExists as problem:
            outcomes.append(problem)

    first = os.open(into, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(first, fcntl.LOCK_EX)
    waiting = [threading.Thread(target=again) for _ in range(2)]
    for each in waiting:
        each.start()
    for each in waiting:
        each.join(1.5)
    assert [each.is_alive() for each in waiting] == [True, True]
    assert list(into.iterdir()) == []
    os.close(first)
    for each in waiting:
        each.join(30)

    assert sorted(type(each).__name__ for each in outcomes) == ["HouseExists", "Restored"]
    house = stage.open()
    assert is_here(house, MIA)
    assert not is_here(house, NOOR)


def test_one_that_was_done_without_the_ledger_is_not_taken_for_one_with_it(sqlite_house, tmp_path):
    stage = scene(sqlite_house, tmp_path)
    joins(stage.house)
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.house.erase(about=NOOR)
    stage.lose()
    stage.restore(backup, ledger=None, accept_loss=True)
    mark = f"{backup.copy}-{backup.copy}\n".encode()
    (stage.place / "again" / QUARANTINED).write_bytes(mark + DONE)  # cut off before its very last step

    report = stage.restore(backup)

    assert (report.loss_accepted, report.erased) == (False, 1)
    assert not is_here(stage.open(), NOOR)


# ---- less than there is


def test_a_ledger_that_lacks_its_end_is_replayed_as_far_as_it_goes(stage, tmp_path):
    joins(stage.house)
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.house.erase(about=NOOR)
    shutil.copytree(stage.outside, tmp_path / "short")
    joins(stage.house, ZOE)
    stage.house.checkpoint()
    newest = shutil.copy(stage.outside / "checkpoint", tmp_path / "newest")
    stage.lose()
    with pytest.raises(LossNotAccepted):
        stage.restore(backup, ledger=tmp_path / "short", checkpoint=newest)

    report = stage.restore(backup, ledger=tmp_path / "short", checkpoint=newest, accept_loss=True)

    assert (report.loss_accepted, report.erased) == (True, 1)
    house = stage.open()
    assert is_here(house, MIA)
    assert not is_here(house, NOOR)
    house.checkpoint()  # the ledger outside goes on with it
    size = int((tmp_path / "short/checkpoint").read_text().splitlines()[1])
    assert size == len(ledger_of(house))


def test_where_a_later_copy_of_keys_shows_that_a_grace_is_over_the_house_opens_without_it(stage):
    joins(stage.house)
    tells(stage.house, MIA, "transactions")
    tells(stage.house, MIA, "device")
    code = stage.house.recovery_code()
    away = stage.house.erase_later(about=MIA, days=2, code=code)
    assert not away.whole
    early = stage.back_up()
    stage.clock.forward(3 * DAY)
    stage.house.sweep()
    late = stage.back_up()
    stage.lose()

    stage.restore(early, keys=late.keys, ledger=None, accept_loss=True)

    house = stage.open()
    assert rows_of(house, schema.graces) == rows_of(house, schema.sealed_keys) == []
    assert house.access(about=MIA, category="transactions").records
    assert not house.access(about=MIA, category="device").records
    assert house.sweep().stuck == ()


def test_a_copy_of_keys_that_lists_no_secrets_is_refused(stage):
    joins(stage.house)
    backup = stage.back_up()
    manifest = backup.keys / "manifest"
    line = manifest.read_bytes().split(b"\n")[1]
    said = canonical.decode(line)
    del said["tables"]["secrets"]
    manifest.write_bytes(manifest.read_bytes().replace(line, canonical.encode(said)))

    with pytest.raises(CopyBroken, match="secrets"):
        stage.restore(backup)


# ---- several records that went with one line


def removes_two_of_three(stage, category):
    held = stage.house.access(about=MIA, category=category).records
    stems = sorted({stem_of(each.id) for each in held})
    assert len(stems) == 3
    gone = [each.id for each in held if stem_of(each.id) in stems[:2]]
    stage.house.teller.ask(removing(by=member(), about=MIA, category=category, records=gone))
    return {stem_of(each.id) for each in held} - set(stems[:2])


def test_some_records_that_were_removed_together_after_the_copy_are_removed_again(stage):
    joins(stage.house)
    for _ in range(3):
        tells(stage.house, MIA, "device")
    backup = stage.back_up()
    left = removes_two_of_three(stage, "device")

    report, house = stage.drill(backup)

    assert report.aside == ()
    assert {stem_of(each.id) for each in house.access(about=MIA, category="device").records} == left


def begins_session(house, key):
    house.collect(
        by=program("portal"), about=MIA, category="signin.sessions", when="entering_account",
        values={"key": key, "started": "2027-06-01T09:00:00Z", "method": "code"},
    )  # fmt: skip


def test_no_session_comes_back_that_was_ended_after_the_copy_together_with_newer_ones(stage):
    joins(stage.house)
    for key in ("a" * 64, "b" * 64):
        begins_session(stage.house, key)
    backup = stage.back_up()
    begins_session(stage.house, "c" * 64)
    removes_two_of_three(stage, "signin.sessions")

    report, house = stage.drill(backup)

    assert report.aside == ()
    assert house.access(about=MIA, category="signin.sessions").records == ()
