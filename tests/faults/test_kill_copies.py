"""kill -9 at any statement of a backup, of the end of an epoch, and at any unit of a restore."""

import os
import shutil
import signal

import pytest

from tests.cast import MIA, NOOR, joins, tells
from tests.copies import scene
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_demands import closed
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import ledger_of, rows_of, shown
from troth.acts.backup import back_up
from troth.clock import DAY
from troth.custody.copies.backing import copies_in, epochs_in
from troth.custody.copies.reading_back import check_files
from troth.errors import TrothError
from troth.store import schema, schema_keys

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def beside(house):
    """The places for copies that go with one clone of a house."""
    directory = house.teller.house.directory
    return {name: directory.parent / f"{directory.name}-{name}" for name in ("content", "keys")}


def must_be_whole(places):
    """Each copy that has its name is whole, byte for byte; there is no copy of keys without its data."""
    names = {}
    for name, place in places.items():
        found = copies_in(place)
        names[name] = {folder.name for folder, _ in found}
        for folder, said in found:
            check_files(folder, said)
    assert names["keys"] <= names["content"]
    return names


def test_a_backup_that_is_cut_off_leaves_whole_copies_alone_and_the_next_one_is_whole(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    tells(house, MIA, "support")
    model, at = closed(house)
    ways = set()
    for again, _ in at_every_cut(
        model, at, tmp_path, lambda house, _: back_up(house.teller, **beside(house)) and None
    ):
        places = beside(again)
        names = must_be_whole(places)
        noted = [entry.kind for entry in ledger_of(again)].count("copy.verified")
        assert noted == len(rows_of(again, schema_keys.copies)) or not noted
        assert noted <= len(names["keys"])  # what is not there is not said to be verified
        ways.add((len(names["content"]), len(names["keys"]), noted))
        must_be_sound(again, [])
        made = back_up(again.teller, **places)
        assert made.verified
        assert len(must_be_whole(places)["keys"]) == len(names["keys"]) + 1
        assert [path for place in places.values() for path in place.rglob(".new-*")] == []
    assert {(0, 0, 0), (1, 1, 0), (1, 1, 1)} <= ways


def test_an_epoch_whose_end_is_cut_off_ends_with_the_next_backup_everywhere(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    tells(house, MIA, "support")
    for _ in range(2):
        back_up(house.teller, **beside(house))
        house.teller.house.clock.forward(8 * DAY)
        house.sweep()
    masters, told = beside(house), shown(house.access(about=MIA, category="support"))
    model, at = closed(house)

    def work(house, _):
        for name, place in beside(house).items():
            shutil.copytree(masters[name], place, dirs_exist_ok=True)
        back_up(house.teller, **beside(house))

    ways = set()
    for again, _ in at_every_cut(model, at, tmp_path, work):
        places = beside(again)
        must_be_whole(places)
        live = {row.epoch for row in rows_of(again, schema_keys.epochs)}
        ways.add((1 in live, 1 in epochs_in(places["keys"])))
        assert {2, 3} <= live
        assert shown(again.access(about=MIA, category="support")) == told
        must_be_sound(again, [])
        again.teller.house.clock.forward(DAY)
        assert back_up(again.teller, **places).verified
        assert {row.epoch for row in rows_of(again, schema_keys.epochs)} == {2, 3}
        assert epochs_in(places["keys"]).keys() == {2, 3}
        assert shown(again.access(about=MIA, category="support")) == told
    assert (True, True) in ways
    assert (False, False) in ways
    assert (False, True) not in ways  # what opens a kept copy never outlives the epoch here


class Dies:
    """A clock that kills whoever asks it for the n-th time."""

    def __init__(self, clock, at):
        self.clock, self.left = clock, at

    def __call__(self):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.clock()


def in_a_child(work):
    """Do some work in a child, and return whether it was killed."""
    child = os.fork()
    if child == 0:
        code = 0
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent is told
            code = 9
        os._exit(code)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_a_restore_that_is_cut_off_at_any_unit_opens_nothing_and_ends_when_it_is_run_again(
    new_house, tmp_path
):
    stage = scene(new_house, tmp_path)
    for who in (MIA, NOOR):
        joins(stage.house, who)
        tells(stage.house, who, "support")
    backup = stage.back_up()
    stage.house.erase(about=NOOR)
    stage.house.restrict(about=MIA, category="support")
    clock = stage.clock
    stage.lose()
    shutil.copytree(stage.outside, tmp_path / "kept")

    def restored(number, store, keystore):
        place, dies = f"again-{number}", Dies(clock, number)
        return in_a_child(lambda: stage.restore(backup, place, clock=dies, store=store, keystore=keystore))

    number, cut = 0, True
    while cut:
        number += 1
        shutil.rmtree(stage.outside)
        shutil.copytree(tmp_path / "kept", stage.outside)
        place, (store, keystore) = f"again-{number}", stage.databases()
        cut = restored(number, store, keystore)
        if cut:
            with pytest.raises(TrothError):
                stage.open(place)
            stage.restore(backup, place, store=store, keystore=keystore)
        with stage.open(place) as again:
            assert again.access(about=MIA, category="account").records
            kinds = [entry.kind for entry in ledger_of(again)]
            assert 1 <= kinds.count("erasure.replayed") == kinds.count("restore.done") <= 2
            assert "support" in next(row.standing for row in rows_of(again, schema.subjects))
            with pytest.raises(TrothError):
                again.access(about=NOOR, category="account")
    assert number > 10
