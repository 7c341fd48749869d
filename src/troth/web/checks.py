"""Checks of identity as their person sees them: where one stands, what there is to give, what is here."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from troth.acts import cases, use
from troth.clock import Instant
from troth.custody.desk import Desk
from troth.custody.hand_out import Held
from troth.ledger.entry import Entry
from troth.rules.cases import MACHINES, Case
from troth.rules.rulebook import Intake
from troth.rules.standing import Choice, Standing
from troth.terms.agreement import CaseRule
from troth.web import frames, intakes, languages
from troth.web.knowing import known_of
from troth.web.pictures import Parcel, Station, parcel
from troth.web.visit import Visit

MACHINE = MACHINES["verification"]
GIVING = MACHINE.fed | {MACHINE.consented}  # states in which somebody adds to it
OVER = MACHINE.ended - {MACHINE.label}  # after which another one may be begun
BEGUN = frozenset({MACHINE.first, MACHINE.consented})
_ON = ("submitted", "in_review", MACHINE.label)  # what comes after the beginning, where nothing else does
_ENDS = {"rejected": "refused", "withdrawn": "ended", "expired": "ended"}  # as a station is drawn
_MOST = 200  # steps of one case


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check as its person sees it."""

    clause: str
    rule: CaseRule
    case: Case | None  # the latest

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"/verification/{self.rule.name}"

    @property
    def is_open(self) -> bool:
        """Whether something may be added to it."""
        return self.case is not None and self.case.state in GIVING

    @property
    def can_appeal(self) -> bool:
        """Whether a rejection may be reviewed once more."""
        case = self.case
        return case is not None and case.state == "rejected" and case.resumed < (MACHINE.resumes or 0)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to give into a check."""

    title: str
    what: list[str]
    href: str
    given_at: Instant | None
    goes_at: Instant | None
    consent: bool  # is asked first
    refused: bool
    optional: bool


async def checks_of(visit: Visit) -> list[Check]:
    """Return every kind of check that there is, each with the member's latest case."""
    mine = await visit.hall.teller.alone_soon(cases.listing(visit.member.subject))
    found = []
    for clause, rule in intakes.cases_of_kind(visit.hall.house.book, "verification"):
        latest = intakes.of_rule(mine, rule)
        under_way = [case for case in latest if case.state not in MACHINE.ended]
        found.append(Check(clause, rule, next(iter((*under_way, *latest)), None)))
    return found


def state_of(visit: Visit, case: Case | None) -> str:
    """Return where a check stands, in words."""
    _ = visit.words
    said = {
        "": _("You have not begun."),
        "consented": _("Your consent is noted. Nothing was asked for yet."),
        "collecting": _("You are giving what is needed. You can leave and go on later."),
        "submitted": _("You handed it in. It waits for a reviewer."),
        "in_review": _("It is being reviewed."),
        "needs_more": _("The review needs more from you."),
        "verified": _("You are verified."),
        "rejected": _("You were not verified."),
        "withdrawn": _("You withdrew it."),
        "expired": _("It is over. You lose no right by that; you can begin anew."),
    }
    return said[case.state if case else ""]


async def drawn(visit: Visit, case: Case) -> Parcel:
    """Return the line of stations: those that the log says were reached, and what is still to come."""
    _ = visit.words
    words = {
        "": _("Begun"),
        "submitted": _("Handed in"),
        "in_review": _("In review"),
        "needs_more": _("More is needed"),
        "verified": _("Verified"),
        "rejected": _("Not verified"),
        "withdrawn": _("Withdrawn"),
        "expired": _("Over"),
    }
    reached = await _reached(visit, case)
    here = case.state in MACHINE.ended
    stations = [Station(words[state], "past", at) for state, at in reached]
    stations[-1] = replace(stations[-1], state=_ENDS.get(case.state, "past") if here else "now")
    if not here:
        begun = 0 if case.state in BEGUN else len(_ON) - 1
        left = _ON[_ON.index(case.state) + 1 if case.state in _ON else begun :]
        ahead = {**words, MACHINE.label: _("Decided")}
        stations += [Station(ahead[state], "next") for state in left]
    return parcel(stations, rtl=languages.direction(visit.reader.language) == "rtl")


async def _reached(visit: Visit, case: Case) -> list[tuple[str, Instant]]:
    """Return the states on a case's way, each with when it was last reached; "" is its beginning.

    Where it came back to a state, what lay between is left out.
    """

    def moved(entry: Entry) -> bool:
        return entry.kind == "case.moved" and entry.case == case.reference and len(entry.fields) == 1

    known = await known_of(visit, wanted=moved, having=case.reference.encode(), limit=_MOST)
    steps = [(entry.fields[0], entry.at) for _, entry in reversed(known.recalled.entries)]
    way = [("", case.opened_at)]
    for state, at in (*steps, (case.state, case.changed_at)):
        if state not in BEGUN:
            before = [name for name, _ in way]
            way = way[: before.index(state)] if state in before else way
            way.append((state, at))
    return way


async def steps_of(visit: Visit, check: Check) -> list[Step]:
    """Return what there is to give, and what of it is here."""
    subject, book, case = visit.member.subject, visit.hall.house.book, check.case

    def work(desk: Desk) -> tuple[Standing, Mapping[bytes, str]]:
        desk.find([subject])
        linked = cases.contents(subject, case.id)(desk) if case else {}
        return desk.standing(subject), linked

    standing, linked = await visit.hall.teller.alone_soon(work)
    within = intakes.intakes_within(book, check.rule)
    held_of = await asyncio.gather(*(_given(visit, intake) for intake in within))
    found = []
    for intake, here in zip(within, held_of, strict=True):
        mine: Sequence[Held] = [held for held in here if held.id in linked]
        mine = mine or (here if intake.rule.records == "one" else [])
        said = standing.choice(intake.rule.consent) if intake.rule.consent else Choice.GIVEN
        _, title, _ = frames.cited(visit, intake.clause)
        found.append(
            Step(
                title=title,
                what=[intakes.label_of(spec) for spec in intake.specs.values()],
                href=address(check, intake),
                given_at=max((held.collected_at for held in mine), default=None),
                goes_at=max((held.expires_at for held in mine), default=None),
                consent=said is None,
                refused=said is not None and said is not Choice.GIVEN,
                optional=bool(intake.rule.consent),
            )
        )
    return found


async def _given(visit: Visit, intake: Intake) -> tuple[Held, ...]:
    """Return the records of a category that are held, masked."""
    job = use.accessing(by=visit.by, about=visit.member.subject, category=intake.rule.category, masked=True)
    handed = await visit.read(job)
    found: tuple[Held, ...] = handed.records
    return found


def address(check: Check, intake: Intake) -> str:
    """Return where one part of a check is given."""
    return f"{check.path}/give/{intake.rule.category}/{intakes.when_of(intake)}"
