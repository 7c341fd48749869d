"""An entry of the ledger as its person reads it: who, what, why, under which clause, allowed or refused."""

from collections.abc import Callable
from dataclasses import dataclass

from troth.clock import Instant
from troth.house import House
from troth.ledger.entry import Entry
from troth.rules.decision import Act
from troth.web.lexicon import Lexicon, cite, lexicon_at

Words = Callable[[str], str]
KINDS = ("people", "machine", "supplier", "authority", "you")
READS = frozenset({"use", "access", "find", "hear", "follow"})


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of "who saw my data"; the names of the first six follow the Estonian Data Tracker."""

    logtime: Instant
    action: str  # in our words; empty where its purpose says it
    about: str  # in the agreement's
    receiver_name: str
    receiver_system: str
    usage_period: str
    kind: str  # one of KINDS
    on_behalf_of: str
    purpose: str
    fields: tuple[str, ...]
    clause: tuple[str, str, str] | None
    case: str
    allowed: bool
    receipt: str
    proof: str
    ask: str
    why_not: tuple[str, ...] = ()  # reasons, as entries write them


def kind_of(house: House, entry: Entry) -> str:
    """Return who it was: people, a machine, a supplier, an authority, or the person themself."""
    if entry.recipient and entry.act == "disclose":
        authority = lexicon_at(house, entry.agreement).is_authority(entry.recipient)
        return "authority" if authority else "supplier"
    if entry.actor == "self" or entry.on_behalf_of == "self":
        return "you"
    return "people" if entry.actor.startswith("staff:") else "machine"


def act_of(entry: Entry) -> str:
    """Return whether it read, changed or disclosed, as the picture of lanes has it."""
    if entry.act == "disclose":
        return "disclose"
    return "read" if entry.act in READS else "change"


def told(house: House, number: int, entry: Entry, words: Words) -> Record:
    """Return an entry as its person reads it."""
    lexicon = lexicon_at(house, entry.agreement)
    kind = kind_of(house, entry)
    name, system = _who(lexicon, entry, kind, words)
    found = (lexicon.clause(each) for each in entry.clauses)
    clause = next((each for each in found if each is not None), None)
    category = entry.category or ""
    fields = tuple(lexicon.field(category, each) for each in entry.fields) if category else ()
    passed = entry.act == "disclose"
    done, about = deed(lexicon, entry, words)
    return Record(
        logtime=entry.at,
        action=done,
        about=about,
        receiver_name=name,
        receiver_system=system,
        usage_period="",
        kind=kind,
        on_behalf_of=_asker(lexicon, entry.actor, words) if passed else "",
        purpose=lexicon.purpose(entry.purpose) if entry.purpose else "",
        fields=fields,
        clause=cite(clause) if clause else None,
        case=entry.case or "",
        allowed=entry.outcome != "refused",
        receipt=str(number),
        proof=f"/seen/{number}",
        ask=f"/support/new?entry={number}",
        why_not=entry.reasons,
    )


def deed(lexicon: Lexicon, entry: Entry, words: Words) -> tuple[str, str]:
    """Return what was done in our words, unless its purpose says it; and what it was about."""
    _ = words
    said = {
        "access": _("Your data shown to you"),
        "collect": _("Taken in"),
        "correct": _("Corrected"),
        "consent": _("You agreed"),
        "decline": _("You refused"),
        "withdraw": _("You withdrew your consent"),
        "object": _("You objected"),
        "yield": _("You ended an objection"),
        "restrict": _("Set to be stored and not used"),
        "lift": _("May be used again"),
        "erase": _("Erased"),
        "remove": _("Removed"),
        "expire": _("Its time was over"),
        "hold": _("Held for a legal matter"),
        "release": _("A hold ended"),
        "retime": _("The end of a legal matter was moved"),
        "prove": _("Shown to be yours by a code"),
        "open": _("A case was opened"),
        "move": _("A case went on"),
        "join": _("You joined"),
        "leave": _("You left"),
        "restore": _("Brought back"),
        "send": _("A message to you"),
        "stop": _("You stopped a way of reaching you"),
        "start": _("You opened a way of reaching you"),
        "file": _("A request was filed"),
        "vouch": _("It was proven who asks"),
        "determine": _("A request went on"),
        "hear": _("What you told with a request was read"),
        "cancel": _("A request was taken back"),
        "follow": _("It was looked at where a request stands"),
        "settle": _("A part of a request was settled by hand"),
        "approve": _("Somebody approved passing it on"),
    }.get(entry.act, "")
    if entry.purpose and entry.act in ("use", "find", "disclose"):
        return "", lexicon.purpose(entry.purpose)
    about = lexicon.purpose(entry.purpose) if entry.purpose else ""
    about = about or (lexicon.category(entry.category) if entry.category else "")
    about = about or (lexicon.spaced(entry.circumstance) if entry.circumstance and entry.case else "")
    return said or lexicon.spaced(entry.act), about


def _who(lexicon: Lexicon, entry: Entry, kind: str, words: Words) -> tuple[str, str]:
    """Return (who received it, with which program)."""
    _ = words
    if kind in ("supplier", "authority"):
        return lexicon.recipient(entry.recipient or ""), ""
    if kind == "you":
        program = entry.actor.partition(":")[2] if entry.actor.startswith("program:") else ""
        return _("You"), lexicon.spaced(program) if program else ""
    return _asker(lexicon, entry.actor, words), ""


def _asker(lexicon: Lexicon, actor: str, words: Words) -> str:
    """Return a role or a program, never anybody's name."""
    _ = words
    kind, _colon, rest = actor.partition(":")
    if kind == "staff":
        role = rest.partition(":")[0]
        return lexicon.spaced(role) if role != "-" else _("Staff without a role")
    if kind == "program":
        return lexicon.spaced(rest) if rest else _("A program that the agreement does not name")
    if kind == "time":
        return _("Time itself")
    return _("You") if kind == "self" else lexicon.agreement.organisation.name


def is_use(entry: Entry) -> bool:
    """Whether an entry is a use or a disclosure that took place: what the data map counts."""
    return entry.outcome == "permitted" and entry.act in (Act.USE.value, Act.DISCLOSE.value)
