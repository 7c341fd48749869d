"""Backing up: a copy is whole or not at all, holds ciphertext alone, and closes older copies of keys."""

import json
import os
import resource
import shutil
import threading

import pytest
from sqlalchemy import update

from tests.cast import MIA, NOOR, joins, tells, tells_everything
from tests.copies import everything_that_opens, scene
from tests.drawing import letter
from tests.houses import MINIMAL_TEXT
from tests.inside import kinds_since, ledger_of, rows_of
from tests.privacy.canaries import NEEDLES, TOLD, WHO, search
from troth.acts.backup import back_up, preview
from troth.acts.collect import offering
from troth.clock import DAY
from troth.custody.copies.backing import copies_in, epochs_in
from troth.custody.copies.manifests import unverified
from troth.custody.copies.reading_back import check_keys, secrets_in
from troth.errors import (
    BadArgument,
    CopiesUnfit,
    NotKeptOutside,
    PlacesOverlap,
    PlaceTaken,
    RowBroken,
    TrothError,
)
from troth.rules.decision import member
from troth.store import schema
from troth.vault.keyring import Keyring
from troth.vault.roots import KeyFileRoot


@pytest.fixture
def stage(new_house, tmp_path):
    return scene(new_house, tmp_path)


def leftovers(*places):
    return [path.name for place in places for path in place.rglob(".new-*")]


def test_data_and_keys_go_to_two_places_and_the_root_to_none(stage):
    tells_everything(stage.house)

    backup = stage.back_up()

    root = stage.root.read_bytes()
    everywhere = [p.read_bytes() for p in stage.place.rglob("*") if p.is_file() and p != stage.root]
    copied = [p for p in (*backup.content.rglob("*"), *(stage.place / "keys").rglob("*")) if p.is_file()]
    assert backup.verified
    assert all(root not in content for content in everywhere if len(content) != 32)
    assert {p.name for p in backup.keys.iterdir()} == {
        "manifest",
        "keys.rows",
        "secrets.rows",
        "sealed_keys.rows",
    }
    assert not (backup.content / "keys.rows").exists()
    assert all(oct(p.stat().st_mode & 0o777) == "0o600" for p in copied)
    assert "postgresql" not in (backup.content / "troth.toml").read_text()
    assert leftovers(stage.place) == []


def test_what_is_copied_is_ciphertext_alone(stage):
    for category, when, values, by in TOLD:
        stage.house.collect(about=WHO, category=category, when=when, values=values, by=by, age=55)
        if category == "account":
            for purpose in ("camera.identity", "camera.profile"):
                stage.house.consent(about=WHO, purpose=purpose)

    backup = stage.back_up()

    assert search(backup.content) == {}
    assert search(stage.place / "keys") == {}
    assert search(stage.outside) == {}
    planted = next(iter(NEEDLES))
    (backup.content / "planted").write_bytes(b"x" + planted)
    assert "planted" in search(backup.content)


def test_one_place_within_another_is_refused_before_anything_is_done(stage):
    house, inside = stage.house, stage.house.teller.house.directory
    for content, keys in (
        (stage.place / "a", stage.place / "a"),
        (stage.place / "a", stage.place / "a/keys"),
        (inside / "copies", stage.place / "k"),
        (stage.place / "d", inside.parent),
    ):
        with pytest.raises(PlacesOverlap):
            back_up(house.teller, content=content, keys=keys)
    (stage.place / "real").mkdir()
    (stage.place / "link").symlink_to(stage.place / "real")
    with pytest.raises(PlacesOverlap):
        back_up(house.teller, content=stage.place / "real", keys=stage.place / "link")
    with pytest.raises(BadArgument):
        back_up(house.teller, content=stage.place / "d", keys=stage.place / "k", keep=0)
    assert not (stage.place / "a").exists()


def test_a_place_of_another_house_or_of_other_files_is_refused(stage, new_house, tmp_path):
    stage.back_up()
    (tmp_path / "b").mkdir()
    other = scene(new_house, tmp_path / "b", MINIMAL_TEXT)
    with pytest.raises(PlaceTaken):
        back_up(other.house.teller, content=stage.place / "data", keys=tmp_path / "b/keys")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("mine")
    with pytest.raises(PlaceTaken):
        back_up(other.house.teller, content=tmp_path / "mine", keys=tmp_path / "b/keys")
    assert len(copies_in(stage.place / "data")) == 1


