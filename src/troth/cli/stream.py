"""Read a stream of acts: one JSON object a line, in bounded memory, and pictures from beside it.

Nothing that a line holds is repeated in an error about it: a value may stand where a word should.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from troth.acts.collect import offering
from troth.custody.drafts import Offer
from troth.errors import BadAttachment, BadInput, BadLine
from troth.rules.decision import Actor, program, staff
from troth.rules.rulebook import Rulebook
from troth.terms.kinds import KINDS

LONGEST_LINE = 1_048_576  # bytes
LONGEST_REFERENCE = 500  # characters
MARK = b"\xef\xbb\xbf"  # what some editors put before everything
_KEYS = {"reference", "circumstance", "category", "fields", "by", "age"}
_WORDS = ("reference", "circumstance", "category")
_APART = ("picture", "file")
_OLDEST = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, the place in the stream after it, its offer or what is wrong with it."""

    number: int
    end: int  # bytes
    offer: Offer | BadInput
    weight: int  # bytes that it holds in memory


class Acts:
    """Turns lines into offers, by the words of one rulebook."""

    def __init__(self, book: Rulebook, folder: Path, by: Actor) -> None:
        """Take the fields of `book`; attachments from `folder`; `by` asks where a line names nobody."""
        self._book = book
        self._folder = folder.resolve()
        self._by = by

    def read(self, stream: BinaryIO) -> Iterator[Line]:
        """Yield every line of a stream that is not empty."""
        number = end = 0
        while raw := stream.readline(LONGEST_LINE + 1):
            number += 1
            end += len(raw)
            if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
                while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                    end += len(more)
                end += len(more)
                problem = BadLine(problem=f"it is longer than {LONGEST_LINE} bytes")
                yield Line(number, end, problem, 0)
                continue
            if number == 1:
                raw = raw.removeprefix(MARK)
            if not raw.strip():
                continue
            try:
                offer, weight = self._offer(loaded(raw))
            except BadInput as problem:
                yield Line(number, end, problem, 0)
            else:
                yield Line(number, end, offer, weight + len(raw))

    def _offer(self, act: dict[str, Any]) -> tuple[Offer, int]:
        if not act.keys() <= _KEYS:
            raise BadLine(problem="it has a key that no act has")
        for word in _WORDS:
            if type(act.get(word)) is not str or not act[word].strip():
                raise BadLine(problem=f"`{word}` is missing, or not text")
        if len(act["reference"]) > LONGEST_REFERENCE:
            raise BadLine(problem=f"`reference` is longer than {LONGEST_REFERENCE} characters")
        if not act["reference"].isprintable():
            raise BadLine(problem="`reference` holds characters that cannot be seen")
        fields = act.get("fields")
        if type(fields) is not dict:
            raise BadLine(problem="`fields` is missing, or not an object")
        age = act.get("age")
        if age is not None and (type(age) is not int or not 0 <= age <= _OLDEST):
            raise BadLine(problem="`age` is not a whole number of years")
        weight = self._attach(act["category"], fields)
        by = self._actor(act["by"]) if "by" in act else self._by
        offer = offering(
            by=by,
            about=act["reference"],
            category=act["category"],
            when=act["circumstance"],
            values=fields,
            age=age,
        )
        return offer, weight

    def _actor(self, by: Any) -> Actor:  # noqa: ANN401 - whatever the line holds
        if type(by) is dict and all(type(word) is str and word for word in by.values()):
            if by.keys() == {"program"}:
                return _program(by["program"])
            if by.keys() == {"staff", "role"}:
                return _staff(by["staff"], by["role"])
        raise BadLine(problem="`by` is neither a program, nor staff with their role")

    def _attach(self, category: str, fields: dict[str, Any]) -> int:
        """Put the bytes of pictures and files in the place of their paths; return how many."""
        weight = 0
        for name, spec in self._book.fields.get(category, {}).items():  # type: ignore[call-overload]
            value = fields.get(name)
            if spec.type in _APART and type(value) is dict and value.keys() == {"file"}:
                fields[name] = self._content(value["file"], spec.limit or KINDS[spec.type].limit)
                weight += len(fields[name])
        return weight

    def _content(self, path: Any, limit: int) -> bytes:  # noqa: ANN401
        if type(path) is not str or not path or "\0" in path or Path(path).is_absolute():
            raise BadAttachment(problem="its path is not a relative one")
        try:
            file = (self._folder / path).resolve()
            if not file.is_relative_to(self._folder):
                raise BadAttachment(problem="its path leads out of the folder")
            if not file.is_file():
                raise BadAttachment(problem="there is none")
            with file.open("rb") as opened:
                content = opened.read(limit + 1)
        except (OSError, RuntimeError, ValueError):
            raise BadAttachment(problem="it cannot be read") from None
        if len(content) > limit:
            raise BadAttachment(problem=f"it is larger than {limit} bytes")
        return content


def loaded(raw: bytes) -> dict[str, Any]:
    """Return the object of a line; raises `BadLine`, also for what JSON leaves open: twins and NaN."""
    try:
        act = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        if b"\\u" in raw:
            json.dumps(act, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise BadLine(problem="it holds half of a surrogate pair") from None
    except UnicodeDecodeError:
        raise BadLine(problem="it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine(problem="it is not JSON") from None
    if type(act) is not dict:
        raise BadLine(problem="it is not a JSON object")
    return act


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadLine(problem="it names a key twice")
    return made


def _constant(_: str) -> Any:  # noqa: ANN401
    raise BadLine(problem="it holds a number that JSON does not know")


_program = lru_cache(1_000)(program)
_staff = lru_cache(1_000)(staff)
