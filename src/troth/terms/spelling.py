"""Words that are said in one rule alone and look like another: slips of the pen (L3).

Circumstances, events, reasons of holds, roles and programs are declared by being used, so a slip makes a
new word and not an error: a role that nobody has, a circumstance in which nothing is ever taken in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from troth.terms.agreement import CaseRule, Collect, Disclose, Finding, Keep, RightRule, Use, Who
from troth.terms.contradictions import Stated, finding

_KNOWN: Mapping[str, tuple[str, ...]] = {"event": ("leave",)}  # what the engine itself knows
_DIGIT, _DIGITS = re.compile(r"\d"), re.compile(r"\d+")
_SHORTEST = 4  # shorter words are often alike, and meant so
_LONG = 8  # from this length on two slips are looked for
_START = 10  # letters by which words are shelved: with fewer, more of them are compared
_MOST = 100  # words that one is compared with: nobody reads an agreement with more that begin alike


def spelled(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L3 (warning) for a word of one rule that is nearly another one, said earlier or more often."""
    for kind, said in _said(rules).items():
        since = dict.fromkeys(_KNOWN.get(kind, ()), 0)
        for word, places in said.items():
            since.setdefault(word, 0 if len(places) > 1 else places[0].spot.line)
        shelves = _Shelves(since)
        for word, line in since.items():
            like = shelves.like(word, line) if line else None
            if like is not None:
                here = said[word][0]
                sentence = f"the {kind} `{word}` is named here alone, and `{like}` elsewhere"
                yield finding("L3", here, sentence, f"write `{like}`, or another word", level="warning")


class _Shelves:
    """Words by how they begin, so that each is compared with the few that could be alike alone.

    Two words within two slips share a beginning with up to two letters left out of each. Words that differ
    in their numbers alone lie together and are passed over at once. `since` says from which line on a word
    is one that others may have been meant as.
    """

    def __init__(self, since: Mapping[str, int]) -> None:
        self.since = dict(sorted(since.items(), key=lambda said: said[1]))
        self.shelves: dict[str, dict[str, list[str]]] = {}
        for word in self.since:
            form = _form(word)
            for start in _starts(word):
                self.shelves.setdefault(start, {}).setdefault(form, []).append(word)

    def like(self, word: str, line: int) -> str | None:
        """Return the first word said often, or before `line`, that is nearly this one; or None."""
        near = [other for other in islice(self._earlier(word, line), _MOST) if _nearly(word, other)]
        return min(near, key=lambda other: self.since[other], default=None)

    def _earlier(self, word: str, line: int) -> Iterator[str]:
        mine, seen = _form(word), set[str]()
        for start in _starts(word):
            for form, others in self.shelves[start].items():
                if self.since[others[0]] >= line:
                    break  # and so are all after it
                for other in others if form != mine else ():
                    if self.since[other] >= line:
                        break
                    if other not in seen:
                        seen.add(other)
                        yield other


def _form(word: str) -> str:
    return _DIGITS.sub("0", word)


def _starts(word: str) -> tuple[str, ...]:
    """Return the beginning of a word, digits alike, and all that one or two letters left out make of it."""
    found = {_DIGIT.sub("0", word.lower())[:_START]: None}  # in an order that is always the same
    for _ in range(2 if len(word) >= _LONG else 1):
        found |= {start[:n] + start[n + 1 :]: None for start in found for n in range(len(start))}
    return tuple(found)


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
    if isinstance(rule, CaseRule):
        yield from _each("event", (rule.event,) if rule.event else ())
        yield from _of(rule.decided_by)
    if isinstance(rule, Collect | Use | Disclose | RightRule | CaseRule):
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
    if _form(word) == _form(other):
        return False
    most = most if shorter >= _LONG else 1
    return slips(word.lower(), other.lower(), most) <= most


def slips(word: str, other: str, most: int | None = None) -> int:
    """Return how many letters were added, left out, changed or swapped (optimal string alignment).

    Beyond `most`, some number above it.
    """
    same = next((n for n, pair in enumerate(zip(word, other, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return abs(len(word) - len(other))
    word, other = word[same:], other[same:]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(word, 1):
        before, above, row = row, before, [n]
        for m, mark in enumerate(other, 1):
            least = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != mark))
            if n > 1 and m > 1 and letter == other[m - 2] and word[n - 2] == mark:
                least = min(least, above[m - 2] + 1)
            row.append(least)
        if most is not None and min(row) > most and min(before) > most:
            return most + 1
    return row[-1]
