import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ledger.logs import SIGNER, START, STRANGER, leaves, published, signed
from troth.clock import SECOND
from troth.errors import (
    BadCheckpoint,
    BadNote,
    BadVerifierKey,
    EntryBroken,
    EntryUnreadable,
    Forked,
    NoLedger,
    RootDiffers,
    TileBroken,
    TileExtra,
    TileMissing,
    TimeBackwards,
)
from troth.ledger.audit import BACKWARDS_MAX, audit
from troth.ledger.checkpoint import sign_checkpoint
from troth.ledger.entry import Entry, encode
from troth.ledger.tiles import Published, bundle, path_of, width_at
from troth.ledger.tree import EMPTY, leaf_hash

SIZE = 1000  # three full bundles and one of 232
LOG = leaves(SIZE)
LONG = leaves(70_000)  # tiles on three levels


def forged(place):
    """An entry of the same instant that says something else."""
    return leaves(place + 1, of="payment")[place]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return published(tmp_path_factory.mktemp("original"), LOG)


@pytest.fixture(scope="module")
def long_original(tmp_path_factory):
    return published(tmp_path_factory.mktemp("long"), LONG)


@pytest.fixture
def ledger(original, tmp_path):
    return shutil.copytree(original, tmp_path / "ledger")


@pytest.fixture
def long_ledger(long_original, tmp_path):
    return shutil.copytree(long_original, tmp_path / "ledger")


def rebundle(ledger, log):
    """Write the entries of another log into the bundles of a ledger, as one who may write could."""
    for index in range(4):
        held = log[index * 256 :] if index == 3 else log[index * 256 : index * 256 + 256]
        (ledger / path_of(None, index, width_at(SIZE, None, index))).write_bytes(bundle(held))


def flip(path, at):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_an_untouched_ledger_verifies_and_the_report_says_what_was_believed(long_original):
    report = audit(long_original, SIGNER.verifier.vkey, signed(LONG[:65_536])[1])
    assert (report.origin, report.size, report.continues) == ("ledger.example.org", 70_000, 65_536)
    assert report.root == signed(LONG)[0].root
    assert report.trusted_on_first_use is False
    assert (report.first_at, report.last_at) == (START, START + 69_999 * SECOND)
    assert (report.tiles, report.backwards) == (273 + 1 + 3, 0)


def test_a_key_that_came_with_the_ledger_is_said_to_be_trusted_on_first_use(ledger):
    report = audit(ledger)
    assert report.trusted_on_first_use is True
    assert report.vkey == SIGNER.verifier.vkey


def test_progress_is_told_per_bundle(ledger):
    told = []
    audit(ledger, progress=told.append)
    assert told == [256, 512, 768, 1000]


def test_an_empty_ledger_verifies(tmp_path):
    report = audit(published(tmp_path, []))
    assert (report.size, report.first_at, report.root) == (0, None, EMPTY.root())


PLACES = [0, 1, 254, 255, 256, 600, 767, 768, SIZE - 2, SIZE - 1]


@pytest.mark.parametrize("place", PLACES)
def test_an_altered_entry_is_named(ledger, place):
    rebundle(ledger, [*LOG[:place], forged(place), *LOG[place + 1 :]])
    with pytest.raises(EntryBroken) as broken:
        audit(ledger)
    assert (broken.value.index, broken.value.how) == (place, "altered")


