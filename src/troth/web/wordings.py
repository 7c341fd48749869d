"""How values and fields are worded for readers: hints, sizes, countries, and what is wrong with a value."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from troth.clock import instant
from troth.errors import BadValue, Refused
from troth.rules.decision import Why
from troth.rules.rulebook import Intake
from troth.terms.agreement import FieldSpec
from troth.terms.sentences import spaced
from troth.web.content import content
from troth.web.languages import SOURCE, locale

if TYPE_CHECKING:
    from troth.web.visit import Visit

_LONGEST = re.compile(r"it is longer than ([0-9]+) characters")
_FORM = ""  # the place of an error that belongs to no field


def hint(visit: "Visit", spec: FieldSpec) -> str:
    """Return how a field wants to be filled in; empty where its control shows that."""
    _ = visit.words
    said = {
        "email": _("Such as name@example.org."),
        "phone": _("It begins with its country, such as +65."),
        "iban": _("As on a bank statement; spaces do not matter."),
        "account_number": _("4 to 34 letters and digits."),
        "id_number": _("As it stands on the document."),
        "card_last4": _("The last four digits, never the whole number."),
        "handle": _("Letters and digits; between them also a point, a hyphen or an underscore."),
        "url": _("Such as https://example.org/page."),
        "language": _("A language tag such as en or pt-BR."),
        "ip": _("An address of IPv4 or IPv6."),
        "date": _("Year, month and day, such as 1980-01-31."),
        "time": _("With its zone, such as 2027-01-31T12:00:00Z."),
        "integer": _("A whole number."),
        "money": _("Such as 12.50, and the currency in three letters."),
        "json": _("An object in JSON."),
        "picture": _("A JPEG, PNG or WebP picture. What is hidden in it, such as the place, is removed."),
        "file": _("A PDF, a picture or plain text."),
    }  # fmt: skip
    return said.get(spec.type, "")


def over(visit: "Visit") -> str:
    """Return what a form that is too old is given back with."""
    return visit.words("This page was open for a day. Nothing was done: look at it, and send it again.")


def overtaken(visit: "Visit") -> str:
    """Return what is said to a form that was sent before, where it does not stand any more as it was sent."""
    return visit.words(
        "You sent this before, and it was changed since. Nothing was done now: look at how it stands, and "
        "send it again if you want it so."
    )


def otherwise(visit: "Visit") -> str:
    """Return what is said to a form that was sent before, with other content."""
    return visit.words(
        "You sent this form before, with something else in it, and that was taken. Nothing was done now: "
        "send it again if you want to give this as well."
    )


def size(visit: "Visit", most: int) -> str:
    """Return a number of bytes in words."""
    if most < 1_000_000:
        return f"{visit.reader.number(most // 1000)} kB"
    return f"{visit.reader.number(most / 1_000_000)} MB"


def gender(visit: "Visit", value: str) -> str:
    """Return a gender as documents show it, in words."""
    _ = visit.words
    said = {"female": _("female"), "male": _("male"), "other": _("other"), "unstated": _("not stated")}
    return said.get(value) or content(spaced(value), visit.hall.agreement.language)


@cache
def _countries(language: str, codes: frozenset[str]) -> tuple[tuple[str, str], ...]:
    names = locale(language).territories
    return tuple(sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1]))


def countries(visit: "Visit", codes: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return countries with their names in the reader's language, by name."""
    return _countries(visit.reader.language, frozenset(codes))


def place(visit: "Visit", word: str) -> str:
    """Return a place of the agreement, such as `EEA.IE`, as the country it is."""
    code = word.rpartition(".")[2]
    return str(locale(visit.reader.language).territories.get(code, word))


def shown(visit: "Visit", spec: FieldSpec, value: Any) -> str:  # noqa: ANN401 - of any type
    """Return a value as its giver reads it."""
    if spec.type == "boolean":
        return visit.words("Yes") if value else visit.words("No")
    if spec.type == "money":
        return f"{value['amount']} {value['currency']}"
    if spec.type == "gender" and not spec.choices:
        return gender(visit, str(value))
    if spec.type in ("choice", "gender"):
        return content(spaced(str(value)), visit.hall.agreement.language)
    if spec.type == "time":
        return visit.reader.moment(instant(str(value)))
    if spec.type == "date":
        return visit.reader.date(str(value))
    if spec.type == "country":
        return place(visit, str(value))
    if spec.type == "id_number":
        country, _, number = str(value).partition(":")
        return f"{number} ({place(visit, country)})"
    return str(value)


