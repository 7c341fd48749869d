"""The last looks before a house opens or a key is destroyed: each finds by itself what should not be."""

import os
from dataclasses import replace

import pytest

from tests.cast import MIA, NOOR, joins
from tests.copies import scene
from tests.inside import rows_of
from troth.clock import DAY
from troth.custody.copies import quarantine, rotating
from troth.custody.copies.backing import copies_in, epochs_in, keep_epochs
from troth.custody.copies.manifests import unverified
from troth.errors import CopyBroken, HouseExists, NotErased, TrothError
from troth.store import keystore, schema


@pytest.fixture
def stage(new_house, tmp_path):
    made = scene(new_house, tmp_path)
    joins(made.house, MIA)
    return made


def test_whoever_is_to_be_gone_and_is_here_is_found(stage):
    (subject,) = (row.subject for row in rows_of(stage.house, schema.subjects))
    with pytest.raises(NotErased):
        stage.house.teller.alone(lambda desk: quarantine.must_be_gone(desk, [subject]))
    stage.house.erase(about=MIA)
    stage.house.teller.alone(lambda desk: quarantine.must_be_gone(desk, [subject]))


def test_lines_that_do_not_make_the_root_that_was_signed_are_found(stage):
    said = unverified(stage.back_up().content)
    inner = stage.house.teller.house
    size, root = inner.tree.size, inner.tree.root().hex()
    stage.house.teller.chore(
        lambda house: quarantine.continue_ledger(house, replace(said, size=size, root=root), None, None)
    )
    for altered in (replace(said, size=size, root="00" * 32), replace(said, size=size - 1, root=root)):
        with pytest.raises(CopyBroken, match="signed root"):
            stage.house.teller.chore(
                lambda house, one=altered: quarantine.continue_ledger(house, one, None, None)
            )


def test_no_epoch_is_over_that_a_key_in_the_newest_copy_needs(stage):
    for _ in range(3):
        stage.clock.forward(8 * DAY)
        stage.house.sweep()
    inner = stage.house.teller.house
    current = inner.keyring.current_epoch
    for oldest, over in ((1, ()), (2, (1,)), (current, (1, 2))):
        with keystore.keeping(inner.filing) as keeping:
            keystore.add_copy(keeping, os.urandom(16), current, oldest, stage.clock())
        assert stage.house.teller.chore(rotating.over) == over
        stage.clock.forward(DAY // 24)


def test_the_key_of_an_epoch_that_is_over_is_overwritten_where_it_stood(tmp_path):
    keep_epochs(tmp_path, {1: b"a" * 60, 2: b"b" * 60})
    (tmp_path / "also").hardlink_to(tmp_path / "epochs/1")

    keep_epochs(tmp_path, {2: b"b" * 60})

    assert epochs_in(tmp_path) == {2: b"b" * 60}
    assert (tmp_path / "also").read_bytes() == bytes(60)


def test_no_copy_of_keys_stays_of_an_epoch_before_the_last_two_however_many_are_kept(stage):
    for _ in range(4):
        made = stage.back_up(keep=9)
        stage.clock.forward(8 * DAY)
        stage.house.sweep()
    found = [said.epoch for _, said in copies_in(stage.place / "keys")]
    assert found == [made.epoch - 1, made.epoch]


def test_databases_in_which_another_restore_was_cut_off_are_left_alone(stage):
    first = stage.back_up()
    joins(stage.house, NOOR)
    second = stage.back_up()
    stage.lose()
    store, keystore_ = stage.databases("postgresql")
    at = stage.clock.at
    stage.clock.forward(-30 * DAY)  # the copy is of a time to come, so that it stops in the middle
    with pytest.raises(TrothError):
        stage.restore(first, store=store, keystore=keystore_)
    stage.clock.at = at

    with pytest.raises(HouseExists):
        stage.restore(second, "other", store=store, keystore=keystore_)

    stage.restore(first, store=store, keystore=keystore_)
    assert stage.open().access(about=MIA, category="account").records
