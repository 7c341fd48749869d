"""What a caller gives: of the type that the door needs, or refused by its name, never by its value."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from troth.errors import BadArgument
from troth.terms.vocabulary import FieldName

_NONE: frozenset[str] = frozenset()


def text(name: str, value: object) -> str:
    """Return text; raises `BadArgument` for anything else."""
    if isinstance(value, str):
        return value
    raise BadArgument(name=name, wanted="text")


def written(name: str, value: object) -> str:
    """Return text that can be written down; raises `BadArgument` for anything else."""
    found = text(name, value)
    try:
        found.encode("utf-8")
    except UnicodeEncodeError:
        raise BadArgument(name=name, wanted="text that UTF-8 can say") from None
    return found


def plain(name: str, value: object, deep: int = 8) -> Any:  # noqa: ANN401 - as it was given
    """Return a value that JSON can say: text, a number, yes or no, nothing, and lists or mappings of these.

    Raises `BadArgument` for anything else, and beyond a depth of 8.
    """
    if isinstance(value, str):
        return written(name, value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if deep and isinstance(value, list | tuple):
        return [plain(name, each, deep - 1) for each in value]
    if deep and isinstance(value, Mapping):
        return {written(name, key): plain(name, each, deep - 1) for key, each in value.items()}
    raise BadArgument(name=name, wanted="made of text, numbers, lists and mappings, as JSON is")


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
