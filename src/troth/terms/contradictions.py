"""Contradictions between what is permitted and what never happens: L1, L2 and L12.

Permission and prohibition meet in one of the sixteen cells of PolicyLint's matrix, by data and by entity.
A C cell contradicts (a permitted flow is also denied, L1); an N cell narrows (L2). Either is resolved by
an `except` of the prohibition or by a smaller permission; purposes and places must meet as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from troth.terms.agreement import (
    Agreement,
    Clause,
    Collect,
    Disclose,
    Finding,
    Keep,
    Never,
    Rule,
    Scope,
    Spot,
    Transfer,
    Use,
)
from troth.terms.lattice import Relation, relation, words
from troth.terms.universe import NOBODY, Box, Universe, meet

_S, _N, _B, _O = Relation.SAME, Relation.NARROWER, Relation.BROADER, Relation.OVERLAP
CELLS: dict[tuple[Relation, Relation], str] = {  # (data, entity) of the permission against the prohibition
    (_S, _S): "C1", (_S, _N): "C3", (_S, _B): "N3", (_S, _O): "C9",
    (_N, _S): "C2", (_N, _N): "C4", (_N, _B): "C5", (_N, _O): "C10",
    (_B, _S): "N1", (_B, _N): "N2", (_B, _B): "N4", (_B, _O): "C11",
    (_O, _S): "C6", (_O, _N): "C7", (_O, _B): "C8", (_O, _O): "C12",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stated:
    """A rule where it stands."""

    clause: Clause
    rule: Rule
    spot: Spot


@dataclass(frozen=True, slots=True)
class Flow:
    """One permitted flow: by which act, of which data, to whom, for what, where."""

    act: str  # "collect", "use", "disclose" or "transfer"
    what: tuple[str, ...]
    entity: tuple[str, ...]
    box: Box
    at: Stated


def stated(agreement: Agreement) -> Iterator[Stated]:
    """Yield every rule with its clause and place."""
    for clause in agreement.clauses:
        for rule, spot in zip(
            clause.rules, clause.rule_spots or (clause.spot,) * len(clause.rules), strict=True
        ):
            yield Stated(clause, rule, spot)


def flows(at: Stated, universe: Universe, home: tuple[str, ...]) -> Iterator[Flow]:
    """Yield what a rule permits; `home` are the places where data stands."""
    rule = at.rule
    fields, purposes, places = universe.fields, universe.purposes, universe.places
    inside, here, aimless = frozenset({NOBODY}), places.reach(home), frozenset({NOBODY})
    if isinstance(rule, Collect):
        what = tuple(f"{rule.category}.{spec.name}" for spec in rule.fields)
        yield Flow(
            "collect", what, (NOBODY,), (frozenset(what), inside, purposes.reach(rule.purposes), here), at
        )
    elif isinstance(rule, Use):
        what = words(rule.of)
        aim = purposes.reach((rule.purpose,)) & {rule.purpose}
        yield Flow("use", what, (NOBODY,), (fields.reach(what), inside, aim, here), at)
    elif isinstance(rule, Disclose):
        aims = purposes.reach(rule.purposes)
        for what, names in _alike(rule).items():
            whole = len(names) == len(rule.parties)
            entity = (str(rule.name),) if whole else tuple(f"{rule.name}.{name}" for name in names)
            where = frozenset(str(party.place) for party in rule.parties if party.name in names)
            to = frozenset(f"{rule.name}.{name}" for name in names)
            yield Flow("disclose", what, entity, (fields.reach(what), to, aims, where), at)
    elif isinstance(rule, Transfer):
        what = words(rule.of)
        there = places.reach((rule.destination,))
        yield Flow("transfer", what, (NOBODY,), (fields.reach(what), inside, aimless, there), at)


def _alike(rule: Disclose) -> dict[tuple[str, ...], list[str]]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, targets in rule.of:
        groups.setdefault(words(targets), []).append(name)
    return groups


def cell(flow: Flow, scope: Scope) -> str | None:
    """Return the cell of the matrix in which a permission and a prohibition meet; None when disjoint."""
    entity = (NOBODY,) if flow.entity == (NOBODY,) and not scope.recipients else words(scope.recipients)
    return CELLS.get((relation(flow.what, words(scope.of)), relation(flow.entity, entity)))


def contradictions(rules: list[Stated], universe: Universe, permitted: list[Flow]) -> Iterator[Finding]:
    """Yield L1, L2 for each permission that a prohibition reaches without exception, L12 for dead rules."""
    bans = [(at, at.rule) for at in rules if isinstance(at.rule, Never)]
    dead: dict[int, tuple[Stated, Stated]] = {}
    alive: set[int] = set()
    for flow in permitted:
        reached = False
        for at, ban in bans:
            if flow.act not in ban.practices:
                continue
            denied = universe.denied(flow.box, ban.scope)
            if not denied:
                continue
            yield _conflict(flow, at, ban.scope, denied)
            if denied == [flow.box]:
                reached = True
                dead.setdefault(id(flow.at), (flow.at, at))
        if not reached:
            alive.add(id(flow.at))
    for key, (at, ban_at) in dead.items():
        if key not in alive:
            sentence = f"nothing of this rule is left: {named(ban_at)} denies all of it"
            fix = "remove this rule, or write what it permits as an `except` there"
            yield finding("L12", at, sentence, fix, ban_at)


def _conflict(flow: Flow, at: Stated, scope: Scope, denied: list[Box]) -> Finding:
    where = cell(flow, scope) or "C12"
    shown = _some(denied)
    if where.startswith("N"):
        sentence = f"{named(at)} takes {shown} out of this permission to {flow.act}, unsaid here ({where})"
        fix = f"permit less here, or add `except` with what stays allowed to `{at.clause.id}`"
        return finding("L2", flow.at, sentence, fix, at)
    sentence = f"{named(at)} says never, and this permits to {flow.act} {shown} ({where})"
    return finding("L1", flow.at, sentence, f"add an `except` to `{at.clause.id}`, or remove it here", at)


def _some(denied: list[Box]) -> str:
    what = sorted({word for box in denied for word in box[0]})
    to = sorted({word for box in denied for word in box[1]} - {NOBODY})
    more = f" and {len(what) - 3} more" if len(what) > 3 else ""
    shown = ", ".join(f"`{word}`" for word in what[:3]) + more
    return shown + (f" to {', '.join(f'`{word}`' for word in to[:3])}" if to else "")


def unreachable(rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L12 for rules said twice, exceptions outside their prohibition, reasons that lengthen nothing."""
    first: dict[Rule, Stated] = {}
    for at in rules:
        twin = first.setdefault(at.rule, at)
        if twin is not at:
            yield finding(
                "L12",
                at,
                f"this rule stands already in {named(twin)}",
                "keep one of them",
                twin,
            )
        if isinstance(at.rule, Never):
            yield from _dead_exceptions(at, at.rule.scope, universe)
        if isinstance(at.rule, Keep):
            yield from _dead_reasons(at, at.rule)


def _dead_exceptions(at: Stated, scope: Scope, universe: Universe) -> Iterator[Finding]:
    around = universe.box(scope)
    for inner in scope.excepts:
        if meet(around, universe.box(inner)) is None:
            yield finding(
                "L12",
                at,
                "an exception here lies outside of what the rule denies",
                "move it to the rule it belongs to, or remove it",
            )
        yield from _dead_exceptions(at, inner, universe)


def _dead_reasons(at: Stated, keep: Keep) -> Iterator[Finding]:
    longest = keep.maximum or keep.period
    for reason in keep.longer:
        if reason.period.roughly() <= longest.roughly():
            sentence = f"`{reason.why}` keeps data for {reason.period}, no longer than its class ({longest})"
            yield finding("L12", at, sentence, "give a longer period, or remove the reason")


def finding(
    code: str, at: Stated, sentence: str, fix: str, other: Stated | None = None, level: str = "error"
) -> Finding:
    """Return a finding at a rule."""
    return Finding(code, level, at.spot, at.clause.id, sentence, fix, other.clause.id if other else None)


def named(at: Stated) -> str:
    """Return the clause of a rule with its line, for a sentence."""
    return f"`{at.clause.id}` (line {at.spot.line})"
