"""A value opens as what it was sealed as, and as nothing else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.known import failures, vectors
from troth.canonical import bind
from troth.errors import SealBroken, UnknownSuite
from troth.vault.seal import OVERHEAD, Key, context, seal, unseal

KEY = Key(bytes(range(32)))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
PARTS = st.fixed_dictionaries(
    {
        "record": st.binary(max_size=20),
        "subject": INTEGERS | st.binary(max_size=20),
        "category": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        "schema": INTEGERS,
        "key": INTEGERS | st.binary(max_size=32),
    }
)


def parts(vector):
    given_parts = dict(vector["parts"])
    for name in ("record", "subject", "key"):
        if isinstance(given_parts[name], str):
            given_parts[name] = bytes.fromhex(given_parts[name])
    given_parts.pop("subject_is", None)
    return given_parts


@pytest.mark.parametrize("vector", vectors("seal.json"))
def test_a_known_value_opens(vector):
    assert context(**parts(vector)).hex() == vector["context"]
    opened = unseal(
        Key(bytes.fromhex(vector["key"])), bytes.fromhex(vector["sealed"]), context(**parts(vector))
    )
    assert opened.hex() == vector["plaintext"]


@pytest.mark.parametrize(("vector", "failure"), failures("seal.json"))
def test_a_known_forgery_fails_as_named(vector, failure):
    assert context(**parts(vector)).hex() == vector["context"]
    with pytest.raises(failure):
        unseal(Key(bytes.fromhex(vector["key"])), bytes.fromhex(vector["sealed"]), context(**parts(vector)))


@given(st.binary(max_size=500), st.binary(max_size=80))
def test_what_is_sealed_opens_again_and_grows_by_29_bytes(plaintext, bound):
    sealed = seal(KEY, plaintext, bound)
    assert unseal(KEY, sealed, bound) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD == len(plaintext) + 29


@given(st.binary(max_size=60), st.data())
def test_no_bit_can_be_flipped(plaintext, chosen):
    sealed = bytearray(seal(KEY, plaintext, b"here"))
    bit = chosen.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnknownSuite if bit < 8 else SealBroken):
        unseal(KEY, bytes(sealed), b"here")


@given(PARTS, PARTS)
def test_two_contexts_are_the_same_only_if_all_their_parts_are(one, other):
    assert (context(**one) == context(**other)) == (one == other)


@given(PARTS, st.sampled_from(["record", "subject", "category", "schema", "key"]), PARTS)
def test_a_value_does_not_open_when_any_one_part_of_its_context_differs(home, moved, away):
    elsewhere = {**home, moved: away[moved]}
    sealed = seal(KEY, b"a value", context(**home))
    if elsewhere == home:
        assert unseal(KEY, sealed, context(**elsewhere)) == b"a value"
    else:
        with pytest.raises(SealBroken):
            unseal(KEY, sealed, context(**elsewhere))


@given(PARTS)
def test_a_context_is_what_the_canonical_encoding_says(given_parts):
    p = given_parts
    assert context(**p) == bind(
        "troth.value", p["category"], p["schema"], p["subject"], p["key"], p["record"]
    )


def test_no_two_seals_of_one_value_share_a_nonce():
    nonces = sorted(seal(KEY, b"again", b"")[1:13] for _ in range(5_000))
    assert all(one != other for one, other in pairwise(nonces))


@given(st.binary(max_size=40))
def test_whatever_bytes_are_given_the_failure_is_typed(noise):
    with pytest.raises((SealBroken, UnknownSuite)) as caught:
        unseal(KEY, noise, b"")
    assert caught.value.__cause__ is None
