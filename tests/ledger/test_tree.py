from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.logs import vectors
from troth.errors import BadHash, BadProof, TileBroken
from troth.ledger.tree import (
    EMPTY,
    EMPTY_ROOT,
    FULL,
    Tile,
    Tree,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS = vectors("ledger-merkle.json")
REFERENCE = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
MOST = 70_000
HASHES = [leaf_hash(b"%d" % i) for i in range(MOST)]
EDGES = (1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 600, 65_535, 65_536, 65_537, MOST)
sizes = st.sampled_from(EDGES) | st.integers(1, 600)


@cache
def naive_root(low, high):
    """The tree hash of RFC 6962 §2.1, as it is written there, over leaves `low` to `high`."""
    if low == high:
        return sha256(b"").digest()
    if high - low == 1:
        return HASHES[low]
    k = 1
    while k * 2 < high - low:
        k *= 2
    return sha256(b"\x01" + naive_root(low, low + k) + naive_root(low + k, high)).digest()


def naive_path(m, low, high):
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if high - low == 1:
        return []
    k = 1
    while k * 2 < high - low:
        k *= 2
    if m < k:
        return [*naive_path(m, low, low + k), naive_root(low + k, high)]
    return [*naive_path(m - k, low + k, high), naive_root(low, low + k)]


def naive_proof(m, low, high, whole=True):
    """SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2."""
    if m == high - low:
        return [] if whole else [naive_root(low, high)]
    k = 1
    while k * 2 < high - low:
        k *= 2
    if m <= k:
        return [*naive_proof(m, low, low + k, whole), naive_root(low + k, high)]
    return [*naive_proof(m - k, low + k, high, False), naive_root(low, low + k)]


def kept(tiles):
    held = {(tile.level, tile.index): tile.hashes for tile in tiles}
    return lambda level, index: held[level, index]


BIG, TILES = EMPTY.extend(HASHES)
STORED = kept(TILES)


def reading(size):
    return Tree.load(size, STORED, HASHES[size & ~255 : size]).reader(STORED)


def test_every_root_up_to_six_hundred_is_that_of_the_rfc():
    tree = EMPTY
    for size in range(601):
        assert tree.root() == naive_root(0, size) == root_of(HASHES[:size])
        tree, _ = tree.extend([HASHES[size]])


@pytest.mark.parametrize("size", EDGES)
def test_a_tree_grown_in_one_go_has_the_root_of_the_rfc(size):
    assert root_of(HASHES[:size]) == naive_root(0, size)


@given(st.lists(st.integers(0, 700), max_size=6))
def test_it_does_not_matter_in_which_batches_a_tree_grows(batches):
    tree, tiles, at = EMPTY, [], 0
    for batch in batches:
        tree, full = tree.extend(HASHES[at : at + batch])
        tiles += full
        at += batch
    whole, at_once = EMPTY.extend(HASHES[:at])
    assert tree == whole
    assert sorted(tiles, key=lambda t: (t.level, t.index)) == sorted(
        at_once, key=lambda t: (t.level, t.index)
    )


@pytest.mark.parametrize("size", [0, *EDGES])
def test_tiles_have_the_widths_of_the_specification(size):
    tree, tiles = EMPTY.extend(HASHES[:size])
    for level in range(4):
        full = [tile for tile in tiles if tile.level == level]
        assert [tile.index for tile in full] == list(range((size >> 8 * level) // 256))
        assert all(tile.width == 256 and len(tile.hashes) == FULL for tile in full)
        partial = [tile for tile in tree.edge_tiles() if tile.level == level]
        width = (size >> 8 * level) % 256
        assert [tile.width for tile in partial] == ([width] if width else [])


@given(sizes, st.integers(0, 3), st.data())
def test_each_hash_of_a_tile_is_the_root_of_what_it_covers(size, level, data):
    tree, tiles = EMPTY.extend(HASHES[:size])
    at_level = [tile for tile in (*tiles, *tree.edge_tiles()) if tile.level == level]
    if not at_level:
        assert size < 256**level
        return
    tile = data.draw(st.sampled_from(at_level))
    i = data.draw(st.integers(0, tile.width - 1))
    first = (tile.index * 256 + i) * 256**level
    assert tile.hashes[32 * i : 32 * i + 32] == naive_root(first, first + 256**level)


@given(sizes)
def test_a_tree_loads_from_its_tiles_and_last_leaves(size):
    assert Tree.load(size, STORED, HASHES[size & ~255 : size]) == EMPTY.extend(HASHES[:size])[0]


def test_growing_leaves_the_old_tree_as_it_was():
    tree, _ = EMPTY.extend(HASHES[:300])
    root = tree.root()
    tree.extend(HASHES[300:900])
    assert (tree.size, tree.root()) == (300, root)


@given(sizes, st.data())
def test_inclusion_paths_are_those_of_the_rfc_and_verify(size, data):
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, reading(size))
    assert list(path) == naive_path(index, 0, size)
    verify_inclusion(HASHES[index], path, index=index, size=size, root=naive_root(0, size))


def test_every_leaf_of_every_small_tree_is_proved():
    for size in range(1, 40):
        reader = reading(size)
        for index in range(size):
            path = inclusion_path(index, size, reader)
            verify_inclusion(HASHES[index], path, index=index, size=size, root=naive_root(0, size))


@given(sizes, st.data())
def test_consistency_paths_are_those_of_the_rfc_and_verify(size, data):
    old = data.draw(st.integers(1, size) | st.sampled_from([e for e in EDGES if e <= size]))
    path = consistency_path(old, size, reading(size))
    assert list(path) == naive_proof(old, 0, size)
    verify_consistency(path, old=old, size=size, old_root=naive_root(0, old), root=naive_root(0, size))


def test_every_pair_of_small_sizes_is_consistent():
    for size in range(1, 40):
        reader = reading(size)
        for old in range(1, size + 1):
            path = consistency_path(old, size, reader)
            verify_consistency(
                path, old=old, size=size, old_root=naive_root(0, old), root=naive_root(0, size)
            )


def flipped(raw, bit):
    out = bytearray(raw)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def altered_paths(path, bit, other):
    """Every path with one step flipped, dropped, doubled, or a step too many."""
    for i, step in enumerate(path):
        yield [*path[:i], flipped(step, bit), *path[i + 1 :]]
        yield [*path[:i], *path[i + 1 :]]
        yield [*path[:i], step, step, *path[i + 1 :]]
    yield [*path, other]
    yield [other, *path]
    if len(set(path)) > 1:
        yield list(reversed(path))


@given(sizes, st.integers(0, 255), st.data())
def test_every_mutation_of_an_inclusion_proof_fails(size, bit, data):
    index = data.draw(st.integers(0, size - 1))
    path, root = naive_path(index, 0, size), naive_root(0, size)
    said = {"index": index, "size": size, "root": root}
    wrong = [(HASHES[index], other, said) for other in altered_paths(path, bit, root)]
    wrong += [
        (flipped(HASHES[index], bit), path, said),
        (HASHES[index], path, said | {"root": flipped(root, bit)}),
        (HASHES[index], path, said | {"index": index + 1}),
        (HASHES[index], path, said | {"index": index - 1}),
        (HASHES[index], path, said | {"index": size}),
        (HASHES[index], path, said | {"size": 0}),
        (HASHES[index], path, said | {"size": size * 2}),
    ]
    for leaf, other, claim in wrong:
        with pytest.raises(BadProof):
            verify_inclusion(leaf, other, **claim)


@given(sizes.filter(lambda n: n > 1), st.integers(0, 255), st.data())
def test_every_mutation_of_a_consistency_proof_fails(size, bit, data):
    old = data.draw(st.integers(1, size - 1))
    path = naive_proof(old, 0, size)
    old_root, root = naive_root(0, old), naive_root(0, size)
    said = {"old": old, "size": size, "old_root": old_root, "root": root}
    wrong = [(other, said) for other in altered_paths(path, bit, root)]
    wrong += [
        ([], said),
        (path, said | {"old_root": root, "root": old_root}),
        (path, said | {"old_root": flipped(old_root, bit)}),
        (path, said | {"root": flipped(root, bit)}),
        (path, said | {"old": old - 1}),
        (path, said | {"old": size}),
        (path, said | {"old": size + 1}),
        (path, said | {"size": size * 2}),
        (path, said | {"size": old}),
    ]
    for other, claim in wrong:
        with pytest.raises(BadProof):
            verify_consistency(other, **claim)


def test_nothing_is_consistent_with_an_empty_tree_by_proof():
    with pytest.raises(BadProof, match="there is none from size 0"):
        consistency_path(0, 8, reading(8))
    with pytest.raises(BadProof, match="there is none from size 0"):
        verify_consistency([], old=0, size=8, old_root=EMPTY_ROOT, root=naive_root(0, 8))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (8, 8), (-1, 8)])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index, size):
    with pytest.raises(BadProof, match="there is no leaf"):
        inclusion_path(index, size, STORED)


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_a_hash_that_is_not_32_bytes_is_refused_everywhere(short):
    fine = HASHES[0]
    for attempt in (
        lambda: EMPTY.extend([fine, short]),
        lambda: root_of([short]),
        lambda: node_hash(fine, short),
        lambda: Tree.load(1, STORED, [short]),
        lambda: verify_inclusion(short, [], index=0, size=1, root=fine),
        lambda: verify_inclusion(fine, [], index=0, size=1, root=short),
        lambda: verify_inclusion(fine, [short], index=0, size=2, root=fine),
        lambda: verify_consistency([], old=1, size=1, old_root=short, root=short),
        lambda: verify_consistency([short], old=1, size=2, old_root=fine, root=fine),
    ):
        with pytest.raises(BadHash):
            attempt()