def test_files_that_did_not_change_are_linked_and_one_that_rotted_is_copied_anew(stage):
    tells_everything(stage.house)
    first = stage.back_up()
    blobs = sorted(path for path in (first.content / "blobs").rglob("*") if path.is_file())
    rotten = blobs[0]
    rotten.unlink()
    rotten.write_bytes(b"rot")

    second = stage.back_up()

    same = [path.relative_to(first.content) for path in blobs]
    inodes = [(second.content / path).stat().st_ino == (first.content / path).stat().st_ino for path in same]
    assert inodes == [False, *[True] * (len(blobs) - 1)]
    assert second.verified


def test_old_copies_of_keys_go_and_those_of_data_stay_unless_told(stage):
    for _ in range(3):
        joins(stage.house, f"M-{stage.clock.at}", email=f"m{stage.clock.at}@example.org")
        stage.clock.forward(DAY)
        made = stage.back_up()
    assert len(copies_in(stage.place / "keys")) == 2
    assert len(copies_in(stage.place / "data")) == 3
    assert len(made.pruned) == 1
    plan = preview(
        stage.house.teller, content=stage.place / "data", keys=stage.place / "keys", keep_content=2
    )
    assert len(plan.pruned) == 2

    assert sorted(stage.back_up(keep_content=2).pruned) == sorted(plan.pruned)
    assert len(copies_in(stage.place / "data")) == 2


def test_the_copy_that_was_just_made_stays_also_when_the_clock_stood_still(stage):
    for _ in range(6):
        made = stage.back_up(keep_content=2)
        assert made.content.is_dir()
        assert made.keys.is_dir()
    assert len(copies_in(stage.place / "keys")) == len(copies_in(stage.place / "data")) == 2


def test_an_old_copy_of_the_keys_opens_nothing_once_its_epoch_is_over(stage):
    tells_everything(stage.house)
    first = stage.back_up()
    kept = shutil.copytree(first.keys, stage.place / "kept too long/copy")
    assert stage.house.erase(about=MIA, classes=["support"]).records
    retired = []
    for _ in range(2):
        stage.clock.forward(8 * DAY)
        stage.house.sweep()
        retired += stage.back_up().retired

    assert retired == [1]
    assert {row.epoch for row in rows_of(stage.house, schema.epochs)} == {2, 3}
    assert set(epochs_in(stage.place / "keys")) == {2, 3}
    shutil.copytree(stage.place / "keys/epochs", stage.place / "kept too long/epochs")
    said = unverified(kept)
    keyring = Keyring(
        KeyFileRoot(stage.root), secrets_in(kept, said)["house.key"], epochs_in(stage.place / "kept too long")
    )
    found = check_keys(kept, said, keyring)
    assert found.count == len(found.broken) > 5
    with pytest.raises(CopiesUnfit, match="destroyed"):
        stage.restore(first, keys=kept, into="never")
    assert 1 not in stage.house.teller.house.keyring
    assert stage.house.access(about=MIA, category="identity").records
    assert everything_that_opens(stage.house)
    again = stage.houses.again(stage.house)
    assert again.access(about=MIA, category="identity").records


def test_an_epoch_stays_while_no_copy_of_the_present_one_is_verified(stage):
    subject = tells_everything(stage.house)
    stage.back_up()
    stage.clock.forward(8 * DAY)
    stage.house.sweep()
    stage.clock.forward(8 * DAY)
    stage.house.sweep()
    assert {row.epoch for row in rows_of(stage.house, schema.epochs)} == {1, 2, 3}
    with stage.house.teller.house.filing.connect("keystore") as connection:
        one = (schema.keys.c.subject == subject) & (schema.keys.c.kept == "account")
        connection.execute(update(schema.keys).where(one).values(wrapped=b"altered"))

    backup = stage.back_up()

    assert backup.broken == ((subject, "account"),)
    assert (backup.verified, backup.retired) == (False, ())
    assert {row.epoch for row in rows_of(stage.house, schema.epochs)} == {1, 2, 3}
    assert len(rows_of(stage.house, schema.copies)) == 1


def test_a_file_that_the_house_lost_is_counted_and_the_copy_does_not_count_as_verified(stage):
    tells_everything(stage.house)
    name = next(stage.house.teller.house.blobs.names())
    stage.house.teller.house.blobs.remove(name)

    backup = stage.back_up()

    assert (backup.missing, backup.verified) == (1, False)
    assert rows_of(stage.house, schema.copies) == []


def test_a_file_that_was_lost_since_the_last_copy_is_told_and_is_in_the_next_one_all_the_same(stage):
    tells_everything(stage.house)
    stage.back_up()
    name = next(stage.house.teller.house.blobs.names())
    stage.house.teller.house.blobs.remove(name)

    backup = stage.back_up()

    assert (backup.missing, backup.verified) == (1, False)
    assert (backup.content / "blobs" / name[:2] / name).exists()


