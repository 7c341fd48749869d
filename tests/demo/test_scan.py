"""The scan finds what leaked, wherever and in whatever form; and says nothing where nothing did."""

import sqlite3
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.demo.scan import CHUNK, Found, exact, forms, scan

LEAKED = "mira.tan@example.org"
NEEDLES = tuple(forms("account.email", LEAKED))


def test_a_directory_without_the_value_has_nothing_to_find(tmp_path):
    (tmp_path / "a.db").write_bytes(b"mira.tan@example.com" * 100)
    found = scan(tmp_path, NEEDLES)
    assert (found.files, found.size, found.needles, found.found) == (1, 2000, len(NEEDLES), ())


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("as it is", LEAKED.encode()),
        ("utf-16", LEAKED.encode("utf-16-le")),
        ("hex", LEAKED.encode().hex().encode()),
        ("base64", b64encode(LEAKED.encode())),
        ("base64", b64encode(b'{"email":"' + LEAKED.encode() + b'"}')),
        ("base64", b64encode(b"[" + LEAKED.encode())),
        ("base64", b64encode(b"to" + LEAKED.encode() + b"!")),
    ],
)
def test_a_value_that_leaked_is_found_in_the_form_it_has(tmp_path, form, written):
    (tmp_path / "deep" / "down").mkdir(parents=True)
    (tmp_path / "deep" / "down" / "log").write_bytes(b"\x00" * 1000 + written + b"\x00" * 1000)
    found = scan(tmp_path, NEEDLES)
    assert found.found == (Found("deep/down/log", "account.email", form),)
    assert found.names == {"account.email"}


def test_a_value_across_two_reads_is_found(tmp_path):
    (tmp_path / "large").write_bytes(b"\x00" * (CHUNK - 7) + LEAKED.encode() + b"\x00" * 10)
    assert scan(tmp_path, NEEDLES).names == {"account.email"}


def test_a_row_that_a_database_deleted_and_did_not_overwrite_is_found(tmp_path):
    with sqlite3.connect(tmp_path / "careless.db") as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE people (email TEXT)")
        database.execute("INSERT INTO people VALUES (?)", (LEAKED,))
        database.commit()
        database.execute("DELETE FROM people")
    database.close()
    assert scan(tmp_path, NEEDLES).names == {"account.email"}


@given(value=st.binary(min_size=9, max_size=40), lead=st.binary(max_size=8), trail=st.binary(max_size=8))
def test_a_value_inside_of_anything_in_base64_is_found(tmp_path, value, lead, trail):
    (tmp_path / "file").write_bytes(b64encode(lead + value + trail))
    assert scan(tmp_path, forms("it", value)).names == {"it"}


def test_bytes_are_looked_for_as_they_are(tmp_path):
    (tmp_path / "keystore.db").write_bytes(b"..\x01\x02\x03..")
    assert scan(tmp_path, [exact("key", b"\x01\x02\x03"), exact("other", b"\x03\x02")]).names == {"key"}
