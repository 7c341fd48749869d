"""File a demand of a right, prove who asks, decide it, take it back; see where each stands."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from troth.custody.demands.filing import Advance, Demand, Lodged, due_of
from troth.custody.demands.following import START, Follow
from troth.custody.demands.foretelling import Ahead, Foretold, foretell, stepping
from troth.custody.demands.hearing import Hear
from troth.custody.demands.performing import perform
from troth.custody.desk import About, Desk
from troth.custody.rehearsing import rehearsed
from troth.errors import BadArgument, NothingThere, TrothError
from troth.rules import given
from troth.rules.decision import ASSURANCES, Act, Actor, ActorKind, Request, asker
from troth.rules.grounds import EXTENDING, REFUSING
from troth.rules.rights_cases import NOT_ME, Deadline, Event, RightsCase, Scope, State
from troth.store import duties, rights_cases
from troth.store.duties import Duty
from troth.teller import Teller
from troth.terms.vocabulary import Category, Circumstance, Purpose, RightName

MOST = 1_000  # demands of a queue at a time
LONGEST_TEXT = 4_000  # characters of what somebody says
_DECISIONS = {
    "ask": Event.ASKED,
    "review": Event.REVIEWED,
    "grant": Event.GRANTED,
    "refuse": Event.REFUSED,
    "extend": Event.EXTENDED,
}
_REASONED = {Event.REFUSED: REFUSING, Event.EXTENDED: EXTENDING}


def demanding(
    *,
    by: Actor,
    about: About,
    right: str,
    category: str = "",
    classes: Iterable[str] = (),
    purpose: str = "",
    channel: str = "",
    values: Mapping[str, Any] | None = None,
    record: bytes | None = None,
    text: str = "",
    within: str = "",
    language: str = "",
    proven: str | None = None,
    as_: str = "",
) -> Demand:
    """Return the job that files a demand (GDPR Art. 7(3), 15 to 18, 20, 21, 77); answered with `Lodged`.

    `category` (none or `*`: all), `classes`, `purpose` and `channel` say what it is about; `values` (and
    `record`) what is right, for a correction; `text` what a complaint says, or `within` the reference of the
    conversation that says it; `language` in which an answer is written. `proven` is how sure it is who asks,
    where that is not as sure as who asks is: a word of `ASSURANCES`, or nothing; `as_` who files it, as
    people are told. Raises `BadArgument`.
    """
    if right not in {name.value for name in RightName}:
        raise BadArgument(name="right", wanted="one of " + ", ".join(name.value for name in RightName))
    if proven and proven not in ASSURANCES:
        raise BadArgument(name="proven", wanted="one of " + ", ".join(ASSURANCES))
    category = given.text("category", category) if category != "*" else ""  # everything needs no word
    _about_something(right, category, purpose, values, text or within)
    scope = Scope(
        Category(category) or None,
        tuple(sorted(given.texts("classes", classes))),
        Purpose(given.text("purpose", purpose)) or None,
        given.text("channel", channel),
        given.text("within", within),
    )
    if record is not None and not isinstance(record, bytes):
        raise BadArgument(name="record", wanted="the id of a record (bytes)")
    told: dict[str, Any] = {"values": given.plain("values", given.values(values))} if values else {}
    told |= {"record": record.hex()} if record else {}
    told |= {"text": _said(text)} if text else {}
    told |= {"language": given.written("language", language)} if language else {}
    told |= {"reference": about} if isinstance(about, str) else {}
    request = Request(Act.FILE, asker(by), circumstance=Circumstance(right))
    return Demand(request, given.about(about), scope, told, proven, given.text("as_", as_))


def _said(text: str) -> str:
    said = given.written("text", text)
    if not said.strip() or len(said) > LONGEST_TEXT:
        raise BadArgument(name="text", wanted=f"something, in at most {LONGEST_TEXT:,} characters")
    return said


def _about_something(
    right: str, category: str, purpose: str, values: Mapping[str, Any] | None, text: str
) -> None:
    lacking = {
        "object": ("purpose", purpose, "the purpose that is objected to"),
        "opt_out": ("purpose", purpose, "the purpose of what is to end"),
        "withdraw": ("purpose", purpose, "the purpose that was consented to"),
        "correct": ("values", category and values, "right values, beside the category that they are of"),
        "complain": ("text", text, "what the complaint says"),
    }.get(right, ("", True, ""))
    if not lacking[1]:
        raise BadArgument(name=lacking[0], wanted=lacking[2])


def foretelling(job: Demand) -> Callable[[Desk], Foretold | TrothError]:
    """Return the work that says what would become of a demand; given to `Teller.alone`, it files nothing.

    What would refuse it is remembered, and returned.
    """
    return lambda desk: foretell(desk, job)


def foreseeing(job: Advance) -> Callable[[Desk], Ahead | TrothError]:
    """Return the work that says what proving, deciding or taking back would come to; it does nothing."""
    return rehearsed(stepping(job))


def proving(*, by: Actor, case: bytes) -> Advance:
    """Return the job that says that it is the person themself who demands, as sure as `by` is."""
    level = asker(by).assurance or ASSURANCES[-1]
    return Advance(Request(Act.VOUCH, by), _id(case), Event.PROVEN, (level,))


def cancelling(*, by: Actor, case: bytes, not_me: bool = False) -> Advance:
    """Return the job that takes a demand back, as long as nothing was done that cannot be.

    `not_me`: the person says that it was not them who asked; whoever filed it for them is told.
    """
    codes = (NOT_ME,) if not_me else ()
    return Advance(Request(Act.CANCEL, asker(by)), _id(case), Event.CANCELLED, codes)


def deciding(*, by: Actor, case: bytes, decision: str, reasons: Iterable[str] = ()) -> Advance:
    """Return the job of whoever decides a demand: `ask` for a proof, `review`, `grant`, `refuse`, `extend`.

    To refuse or to extend takes reason codes of `troth.rules.grounds` (GDPR Art. 12(3), 12(4)): what stands
    in the ledger and on pages is never free text. Raises `BadArgument`.
    """
    event = _DECISIONS.get(given.text("decision", decision))
    if event is None:
        raise BadArgument(name="decision", wanted="one of " + ", ".join(_DECISIONS))
    codes = tuple(sorted(given.texts("reasons", reasons)))
    known = _REASONED.get(event, frozenset())
    if bool(codes) != bool(known) or not known.issuperset(codes):
        wanted = f"one or more of {', '.join(sorted(known))}" if known else f"none, to {decision}"
        raise BadArgument(name="reasons", wanted=wanted)
    return Advance(Request(Act.DETERMINE, asker(by), reason=" ".join(codes)), _id(case), event, codes)


def hearing(*, by: Actor, case: bytes) -> Hear:
    """Return the job by which whoever decides a demand reads what was told with it; answered with `Heard`."""
    return Hear(Request(Act.HEAR, asker(by)), _id(case))


def carry_out(teller: Teller, lodged: Lodged) -> Lodged:
    """Carry out a demand that nothing stands in the way of; return how it stands then, and when it is due."""
    case = perform(teller, lodged.case.id)
    return (
        lodged
        if case is None
        else Lodged(case, teller.alone(lambda desk: due_of(desk, case)), lodged.receipt)
    )


# ---- to see them


def listing(about: About) -> Callable[[Desk], tuple[tuple[RightsCase, Deadline | None], ...]]:
    """Return the work that finds the demands of a person with when each is due, oldest first.

    None of somebody unknown. It is for faces that show people their own; anybody else follows. Given to
    `Teller.alone` or `Teller.alone_soon`. Raises `BadArgument`.
    """
    given.about(about)

    def work(desk: Desk) -> tuple[tuple[RightsCase, Deadline | None], ...]:
        desk.find([about])
        subject = desk.people.get(about, about if type(about) is int else None)
        if subject is None:
            return ()
        return tuple((case, due_of(desk, case)) for case in rights_cases.of(desk.unit, subject))

    return work


def naming(reference: str) -> Callable[[Desk], bytes]:
    """Return the work that finds the id of a demand, to do something with it that is decided then.

    Raises `NothingThere` and `BadArgument`.
    """
    given.written("reference", reference)

    def work(desk: Desk) -> bytes:
        case = rights_cases.named(desk.unit, reference)
        if case is None:
            raise NothingThere
        return case.id

    return work


def elsewhere(case: bytes) -> Callable[[Desk], tuple[Duty, ...]]:
    """Return the work that finds what other systems had and have to do for a demand."""
    return lambda desk: tuple(duties.of_case(desk.unit, case))


def following(*, by: Actor, reference: str, about: About | None = None) -> Follow:
    """Return the job that sees where one demand stands, which is to be of `about`; answered with `Followed`.

    One that is not there, and one that they may not follow, are answered alike. Raises `BadArgument`.
    """
    if not given.written("reference", reference):
        raise BadArgument(name="reference", wanted="the reference of a demand")
    return Follow(Request(Act.FOLLOW, asker(by)), reference, None if about is None else given.about(about))


def following_of(*, by: Actor, about: About) -> Follow:
    """Return the job that sees the demands of one person, oldest first; none of somebody unknown.

    Raises `BadArgument`.
    """
    return Follow(Request(Act.FOLLOW, asker(by)), about=given.about(about))


def waiting(
    *, by: Actor, state: str, right: str = "", after: tuple[int, bytes] = START, limit: int = 100
) -> Follow:
    """Return the job that sees up to `limit` demands in a state, the oldest first: of a right, or of each.

    It is for whoever may demand such rights for others, or decides them. Raises `BadArgument`.
    """
    if state not in {each.value for each in State}:
        raise BadArgument(name="state", wanted="one of " + ", ".join(each.value for each in State))
    if right and right not in {name.value for name in RightName}:
        raise BadArgument(name="right", wanted="one of " + ", ".join(name.value for name in RightName))
    if type(limit) is not int or not 0 < limit <= MOST:
        raise BadArgument(name="limit", wanted=f"a whole number from 1 to {MOST}")
    if asker(by).kind is ActorKind.SUBJECT:
        raise BadArgument(name="by", wanted="who follows the demands of others")
    request = Request(Act.FOLLOW, by, circumstance=Circumstance(right))
    return Follow(request, state=state, after=after, limit=limit)


def _id(case: object) -> bytes:
    if isinstance(case, bytes) and len(case) == 16:
        return case
    raise BadArgument(name="case", wanted="the id of a demand (16 bytes)")
