"""Equal values find each other by token; a token tells nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.known import failures, vectors
from troth.errors import EmptyNeedle, LowCardinality, NotNormal, UnknownKind
from troth.vault.lookup import IndexKey, indexable, normalise, token

KEY = IndexKey(b"k" * 32)
KINDS = ["text", "email", "phone", "handle", "reference", "exact"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ADDRESSES = st.builds(
    "{}@{}".format, TEXT, st.sampled_from(["Example.ORG", "Bücher.example", "a.b.", "ß.de"])
)
NUMBERS = st.builds("+{}".format, st.integers(1, 10**13))


@pytest.mark.parametrize("vector", vectors("lookup.json", good="gives"))
def test_a_known_text_has_its_normal_form(vector):
    assert normalise(vector["kind"], vector["text"]) == vector["gives"]


@pytest.mark.parametrize(("vector", "failure"), failures("lookup.json", good="gives"))
def test_a_known_bad_text_fails_as_named_and_is_not_repeated(vector, failure):
    with pytest.raises(failure) as caught:
        normalise(vector["kind"], vector["text"])
    assert str(caught.value) == str(failure(kind=vector["kind"]))


@given(st.sampled_from(KINDS), TEXT | ADDRESSES | NUMBERS)
def test_normalising_twice_changes_nothing(kind, text):
    try:
        once = normalise(kind, text)
    except NotNormal:
        once = ""
    assert normalise(kind, once) == once


@given(TEXT)
def test_case_and_width_do_not_tell_two_texts_apart(text):
    assert normalise("text", text) == normalise("text", text.casefold())


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_with_many_values_may_be_indexed(kind):
    assert indexable(kind) is None


@pytest.mark.parametrize("kind", ["boolean", "gender", "date", "choice", "country", "language"])
def test_a_kind_with_few_values_may_not_be_indexed(kind):
    with pytest.raises(LowCardinality):
        indexable(kind)


def test_a_kind_nobody_knows_may_not_be_indexed():
    with pytest.raises(UnknownKind):
        indexable("telepathy")


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_character_is_of_no_kind(kind):
    with pytest.raises(NotNormal):
        normalise(kind, "ann\ud800@example.org")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_needle_never_has_a_token(kind):
    with pytest.raises(EmptyNeedle):
        token(KEY, normalise(kind, "").encode())


@given(st.binary(min_size=1), st.binary(min_size=1))
def test_tokens_are_equal_when_the_values_are(one, other):
    assert (token(KEY, one) == token(KEY, other)) == (one == other)
    assert len(token(KEY, one)) == 16


def test_another_key_gives_another_token():
    assert token(KEY, b"+852") != token(IndexKey(b"l" * 32), b"+852")
