"""Conversations: what the agreement has for them, and what was said in one, read by whose it is.

The agreement decides: it must let people read what belongs to such a case themselves.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape

from troth.acts import use
from troth.clock import Instant
from troth.custody.desk import About
from troth.custody.hand_out import HandOut
from troth.custody.plans import STORED_APART
from troth.rules.cases import Case
from troth.rules.decision import Act, Actor
from troth.rules.rulebook import Intake, Rulebook
from troth.terms.agreement import CaseRule
from troth.terms.sentences import spaced
from troth.terms.vocabulary import Category, Purpose
from troth.web import intakes, wordings
from troth.web.content import content
from troth.web.knowing import permitted
from troth.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: who reads it, and where its pages are."""

    visit: Visit
    clause: str
    rule: CaseRule
    case: Case
    by: Actor
    path: str
    about: About = field(repr=False)
    givers: Mapping[bytes, str]  # of the records in it
    back: str = ""
    link: bool = False  # it is reached by its link, without an account


@dataclass(frozen=True, slots=True)
class Said:
    """One message, or a rating: who gave it, when, its values, and the addresses of its files."""

    at: Instant
    mine: bool
    who: str
    values: tuple[tuple[str, str, bool], ...] = field(repr=False)  # label, value, whether it is the message
    files: tuple[tuple[str, str], ...] = ()


# ---- what the agreement has for it


def message_intake(book: Rulebook, rule: CaseRule) -> Intake | None:
    """Return the intake of messages: it takes a long text and no number."""
    return next((i for i in intakes.intakes_within(book, rule) if {"longtext"} == _types(i)), None)


def rating_intake(book: Rulebook, rule: CaseRule) -> Intake | None:
    """Return the intake of a rating: it takes a number."""
    return next((i for i in intakes.intakes_within(book, rule) if "integer" in _types(i)), None)


def _types(intake: Intake) -> set[str]:
    return {spec.type for spec in intake.specs.values()} & {"longtext", "integer"}


def names_of(intake: Intake, *types: str) -> tuple[str, ...]:
    """Return the names of fields of some types."""
    return tuple(str(name) for name, spec in intake.specs.items() if spec.type in types)


def own_purpose(book: Rulebook, category: Category) -> Purpose | None:
    """Return a purpose for which people read a category of theirs themselves, without further conditions."""
    for (act, about, word), cell in book.cells.items():
        if act is Act.USE and about == category:
            for grant in cell.grants:
                if grant.by.subject and not (grant.needs or grant.consent or grant.aggregates):
                    return Purpose(word)
    return None


# ---- reading


async def reading(
    visit: Visit,
    *,
    by: Actor,
    about: About,
    category: Category,
    fields: list[str],
    records: Iterable[bytes],
) -> HandOut:
    """Return the job by which somebody reads their own records: for a purpose where that is permitted.

    Elsewhere as their right: where they have them stored without use they still see what is held of them.
    """
    some, purpose = frozenset(records), own_purpose(visit.hall.house.book, category)
    if purpose is not None:
        job = use.reading(by=by, about=about, category=category, fields=fields, purpose=purpose, records=some)
        if await permitted(visit, job):
            return job
    return use.accessing(by=by, about=about, category=category, fields=fields, records=some)


async def said_in(talk: Talk) -> tuple[list[Said], list[Said]]:
    """Return the messages of a conversation, oldest first, and its ratings."""
    book = talk.visit.hall.house.book
    messages, ratings = await asyncio.gather(
        _said(talk, message_intake(book, talk.rule)), _said(talk, rating_intake(book, talk.rule))
    )
    return messages, ratings


async def _said(talk: Talk, intake: Intake | None) -> list[Said]:
    """Return what was given into a conversation under one clause; files are only looked for."""
    if intake is None or not talk.givers:
        return []
    visit, category, givers = talk.visit, intake.rule.category, talk.givers
    apart = [str(n) for n, spec in intake.specs.items() if spec.type in STORED_APART]
    what: dict[str, Any] = {
        "by": talk.by,
        "about": talk.about,
        "category": category,
        "records": frozenset(givers),
    }
    plain = [str(n) for n in intake.specs if n not in apart]
    asked = [visit.read(await reading(visit, **what, fields=plain))]
    if apart:
        asked.append(visit.read(use.accessing(**what, fields=apart, masked=True)))
    handed, *looked = await asyncio.gather(*asked)
    files: dict[bytes, list[tuple[str, str]]] = {}
    for held in (each for seen in looked for each in seen.records):
        for name in held.values:
            label = intakes.label_of(intake.specs[name])
            files.setdefault(held.id, []).append((label, f"{talk.path}/file/{held.id.hex()}/{name}"))
    found = []
    for held in handed.records:
        giver = givers[held.id]
        values = tuple(
            (
                intakes.label_of(intake.specs[name]),
                wordings.shown(visit, intake.specs[name], value.reveal()),
                intake.specs[name].type == "longtext",
            )
            for name, value in held.values.items()
        )
        mine = giver == "self"
        found.append(Said(held.collected_at, mine, _who(visit, giver), values, tuple(files.get(held.id, ()))))
    return sorted(found, key=lambda said: said.at)


def _who(visit: Visit, giver: str) -> str:
    kind, _, name = giver.partition(":")
    if kind == "self":
        return visit.words("You")
    language = visit.hall.agreement.language
    if kind == "staff":
        return content(spaced(name).capitalize(), language) or visit.words("We")
    return escape(visit.words("The program %(name)s")) % {"name": content(spaced(name), language)}


def state_of(visit: Visit, case: Case) -> str:
    """Return where a conversation stands, in words."""
    _ = visit.words
    said = {
        "open": _("It waits for our answer."),
        "answered": _("We answered."),
        "closed": _("It is closed."),
    }
    return said[case.state]