def test_a_verified_copy_is_a_line_of_the_ledger_and_a_row(stage):
    tells_everything(stage.house)
    backup = stage.back_up()
    assert kinds_since(stage.house, backup.entries) == ["copy.verified"]
    line = ledger_of(stage.house)[-1]
    assert line.count == len(rows_of(stage.house, schema.keys))
    assert line.clauses
    ((row),) = rows_of(stage.house, schema.copies)
    assert (row.epoch, row.oldest) == (1, 1)


def test_people_may_come_and_go_while_a_backup_runs(stage):
    for n in range(40):
        joins(stage.house, f"M-{n}", email=f"m{n}@example.org")
        tells(stage.house, f"M-{n}", "support")
    stop, problems, acted = threading.Event(), [], []

    def live():
        n = 0
        while not stop.is_set() and n < 400:
            try:
                if n < 30:
                    stage.house.erase(about=f"M-{n}")
                offer = offering(
                    by=member(), about=f"L-{n}", category="account", when="registration",
                    values={"email": f"l{n}@example.org"},
                )  # fmt: skip
                stage.house.collect_many([offer])
                acted.append(n)
            except TrothError as problem:
                problems.append(problem)
            n += 1

    thread = threading.Thread(target=live)
    thread.start()
    try:
        while len(acted) < 3:
            pass
        backups = [stage.back_up(keep=4) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert problems == []
    assert all(backup.verified for backup in backups)
    people = len(rows_of(stage.house, schema.subjects))

    report, again = stage.drill(backups[1])

    assert report.missing == 0
    assert len(rows_of(again, schema.subjects)) <= people
    for n in range(30):
        if n in acted:
            with pytest.raises(TrothError):
                again.access(about=f"M-{n}", category="account")
    assert again.access(about="M-39", category="support").records


def test_a_full_disk_leaves_nothing_of_a_copy_and_harms_no_house(sqlite_house, tmp_path):
    stage = scene(sqlite_house, tmp_path)
    tells_everything(stage.house)
    tells(stage.house, MIA, "support", attachment=letter(os.urandom(1_500_000).hex()))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, limit[1]))
    try:
        with pytest.raises(TrothError) as full:
            stage.back_up()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert full.value.code in ("vault.no-room", "store.disk-full")
    assert leftovers(stage.place / "data", stage.place / "keys") == []
    assert copies_in(stage.place / "data") == []
    assert stage.back_up().verified
    assert stage.house.access(about=MIA, category="identity").records


def test_a_row_that_was_altered_stops_a_backup_and_is_named_by_its_table(sqlite_house, tmp_path):
    stage = scene(sqlite_house, tmp_path)
    joins(stage.house)
    with stage.house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql("UPDATE records SET sealed = 'text where bytes belong'")
    with pytest.raises(RowBroken, match="records"):
        stage.back_up()
    assert leftovers(stage.place) == []


def test_an_erasure_is_not_answered_before_its_line_is_kept_outside(stage):
    joins(stage.house)
    joins(stage.house, NOOR)
    stage.house.checkpoint()
    away = stage.outside.rename(stage.place / "unmounted")
    stage.outside.write_text("no directory")

    with pytest.raises(NotKeptOutside) as late:
        stage.house.erase(about=NOOR)

    assert ledger_of(stage.house)[late.value.entry].kind == "erasure.done"
    stage.outside.unlink()
    away.rename(stage.outside)
    stage.house.sweep()
    size = int((stage.outside / "checkpoint").read_text().splitlines()[1])
    assert size > late.value.entry


def test_a_house_without_a_ledger_outside_is_backed_up_all_the_same(tmp_path, sqlite_house):
    house = sqlite_house()
    joins(house)
    made = back_up(house.teller, content=tmp_path / "d", keys=tmp_path / "k")
    assert made.verified
    assert json.loads((made.content / "manifest").read_text().splitlines()[1])["kind"] == "data"


def test_a_copy_of_keys_that_do_not_open_never_takes_the_place_of_the_last_whole_one(stage):
    subject = tells_everything(stage.house)
    whole = stage.back_up(keep=1)
    with stage.house.teller.house.filing.connect("keystore") as connection:
        one = (schema.keys.c.subject == subject) & (schema.keys.c.kept == "support")
        connection.execute(update(schema.keys).where(one).values(wrapped=b"altered"))

    for days in (0, 8, 8, 8):
        stage.clock.forward(days * DAY)
        stage.house.sweep()
        assert not stage.back_up(keep=1, keep_content=1).verified

    names = sorted(folder.name for folder, _ in copies_in(stage.place / "keys"))
    assert (len(names), names[0]) == (2, whole.keys.name)
    assert sorted(folder.name for folder, _ in copies_in(stage.place / "data")) == names
    assert stage.restore(whole).broken == 0
