from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.logs import SIGNER, STRANGER, grown, leaves, published, signed
from troth.errors import BadNote, EntryRefused, ForkRefused, NoLedger, RootDiffers, TileBroken, TileMissing
from troth.ledger.audit import audit
from troth.ledger.tiles import Published, bundle, export, path_of, position_of, unbundle, width_at

LOG = leaves(1400)
LONG = leaves(70_000)


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"), (0, 273, 112, "tile/0/273.p/112"), (1, 1, 17, "tile/1/001.p/17"),
        (5, 1_234_067, 256, "tile/5/x001/x234/067"), (63, 999, 1, "tile/63/999.p/1"),
        (None, 1000, 256, "tile/entries/x001/000"),
        (None, 1_000_000, 255, "tile/entries/x001/x000/000.p/255"),
    ],
)  # fmt: skip
def test_a_tile_has_the_path_of_the_specification(level, index, width, path):
    assert path_of(level, index, width) == path
    assert position_of(path) == (level, index, width)


@given(st.none() | st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_says_which_tile_it_is(level, index, width):
    assert position_of(path_of(level, index, width)) == (level, index, width)


@pytest.mark.parametrize("path", [
    "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/0/001/000", "tile/0/x000/001",
    "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p", "tile/entries/x1/000",
    "tile/leaves/000", "tile/0/000.tmp",
])  # fmt: skip
def test_any_other_path_is_no_tile(path):
    assert position_of(path) is None


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536, 70_000])
def test_widths_add_up_to_the_size(size):
    widths = [width_at(size, None, index) for index in range(size // 256 + 2)]
    assert sum(widths) == size
    assert width_at(size, 1, 0) == min(256, size // 256)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_leaves_back(held):
    assert unbundle(bundle(held), tile="x") == held


def test_a_bundle_is_length_in_sixteen_bits_and_bytes():
    assert bundle([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"
    assert unbundle(bundle([b"x" * 65_535]), tile="x") == [b"x" * 65_535]
    with pytest.raises(EntryRefused, match="65,535"):
        bundle([b"x" * 65_536])


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5, 6, 7])
def test_a_bundle_cut_short_is_broken(cut):
    whole = bundle([b"abc", b"de"])
    with pytest.raises(TileBroken, match="middle of an entry") if cut != 4 else pytest.raises(AssertionError):
        assert unbundle(whole[:-cut], tile="x") == [b"abc", b"de"]


def test_a_published_ledger_has_exactly_these_files(tmp_path):
    published(tmp_path, LONG)
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    tiles = {path_of(level, index) for level in (None, 0) for index in range(273)} | {"tile/1/000"}
    edge = {"tile/0/273.p/112", "tile/entries/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}
    assert found == tiles | edge | {"checkpoint", "log.vkey"}


def test_what_is_published_reads_back(tmp_path):
    log = Published(published(tmp_path, LONG))
    assert list(log.leaves(70_000)) == LONG
    assert list(log.leaves(70_000, 69_880)) == LONG[69_880:]
    assert list(log.leaves(300, 299)) == [LONG[299]]
    assert log.reader(70_000)(1, 1) == grown(LONG)[1](1, 1)
    assert log.unverified_checkpoint() == signed(LONG)[1]
    assert log.unverified_vkey() == SIGNER.verifier.vkey


def contents(directory):
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0, 1, 2, 255, 256, 257, 512, 700, 1399, 1400]), min_size=1, max_size=5))
def test_publishing_in_steps_gives_the_same_ledger_as_at_once(tmp_path_factory, stops):
    stepwise, at_once = tmp_path_factory.mktemp("steps"), tmp_path_factory.mktemp("once")
    for stop in sorted(stops):
        published(stepwise, LOG[:stop])
        assert audit(stepwise).size == stop
    published(at_once, LOG[: max(stops)])
    more = contents(stepwise).items() - contents(at_once).items()
    assert contents(at_once).items() <= contents(stepwise).items()
    assert all(".p/" in path for path, _ in more)


def test_publishing_goes_on_from_the_last_whole_bundle(tmp_path):
    published(tmp_path, LOG[:700])
    asked = []
    export(tmp_path, signed(LOG)[1], SIGNER.verifier, lambda start: asked.append(start) or LOG[start:])
    assert asked == [512]
    assert not (tmp_path / "tile/0/002.p").exists()
    assert audit(tmp_path).size == 1400


