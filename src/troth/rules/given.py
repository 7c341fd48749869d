"""What a caller gives: of the type that the door needs, or refused by its name, never by its value."""

from collections.abc import Iterable, Mapping
from typing import Any

from troth.errors import BadArgument
from troth.terms.vocabulary import FieldName

_NONE: frozenset[str] = frozenset()


def text(name: str, value: object) -> str:
    """Return text; raises `BadArgument` for anything else."""
    if isinstance(value, str):
        return value
    raise BadArgument(name=name, wanted="text")


def texts(name: str, values: object) -> frozenset[str]:
    """Return several texts as a set; raises `BadArgument`, also for one text instead of several."""
    if type(values) is tuple and not values:
        return _NONE
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise BadArgument(name=name, wanted="a list of texts")
    return frozenset(text(name, one) for one in values)


def about(value: object) -> int | str:
    """Return who is meant: a number, or the organisation's own reference; raises `BadArgument`."""
    if isinstance(value, str) or type(value) is int:
        return value
    raise BadArgument(name="about", wanted="a reference (text) or a person's number")


def values(found: object) -> dict[FieldName, Any]:
    """Return values by field name; raises `BadArgument`. What the values are, the fields' types say."""
    if type(found) is dict and all(type(name) is str for name in found):
        return found.copy()
    if not isinstance(found, Mapping):
        raise BadArgument(name="values", wanted="a mapping of field names to values")
    return {FieldName(text("values", name)): value for name, value in found.items()}
