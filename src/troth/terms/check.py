"""Does the agreement make sense? Every lint is run, and every finding teaches how to mend it.

The lints are numbered L1 to L20. L3, L4, L5, L6, L7 and L17 are also told by `parse`, where a word or
a key is missing altogether; L18 compares two versions; L20 has no meaning in a store whose records
always have an owner.
"""

from collections.abc import Iterator

from troth.terms import abilities, gaps
from troth.terms.agreement import Agreement, Finding, Store
from troth.terms.cases import cases
from troth.terms.contradictions import Stated, contradictions, flows, stated, unreachable
from troth.terms.signing_in import signing_in
from troth.terms.spelling import spelled
from troth.terms.universe import universe
from troth.terms.vagueness import vague


def check(agreement: Agreement) -> tuple[Finding, ...]:
    """Return what is wrong (errors) or weak (warnings) in an agreement, in the order of its text."""
    found = dict.fromkeys(_all(agreement, list(stated(agreement))))
    return tuple(sorted(found, key=lambda f: (f.spot.line, f.spot.column, f.level, f.code, f.sentence)))


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those findings with which an agreement must not be loaded."""
    return tuple(finding for finding in findings if finding.level == "error")


def _all(agreement: Agreement, rules: list[Stated]) -> Iterator[Finding]:
    words = universe(agreement)
    home = tuple(str(place) for at in rules if isinstance(at.rule, Store) for place in at.rule.places)
    permitted = [flow for at in rules for flow in flows(at, words, home or (agreement.organisation.place,))]
    yield from contradictions(rules, words, permitted)
    yield from unreachable(rules, words)
    yield from gaps.fields_agree(rules)
    yield from gaps.retention(rules)
    yield from gaps.unused(rules, words)
    yield from gaps.purposes(rules, words)
    yield from gaps.consents(rules)
    yield from gaps.blocked(rules)
    yield from gaps.once(rules)
    yield from signing_in(rules, words)
    yield from cases(rules)
    yield from spelled(rules)
    yield from abilities.rights(rules)
    yield from abilities.bounds(rules, words)
    yield from abilities.laundering(rules, words, permitted)
    yield from abilities.aggregates(rules)
    yield from abilities.remaining(rules, words)
    yield from abilities.names(rules)
    yield from vague(agreement, rules)
