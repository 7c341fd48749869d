"""Words that stand where they matter: what data is for before it is given, reminders, judged passwords."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from troth.terms.agreement import FieldSpec
from troth.terms.prose import notice
from troth.web import frames
from troth.web.credentials import passwords
from troth.web.credentials.passwords import Advice, Reason
from troth.web.hall import measures

if TYPE_CHECKING:
    from troth.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told before they give data of one category."""

    clause: tuple[str, str, str]  # number, title, address
    text: str  # the clause's own notice, or one made of the clauses that speak of it
    consent: str  # the purpose whose consent is asked first, or ""


def of_category(visit: "Visit", category: str, when: str = "") -> Notice:
    """Return the notice of the clause under which a category is taken in."""
    intake = next(
        each
        for (name, circumstance), each in visit.hall.house.book.intakes.items()
        if name == category and when in ("", circumstance)
    )
    text = notice(visit.hall.agreement, intake.rule)
    return Notice(frames.cited(visit, intake.clause), text, intake.rule.consent or "")


def reminders(visit: "Visit") -> frozenset[str]:
    """Return the reminders that the agreement promises, by their names."""
    said = measures(visit.hall.agreement).get("reminders", "")
    return frozenset(word.strip() for word in said.split(",") if word.strip())


def against(visit: "Visit", password: str, *, alone: bool, context: Iterable[str] = ()) -> list[str]:
    """Return why a password is not taken, in the reader's language; nothing when it is."""
    said = measures(visit.hall.agreement)
    shortest = passwords.shortest_for(int(said.get("password_length", 0)) or None, alone=alone)
    judged = passwords.judge(
        password,
        shortest=shortest,
        blocklist=said.get("password_blocklist") == "true",
        context=(*context, visit.hall.site.name, visit.hall.site.host),
    )
    _ = visit.words
    why = {
        Reason.SHORT: _(
            "The password is too short. Use %(shortest)s characters or more: several words do well."
        )
        % {"shortest": shortest},
        Reason.LONG: _("The password is too long."),
        Reason.CHARACTERS: _("The password holds characters that cannot be typed again for sure."),
        Reason.LISTED: _("Everybody uses this password, or it has leaked. Choose another."),
        Reason.CONTEXT: _("The password is made of your name or ours. Choose other words."),
        Reason.GUESSABLE: _("The password is too easy to guess. Add more words that do not belong together."),
    }
    return [why[reason] for reason in judged.reasons]


def advice(visit: "Visit", some: Iterable[Advice]) -> list[str]:
    """Return what would make a password better, in the reader's language."""
    _ = visit.words
    said = {
        Advice.MORE_WORDS: _("Add more words."),
        Advice.NO_REPEATS: _("Repeat nothing."),
        Advice.NO_SEQUENCES: _("Leave out rows such as abc or 123."),
        Advice.NO_KEYBOARD_ROWS: _("Leave out rows of the keyboard."),
        Advice.NO_DATES: _("Leave out dates."),
        Advice.NO_OWN_WORDS: _("Leave out your own name and ours."),
    }
    return [said[each] for each in some]


def named_by(visit: "Visit", some: Iterable[FieldSpec]) -> str:
    """Return what somebody is asked for who says who they are by one of some identifiers."""
    _ = visit.words
    kinds = {spec.type if spec.type in ("email", "phone") else "name" for spec in some}
    said = {
        ("email",): _("E-mail address"),
        ("phone",): _("Phone number"),
        ("name",): _("User name"),
        ("email", "name"): _("E-mail address or user name"),
        ("email", "phone"): _("E-mail address or phone number"),
        ("name", "phone"): _("Phone number or user name"),
    }
    every = _("E-mail address, phone number or user name")
    return said.get(tuple(sorted(kinds)), every)


def unreached(visit: "Visit") -> str:
    """Return what is said to an identifier that no code reaches from here."""
    return visit.words("No code can be sent to this from here. Type in another one.")
