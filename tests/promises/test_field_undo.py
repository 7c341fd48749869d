"""FIELD 29 and 30: undone inside the declared days and not after; who joins again is somebody new."""

import shutil

import pytest

import troth
from tests.cast import AGENT, MIA, PORTAL, joins, tells
from tests.inside import ledger_of, rows_of, shown
from troth.clock import DAY, Settable
from troth.custody.keymaking import GRACE
from troth.errors import Absent, InGrace, NotRestored, SealBroken, UnknownSuite
from troth.store import schema
from troth.vault import recovery
from troth.vault.keyring import KeyRow

CATEGORIES = ("account", "device", "support")


def begun(house, days=14):
    joins(house, MIA, email="mia@example.org")
    for category in CATEGORIES[1:]:
        tells(house, MIA, category)
    before = [shown(house.access(about=MIA, category=each)) for each in CATEGORIES]
    code = house.recovery_code()
    house.erase_later(about=MIA, days=days, code=code)
    return code, before


def test_field_30_a_wrong_erasure_is_undone_inside_the_days_that_were_chosen(house, clock):
    code, before = begun(house)
    clock.forward(14 * DAY - 1)
    house.sweep()
    house.come_back(about=MIA, code=code)
    assert [shown(house.access(about=MIA, category=each)) for each in CATEGORIES] == before


def test_field_30_nobody_reads_anything_in_those_days_whoever_they_are(house):
    begun(house)
    reads = [
        lambda: house.access(about=MIA, category="account"),
        lambda: house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account"),
        lambda: house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="support"),
        lambda: house.purpose("signin", by=PORTAL).read(about=MIA, category="account"),
    ]
    for read in reads:
        with pytest.raises(Absent):
            read()
    assert house.entries(about=MIA) == []
    assert house.cases(about=MIA) == ()


def test_field_30_in_those_days_no_key_of_the_house_opens_a_record_and_the_sealed_keys_open_to_the_code_alone(
    house,
):
    code, _ = begun(house)
    assert rows_of(house, schema.records)
    (own,) = rows_of(house, schema.keys)  # the key of the grace, which opens what only the code opens then
    (kept,) = rows_of(house, schema.sealed_keys)
    ring, salt, sealed = house.teller.house.keyring, bytes(kept.salt), bytes(kept.sealed)
    assert own.kept == GRACE
    key = ring.unwrap(own.subject, GRACE, KeyRow(own.epoch, bytes(own.wrapped), bytes(own.commitment)))
    within = key.unseal(sealed, record=salt, category="troth.grace", schema=1)
    for wrong in (recovery.new_code(), recovery.new_code()):
        with pytest.raises(SealBroken):
            recovery.key_of(wrong, salt).unseal(within, kept.subject)
    with pytest.raises((SealBroken, UnknownSuite)):  # nor the code alone
        recovery.key_of(code, salt).unseal(sealed, kept.subject)
    assert recovery.key_of(code, salt).unseal(within, kept.subject)
    symbols = code.replace("-", "")
    for table in (*schema.store.tables.values(), *schema.keystore.tables.values()):
        assert symbols not in repr(rows_of(house, table)).replace("-", "").upper(), table.name


def test_field_30_after_them_nobody_undoes_it_with_the_code_the_root_and_the_keystore(house, clock):
    code, _ = begun(house)
    clock.forward(14 * DAY)
    with pytest.raises(NotRestored):  # though no sweep has been yet
        house.come_back(about=MIA, code=code)
    house.sweep()
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)
    for name in ("records", "names", "tokens", "subjects", "graces", "repeats"):
        assert rows_of(house, schema.store.tables[name]) == [], name
    assert rows_of(house, schema.keys) == rows_of(house, schema.sealed_keys) == []
    assert [e.kind for e in ledger_of(house)][-3:] == ["erasure.begun", "erasure.done", "request.refused"]


def test_field_30_after_them_no_byte_of_the_house_opens_to_the_code(sqlite_house):
    house = sqlite_house()
    begun(house)
    (kept,) = rows_of(house, schema.sealed_keys)
    house.teller.house.clock.forward(14 * DAY)
    house.sweep()
    place = house.teller.house.directory
    house.close()
    files = [path.read_bytes() for path in place.rglob("*") if path.is_file()]
    assert not any(bytes(kept.sealed) in each or bytes(kept.salt) in each for each in files)


def test_field_30_a_copy_of_those_days_that_is_opened_after_them_has_nothing_to_bring_back(
    sqlite_house, tmp_path
):
    house = sqlite_house()
    code, _ = begun(house)
    place, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    copied = shutil.copytree(place, tmp_path / "copy")
    with troth.open(copied, clock=Settable(at + 14 * DAY)) as again:
        assert rows_of(again, schema.sealed_keys) == rows_of(again, schema.records) == []
        with pytest.raises(NotRestored):
            again.come_back(about=MIA, code=code)


def test_field_29_who_joins_again_after_the_days_is_somebody_new_and_unlinked(house, clock):
    begun(house)
    (old,) = {row.subject for row in rows_of(house, schema.subjects)}
    named = {entry.subject for entry in ledger_of(house) if entry.subject}
    with pytest.raises(InGrace):
        tells(house, MIA, "activity")
    clock.forward(14 * DAY)
    house.sweep()
    assert joins(house, MIA, email="mia@example.org") != old
    assert named.isdisjoint(entry.subject for _, entry in house.entries(about=MIA))
