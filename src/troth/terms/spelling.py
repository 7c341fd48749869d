"""Words that are said in one rule alone and look like another: slips of the pen (L3).

Circumstances, events, reasons of holds, roles and programs are declared by being used, so a slip makes a
new word and not an error: a role that nobody has, a circumstance in which nothing is ever taken in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from troth.terms.agreement import Collect, Disclose, Finding, Keep, RightRule, Use, Who
from troth.terms.contradictions import Stated, finding

_KNOWN: Mapping[str, tuple[str, ...]] = {"event": ("leave",)}  # what the engine itself knows
_DIGITS = re.compile(r"\d+")
_SHORTEST = 4  # shorter words are often alike, and meant so
_LONG = 8  # from this length on two slips are looked for


def spelled(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L3 (warning) for a word of one rule that is nearly another one, said earlier or more often."""
    for kind, said in _said(rules).items():
        known = _KNOWN.get(kind, ())
        for word, places in said.items():
            if len(places) > 1 or word in known:
                continue
            here = places[0]
            others = (o for o, at in said.items() if len(at) > 1 or at[0].spot.line < here.spot.line)
            like = next((other for other in (*known, *others) if _nearly(word, other)), None)
            if like is not None:
                sentence = f"the {kind} `{word}` is named here alone, and `{like}` elsewhere"
                yield finding("L3", here, sentence, f"write `{like}`, or another word", level="warning")


def _said(rules: list[Stated]) -> dict[str, dict[str, list[Stated]]]:
    """Return each word of each kind, with the rules that say it."""
    found: dict[str, dict[str, list[Stated]]] = {}
    for at in rules:
        for kind, word in dict.fromkeys(_words(at)):
            found.setdefault(kind, {}).setdefault(word, []).append(at)
    return found


def _words(at: Stated) -> Iterator[tuple[str, str]]:
    rule = at.rule
    if isinstance(rule, Collect):
        yield from _each("circumstance", rule.circumstances)
    if isinstance(rule, Keep):
        yield from _each("event", (rule.event,) if rule.event else ())
        yield from _each("hold", rule.holds)
        yield from _of(rule.held_by)
    if isinstance(rule, Disclose):
        yield from _each("role", sorted(rule.approvers))
    if isinstance(rule, Collect | Use | Disclose | RightRule):
        yield from _of(rule.by)


def _of(who: Who) -> Iterator[tuple[str, str]]:
    yield from _each("role", sorted(who.roles))
    yield from _each("program", sorted(who.programs))


def _each(kind: str, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((kind, word) for word in words)


def _nearly(word: str, other: str) -> bool:
    """Whether two words differ by a slip; words that differ in their numbers alone do not."""
    shorter, most = min(len(word), len(other)), 2
    if word == other or shorter < _SHORTEST or abs(len(word) - len(other)) > most:
        return False
    if len(set(word.lower()) ^ set(other.lower())) > 2 * most:  # soon seen: most words share few letters
        return False
    if _DIGITS.sub("0", word) == _DIGITS.sub("0", other):
        return False
    return slips(word.lower(), other.lower()) <= (most if shorter >= _LONG else 1)


def slips(word: str, other: str) -> int:
    """Return how many letters were added, left out, changed or swapped (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(word, 1):
        before, above, row = row, before, [n]
        for m, mark in enumerate(other, 1):
            least = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != mark))
            if n > 1 and m > 1 and letter == other[m - 2] and word[n - 2] == mark:
                least = min(least, above[m - 2] + 1)
            row.append(least)
    return row[-1]
