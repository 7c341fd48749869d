"""Signals of browsers: Global Privacy Control, which asks that data be neither sold nor shared.

What it asks for is answered by the agreement first: nothing is sold where a clause forbids it. Where a
purpose passes data on to somebody who decides about it alone, and the person may object to that purpose,
the signal of a signed-in member is kept as that objection, once; no request of theirs writes another line.
"""

from dataclasses import dataclass
from functools import partial

from troth.acts import consent
from troth.custody.knowing import know
from troth.rules.rulebook import Rulebook
from troth.rules.standing import Standing
from troth.terms.agreement import Disclose, Never
from troth.terms.vocabulary import Relationship
from troth.web.visit import Visit

_ALONE = {Relationship.JOINT, Relationship.INDEPENDENT}


@dataclass(frozen=True, slots=True)
class Honoured:
    """What a signal comes to under an agreement."""

    never_sold: tuple[str, ...]  # ids of the clauses that forbid to sell
    objects: tuple[str, ...]  # purposes to which it objects


def of_agreement(book: Rulebook) -> Honoured:
    """Return what the signal comes to."""
    rules = tuple(book.agreement.rules())
    shared = dict.fromkeys(
        purpose
        for _clause, rule in rules
        if isinstance(rule, Disclose) and any(party.relationship in _ALONE for party in rule.parties)
        for purpose in rule.purposes
    )
    return Honoured(
        tuple(clause.id for clause, rule in rules if isinstance(rule, Never) and "sell" in rule.practices),
        tuple(purpose for purpose in shared if purpose in book.objectable),
    )


async def honour_at_entry(visit: Visit, subject: int) -> None:
    """Keep the signal of a browser in which somebody was just let in, whichever page they open then."""
    if visit.gpc and of_agreement(visit.hall.house.book).objects:
        known = await visit.hall.teller.alone_soon(partial(know, subject=subject))
        await honour(visit, known.standing)


async def honour(visit: Visit, standing: Standing) -> None:
    """Keep the signal of a member's browser as objections, where it is one and is not kept yet."""
    if not visit.gpc:
        return
    for purpose in of_agreement(visit.hall.house.book).objects:
        if purpose not in standing.objections:
            job = consent.objecting(by=visit.by, about=visit.member.subject, purpose=purpose)
            await visit.hall.teller.ask_soon(job)
