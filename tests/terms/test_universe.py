"""What a prohibition denies, by boxes, equals what it denies of each single thing."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from troth.terms.agreement import Scope, Target
from troth.terms.universe import Dimension, Universe, meet, without
from troth.terms.vocabulary import covers

FIELDS, PEOPLE, AIMS, PLACES = ("a.x", "a.y", "b.z"), ("r.one", "r.two"), ("p", "q.s"), ("SG", "EEA.IE")
EVERY = Universe(Dimension.of(FIELDS), Dimension.of(PEOPLE), Dimension.of(AIMS), Dimension.of(PLACES), {})
some = st.sampled_from
boxes = st.tuples(*(st.frozensets(some(d), min_size=1) for d in (FIELDS, PEOPLE, AIMS, PLACES)))


def lists(words):
    return st.lists(some(words), max_size=2, unique=True).map(tuple)


def scopes(depth):
    inner = scopes(depth - 1) if depth else st.nothing()
    return st.builds(
        Scope,
        of=lists([Target("a"), Target("a", "x"), Target("b"), Target("*")]),
        purposes=lists(["p", "q", "q.s"]),
        recipients=lists(["r", "r.one"]),
        places=lists(["SG", "EEA"]),
        excepts=st.lists(inner, max_size=2).map(tuple) if depth else st.just(()),
    )


def things(found):
    return {thing for box in found for thing in product(*box)}


def covered(words, thing):
    return not words or any(str(word) == "*" or covers(str(word), thing) for word in words)


def forbids(scope, thing):
    sides = zip((scope.of, scope.recipients, scope.purposes, scope.places), thing, strict=True)
    return all(covered(words, one) for words, one in sides) and not any(
        forbids(e, thing) for e in scope.excepts
    )


@given(boxes, scopes(2))
def test_denied_is_what_the_scope_forbids_thing_by_thing(box, scope):
    assert things(EVERY.denied(box, scope)) == {thing for thing in product(*box) if forbids(scope, thing)}


@given(boxes, boxes)
def test_a_box_is_what_it_shares_and_what_is_left(a, b):
    shared, left = meet(a, b), without(a, b)
    assert things([shared] if shared else []) == things([a]) & things([b])
    assert things(left) == things([a]) - things([b])
    assert sum(len(things([piece])) for piece in left) == len(things(left))
