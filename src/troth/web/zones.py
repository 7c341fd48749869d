"""Time zones by name: the country and the city that keep a time, in the reader's language, after the CLDR."""

from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global
from babel.dates import get_timezone_location

from troth.web.languages import locale

UTC = "UTC"
_NOWHERE = frozenset({"", "ZZ", "001"})  # no country: an unknown one, and the world
_UNNAMED = ("Etc/", "localtime")  # offsets, of which some are written the wrong way round


@cache
def named(language: str) -> tuple[tuple[str, str], ...]:
    """Return each zone, once, with its name, in the order of the names; UTC first."""
    some = {_one(zone) for zone in available_timezones()}
    pairs = [(zone, name_of(zone, language)) for zone in some if not zone.startswith(_UNNAMED)]
    return ((UTC, UTC), *sorted(pairs, key=lambda pair: pair[1].casefold()))


@cache
def name_of(zone: str, language: str) -> str:
    """Return the name of a zone, such as `Japan, Tokyo`."""
    one = _one(zone)
    city = get_timezone_location(one, locale=locale(language), return_city=True).rpartition("/")[2]
    country = get_global("zone_territories").get(one, "")
    named = "" if country in _NOWHERE else locale(language).territories.get(country, "")
    separator = {"ja": "、", "ar": "، "}.get(language, ", ")
    return city if named in ("", city) else f"{named}{separator}{city}"


def _one(zone: str) -> str:
    """Return the one name of a zone among all that mean the same."""
    return str(get_global("zone_aliases").get(zone, zone))
