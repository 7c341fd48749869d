"""Read the keys of a declaration, one after the other; what is wrong says how it is mended."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from troth.gates.systems.declared import Scalar
from troth.terms.faults import or_one_of


def only(at: str, said: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise `ValueError` for a key that is not known."""
    for key in said:
        if key not in known:
            raise ValueError(f"`{key}` of `[{at}]` is not known; {or_one_of(key, known)}")


def section(at: str, said: object) -> Mapping[str, Any]:
    """Return a section."""
    if not isinstance(said, dict):
        raise ValueError(f"`{at}` is no section; write `[{at}]`")
    return said


def text(at: str, said: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """Return a text; one without a default has to be there."""
    found = said.get(key, default)
    if not isinstance(found, str) or "\0" in found or (default is None and not found):
        raise ValueError(f"`{key}` of `[{at}]` is {'missing' if key not in said else 'no text'}")
    return found


def choice(
    at: str, said: Mapping[str, Any], key: str, known: Iterable[str], default: str | None = None
) -> str:
    """Return one of some words."""
    found = text(at, said, key, default)
    if found not in known:
        raise ValueError(f"`{key}` of `[{at}]` is `{found}`; {or_one_of(found, known)}")
    return found


def whole(at: str, said: Mapping[str, Any], key: str, default: int, most: int) -> int:
    """Return a whole number from 1 to `most`."""
    found = said.get(key, default)
    if type(found) is not int or not 0 < found <= most:
        raise ValueError(f"`{key}` of `[{at}]` is no number from 1 to {most}")
    return found


def words_of(at: str, said: Mapping[str, Any], key: str, default: list[str]) -> tuple[str, ...]:
    """Return a list of names."""
    found = said.get(key, default)
    if not isinstance(found, list) or not all(isinstance(word, str) and word for word in found):
        raise ValueError(f"`{key}` of `[{at}]` is no list of names")
    return tuple(found)


def mapping(at: str, said: Mapping[str, Any], key: str) -> dict[str, Scalar]:
    """Return a table of names and single values."""
    found = said.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(v, str | int | bool) for v in found.values()):
        raise ValueError(f"`{key}` of `[{at}]` is no table of names and single values")
    return dict(found)
