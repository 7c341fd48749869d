"""A package's data as tables: a line for each value (RFC 4180), and nothing that a spreadsheet runs.

What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection): at the
beginning of a value, and behind whatever one that separates by semicolons or tabs takes for its end.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from json import JSONEncoder
from typing import Any

COLUMNS = (
    "record", "field", "value", "collected", "until", "clause", "source", "basis", "purposes", "recipients",
)  # fmt: skip
_FORMULA = re.compile(r"(?:^(?=[\t\r])|(?:^|(?<=[;\t\r\n])) *(?=[=+@\-\uFF1D\uFF0B\uFF0D\uFF20]))").sub
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*").fullmatch
_compact = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def table(items: Iterable[Mapping[str, Any]]) -> bytes:
    """Return items, as `data/*.json` has them, as one table."""
    rows: list[Sequence[str]] = [COLUMNS]
    for item in items:
        ends = {name: kept["until"] for kept in item["kept"] for name in kept["fields"]}
        lists = (" ".join(item["purposes"]), " ".join(item["recipients"]))
        tail = (item["clause"], item["source"], item["basis"], *lists)
        for name, value in item["values"].items():
            rows.append((item["id"], name, cell(value), item["collected"], ends.get(name, ""), *tail))
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8")


def cell(value: object) -> str:
    """Return a value as a cell: text that no spreadsheet runs; of a file where it is."""
    if isinstance(value, dict) and "file" in value:
        return str(value["file"])
    said = value if isinstance(value, str) else _compact(value)  # not hashed
    return said if _NUMBER(said) else _FORMULA(lambda found: f"{found[0]}'", said)
