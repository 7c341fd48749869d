"""Everything an agreement speaks of, as finite sets: its fields, recipients, purposes and places.

A statement is a *box*: data x recipients x purposes x places. What a prohibition leaves of a permission
is computed on boxes exactly, so that nested exceptions and several exceptions together come out right.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from troth.terms.agreement import Agreement, Collect, Disclose, FieldSpec, Scope, Store, Transfer, Use
from troth.terms.vocabulary import above

Set: TypeAlias = frozenset[str]
Box: TypeAlias = tuple[Set, Set, Set, Set]  # data, recipients, purposes, places
NOBODY = "-"  # the recipient of what stays inside, and the purpose of what names none


@dataclass(frozen=True, slots=True)
class Dimension:
    """The single things of one kind, findable by themselves and by every word above them."""

    all: Set
    under: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, things: Iterable[str]) -> "Dimension":
        """Return the dimension of these things."""
        under: dict[str, set[str]] = {}
        every = frozenset(things)
        for thing in every:
            for word in above(thing):
                under.setdefault(word, set()).add(thing)
        return cls(every, under)

    def reach(self, words: Iterable[object]) -> Set:
        """Return the things that these words cover; everything for no word or `*`."""
        named = [str(word) for word in words]
        if not named or "*" in named:
            return self.all
        return frozenset().union(*(self.under.get(word, ()) for word in named))


@dataclass(frozen=True, slots=True)
class Universe:
    """The dimensions of one agreement, and the specification of every field in it."""

    fields: Dimension
    recipients: Dimension
    purposes: Dimension
    places: Dimension
    specs: dict[str, FieldSpec]

    def box(self, scope: Scope) -> Box:
        """Return what a scope reaches, before its exceptions."""
        return (
            self.fields.reach(scope.of),
            self.recipients.reach(scope.recipients),
            self.purposes.reach(scope.purposes),
            self.places.reach(scope.places),
        )

    def denied(self, box: Box, scope: Scope) -> list[Box]:
        """Return the parts of `box` that `scope` reaches and none of its exceptions leaves open."""
        met = meet(box, self.box(scope))
        if met is None:
            return []
        left = [met]
        for inner in scope.excepts:
            for opened in self.denied(met, inner):
                left = [piece for part in left for piece in without(part, opened)]
        return left


def universe(agreement: Agreement) -> Universe:
    """Return everything that `agreement` speaks of."""
    specs: dict[str, FieldSpec] = {}
    recipients, purposes = {NOBODY}, {NOBODY}
    places: set[str] = {agreement.organisation.place}
    for _, rule in agreement.rules():
        if isinstance(rule, Collect):
            specs.update({f"{rule.category}.{spec.name}": spec for spec in rule.fields})
            purposes.update(rule.purposes)
        elif isinstance(rule, Use):
            purposes.add(rule.purpose)
        elif isinstance(rule, Disclose):
            recipients.update(f"{rule.name}.{party.name}" for party in rule.parties)
            purposes.update(rule.purposes)
            places.update(party.place for party in rule.parties)
        elif isinstance(rule, Store):
            places.update(rule.places)
        elif isinstance(rule, Transfer):
            places.update((rule.origin, rule.destination))
    return Universe(
        Dimension.of(specs), Dimension.of(recipients), Dimension.of(purposes), Dimension.of(places), specs
    )


def meet(a: Box, b: Box) -> Box | None:
    """Return what two boxes share, or None."""
    fields, recipients = a[0] & b[0], a[1] & b[1]
    if not fields or not recipients:
        return None
    purposes, places = a[2] & b[2], a[3] & b[3]
    return (fields, recipients, purposes, places) if purposes and places else None


def without(box: Box, hole: Box) -> list[Box]:
    """Return `box` less `hole`, as boxes that do not touch each other."""
    shared = meet(box, hole)
    if shared is None:
        return [box]
    pieces: list[Box] = []
    rest = list(box)
    for at in range(4):
        outside = rest[at] - shared[at]
        if outside:
            piece = list(rest)
            piece[at] = outside
            pieces.append((piece[0], piece[1], piece[2], piece[3]))
        rest[at] = shared[at]
    return pieces
