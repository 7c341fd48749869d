"""What a member can choose: consents, objections and restrictions, each with its state and its two ways.

A choice is one form with two buttons. To give and to take back take the same page, the same fields and
one press each; `troth check ui` compares them (EDPB Guidelines 03/2022, GDPR Art. 7(3)).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from troth.clock import Instant
from troth.rules.channels import by_channel, is_stopped
from troth.rules.decision import NO_CATEGORY, Act
from troth.rules.rulebook import Rulebook
from troth.rules.standing import Standing
from troth.terms.agreement import Use
from troth.terms.vocabulary import Category, Purpose, covers
from troth.web.lexicon import Lexicon, cite

CONSENT, OBJECTION, RESTRICTION = "/choices/consent", "/choices/objection", "/choices/restriction"
CHANNEL = "/choices/channel"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Pair:
    """A way to give and its way to take back, as a page declares them."""

    name: str
    page: str  # where both stand
    action: str  # where both go
    about: str  # the field that says what it is about
    give: str  # values of the field `choice`
    withdraw: str


PAIRS = (
    Pair("consent", "/choices", CONSENT, "purpose", "given", "refused"),
    Pair("objection", "/choices", OBJECTION, "purpose", "allowed", "objected"),
    Pair("channel", "/choices", CHANNEL, "way", "open", "stopped"),
    Pair("restriction", "/choices", RESTRICTION, "category", "used", "unused"),
)


@dataclass(frozen=True, slots=True)
class Choosable:
    """One choice as a page shows it."""

    about: str  # purpose or category, in the agreement's word
    words: str
    sentence: str  # what it means
    text: str  # the whole clause, as it was shown
    clause: tuple[str, str, str] | None
    now: str  # the value of the button that stands for how it is, or "" when nothing was ever chosen
    state: str  # given, refused, withdrawn, objected, restricted, or ""
    since: Instant | None = None
    version: int | None = None
    channels: tuple[str, ...] = ()
    earlier: bool = False  # chosen under an earlier version of the agreement
    rests: str = ""  # whether what it reads is stored without use: all, some, or ""


def consents(book: Rulebook, standing: Standing, lexicon: Lexicon) -> tuple[Choosable, ...]:
    """Return every consent that the agreement asks for, with what was said to it."""
    channels = {use.purpose: use.channels for _clause, use in lexicon.uses()}
    said = {each.purpose: each for each in standing.consents}
    found = []
    for purpose in book.consentable:
        mine = said.get(purpose)
        state = mine.choice.value if mine else ""
        found.append(
            _choosable(
                lexicon,
                purpose,
                now=("given" if state == "given" else "refused") if state else "",
                state=state,
                since=mine.at if mine else None,
                version=mine.version if mine else None,
                channels=channels.get(purpose, ()),
                earlier=mine is not None and mine.version < book.agreement.version,
                rests=_rests(book, standing, purpose) if state == "given" else "",
            )
        )
    return tuple(found)


def objections(book: Rulebook, standing: Standing, lexicon: Lexicon) -> tuple[Choosable, ...]:
    """Return every use to which a person may object, with whether they did, and whether it is made now."""
    found = []
    for purpose in book.objectable:
        objected, rests = purpose in standing.objections, _rests(book, standing, purpose)
        found.append(
            _choosable(
                lexicon,
                purpose,
                now="objected" if objected else "allowed" if rests != "all" else "",
                state="objected" if objected else "",
                rests=rests,
            )
        )
    return tuple(found)


def ways_of(book: Rulebook) -> tuple[tuple[str, str], ...]:
    """Return every (purpose, channel) that a clause lets a person stop, in the order of the agreement."""
    uses = [rule for _, rule in book.agreement.rules() if isinstance(rule, Use)]
    every = dict.fromkeys((use.purpose, channel) for use in uses for channel in use.channels)
    return tuple(way for way in every if (Act.STOP, NO_CATEGORY, by_channel(*way)) in book.cells)


def channels(book: Rulebook, standing: Standing, lexicon: Lexicon) -> tuple[Choosable, ...]:
    """Return each way of reaching a person that they may stop for a purpose, with whether they did."""
    found = []
    for purpose, channel in ways_of(book):
        stopped = is_stopped(standing, Purpose(purpose), channel)
        one = _choosable(
            lexicon,
            purpose,
            now="stopped" if stopped else "open",
            state="stopped" if stopped else "",
            channels=(channel,),
        )
        found.append(replace(one, about=by_channel(purpose, channel)))
    return tuple(found)


def _rests(book: Rulebook, standing: Standing, purpose: str) -> str:
    """Return whether what a use reads is stored without use: all of it, some, or nothing."""
    if EVERYTHING in standing.restrictions:
        return "all"
    read = {of for (act, of, word) in book.cells if act is Act.USE and covers(purpose, word)}
    stored = {category for category in read if standing.restricted(category)}
    return "" if not stored else "all" if stored == read else "some"


def _choosable(
    lexicon: Lexicon,
    purpose: str,
    *,
    now: str,
    state: str,
    since: Instant | None = None,
    version: int | None = None,
    channels: tuple[str, ...] = (),
    earlier: bool = False,
    rests: str = "",
) -> Choosable:
    clause = lexicon.purpose_clause(purpose)
    return Choosable(
        purpose,
        lexicon.purpose(purpose),
        lexicon.first_sentence(clause) if clause else "",
        clause.text if clause else "",
        cite(clause) if clause else None,
        now,
        state,
        since,
        version,
        channels,
        earlier,
        rests,
    )


def restrictions(standing: Standing, lexicon: Lexicon, held: Iterable[str]) -> tuple[Choosable, ...]:
    """Return what may be set to be stored and not used: everything, and each kind that is held."""
    names = dict.fromkeys((EVERYTHING, *held, *sorted(standing.restrictions)))
    return tuple(
        Choosable(
            name,
            "" if name == EVERYTHING else lexicon.category(name),
            "",
            "",
            None,
            "unused" if standing.restricted(Category(name)) else "used",
            "restricted" if name in standing.restrictions else "",
            rests="all" if is_covered(standing, name) else "",
        )
        for name in names
    )


def is_covered(standing: Standing, category: str) -> bool:
    """Whether a kind is stored without use by a choice about more than it."""
    others = replace(standing, restrictions=standing.restrictions - {Category(category)})
    return others.restricted(Category(category))
