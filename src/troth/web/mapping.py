"""The data map of one member: kinds of data held, what for, who gets them, where; declared, and seen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from troth.ledger.entry import Entry
from troth.terms.agreement import Disclose, Target
from troth.terms.vocabulary import covers
from troth.web import pictures
from troth.web.lexicon import Lexicon, place_words
from troth.web.pictures import Column, Flow, Flows, Node
from troth.web.telling import Words

Pair = tuple[str, str]


@dataclass(slots=True)
class _Found:
    """Lines from column to column by the names of their boxes: how often each was seen (0: declared only)."""

    uses: Counter[Pair] = field(default_factory=Counter)  # kind of data, purpose
    given: Counter[Pair] = field(default_factory=Counter)  # purpose, recipient
    stands: Counter[Pair] = field(default_factory=Counter)  # recipient, place
    declared: set[Pair] = field(default_factory=set)


def map_of(
    lexicon: Lexicon,
    categories: Iterable[str],
    seen: Iterable[Entry],
    *,
    whole: bool,
    words: Words,
    language: str,
    rtl: bool,
) -> Flows:
    """Return the map of what is held of these categories.

    `seen` are uses and disclosures that took place. `whole` shows what the agreement allows as well.
    """
    _ = words
    held = tuple(dict.fromkeys(categories))
    said, every = _declared(lexicon, held, language), _declared(lexicon, lexicon.categories, language)
    found = _Found(Counter(said.uses), Counter(said.given), Counter(said.stands))
    seen = tuple(seen)
    for entry in seen:
        _see(found, lexicon, entry, language)
    if not whole:
        for counter in (found.uses, found.given, found.stands):
            for pair in [pair for pair, count in counter.items() if not count]:
                del counter[pair]
    kinds = [lexicon.category(each) for each in held] if whole else _ends(found.uses, 0)
    columns = (
        Column(_("Kinds of data"), _nodes("c", kinds)),
        Column(_("What for"), _nodes("p", [*_ends(found.uses, 1), *_ends(found.given, 0)])),
        Column(_("Who may get it") if whole else _("Who got it"), _nodes("r", _ends(found.given, 1))),
        Column(_("Where"), _nodes("w", _ends(found.stands, 1))),
    )
    flows = [
        Flow(f"{left}:{pair[0]}", f"{right}:{pair[1]}", count, declared=pair in every.declared)
        for counter, left, right in (
            (found.uses, "c", "p"),
            (found.given, "p", "r"),
            (found.stands, "r", "w"),
        )
        for pair, count in counter.items()
    ]
    return pictures.flows(columns if kinds else (), flows, rtl=rtl)


@lru_cache(maxsize=256)
def _declared(lexicon: Lexicon, held: tuple[str, ...], language: str) -> _Found:
    """Return what the agreement says of these kinds of data; worked out once, and never changed."""
    found = _Found()
    for _clause, use in lexicon.uses():
        aim = lexicon.purpose(use.purpose)
        found.uses.update({(lexicon.category(c), aim): 0 for c in held if _reach(use.of, c)})
    for clause, rule in lexicon.disclosures():
        gets = dict(rule.of)
        for party in rule.parties:
            some = [c for c in held if _reach(gets.get(party.name, ()), c)]
            receiver = _receiver(lexicon, rule, clause.title)
            for purpose in rule.purposes if some else ():
                aim = lexicon.purpose(purpose)
                found.uses.update({(lexicon.category(c), aim): 0 for c in some})
                found.given[aim, receiver] += 0
                found.stands[receiver, place_words(party.place, language)] += 0
    found.declared |= {*found.uses, *found.given, *found.stands}
    return found


def _see(found: _Found, lexicon: Lexicon, entry: Entry, language: str) -> None:
    """Count one use or disclosure that took place."""
    aim = lexicon.purpose(entry.purpose or "")
    kind = lexicon.category(entry.category or "")
    found.uses[kind, aim] += 1
    if entry.act != "disclose" or not entry.recipient:
        return
    receiver = lexicon.recipient(entry.recipient)
    for clause, rule in lexicon.disclosures():
        if rule.name == entry.recipient.rpartition(".")[0]:
            receiver = _receiver(lexicon, rule, clause.title)
    found.given[aim, receiver] += 1
    party = lexicon.party(entry.recipient)
    if party is not None:
        found.stands[receiver, place_words(party.place, language)] += 1


def _receiver(lexicon: Lexicon, rule: Disclose, title: str) -> str:
    """Return what a class of recipients is called: its one member's words, or the title of its clause."""
    if len(rule.parties) == 1:
        return lexicon.recipient(f"{rule.name}.{rule.parties[0].name}")
    return lexicon.said(title)


def _ends(pairs: Iterable[Pair], end: int) -> list[str]:
    return list(dict.fromkeys(pair[end] for pair in pairs))


def _nodes(column: str, names: Iterable[str]) -> tuple[Node, ...]:
    return tuple(Node(f"{column}:{name}", name) for name in dict.fromkeys(names))


def _reach(of: Iterable[Target], category: str) -> bool:
    return any(
        target.category == "*" or covers(target.category, category) or covers(category, target.category)
        for target in of
    )
