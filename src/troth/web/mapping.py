"""The data map of one member: kinds of data held, what for, who gets them, where; declared, and seen."""

from collections import Counter
from collections.abc import Iterable

from troth.ledger.entry import Entry
from troth.rules.rulebook import Rulebook
from troth.terms.agreement import Target
from troth.terms.vocabulary import covers
from troth.web import pictures
from troth.web.lexicon import Lexicon, place_words
from troth.web.pictures import Column, Flow, Flows, Node
from troth.web.telling import Words


def data_map(
    book: Rulebook,
    lexicon: Lexicon,
    categories: Iterable[str],
    seen: Iterable[Entry],
    *,
    words: Words,
    language: str,
    rtl: bool,
) -> Flows:
    """Return the map of what is held of these categories; `seen` are uses and disclosures that took place.

    Recipients stand by their class, which is one clause.
    """
    _ = words
    held = dict.fromkeys(categories)
    seen = tuple(seen)
    uses = Counter((e.category or "", e.purpose or "") for e in seen if e.act == "use")
    given = Counter((e.purpose or "", _class(e.recipient or "")) for e in seen if e.act == "disclose")
    declared: dict[tuple[str, str], None] = {}
    for _clause, use in lexicon.uses():
        declared |= {(c, use.purpose): None for c in held if _reach(use.of, c)}
    passes: dict[tuple[str, str], None] = {}
    stands: dict[tuple[str, str], None] = {}
    for _clause, rule in lexicon.disclosures():
        gets = dict(rule.of)
        parties = [p for p in rule.parties if any(_reach(gets.get(p.name, ()), c) for c in held)]
        for purpose in rule.purposes if parties else ():
            passes[purpose, rule.name] = None
            declared |= {(c, purpose): None for c in held if any(_reach(gets[p.name], c) for p in parties)}
        stands |= {(rule.name, party.place): None for party in parties}
    declared |= {pair: None for pair in uses if pair[0] in held}
    purposes = dict.fromkeys(purpose for _c, purpose in declared)
    receivers = dict.fromkeys(
        name for _p, name in (*passes, *(pair for pair in given if pair[0] in purposes))
    )
    titles = {str(rule.name): clause.title for clause, rule in lexicon.disclosures()}
    places = dict.fromkeys(place for _r, place in stands)
    columns = (
        Column(_("Kinds of data"), tuple(Node(f"c:{each}", lexicon.category(each)) for each in held)),
        Column(_("What for"), tuple(Node(f"p:{each}", lexicon.purpose(each)) for each in purposes)),
        Column(_("Who may get it"), tuple(Node(f"r:{each}", titles.get(each, each)) for each in receivers)),
        Column(_("Where"), tuple(Node(f"w:{each}", place_words(each, language)) for each in places)),
    )
    known = set(book.purposes)
    flows = [Flow(f"c:{c}", f"p:{p}", uses[c, p], declared=p in known) for c, p in declared]
    flows += [
        Flow(f"p:{p}", f"r:{r}", given[p, r], declared=(p, r) in passes) for p, r in {**passes, **given}
    ]
    flows += [Flow(f"r:{r}", f"w:{w}", _passed(given, r)) for r, w in stands]
    return pictures.flows(columns if held else (), flows, rtl=rtl)


def _passed(given: Counter[tuple[str, str]], name: str) -> int:
    return sum(count for (_p, each), count in given.items() if each == name)


def _class(recipient: str) -> str:
    return recipient.rpartition(".")[0]


def _reach(of: Iterable[Target], category: str) -> bool:
    return any(
        target.category == "*" or covers(target.category, category) or covers(category, target.category)
        for target in of
    )
