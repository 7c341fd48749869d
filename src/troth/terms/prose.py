"""An agreement in plain words: notices where data is taken, one sentence a rule, the register of processing.

Purposes are named by the titles of their clauses, fields and recipients by their own `words`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from troth.terms.agreement import (
    Agreement,
    Clause,
    Collect,
    Disclose,
    Keep,
    Longer,
    Protect,
    Store,
    Target,
    Transfer,
    Use,
    Who,
)
from troth.terms.sentences import ending, in_words, joined, length, plain, said, spaced, who
from troth.terms.vocabulary import above, covers


def notice(agreement: Agreement, collect: Collect) -> str:
    """Return the just-in-time notice of a collection: what, why, who sees it, how long, what choice.

    The clause's own `notice` is returned when it has one.
    """
    if collect.notice:
        return collect.notice
    verb = "ask for" if collect.source == "subject" else "record"
    parts = [f"We {verb} {joined(said(spec) for spec in collect.fields)}."]
    aims, seen, given = _reach(agreement, collect)
    parts.append(f"What it is for: {'; '.join(aims)}. Nothing else.")
    parts.append(f"Who of us sees it: {joined(seen)}." if seen else "None of us sees it.")
    if given:
        parts.append(f"Who else may receive it: {'; '.join(given)}.")
    keep = next((r for _, r in agreement.rules() if isinstance(r, Keep) and r.name == collect.keep), None)
    if keep:
        parts.append(f"It is {ending(keep)}.")
        parts += [_longer(agreement, more) for more in keep.longer if _reads(more.of, collect)]
    parts.append(_choice(collect))
    return " ".join(part for part in parts if part)


def _reach(agreement: Agreement, collect: Collect) -> tuple[list[str], list[str], list[str]]:
    """Return the titles of clauses that what is collected serves, who reads it, and who receives it."""
    aims: dict[str, None] = {}
    seen: dict[str, None] = {}
    given: dict[str, None] = {}
    for clause, rule in agreement.rules():
        if isinstance(rule, Use) and _serves(collect, rule.purpose) and _reads(rule.of, collect):
            aims[clause.title] = None
            if rule.leaves == "rows":
                seen |= dict.fromkeys(who(Who(rule.by.roles, rule.by.programs)))
        elif isinstance(rule, Disclose) and any(_serves(collect, aim) for aim in rule.purposes):
            gets = dict(rule.of)
            found = [party for party in rule.parties if _reads(gets.get(party.name, ()), collect)]
            given |= {party.words or spaced(party.name): None for party in found}
            if found:
                aims[clause.title] = None
    return list(aims) or [spaced(aim) for aim in collect.purposes], list(seen), list(given)


def _reads(of: Iterable[Target], collect: Collect) -> bool:
    """Whether these targets reach any field of the collected category."""
    for target in of:
        if target.field is not None:
            if target.category == collect.category and any(s.name == target.field for s in collect.fields):
                return True
        elif target.category == "*" or covers(target.category, collect.category):
            return True
    return False


def _serves(collect: Collect, purpose: str) -> bool:
    return any(aim in collect.purposes for aim in above(purpose))


def _longer(agreement: Agreement, more: Longer) -> str:
    titles = [c.title for c, rule in agreement.rules() if isinstance(rule, Use) and rule.purpose == more.why]
    aim = titles[0] if titles else spaced(more.why)
    return f"Kept {length(more.period)}, for one thing alone ({aim}): {joined(map(str, more.of))}."


def _choice(collect: Collect) -> str:
    if collect.consent:
        return "You are asked first. You may say no, and you may withdraw a yes at any time."
    if collect.source != "subject":
        return ""
    if collect.need == "any":
        return "One of these is enough." if len(collect.fields) > 1 else ""
    left = [said(spec) for spec in collect.fields if collect.need != "all" and spec.name not in collect.need]
    return f"You may leave out {joined(left, 'or')}." if left else ""


@dataclass(frozen=True, slots=True)
class Processing:
    """One row of the register of processing (GDPR Art. 30(1))."""

    purpose: str
    title: str
    clauses: tuple[str, ...]
    basis: str
    reads: tuple[str, ...]
    readers: tuple[str, ...]
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    retention: tuple[str, ...]
    measures: tuple[str, ...]


def register(agreement: Agreement) -> tuple[Processing, ...]:
    """Return the register of processing: one row for each purpose that a clause uses or discloses for."""
    purposes: dict[str, list[tuple[Clause, Use | Disclose]]] = {}
    for clause, rule in agreement.rules():
        if isinstance(rule, Use):
            purposes.setdefault(rule.purpose, []).append((clause, rule))
        elif isinstance(rule, Disclose):
            for aim in rule.purposes:
                purposes.setdefault(aim, []).append((clause, rule))
    protects = [rule for _, rule in agreement.rules() if isinstance(rule, Protect)]
    measures = tuple(in_words(*each) for rule in protects for each in rule.measures)
    return tuple(_row(agreement, purpose, found, measures) for purpose, found in purposes.items())


def _row(
    agreement: Agreement, purpose: str, found: list[tuple[Clause, Use | Disclose]], measures: tuple[str, ...]
) -> Processing:
    targets: dict[Target, None] = {}
    readers: dict[str, None] = {}
    places: set[str] = set()
    recipients: dict[str, None] = {}
    for _, rule in found:
        readers |= dict.fromkeys(who(rule.by))
        if isinstance(rule, Use):
            targets |= dict.fromkeys(rule.of)
            continue
        for name, of in rule.of:
            targets |= dict.fromkeys(of)
            recipients[f"{rule.name}.{name}"] = None
        places |= {party.place for party in rule.parties}
    return Processing(
        purpose=purpose,
        title=found[0][0].title,
        clauses=tuple(dict.fromkeys(str(clause.id) for clause, _ in found)),
        basis=", ".join(dict.fromkeys(str(rule.basis) for _, rule in found)),
        reads=tuple(str(target) for target in targets),
        readers=tuple(readers),
        recipients=tuple(recipients),
        transfers=tuple(_moves(agreement, places)),
        retention=tuple(_spans(agreement, targets)),
        measures=measures,
    )


def _moves(agreement: Agreement, places: set[str]) -> Iterable[str]:
    stores = {place for _, rule in agreement.rules() if isinstance(rule, Store) for place in rule.places}
    for _, rule in agreement.rules():
        if isinstance(rule, Transfer) and any(covers(rule.destination, place) for place in places - stores):
            yield f"{rule.origin} to {rule.destination} ({spaced(rule.safeguard)})"


def _spans(agreement: Agreement, targets: Iterable[Target]) -> Iterable[str]:
    wanted = [target.category for target in targets]
    for _, rule in agreement.rules():
        if isinstance(rule, Keep) and any(
            word == "*" or covers(word, category) or covers(category, word)
            for word in wanted
            for category in rule.of
        ):
            yield f"{spaced(rule.name)}: {ending(rule)}"


__all__ = ["Processing", "notice", "plain", "register"]
