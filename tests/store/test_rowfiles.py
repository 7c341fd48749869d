"""The form of tables in copies: what was written is read, and anything else is refused."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import RowBroken
from troth.store import schema
from troth.store.rowfiles import HEADER, decoded, encoded, kinds_of

BIG = st.integers(-(2**63), 2**63 - 1)
ROWS = st.lists(
    st.tuples(
        BIG, st.integers(-(2**15), 2**15 - 1), st.binary(max_size=40), st.integers(-(2**31), 2**31 - 1),
        BIG, BIG, BIG, st.binary(max_size=300),
    )
)  # fmt: skip


def read(content, table=schema.records):
    return list(decoded(table.name, kinds_of(table), io.BytesIO(content)))


@given(ROWS)
def test_rows_come_back_as_they_were(rows):
    assert read(b"".join(encoded(schema.records, rows))) == rows


@given(st.lists(st.tuples(st.text(max_size=30).filter(lambda s: "\0" not in s), st.text(max_size=400))))
def test_text_comes_back_as_it_was(rows):
    assert read(b"".join(encoded(schema.settings, rows)), schema.settings) == rows


@given(st.binary(max_size=200), st.booleans())
def test_what_is_no_file_of_rows_is_refused_and_never_anything_else(content, framed):
    found = []
    with suppress(RowBroken):  # and nothing else
        found = read((HEADER if framed else b"") + content, schema.settings)
    assert all(type(name) is type(value) is str for name, value in found)


@pytest.mark.parametrize("cut", [1, 2, 3, 9, 20])
def test_a_file_that_was_cut_short_or_went_on_is_refused(cut):
    whole = b"".join(encoded(schema.settings, [("a", "b"), ("c", "d" * 50)]))
    with pytest.raises(RowBroken):
        read(whole[:-cut], schema.settings)
    with pytest.raises(RowBroken):
        read(whole + b"x" * cut, schema.settings)


@pytest.mark.parametrize("row", [("text", 5), (b"bytes", "text"), ("text", None)])
def test_a_value_that_its_column_cannot_have_names_the_table_alone(row):
    with pytest.raises(RowBroken, match="settings"):
        list(encoded(schema.settings, [row]))


def test_a_large_table_goes_through_in_blocks():
    rows = [(n, "x" * 1000) for n in range(5000)]
    blocks = list(encoded(schema.settings, ((str(n), text) for n, text in rows)))
    assert len(blocks) > 3
    assert read(b"".join(blocks), schema.settings) == [(str(n), text) for n, text in rows]