def test_a_tree_does_not_load_from_tiles_or_leaves_that_are_not_its_own():
    with pytest.raises(BadHash, match="44 end the tree"):
        Tree.load(300, STORED, HASHES[256:299])
    with pytest.raises(TileBroken, match="not 256 hashes wide"):
        Tree.load(300, lambda level, index: STORED(level, index)[:-32], HASHES[256:300])


def test_a_proof_from_a_tile_too_short_names_the_tile():
    with pytest.raises(TileBroken, match="`0/2` holds fewer hashes"):
        inclusion_path(
            0, 600, lambda level, index: STORED(level, index)[:32] if index else STORED(level, index)
        )


def test_the_reference_tree_of_certificate_transparency():
    assert EMPTY.root().hex() == VECTORS["empty_root"]
    assert [root_of(REFERENCE[: n + 1]).hex() for n in range(8)] == VECTORS["roots"]


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda v: f"{v['index']} of {v['size']}")
def test_the_published_inclusion_proofs(vector):
    index, size = vector["index"], vector["size"]
    tree, _ = EMPTY.extend(REFERENCE[:size])
    path = [bytes.fromhex(step) for step in vector["path"]]
    assert list(inclusion_path(index, size, tree.reader(STORED))) == path
    verify_inclusion(REFERENCE[index], path, index=index, size=size, root=tree.root())


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda v: f"{v['old']} to {v['size']}")
def test_the_published_consistency_proofs(vector):
    old, size = vector["old"], vector["size"]
    tree, _ = EMPTY.extend(REFERENCE[:size])
    path = [bytes.fromhex(step) for step in vector["path"]]
    assert list(consistency_path(old, size, tree.reader(STORED))) == path
    verify_consistency(path, old=old, size=size, old_root=root_of(REFERENCE[:old]), root=tree.root())


def test_the_example_of_the_tile_specification():
    """A log of 70,000: 273 full tiles and one of 112; one full and one of 17; one of 1."""
    levels = [sum(tile.level == level for tile in TILES) for level in range(3)]
    assert levels == [273, 1, 0]
    assert [(t.level, t.index, t.width) for t in BIG.edge_tiles()] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert Tile(0, 0, b"".join(HASHES[:256])) in TILES
