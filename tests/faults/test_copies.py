"""kill -9 while a copy is made or a house is restored: whole copies, and a house that opens or does not."""

import os
import signal
import time

import pytest

from tests.cast import MIA, NOOR, joins, tells_everything
from tests.copies import scene
from tests.faults.cutting import in_child
from tests.faults.soundness import must_be_sound
from tests.inside import rows_of
from troth.acts.backup import back_up
from troth.custody.copies.backing import copies_in
from troth.errors import Quarantined, TrothError
from troth.store import schema

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def killed(work, after):
    """Do some work in a child, and kill it some seconds later; return whether it was cut off."""
    child = os.fork()
    if child == 0:
        code = 0
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent is told
            code = 9
        os._exit(code)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_a_backup_that_is_killed_at_any_moment_leaves_whole_copies_and_a_whole_house(new_house, tmp_path):
    stage = scene(new_house, tmp_path)
    tells_everything(stage.house)
    directory, clock = stage.house.teller.house.directory, stage.clock
    stage.house.close()
    places = {"content": tmp_path / "data", "keys": tmp_path / "keys"}

    def backing(house, say):
        while True:
            back_up(house.teller, keep=50, **places)

    for turn in range(7):
        fate = in_child(directory, clock, backing, after=0.02 + 0.11 * turn)
        assert (fate.killed, fate.wrong) == (True, "")
        stage.house = new_house.open(directory, clock)
        must_be_sound(stage.house, [])
        made = stage.back_up(keep=50)
        assert made.verified
        assert [p.name for place in places.values() for p in place.rglob(".new-*")] == []
        names = {folder.name for folder, _ in copies_in(places["keys"])}
        assert names <= {folder.name for folder, _ in copies_in(places["content"])}
        stage.house.close()
    stage.house = new_house.open(directory, clock)

    report, again = stage.drill(made)

    assert report.missing == 0
    assert again.access(about=MIA, category="identity").records


def test_a_restore_that_is_killed_at_any_moment_is_done_by_running_it_again(new_house, tmp_path):
    stage = scene(new_house, tmp_path)
    tells_everything(stage.house)
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.house.erase(about=NOOR)
    stage.house.erase(about=MIA)
    stage.lose()
    store, keystore = stage.databases()
    cut = 0
    for turn in range(9):
        cut += killed(lambda: stage.restore(backup, store=store, keystore=keystore), 0.05 + 0.12 * turn)
        if not (stage.place / "again/troth.toml").exists() or (stage.place / "again/quarantine").exists():
            with pytest.raises((Quarantined, TrothError)):
                stage.open()
        else:
            break  # the last one came to its end
    assert cut
    if (stage.place / "again/quarantine").exists() or not (stage.place / "again/troth.toml").exists():
        stage.restore(backup, store=store, keystore=keystore)

    again = stage.open()

    assert len(rows_of(again, schema.subjects)) == 1
    assert not again.access(about=MIA, category="support").records
    assert again.access(about=MIA, category="transactions").records
    with pytest.raises(TrothError):
        again.access(about=NOOR, category="account")
    must_be_sound_but_for_replays(again)


def must_be_sound_but_for_replays(house):
    house.sweep()
    assert house.checkpoint().size > 0
    assert rows_of(house, schema.erasures) == []
