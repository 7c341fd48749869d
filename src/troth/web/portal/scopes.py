"""What each right can be asked over, by the agreement, in words; and as what a choice of it is filed."""

from collections.abc import Mapping

from markupsafe import escape

from troth.rules.rights_cases import Scope
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import Category, Purpose, RightName, covers
from troth.web import belongings, wordings
from troth.web.accounts.entering import identifiers, rule_of
from troth.web.choosing import ways_of
from troth.web.lexicon import lexicon_of
from troth.web.visit import Visit

OWN, OTHER = "own", "other"  # where data go that somebody takes along
ALL = "*"
BY = "~"  # between a purpose and a channel; no word holds one
Offered = list[tuple[str, str]]  # what can be chosen, with its words
_APART = frozenset({"picture", "file", "secret"})


def rules_of(visit: Visit) -> dict[RightName, list[RightRule]]:
    """Return the rules of each right that a member has themselves."""
    found: dict[RightName, list[RightRule]] = {}
    for _, rule in visit.hall.agreement.rules():
        if isinstance(rule, RightRule) and rule.by.subject:
            found.setdefault(rule.right, []).append(rule)
    return found


def offered(visit: Visit, right: RightName) -> Offered:
    """Return what a right can be asked over; nothing where it is over everything."""
    lexicon, book = lexicon_of(visit.hall.agreement), visit.hall.house.book
    everything = (ALL, visit.words("Everything"))
    if right is RightName.OBJECT:
        return _purposes(visit, right, book.objectable)
    if right is RightName.WITHDRAW:
        return _purposes(visit, right, book.consentable)
    if right is RightName.OPT_OUT:
        return _ways(visit, _purposes(visit, right, {**book.objectable, **book.consentable}))
    if right is RightName.RESTRICT:
        return [everything] + [(word, lexicon.category(word)) for word in book.fields]
    if right is RightName.CORRECT:
        return [(word, lexicon.category(word)) for word in book.fields if correctable(visit, word)]
    if right is RightName.ERASE:
        return [everything] + [(word, lexicon.kept(word)) for word in book.keeps]
    if right is RightName.PORT:
        return [
            (OWN, visit.words("To me: a copy in open formats")),
            (OTHER, visit.words("Straight to another provider")),
        ]
    return []


def _purposes(visit: Visit, right: RightName, governed: Mapping[Purpose, object]) -> Offered:
    """Return the purposes of a right, each as the agreement calls it; where it names none, all it governs."""
    lexicon, rules = lexicon_of(visit.hall.agreement), rules_of(visit).get(right, [])

    def reaches(purpose: Purpose) -> bool:
        return any(not r.purposes or any(covers(word, purpose) for word in r.purposes) for r in rules)

    return [(purpose, lexicon.purpose(purpose)) for purpose in governed if reaches(purpose)]


def _ways(visit: Visit, purposes: Offered) -> Offered:
    """Return each purpose, and each way by which it reaches somebody that can be ended by itself."""
    by, found = ways_of(visit.hall.house.book), Offered()
    for purpose, words in purposes:
        ways = [channel for of, channel in by if of == purpose]
        found.append((purpose, _every(visit, words) if ways else words))
        found += [
            (f"{purpose}{BY}{way}", escape("%s: %s") % (words, wordings.channel(visit, way))) for way in ways
        ]
    return found


def _every(visit: Visit, words: str) -> str:
    return escape("%s: %s") % (words, visit.words("by every way"))


def correctable(visit: Visit, category: str) -> list[str]:
    """Return the fields of a category that can be put right by what somebody types.

    What names somebody, or signs them in, is changed through a code alone, and pictures and files where they
    are seen.
    """
    book, rule = visit.hall.house.book, rule_of(visit.hall)
    intake, may = belongings.intake_of(book, category), belongings.may(book, category)
    if intake is None or category in (rule.credentials, rule.sessions):
        return []
    names = {spec.name for spec in identifiers(visit.hall)} if category == rule.identifiers else set()
    allowed = (may.correct | may.review) - names
    return [str(n) for n, spec in intake.specs.items() if n in allowed and spec.type not in _APART]


def scope_of(right: RightName, over: str) -> Scope:
    """Return as what a choice is filed."""
    if right in (RightName.OBJECT, RightName.OPT_OUT, RightName.WITHDRAW):
        purpose, _, channel = over.partition(BY)
        return Scope(purpose=Purpose(purpose), channel=channel)
    if right is RightName.ERASE:
        return Scope(classes=() if over == ALL else (over,))
    if right in (RightName.RESTRICT, RightName.CORRECT):
        return Scope(category=Category(over) if over != ALL else None)
    return Scope()
