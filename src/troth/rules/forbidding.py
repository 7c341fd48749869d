"""Forbid: which fields a prohibition reaches, less its nested exceptions."""

from collections.abc import Iterable, Iterator, Mapping

from troth.terms.agreement import Never, Party, Scope, Target
from troth.terms.vocabulary import Category, ClauseId, FieldName, Purpose, covers


def reaches(targets: Iterable[Target], category: Category, name: FieldName) -> bool:
    """Whether any target covers one field of one category."""
    return any(
        target.category == "*"
        or (
            target.field == name and target.category == category
            if target.field
            else covers(target.category, category)
        )
        for target in targets
    )


def matches(scope: Scope, category: Category, name: FieldName, purpose: Purpose, party: Party | None) -> bool:
    """Whether a prohibition's scope, less its nested exceptions, meets one field of one act.

    Empty parts of a scope reach everything; a scope with recipients or places meets no act without
    a recipient.
    """
    if scope.of and not reaches(scope.of, category, name):
        return False
    if scope.purposes and not any(covers(p, purpose) for p in scope.purposes):
        return False
    if scope.recipients and not (party and any(covers(r, party.name) for r in scope.recipients)):
        return False
    if scope.places and not (party and any(covers(p, party.place) for p in scope.places)):
        return False
    return not any(matches(inner, category, name, purpose, party) for inner in scope.excepts)


def near(nevers: Iterable[tuple[ClauseId, Never]], category: Category) -> Iterator[tuple[ClauseId, Never]]:
    """Yield the prohibitions that speak of a category, of all data, or of one of its fields."""
    for clause, rule in nevers:
        if not rule.scope.of or any(t.category == "*" or covers(t.category, category) for t in rule.scope.of):
            yield clause, rule


def denials(
    nevers: Iterable[tuple[ClauseId, Never]],
    category: Category,
    serving: Mapping[FieldName, frozenset[Purpose]],
    party: Party | None,
) -> dict[FieldName, tuple[ClauseId, ...]]:
    """Return the fields that some prohibition meets, with all clauses that do.

    A field that serves several purposes is judged on each by itself: an exception for one purpose
    does not excuse the others.
    """
    here = [(clause, rule.scope) for clause, rule in near(nevers, category)]
    denied: dict[FieldName, tuple[ClauseId, ...]] = {}
    for name, purposes in serving.items() if here else ():
        met = (c for c, scope in here if any(matches(scope, category, name, p, party) for p in purposes))
        if clauses := tuple(dict.fromkeys(met)):
            denied[name] = clauses
    return denied


def prohibiting(
    nevers: Iterable[tuple[ClauseId, Never]],
    category: Category,
    names: Iterable[FieldName],
    purpose: Purpose,
    party: Party | None,
) -> tuple[ClauseId, ...]:
    """Return the clauses that prohibit an act which no clause allows either, to be cited in its refusal."""
    wanted = tuple(names) or (FieldName(""),)
    met = (c for c, r in nevers if any(matches(r.scope, category, name, purpose, party) for name in wanted))
    return tuple(dict.fromkeys(met))