class PowerCut(Exception):
    pass


@pytest.mark.parametrize("after", [0, 1, 255, 256, 257, 600, 887])
def test_a_publication_cut_off_leaves_a_whole_ledger_and_goes_on_later(tmp_path, after):
    published(tmp_path, LOG[:512])

    def cut_off(start):
        for number, leaf in zip(count(), LOG[start:], strict=False):
            if number == after:
                raise PowerCut
            yield leaf

    with pytest.raises(PowerCut):
        export(tmp_path, signed(LOG)[1], SIGNER.verifier, cut_off)
    assert list(Published(tmp_path).leaves(512)) == LOG[:512]
    assert Published(tmp_path).unverified_checkpoint() == signed(LOG[:512])[1]
    published(tmp_path, LOG)
    assert audit(tmp_path).size == 1400


def test_an_older_checkpoint_does_not_replace_a_newer_one(tmp_path):
    published(tmp_path, LOG)
    with pytest.raises(ForkRefused):
        published(tmp_path, LOG[:1399])
    assert audit(tmp_path).size == 1400


@pytest.mark.parametrize("place", [0, 300, 699])
def test_a_fork_of_what_is_published_is_not_published(tmp_path, place):
    published(tmp_path, LOG[:700])
    before = contents(tmp_path)
    forged = [*LOG[:place], leaves(1, of="payment")[0], *LOG[place + 1 :]]
    with pytest.raises((ForkRefused, RootDiffers, TileBroken)):
        published(tmp_path, forged)
    assert before.items() <= contents(tmp_path).items()
    published(tmp_path, LOG[:700])


def test_a_tile_that_is_published_is_never_written_again(tmp_path):
    published(tmp_path, LOG[:700])
    forged = [*LOG[:699], leaves(1, of="payment")[0]]
    with pytest.raises(TileBroken, match=r"`tile/entries/002\.p/188` is published already"):
        published(tmp_path, forged)
    assert audit(tmp_path).size == 700


def test_entries_that_do_not_make_the_signed_root_are_not_published(tmp_path):
    with pytest.raises(RootDiffers):
        export(tmp_path, signed(LOG)[1], SIGNER.verifier, lambda _: leaves(1400, of="payment"))
    assert not (tmp_path / "checkpoint").exists()


def test_fewer_entries_than_signed_are_not_published(tmp_path):
    with pytest.raises(ForkRefused) as refused:
        export(tmp_path, signed(LOG)[1], SIGNER.verifier, lambda _: LOG[:900])
    assert (refused.value.kept, refused.value.size) == (1400, 900)


def test_nothing_is_published_over_the_log_of_another_key(tmp_path):
    published(tmp_path, LOG[:10], by=STRANGER)
    with pytest.raises(BadNote):
        published(tmp_path, LOG)
    with pytest.raises(BadNote):
        export(tmp_path, signed(LOG, by=STRANGER)[1], SIGNER.verifier, lambda start: LOG[start:])


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(NoLedger, match="no `checkpoint`"):
        Published(tmp_path).unverified_checkpoint()
    with pytest.raises(NoLedger, match=r"no `log\.vkey`"):
        Published(tmp_path / "nowhere").unverified_vkey()
    with pytest.raises(TileMissing, match="`tile/0/000` is missing"):
        Published(tmp_path).reader(256)(0, 0)


def test_a_partial_tile_is_read_from_the_full_one_that_outgrew_it(tmp_path):
    log = Published(published(tmp_path, LOG))
    assert log.reader(300)(0, 1) == log.reader(1400)(0, 1)[: 44 * 32]
    assert list(log.leaves(300)) == LOG[:300]


def test_a_tile_too_short_is_named(tmp_path):
    log = Published(published(tmp_path, LOG))
    (tmp_path / "tile/0/001").write_bytes(b"x" * 64)
    with pytest.raises(TileBroken, match="`tile/0/001` holds fewer hashes"):
        log.reader(1400)(0, 1)
    (tmp_path / "tile/entries/001").write_bytes(bundle(LOG[256:300]))
    with pytest.raises(TileBroken, match="`tile/entries/001` holds fewer entries"):
        list(log.leaves(1400))
