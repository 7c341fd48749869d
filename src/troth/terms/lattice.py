"""How two sets of words relate: exactly one of same, narrower, broader, overlap, disjoint.

Words nest by their dots, `*` and the empty set of words reach everything. A set is narrower when each of
its words stands under one of the other's (a partial order, so narrower and broader are mirror images).
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from troth.terms.vocabulary import above, covers

EVERYTHING = ("*",)


class Relation(StrEnum):
    """What the first of two sets of words is to the second."""

    SAME = "same"
    NARROWER = "narrower"
    BROADER = "broader"
    OVERLAP = "overlap"
    DISJOINT = "disjoint"

    @property
    def mirrored(self) -> "Relation":
        """What the second is to the first."""
        return _MIRROR.get(self, self)


_MIRROR = {Relation.NARROWER: Relation.BROADER, Relation.BROADER: Relation.NARROWER}


def words(items: Iterable[object]) -> tuple[str, ...]:
    """Return targets or words as texts; everything when there are none."""
    return tuple(str(item) for item in items) or EVERYTHING


def within(narrow: Collection[str], broad: Collection[str]) -> bool:
    """Whether each word of `narrow` stands under one of `broad`."""
    if "*" in broad:
        return True
    reach = set(broad)
    return all(not reach.isdisjoint(above(word)) for word in narrow)


def relation(a: Collection[str], b: Collection[str]) -> Relation:
    """Return what the words `a` are to the words `b`; both as `words` gives them."""
    inside, around = within(a, b), within(b, a)
    if inside:
        return Relation.SAME if around else Relation.NARROWER
    if around:
        return Relation.BROADER
    touching = any(covers(x, y) or covers(y, x) for x in a for y in b)
    return Relation.OVERLAP if touching else Relation.DISJOINT
