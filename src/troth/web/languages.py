"""The languages of the pages: which there are, which one a reader gets, and how it writes things.

Page texts are gettext messages in `words/LANGUAGE/messages.po`, read when first needed. Plurals, dates
and numbers follow the CLDR through Babel. The agreement is content and is never translated here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.dates import UTC, format_date, format_skeleton, format_time, get_datetime_format, get_timezone
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from troth.clock import Instant, iso
from troth.terms.vocabulary import Period

SOURCE = "en"  # the language the messages are written in
LANGUAGES = {"en": "English", "ar": "العربية", "ja": "日本語"}  # each by its own name
_MINUTE = "HH:mm"  # twenty-four hours in every language: nobody reads a deadline twelve hours off
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def choose(
    accept_language: str | None, stored: str | None = None, *, among: Collection[str] = LANGUAGES
) -> str:
    """Return the stored choice if it is offered, else the best that a browser asks for, else the first.

    `accept_language` is the header of RFC 9110, section 12.5.4, as it came; nonsense in it is passed over.
    """
    first = next(iter(among))
    if stored in among:
        return str(stored)
    asked: list[tuple[float, str]] = []
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        primary = tag.strip().lower().split("-")[0]
        if weight > 0 and (primary in among or primary == "*"):
            asked.append((weight, first if primary == "*" else primary))
    return max(asked, key=lambda each: each[0])[1] if asked else first


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


@cache
def translations(language: str) -> NullTranslations:
    """Return the messages of a language, read and compiled once; the source language has none."""
    if language == SOURCE:
        return NullTranslations()
    path = resources.files("troth.web") / "words" / language / "messages.po"
    catalogue = read_po(BytesIO(path.read_bytes()), locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def locale(language: str) -> Locale:
    """Return what the CLDR says of a language; of English, the one that is written around the world."""
    return Locale.parse("en_001" if language == "en" else language)


def direction(language: str) -> str:
    """Return `ltr` or `rtl`, as `dir` wants it."""
    return locale(language).text_direction


def known_zone(zone: str) -> bool:
    """Return whether a text is the name of a time zone; a face takes no other."""
    return zone in _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # looks through hundreds of files


@cache
def _zone(zone: str) -> tzinfo:
    return get_timezone(zone) if known_zone(zone) else UTC


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page: in which language, and in which time zone (a name such as `Asia/Tokyo`)."""

    language: str = SOURCE
    zone: str = "UTC"

    def moment(self, at: Instant) -> str:
        """Return date and time to the minute in the reader's zone, with UTC beside it where that differs."""
        here = self._local(at)
        if here.utcoffset() == timedelta(0):
            return f"{self._minute(here)} UTC"
        there = here.astimezone(UTC)
        same_day = there.date() == here.date()
        beside = format_time(there, _MINUTE, tzinfo=UTC) if same_day else self._minute(there)
        return f"{self._minute(here)} ({beside} UTC)"

    def day(self, at: Instant) -> str:
        """Return the date in the reader's zone."""
        return format_date(self._local(at), "long", locale=locale(self.language))

    def date(self, day: str) -> str:
        """Return a date (ISO 8601, such as `1990-02-28`) that is the same in every zone."""
        return format_date(date.fromisoformat(day), "long", locale=locale(self.language))

    def short_day(self, at: Instant) -> str:
        """Return the date in the reader's zone, short enough for a picture or a narrow column."""
        here = self._local(at)
        return format_skeleton("yMMMd", here, here.tzinfo, locale=locale(self.language))

    def number(self, value: float) -> str:
        """Return a number with the separators of the language."""
        return format_decimal(value, locale=locale(self.language))

    def period(self, period: Period) -> str:
        """Return a period in words, such as `5 years` or `1 month and 15 days`."""
        years, months = divmod(period.months, 12)
        hours, rest = divmod(period.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        counted = {
            "year": years,
            "month": months,
            "day": period.days,
            "hour": hours,
            "minute": minutes,
            "second": seconds,
        }
        parts = [self._unit(unit, count) for unit, count in counted.items() if count]
        parts = parts or [self._unit("day", 0)]
        return self.all_of(parts)

    def all_of(self, parts: tuple[str, ...] | list[str], language: str = "") -> str:
        """Return several things as one list in words: `a, b and c`.

        `language` (BCP 47) is the one they are written in; the reader's where the CLDR has no such one.
        """
        try:
            written = locale(language.replace("-", "_") or self.language)
        except (UnknownLocaleError, ValueError):
            written = locale(self.language)
        return format_list(list(parts), "standard", locale=written)

    def machine(self, at: Instant) -> str:
        """Return an instant as the `datetime` attribute wants it."""
        return iso(at - at % 1_000_000)

    def _unit(self, unit: str, count: int) -> str:
        """Where the CLDR gives no long form, its short one holds; Babel leaves that to the caller."""
        measure = f"duration-{unit}"
        said = format_unit(count, measure, "long", locale=locale(self.language))
        return (
            said
            if measure not in said
            else format_unit(count, measure, "short", locale=locale(self.language))
        )

    def _minute(self, moment: datetime) -> str:
        spoken = locale(self.language)
        day = format_skeleton("yMMMd", moment, moment.tzinfo, locale=spoken)
        pattern = str(get_datetime_format("medium", locale=spoken)).replace("'", "")
        return (
            str(pattern)
            .replace("{1}", day)
            .replace("{0}", format_time(moment, _MINUTE, tzinfo=moment.tzinfo))
        )

    def _local(self, at: Instant) -> datetime:
        return (_EPOCH + timedelta(microseconds=at)).astimezone(_zone(self.zone))