# ---- what is wrong


def wrong(
    visit: "Visit", intake: Intake, refused: Refused, reasons: Mapping[str, str]
) -> dict[str, str] | None:
    """Return what is wrong by field (empty: the form as a whole); None when no form can mend it.

    `reasons` are what the types said of each value that was not taken.
    """
    said: dict[str, str] = {}
    for code, word in zip(refused.codes, refused.words, strict=True):
        sentence = mendable(visit, code)
        if not sentence:
            return None
        if code == Why.TOO_YOUNG:
            name = next((str(n) for n, spec in intake.specs.items() if spec.type == "date"), _FORM)
        else:
            name = word if word in intake.specs else _FORM
        if code == Why.MALFORMED and reasons.get(name):
            sentence = reasons[name]
        said.setdefault(name, sentence.replace("%(word)s", word))
    return said


def not_taken(visit: "Visit", spec: FieldSpec, problem: BadValue) -> str:
    """Return why a value is not of its field's type, and how it wants to be written."""
    _, why = visit.words, problem.reason
    said = {
        "it is no address that mail can reach": _("This is no address that mail can reach."),
        "it is no number of any country": _("This is no phone number of any country."),
        "it is of a country not taken here": _("This is of a country that is not taken here."),
        "its country is missing or not taken here": _("Its country is missing, or not taken here."),
        "its check digit does not fit": _("Its check digit does not fit."),
        "it has too many or too few characters": _("It has too many or too few characters."),
        "it does not have the form of one": _("It does not have the form of one."),
        "it is no day of the calendar": _("This is no day of the calendar."),
        "it holds a control or direction character": _("It holds a character that cannot be seen."),
        "it is none of the choices": _("This is none of the choices."),
        "it is no http or https address": _("This is no web address."),
    }  # fmt: skip
    longest = _LONGEST.match(why)
    if longest:
        return _("This is longer than %(number)s characters. Shorten it.") % {"number": longest[1]}
    ours = said.get(why)
    if ours is None:
        english = f"{why[:1].upper()}{why[1:]}; {problem.hint}."
        ours = english if visit.reader.language == SOURCE else _("This is not written as it must be.")
    return f"{ours} {hint(visit, spec)}".strip()


def mendable(visit: "Visit", code: str) -> str:
    """Return what is wrong for a code of refusal; empty for one that a form cannot mend."""
    _ = visit.words
    said = {
        Why.MALFORMED: _("This is not written as it must be."),
        Why.FIELD_MISSING: _("Fill this in."),
        Why.UNKNOWN_FIELD: _("No clause names the field %(word)s, so we do not take it."),
        Why.TAKEN: _("Somebody holds this already. Give another one."),
        Why.TOO_YOUNG: _("We do not take this from people as young as this date says."),
        Why.NOT_A_PICTURE: _("This is no JPEG, PNG or WebP picture. Choose one."),
        Why.NOT_A_FILE: _("This is no PDF, picture or plain text. Choose one of these."),
        Why.TOO_LARGE: _("This is larger than the clause lets it be. Choose a smaller one."),
        Why.TOO_MANY_PIXELS: _("This picture has too many pixels. Make it smaller."),
        Why.DAMAGED: _("This is cut short or damaged. Save it anew and choose that."),
        Why.LOCKED: _("This is locked by a password. Save it without one and choose that."),
        Why.ACTIVE: _("This holds something that runs, or carries other files. Print it to a new PDF."),
    }
    return said.get(Why(code), "") if code in {why.value for why in Why} else ""


def channel(visit: "Visit", name: str) -> str:
    """Return a way of reaching somebody, in words."""
    return {
        "email": visit.words("by e-mail"),
        "sms": visit.words("by text message"),
        "phone": visit.words("by phone"),
        "inbox": visit.words("to your inbox here"),
        "post": visit.words("by post"),
    }.get(name, name)
