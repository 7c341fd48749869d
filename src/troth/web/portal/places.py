"""Sharing and places: who may get what and why, who got it, where that is, and what protects it there."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from troth.clock import Instant
from troth.custody.knowing import on_record
from troth.ledger.entry import Entry
from troth.rules.decision import Act
from troth.rules.rulebook import Rulebook, delivery
from troth.terms.agreement import Disclose, Party, Store, Transfer
from troth.web.knowing import known_of
from troth.web.lexicon import Lexicon, cite, lexicon_of, place_words
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.telling import told
from troth.web.visit import Visit

pages = Pages()
LATEST = 200  # disclosures that are looked for


@dataclass(frozen=True, slots=True)
class Receiver:
    """One recipient as a page tells it."""

    words: str
    place: str
    kind: str  # the relationship
    gets: tuple[str, ...]
    aims: tuple[str, ...]
    clause: tuple[str, str, str]
    needs: tuple[tuple[str, Instant | None], ...]  # what must be on record, and until when it is
    safeguards: tuple[tuple[str, str, str], ...]  # clauses of the transfer, where it is one
    tell: str
    got: int  # of the disclosures about the member that were found
    last: Instant | None


@pages.page("/places", permission=Permission.MEMBER)
async def places(visit: Visit) -> Response:
    """Show recipients, disclosures, places and safeguards."""
    house = visit.hall.house
    lexicon = lexicon_of(visit.hall.agreement)
    known = await known_of(
        visit, wanted=lambda e: e.outcome == "permitted", having=b'"act":"disclose"', limit=LATEST
    )
    instruments = await visit.hall.teller.alone_soon(on_record)
    until = {(recipient, kind): end for recipient, kind, end in instruments}
    entries = known.recalled.entries
    language = visit.reader.language
    found = [
        _receiver(visit, lexicon, rule, party, until, [e for _n, e in entries])
        for _clause, rule in lexicon.disclosures()
        for party in rule.parties
    ]
    rules = [rule for _clause, rule in visit.hall.agreement.rules()]
    transfers = [
        (cite(clause), place_words(rule.origin, language), place_words(rule.destination, language),
         _safeguard(visit, rule.safeguard), [lexicon.target(each) for each in rule.of])
        for clause, rule in visit.hall.agreement.rules()
        if isinstance(rule, Transfer)
    ]  # fmt: skip
    stores = dict.fromkeys(place for rule in rules if isinstance(rule, Store) for place in rule.places)
    return visit.page(
        "portal/places.html",
        visit.words("Sharing and places"),
        receivers=[
            (kind, [r for r in found if r.kind == kind]) for kind in dict.fromkeys(r.kind for r in found)
        ],
        given=[told(house, number, entry, visit.words) for number, entry in entries[:20]],
        more=len(entries) > 20 or known.recalled.older is not None,
        since=known.since,
        here=place_words(house.place, language),
        stores=[place_words(place, language) for place in stores],
        transfers=transfers,
        lang=visit.hall.agreement.language,
    )


def _safeguard(visit: Visit, name: str) -> str:
    """Return what makes a transfer lawful, in words (GDPR Art. 45 to 49)."""
    _ = visit.words
    return {
        "adequacy": _("a decision that the law there protects as well"),
        "scc": _("standard contractual clauses"),
        "bcr": _("binding corporate rules"),
        "certification": _("a certification"),
        "code_of_conduct": _("a code of conduct"),
        "consent": _("your consent"),
        "derogation": _("an exception that the law names"),
        "law": _("the law"),
    }[name]


def _instrument(visit: Visit, name: str) -> str:
    """Return what a recipient must have put on record before anything is passed on, in words."""
    _ = visit.words
    return {
        "contract": _("a contract on what they do for us"),
        "confidentiality": _("a promise to keep it confidential"),
        "safeguard": _("a safeguard for what crosses the border"),
        "legal_basis": _("the law on which they ask"),
    }[name]


def _receiver(
    visit: Visit,
    lexicon: Lexicon,
    rule: Disclose,
    party: Party,
    until: dict[tuple[str, str], Instant],
    entries: Sequence[Entry],
) -> Receiver:
    name = f"{rule.name}.{party.name}"
    gets = dict(rule.of).get(party.name, ())
    mine = [entry.at for entry in entries if entry.recipient == name]
    clause = next(clause for clause, each in lexicon.disclosures() if each is rule)
    return Receiver(
        words=lexicon.recipient(name),
        place=place_words(party.place, visit.reader.language),
        kind=str(party.relationship),
        gets=tuple(dict.fromkeys(lexicon.target(target) for target in gets)),
        aims=tuple(dict.fromkeys(aim for each in rule.purposes for aim in lexicon.purposes(each))),
        clause=cite(clause),
        needs=tuple(
            (_instrument(visit, need), until.get((name, need)))
            for need in rule.needs
            if need not in ("case", "reason")
        ),
        safeguards=_transfers(visit.hall.house.book, lexicon, name),
        tell=rule.tell,
        got=len(mine),
        last=max(mine, default=None),
    )


def _transfers(book: Rulebook, lexicon: Lexicon, name: str) -> tuple[tuple[str, str, str], ...]:
    """Return the clauses under which anything goes to a recipient in another place."""
    keys = {delivery(name, purpose) for purpose in book.purposes}  # type: ignore[arg-type]
    cited = dict.fromkeys(
        clause_id
        for (act, _category, key), cell in book.cells.items()
        if act is Act.DISCLOSE and key in keys
        for grant in cell.grants
        for clause_id in grant.safeguards or ()
    )
    found = (lexicon.clause(each) for each in cited)
    return tuple(cite(clause) for clause in found if clause is not None)
