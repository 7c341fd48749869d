"""The file of what a stream could not have taken in: the number of each line and why, never a value.

A line may have a value where a word should stand, so of a refusal only words of the agreement are
repeated. With the line's number, whoever has the stream finds the line.
"""

import json
import os
from collections import Counter
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from troth.errors import FileUnusable, Refused, TrothError
from troth.rules.decision import Why
from troth.rules.explaining import SENTENCES
from troth.rules.rulebook import Rulebook

SUFFIX = ".rejects.jsonl"
_UNSAID = "(no word of the agreement)"
_MOST = 20  # sentences in a message


class Rejects:
    """A file for its owner alone (mode 0600), made with the first reject; an older one is replaced."""

    def __init__(self, path: Path, book: Rulebook) -> None:
        """Remove what an earlier run left; raises `FileUnusable` for a file that is none of ours."""
        self.path = path
        self.codes: Counter[str] = Counter()
        self._words = words_of(book)
        self._file: Any = None
        try:
            if path.name.endswith(SUFFIX):
                path.unlink(missing_ok=True)
            elif path.exists():
                raise FileUnusable(path=str(path), problem=f"it exists and does not end in {SUFFIX}")
        except OSError as problem:
            raise FileUnusable(path=str(path), problem=problem.strerror or "it cannot be replaced") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, line: int, problem: TrothError) -> None:
        """Write why a line was rejected."""
        if self._file is None:
            self._file = self._opened()
        row = {"line": line, **told(problem, self._words)}
        self.codes.update(row.get("reasons", [problem.code]))
        self._file.write(json.dumps(row) + "\n")

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        if self._file is not None:
            self._file.flush()

    @property
    def count(self) -> int:
        """How many reasons were written, each once a line; 0 when nothing was rejected."""
        return self.codes.total()

    def _opened(self) -> Any:  # noqa: ANN401 - a text file
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.fdopen(os.open(self.path, flags, 0o600), "w", encoding="ascii")
        except OSError as problem:
            raise FileUnusable(path=str(self.path), problem=problem.strerror or "it cannot be made") from None


def told(problem: TrothError, words: frozenset[str]) -> dict[str, Any]:
    """Return an error as plain values that hold no word but the agreement's."""
    if not isinstance(problem, Refused):
        row = {"code": problem.code, "message": problem.message, "clauses": [], "fix": problem.fix}
        return row | ({"entry": problem.entry} if hasattr(problem, "entry") else {})
    said = dict.fromkeys(
        SENTENCES[Why(why)][0].format(word=word if word in words else _UNSAID)
        for why, word in zip(problem.codes, problem.words, strict=True)
    )
    more = [f"and {len(said) - _MOST} more"] if len(said) > _MOST else []
    return {
        "code": problem.code,
        "reasons": list(dict.fromkeys(problem.codes)),
        "message": "; ".join([*islice(said, _MOST), *more]),
        "clauses": list(problem.clauses),
        "fix": SENTENCES[Why(problem.codes[0])][1],
        "entry": problem.entry,
    }


def words_of(book: Rulebook) -> frozenset[str]:
    """Return every word by which an agreement names categories, fields, purposes and the like."""
    named: set[str] = {*book.fields, *book.purposes, *book.circumstances, *book.recipients}
    named |= {*book.programs, *book.keeps, *book.consentable, *book.objectable}
    for fields in book.fields.values():
        named |= fields.keys()
    return frozenset(named)
