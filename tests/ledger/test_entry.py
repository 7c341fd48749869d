import json
from dataclasses import MISSING, fields, replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.logs import VECTORS as VECTORS_DIRECTORY
from tests.ledger.logs import vectors
from troth import canonical, clock
from troth.errors import BadEntry, EntryRefused
from troth.ledger.entry import LEAF_MAX, Entry, encode, parse
from troth.ledger.tree import leaf_hash

VECTORS = vectors("ledger-entries.json")
JSON = json.JSONEncoder(separators=(",", ":"), sort_keys=True)
PLAIN = Entry(at=0, kind="record.read", actor="self", act="read", outcome="done")

names = st.from_regex(r"[A-Za-z0-9_.:/#-]{1,128}", fullmatch=True)
name_lists = st.lists(names, max_size=4).map(tuple)
maybe = st.none() | names
numbers = st.none() | st.integers(0, 2**53 - 1)
entries = st.builds(
    Entry,
    at=st.integers(0, clock.FOREVER) | st.integers(0, 4_000_000_000).map(lambda s: s * clock.SECOND),
    kind=names,
    actor=names,
    act=names,
    outcome=st.sampled_from(("permitted", "refused", "done")),
    on_behalf_of=maybe,
    subject=st.none() | st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True),
    category=maybe,
    circumstance=maybe,
    fields=name_lists,
    purpose=maybe,
    recipient=maybe,
    place=maybe,
    clauses=name_lists,
    agreement=numbers,
    reasons=name_lists,
    count=numbers,
    commitment=st.none() | st.from_regex(r"[A-Za-z0-9_+/=-]{16,128}", fullmatch=True),
    case=maybe,
)


def plainly(entry):
    """What an entry says, as the canonical encoding is given it."""
    said = {f.name: getattr(entry, f.name) for f in fields(entry)}
    said["at"] = clock.iso(entry.at)
    return {key: value for key, value in said.items() if value is not None and value != ()}


@given(entries)
def test_the_fast_encoding_is_the_canonical_one(entry):
    assert encode(entry) == canonical.encode(plainly(entry)) == rfc8785.dumps(plainly(entry))


@given(entries)
def test_an_entry_comes_back_from_its_leaf(entry):
    assert parse(encode(entry)) == entry


@given(entries, st.data())
def test_a_leaf_with_one_byte_changed_is_no_entry_or_another_one(entry, data):
    leaf = bytearray(encode(entry))
    place = data.draw(st.integers(0, len(leaf) - 1))
    leaf[place] ^= data.draw(st.integers(1, 255))
    try:
        other = parse(bytes(leaf))
    except BadEntry:
        return
    assert other != entry
    assert encode(other) == bytes(leaf)


keys = st.sampled_from([f.name for f in fields(Entry)])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | names,
    lambda inner: st.lists(inner) | st.dictionaries(keys | st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.binary(max_size=60) | values.map(lambda value: JSON.encode(value).encode()))
def test_any_other_bytes_are_a_bad_entry(raw):
    with pytest.raises(BadEntry):
        parse(raw)


@given(st.dictionaries(keys, values, min_size=1))
def test_a_leaf_with_other_values_is_refused_or_exactly_an_entry(changed):
    leaf = JSON.encode(plainly(PLAIN) | changed).encode()
    try:
        entry = parse(leaf)
    except BadEntry:
        return
    assert encode(entry) == leaf


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=lambda v: v["entry"]["kind"])
def test_the_published_leaves_are_written_and_read(vector):
    said = {k: tuple(v) if isinstance(v, list) else v for k, v in vector["entry"].items()}
    leaf = vector["leaf"].encode()
    assert encode(Entry(**said)) == leaf
    assert parse(leaf) == Entry(**said)
    assert leaf_hash(leaf).hex() == vector["leaf_hash"]


@pytest.mark.parametrize("vector", VECTORS["bad_leaves"], ids=lambda v: v["why"])
def test_a_leaf_that_is_not_exactly_an_entry_is_refused(vector):
    with pytest.raises(BadEntry):
        parse(vector["leaf"].encode())


@pytest.mark.parametrize(
    "field", [f.name for f in fields(Entry) if f.name not in ("at", "agreement", "count")]
)
@pytest.mark.parametrize(
    "text", ["mira@example.org", "Mira Tan", "+6591234567 ", "", "é", '"', "\n", "a" * 129]
)
def test_no_field_has_room_for_text_of_a_person(field, text):
    value = (text,) if field in ("fields", "clauses", "reasons") else text
    with pytest.raises(EntryRefused) as refused:
        encode(replace(PLAIN, **{field: value}))
    assert refused.value.field == field
    assert "mira" not in str(refused.value).lower()


@pytest.mark.parametrize("at", [-1, clock.FOREVER + 1, 1.5, True, "1970-01-01T00:00:00Z"])
def test_a_time_out_of_range_is_refused(at):
    with pytest.raises(EntryRefused, match="`at` of the entry"):
        encode(replace(PLAIN, at=at))


@pytest.mark.parametrize("number", [-1, 2**53, 1.5, "3"])
@pytest.mark.parametrize("field", ["agreement", "count"])
def test_a_number_out_of_range_is_refused(field, number):
    with pytest.raises(EntryRefused, match=f"`{field}` of the entry"):
        encode(replace(PLAIN, **{field: number}))


def test_an_entry_too_long_for_a_bundle_is_refused():
    held = tuple(f"field{i:03}{'x' * 120}" for i in range(490))
    assert len(encode(replace(PLAIN, fields=held))) <= LEAF_MAX
    with pytest.raises(EntryRefused, match="65,535"):
        encode(replace(PLAIN, fields=held * 2))


def test_the_page_of_the_format_describes_exactly_the_fields_of_an_entry():
    page = (VECTORS_DIRECTORY.parents[1] / "docs/formats/ledger.md").read_text("utf-8")
    table = page.split("## Entry")[1].split("### ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    assert {row[1].strip(" `") for row in rows} == {f.name for f in fields(Entry)}
    needed = {f.name for f in fields(Entry) if f.default is MISSING and f.default_factory is MISSING}
    assert {row[1].strip(" `") for row in rows if row[3].strip() == "yes"} == needed
