from hypothesis import given
from hypothesis import strategies as st

from troth.terms.lattice import Relation, relation, within

S, N, B, O, D = Relation  # noqa: E741 - the letters of the matrix
words = st.lists(
    st.sampled_from(["*", "a", "a.b", "a.b.c", "a.d", "ab", "e", "e.f"]), min_size=1, max_size=4, unique=True
).map(tuple)


def test_the_five_relations_read_as_people_read_them():
    assert relation(("contact.email",), ("contact.email",)) is S
    assert relation(("contact.email",), ("contact",)) is N
    assert relation(("contact",), ("contact.email",)) is B
    assert relation(("contact", "device.id"), ("device",)) is O
    assert relation(("contact",), ("device",)) is D
    assert relation(("contacts",), ("contact",)) is D
    assert relation(("*",), ("contact",)) is B
    assert relation(("a", "a.b"), ("a",)) is S


@given(words, words)
def test_each_relation_mirrors_the_other_way_round(a, b):
    assert relation(b, a) is relation(a, b).mirrored


@given(words)
def test_a_set_is_the_same_as_itself(a):
    assert relation(a, a) is S


@given(words, words)
def test_two_sets_that_are_each_within_the_other_are_the_same(a, b):
    assert (within(a, b) and within(b, a)) == (relation(a, b) is S)


@given(words, words, words)
def test_within_is_transitive(a, b, c):
    if within(a, b) and within(b, c):
        assert within(a, c)


@given(words, words, words)
def test_what_is_disjoint_from_the_broader_is_disjoint_from_the_narrower(a, b, c):
    if within(a, b) and relation(b, c) is D:
        assert relation(a, c) is D


@given(words, words)
def test_together_is_broader_than_each(a, b):
    both = tuple(dict.fromkeys(a + b))
    assert relation(a, both) in (S, N)
    assert relation(both, b) in (S, B)
