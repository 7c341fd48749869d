"""A table has a line for each value, and nothing in it that a spreadsheet runs."""

import csv
from io import StringIO

import pytest

from troth.packages.tables import COLUMNS, cell, table

ITEM = {
    "id": "ab", "collected": "2027-06-01T09:00:00Z", "clause": "c", "source": "subject", "basis": "contract",
    "purposes": ["a", "b"], "recipients": [],
    "kept": [{"fields": ["topic"], "until": "2028-06-01T09:00:00Z"}],
}  # fmt: skip


@pytest.mark.parametrize("value", ["=1+1", "+SUM(A1)", "-cmd", "@x", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(value):
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; =1+1", "a; '=1+1"),
        ("a\n=cmd|' /C calc'!A0;", "a\n'=cmd|' /C calc'!A0;"),
        ("\n@x", "\n'@x"),
        ("\t=1", "'\t'=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("a;-1;+2", "a;'-1;'+2"),
    ],
)
def test_so_does_what_begins_a_cell_where_semicolons_tabs_or_lines_part_them(value, written):
    assert cell(value) == written


@pytest.mark.parametrize("value", ["-12.50", "+442079460958", "a=b", "2027-06-01", "a;b", "a\nb", "1-2"])
def test_numbers_and_plain_words_stay_as_they_are(value):
    assert cell(value) == value


def test_each_value_has_a_line_with_where_it_came_from_and_until_when_it_is_kept():
    raw = table([{**ITEM, "values": {"topic": 'a "b"\nc', "file": {"file": "files/x.pdf", "size": 1}}}])

    rows = list(csv.DictReader(StringIO(raw.decode())))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["field"], row["value"]) for row in rows] == [("topic", 'a "b"\nc'), ("file", "files/x.pdf")]
    assert (rows[0]["until"], rows[0]["purposes"]) == ("2028-06-01T09:00:00Z", "a b")
