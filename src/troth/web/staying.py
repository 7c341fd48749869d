"""How long each kind of a member's data stays: when it goes, what starts the clock, what holds it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from markupsafe import escape

from troth.clock import DAY
from troth.custody.holdings import Holding, held_by
from troth.custody.knowing import Known
from troth.house import House
from troth.rules.matters import Told, told
from troth.terms.agreement import Keep
from troth.terms.vocabulary import Period
from troth.web.languages import Reader
from troth.web.lexicon import Lexicon, cite, lexicon_of
from troth.web.pictures import Stay
from troth.web.telling import Words


@dataclass(frozen=True, slots=True)
class Staying:
    """How long what is held of one kind stays, and everything that bears on it."""

    stay: Stay
    kept: str  # the retention class
    categories: tuple[str, ...]  # in words
    clause: tuple[str, str, str]
    keep: Keep
    starts: str  # what starts the clock, in words
    counted: int  # records
    longer_for: str  # the one purpose for which a part is kept longer, in words
    holds: tuple[Told, ...]
    offers: tuple[tuple[int, str], ...] = ()  # shorter times that may be chosen: days, and in words
    chosen: str = ""  # the one that is chosen, in words
    over: bool = False  # nobody reads it any more: it is here for its holds alone


SHORTER = (7, 30, 90, 180, 365)  # days that a page offers, where they are shorter than the class is kept


def offers(keep: Keep) -> tuple[int, ...]:
    """Return the days for which a page offers to keep a class; none where nobody may choose."""
    longest = keep.period if keep.event is None else keep.maximum
    if not keep.shorter:
        return ()
    return tuple(days for days in SHORTER if longest is None or days * DAY < longest.after(0))


def stays(known: Known, house: House, reader: Reader, words: Words) -> tuple[Staying, ...]:
    """Return how long what is held of a member stays, for each retention class."""
    return _by_class(known, known.held, house, reader, words)


def beyond(known: Known, house: House, reader: Reader, words: Words) -> tuple[Staying, ...]:
    """Return what is over and stays because a matter holds it, for each retention class."""
    found = _by_class(known, known.beyond, house, reader, words)
    return tuple(replace(each, over=True, offers=()) for each in found)


def _by_class(
    known: Known, held: Iterable[Holding], house: House, reader: Reader, words: Words
) -> tuple[Staying, ...]:
    by_class: dict[str, list[Holding]] = {}
    for each in held:
        by_class.setdefault(each.kept, []).append(each)
    return tuple(_staying(known, house, kept, some, reader, words) for kept, some in by_class.items())


def _staying(
    known: Known, house: House, kept: str, some: list[Holding], reader: Reader, words: Words
) -> Staying:
    lexicon = lexicon_of(house.book.agreement)
    clause_id, keep = house.book.keep(some[0].kept)
    clause = next(
        c for book in (house.book, *house.books.values()) for c in book.agreement.clauses if c.id == clause_id
    )
    holds = told(held_by(known.standing, some[0].kept, known.now))
    part = kept.partition(":")[2]
    title = lexicon.kept(kept)
    latest = max(each.latest for each in some)
    days = next((s.days for s in known.standing.shorter if s.kept == kept and s.until is None), None)
    running = keep.event is None or _has_begun(known, keep, some)
    return Staying(
        stay=Stay(
            words=lexicon.said(f"{title}: {lexicon.purpose(part)}") if part else title,
            ends=latest if running else None,
            latest=None if running or keep.maximum is None else latest,
            waits="" if running else _waits(lexicon, keep, reader, words),
            held=bool(holds),
            clause=clause.number,
        ),
        kept=kept,
        categories=tuple(dict.fromkeys(lexicon.category(each.category) for each in some)),
        clause=cite(clause),
        keep=keep,
        starts=_starts(lexicon, keep, words),
        counted=max(each.count for each in some),
        longer_for=lexicon.purpose(part) if part else "",
        holds=holds,
        offers=tuple((days, reader.period(Period(days=days))) for days in offers(keep) if not part),
        chosen="" if days is None else reader.period(Period(days=days)),
    )


def _has_begun(known: Known, keep: Keep, some: list[Holding]) -> bool:
    """Whether the event from which a class runs has happened to all that is held in it.

    A record that still waits for it ends at its maximum; one whose clock runs ends before.
    """
    if keep.event == "leave":
        return known.standing.left is not None
    if keep.maximum is None:
        return False
    return all(each.latest < keep.maximum.after(each.last) for each in some)


def _waits(lexicon: Lexicon, keep: Keep, reader: Reader, words: Words) -> str:
    """Return what the clock waits for: the period, and the event from which it runs."""
    said = escape(words("%(period)s after %(event)s"))
    return said % {"period": reader.period(keep.period), "event": _event(lexicon, keep, words)}


def _starts(lexicon: Lexicon, keep: Keep, words: Words) -> str:
    return words("when it was taken in") if keep.event is None else _event(lexicon, keep, words)


def _event(lexicon: Lexicon, keep: Keep, words: Words) -> str:
    """Return the event from which a class runs, in words; what is none of these is the agreement's own."""
    _ = words
    named = {"leave": _("you leave"), "decision": _("the decision"), "close": _("the matter is closed")}
    return named.get(keep.event or "") or lexicon.said(f"“{lexicon.spaced(keep.event or '')}”")
