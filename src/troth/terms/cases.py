"""What a `case` rule lacks to be carried out (L13), and periods from an end that never comes (L6)."""

from collections.abc import Iterator

from troth.terms.agreement import CaseRule, Finding, Keep, Who
from troth.terms.contradictions import Stated, finding, named
from troth.terms.vocabulary import covers

_KNOWN = "leave"  # the event that the engine itself knows


def cases(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L13 for a case that nobody opens, or decides, and L6 for a period that no case starts."""
    first: dict[str, Stated] = {}
    for at in rules:
        if isinstance(at.rule, CaseRule):
            there = first.setdefault(at.rule.name, at)
            if there is not at:
                sentence = f"the case `{at.rule.name}` is set already in {named(there)}"
                yield finding("L13", at, sentence, "rename one of them, or keep one", there)
            yield from _carried_out(at, at.rule)
    ends = [at.rule for at in rules if isinstance(at.rule, CaseRule) and at.rule.event]
    for at in rules:
        if isinstance(at.rule, Keep) and at.rule.event not in (None, _KNOWN):
            yield from _begins(at, at.rule, ends)


def _carried_out(at: Stated, rule: CaseRule) -> Iterator[Finding]:
    decides = rule.kind == "verification"
    if not (rule.by.subject or _staffed(rule.by)):
        yield finding("L13", at, f"nobody may open `{rule.name}`", "add `subject: true` or `roles` to `by`")
    if decides and rule.decided_by.subject:
        sentence = f"`{rule.name}` is decided by whom it is about"
        yield finding("L13", at, sentence, "take `subject` out of `decided_by`")
    if not _staffed(rule.decided_by):
        verb = "decide" if decides else "answer"
        fix = "add `decided_by` with the roles or programs that do"
        yield finding("L13", at, f"nobody may {verb} `{rule.name}`", fix)
    if decides and not rule.reasons:
        sentence = f"`{rule.name}` can never be rejected: that takes a reason, and none is listed"
        yield finding("L13", at, sentence, "add `reasons` with their codes")


def _staffed(who: Who) -> bool:
    return bool(who.roles or who.programs)


def _begins(at: Stated, keep: Keep, ends: list[CaseRule]) -> Iterator[Finding]:
    mine = [rule for rule in ends if rule.event == keep.event]
    if not mine:
        sentence = f"`{keep.name}` runs from `{keep.event}`, and no case ends so"
        yield finding("L6", at, sentence, f"add a `case` rule with `event: {keep.event}`")
    elif not any(covers(a, b) or covers(b, a) for rule in mine for a in rule.of for b in keep.of):
        sentence = f"`{keep.name}` runs from `{keep.event}`, and nothing of it belongs to a case that ends so"
        yield finding("L6", at, sentence, f"add its categories to the `of` of the case `{mine[0].name}`")