@pytest.mark.parametrize("place", PLACES)
def test_a_flipped_bit_in_an_entry_is_named(ledger, place):
    bundled = LOG[place // 256 * 256 : place]
    offset = sum(len(leaf) + 2 for leaf in bundled) + 2 + 30
    flip(ledger / path_of(None, place // 256, width_at(SIZE, None, place // 256)), offset)
    with pytest.raises(EntryBroken) as broken:
        audit(ledger)
    assert (broken.value.index, broken.value.how) == (place, "altered")


@pytest.mark.parametrize("place", [0, 1, 254, 256, 600, SIZE - 2, SIZE - 1])
def test_a_removed_entry_is_named(ledger, place):
    rebundle(ledger, [*LOG[:place], *LOG[place + 1 :]])
    with pytest.raises(EntryBroken) as broken:
        audit(ledger)
    assert (broken.value.index, broken.value.how) == (place, "removed")


@pytest.mark.parametrize("place", [0, 1, 254, 256, 600, SIZE - 1, SIZE])
def test_an_added_entry_is_named(ledger, place):
    rebundle(ledger, [*LOG[:place], forged(place), *LOG[place:]])
    with pytest.raises(EntryBroken) as broken:
        audit(ledger)
    assert (broken.value.index, broken.value.how) == (place, "added")


@pytest.mark.parametrize("place", [0, 253, 256, 600, SIZE - 2])
def test_reordered_entries_are_named(ledger, place):
    rebundle(ledger, [*LOG[:place], LOG[place + 1], LOG[place], *LOG[place + 2 :]])
    with pytest.raises(EntryBroken) as broken:
        audit(ledger)
    assert (broken.value.index, broken.value.how) == (place, "reordered")


def test_entries_cut_from_the_end_of_a_bundle_are_named(ledger):
    (ledger / "tile/entries/001").write_bytes(bundle(LOG[256:500]))
    with pytest.raises(EntryBroken) as broken:
        audit(ledger)
    assert (broken.value.index, broken.value.how) == (500, "removed")


def test_a_bundle_that_ends_inside_an_entry_is_named(ledger):
    path = ledger / "tile/entries/002"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TileBroken, match="`tile/entries/002` ends in the middle"):
        audit(ledger)


@pytest.mark.parametrize(
    "path", ["tile/entries/000", "tile/entries/003.p/232", "tile/0/000", "tile/0/003.p/232", "tile/1/000.p/3"]
)
def test_a_missing_tile_is_named(ledger, path):
    (ledger / path).unlink()
    with pytest.raises(TileMissing) as missing:
        audit(ledger)
    assert missing.value.tile == path


@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002", "tile/0/003.p/232", "tile/1/000.p/3"])
def test_a_flipped_bit_in_a_tile_is_named(ledger, path, place):
    flip(ledger / path, place)
    with pytest.raises(TileBroken) as broken:
        audit(ledger)
    assert broken.value.tile == path


@pytest.mark.parametrize("path", ["tile/0/272", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"])
def test_tiles_on_every_level_are_compared(long_ledger, path):
    flip(long_ledger / path, 0)
    with pytest.raises(TileBroken) as broken:
        audit(long_ledger)
    assert broken.value.tile == path


@pytest.mark.parametrize("size", [0, 32, 8160, 8191, 8193, 8224])
def test_a_tile_of_another_length_is_named(ledger, size):
    path = ledger / "tile/0/002"
    path.write_bytes((path.read_bytes() + bytes(64))[:size])
    with pytest.raises(TileBroken) as broken:
        audit(ledger)
    assert broken.value.tile == "tile/0/002"


@pytest.mark.parametrize(
    "path",
    ["tile/entries/004", "tile/entries/003", "tile/entries/003.p/233", "tile/0/003.p/233", "tile/0/004.p/1",
     "tile/1/000.p/4", "tile/1/001.p/1", "tile/2/000.p/1", "tile/leaves/000", "tile/0/n.txt", "tile/README"],
)  # fmt: skip
def test_a_file_too_many_is_named(ledger, path):
    (ledger / path).parent.mkdir(parents=True, exist_ok=True)
    (ledger / path).write_bytes(bytes(32))
    with pytest.raises(TileExtra) as extra:
        audit(ledger)
    assert extra.value.tile == path


def test_older_partial_tiles_may_stay_if_they_fit(ledger):
    for path, content in {
        "tile/0/002.p/3": (ledger / "tile/0/002").read_bytes()[:96],
        "tile/entries/002.p/3": bundle(LOG[512:515]),
        "tile/0/003.p/5": (ledger / "tile/0/003.p/232").read_bytes()[:160],
    }.items():
        (ledger / path).parent.mkdir(exist_ok=True)
        (ledger / path).write_bytes(content)
    assert audit(ledger).size == SIZE


@pytest.mark.parametrize(
    ("path", "content"),
    [("tile/0/002.p/3", bytes(96)), ("tile/entries/002.p/3", bundle(LOG[:3])),
     ("tile/entries/002.p/3", bundle(LOG[512:514]))],
)  # fmt: skip
def test_older_partial_tiles_that_do_not_fit_are_named(ledger, path, content):
    (ledger / path).parent.mkdir(exist_ok=True)
    (ledger / path).write_bytes(content)
    with pytest.raises(TileBroken, match="does not fit") as broken:
        audit(ledger)
    assert broken.value.tile == path


def test_entries_and_tiles_changed_together_do_not_make_the_signed_root(ledger):
    checkpoint = (ledger / "checkpoint").read_bytes()
    shutil.rmtree(ledger)
    published(ledger, [*LOG[:-1], forged(SIZE - 1)])
    (ledger / "checkpoint").write_bytes(checkpoint)
    with pytest.raises(RootDiffers):
        audit(ledger)


def test_a_ledger_made_anew_without_the_key_is_refused_by_who_knows_the_key(ledger):
    shutil.rmtree(ledger)
    published(ledger, [*LOG[:-1], forged(SIZE - 1)], by=STRANGER)
    assert audit(ledger).trusted_on_first_use is True
    with pytest.raises(BadNote, match="no known key"):
        audit(ledger, SIGNER.verifier.vkey)


@pytest.mark.parametrize("at", [0, 20, 70, 130, -3])
def test_a_flipped_bit_in_the_checkpoint_is_refused(ledger, at):
    flip(ledger / "checkpoint", at)
    with pytest.raises((BadNote, BadCheckpoint)):
        audit(ledger)


@pytest.mark.parametrize("size", [1, 256, 300, SIZE - 1, SIZE])
def test_a_fork_of_a_checkpoint_kept_is_found_though_the_log_signed_it(tmp_path, size):
    kept = signed([*LOG[: size - 1], forged(size - 1)])[1]
    ledger = published(tmp_path, LOG)
    with pytest.raises(Forked) as forked:
        audit(ledger, previous=kept)
    assert (forked.value.kept, forked.value.size) == (size, SIZE)


def test_a_ledger_rolled_back_behind_a_checkpoint_kept_is_found(tmp_path):
    ledger = published(tmp_path, LOG[:300])
    with pytest.raises(Forked):
        audit(ledger, previous=signed(LOG[:301])[1])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 300])
def test_a_ledger_that_went_on_continues_a_checkpoint_kept(tmp_path, size):
    ledger = published(tmp_path, LOG[:300])
    assert audit(ledger, previous=signed(LOG[:size])[1]).continues == size


def test_a_checkpoint_kept_of_another_key_is_refused(tmp_path):
    with pytest.raises(BadNote):
        audit(published(tmp_path, LOG[:3]), previous=signed(LOG[:3], by=STRANGER)[1])


def test_a_signed_entry_that_is_none_of_troth_is_named(tmp_path):
    log = [*LOG[:300], b'{"email":"mira@example.org"}', *LOG[301:400]]
    with pytest.raises(EntryUnreadable) as unreadable:
        audit(published(tmp_path, log))
    assert (unreadable.value.index, unreadable.value.tile) == (300, "tile/entries/001.p/144")
    assert "mira" not in str(unreadable.value)


def dated(*times):
    return [encode(Entry(at=at, kind="a", actor="time", act="a", outcome="done")) for at in times]


def test_tellers_may_be_a_minute_apart_and_the_report_says_how_far(tmp_path):
    report = audit(published(tmp_path, dated(START, START + 3, START - BACKWARDS_MAX + 3, START + 4)))
    assert report.backwards == BACKWARDS_MAX


def test_time_running_backwards_is_named(tmp_path):
    log = dated(START, START + 3, START + 1, START + 2 - BACKWARDS_MAX)
    with pytest.raises(TimeBackwards) as backwards:
        audit(published(tmp_path, log))
    assert (backwards.value.index, backwards.value.seconds) == (3, 60)


def test_a_directory_without_a_ledger_is_said_to_be_none(tmp_path):
    with pytest.raises(NoLedger):
        audit(tmp_path)
    with pytest.raises(NoLedger):
        audit(tmp_path, SIGNER.verifier.vkey)


def test_text_that_is_no_key_is_refused(ledger):
    with pytest.raises(BadVerifierKey):
        audit(ledger, "nonsense")
    (ledger / "log.vkey").write_bytes(b"\xff")
    with pytest.raises(BadVerifierKey):
        audit(ledger)


def test_a_folder_where_a_tile_should_be_is_a_missing_tile(ledger):
    (ledger / "tile/0/000").unlink()
    (ledger / "tile/0/000").mkdir()
    with pytest.raises(TileMissing):
        audit(ledger)


FRONT = {"checkpoint": BadNote, "log.vkey": BadVerifierKey}
PARTS = ["checkpoint", "log.vkey", "tile/0/001", "tile/1/000.p/3", "tile/entries/002"]


def _endless(path):
    path.symlink_to("/dev/zero")


def _huge(path):
    with path.open("wb") as file:
        file.truncate(6 << 30)  # it has holes, and takes no room


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("make", [os.mkfifo, _endless, _huge], ids=["fifo", "device", "huge"])
def test_a_file_of_another_kind_or_without_measure_is_refused_and_not_read(ledger, part, make):
    (ledger / part).unlink()
    make(ledger / part)

    with (
        within_memory(512 << 20),
        pytest.raises(FRONT.get(part, TileBroken), match=r"regular file|larger than"),
    ):
        audit(ledger)


def test_a_link_to_a_file_of_the_ledger_is_read_as_that_file(ledger):
    (ledger / "checkpoint").rename(ledger / "kept")
    (ledger / "checkpoint").symlink_to("kept")

    assert audit(ledger).size == SIZE


def test_a_file_that_leads_to_itself_is_named(ledger):
    (ledger / "tile/0/001").unlink()
    (ledger / "tile/0/001").symlink_to("001")

    with pytest.raises(TileBroken, match="cannot be read"):
        audit(ledger)


@contextmanager
def within_memory(most):
    """Let this process have no more than so many bytes beside what it has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_a_log_truncated_to_an_older_checkpoint_is_found_by_what_is_left_over(ledger):
    (ledger / "checkpoint").write_bytes(signed(LOG[:300])[1])
    with pytest.raises((TileMissing, TileExtra)):
        audit(ledger)


def test_a_checkpoint_of_another_origin_is_refused(ledger):
    checkpoint = signed(LOG)[0]
    other = type(checkpoint)("other.example.org", checkpoint.size, checkpoint.root)
    (ledger / "checkpoint").write_bytes(sign_checkpoint(other, SIGNER))
    with pytest.raises(BadCheckpoint, match=r"`other\.example\.org`"):
        audit(ledger)


def test_what_is_audited_is_what_was_written(ledger):
    assert [leaf_hash(leaf) for leaf in Published(ledger).leaves(3)] == [leaf_hash(leaf) for leaf in LOG[:3]]
