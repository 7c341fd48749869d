"""A store that was changed behind the house: what is noticed, when, and that nothing is disclosed."""

import shutil

import pytest
from sqlalchemy import delete, update

import troth
from tests.cast import AGENT, MIA, NOOR, joins, tells, tells_everything
from tests.inside import audited, ledger_of, rows_of
from troth.custody import publishing
from troth.errors import (
    BadHash,
    Broken,
    ForkRefused,
    LeafDamaged,
    NotFound,
    Refused,
    SealBroken,
    TileBroken,
    TrothError,
)
from troth.store import schema

entries, tiles, records, keys = schema.entries, schema.tiles, schema.records, schema.keys
streams = schema.streams


def change(house, *statements):
    """Change a house's databases as somebody with their password could."""
    for statement in statements:
        which = "keystore" if statement.table.metadata is schema.keystore else "store"
        with house.teller.house.filing.connect(which) as connection:
            connection.execute(statement)


def reading(house, about=MIA, category="account"):
    return house.purpose("support.reply", by=AGENT, case="C-1").read(about=about, category=category)


def closed(house):
    """Close a house without a further word in its ledger."""
    house.close()
    return house.teller.house.directory, house.teller.house.clock


# ---- the ledger


@pytest.fixture
def long_house(new_house):
    """A house with 300 entries, signed; a full tile, and a partial one."""
    house = new_house()
    joins(house)
    for _ in range(300 - len(ledger_of(house))):
        reading(house)
    house.checkpoint()
    return house


def flip(house, number):
    leaf = leaf_of(house, number).replace(b'"outcome":"permitted"', b'"outcome":"permitteb"')
    return update(entries).where(entries.c.entry == number).values(leaf=leaf)


def leaf_of(house, number):
    return bytes(rows_of(house, entries)[number].leaf)


TAMPERING = {
    "an entry of the partial tile was changed": lambda h: [flip(h, 290)],
    "the last entry was changed": lambda h: [flip(h, 299)],
    "the last entry was removed": lambda _: [delete(entries).where(entries.c.entry == 299)],
    "many last entries were removed": lambda _: [delete(entries).where(entries.c.entry > 250)],
    "an entry of the partial tile was removed": lambda _: [delete(entries).where(entries.c.entry == 290)],
    "a tile was changed": lambda _: [update(tiles).values(hashes=bytes(8192))],
    "a tile was cut": lambda _: [update(tiles).values(hashes=bytes(32))],
    "a tile was removed": lambda _: [delete(tiles)],
    "all entries were removed": lambda _: [delete(entries)],
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_house_whose_ledger_was_changed_does_not_open(long_house, what):
    change(long_house, *TAMPERING[what](long_house))
    directory, clock = closed(long_house)
    with pytest.raises((ForkRefused, TileBroken, BadHash, LeafDamaged)):
        troth.open(directory, clock=clock)


def test_an_entry_of_a_full_tile_that_was_changed_is_found_by_export(long_house, tmp_path):
    change(long_house, flip(long_house, 17))
    with pytest.raises(LeafDamaged, match="entry 17 "):
        audited(long_house, tmp_path / "log")


def test_an_entry_of_a_full_tile_that_was_removed_is_found_by_export(long_house, tmp_path):
    change(long_house, delete(entries).where(entries.c.entry == 17))
    with pytest.raises(Broken):
        audited(long_house, tmp_path / "log")


def test_two_entries_that_changed_places_are_found_by_export(long_house, tmp_path):
    one, two = leaf_of(long_house, 1), leaf_of(long_house, 2)
    change(
        long_house,
        update(entries).where(entries.c.entry == 1).values(leaf=two),
        update(entries).where(entries.c.entry == 2).values(leaf=one),
    )
    with pytest.raises(LeafDamaged, match="entry 1 "):
        audited(long_house, tmp_path / "log")


def test_a_changed_entry_is_not_proven(long_house):
    change(long_house, flip(long_house, 17))
    with pytest.raises(Broken):
        long_house.teller.alone(lambda desk: publishing.proof_of(desk, 17))


def test_a_removed_entry_is_not_proven(long_house):
    change(long_house, delete(entries).where(entries.c.entry == 17))
    with pytest.raises(TrothError):
        long_house.teller.alone(lambda desk: publishing.proof_of(desk, 17))


def test_a_house_that_is_open_notices_that_its_ledger_shrank_and_answers_nothing(long_house):
    change(long_house, delete(entries).where(entries.c.entry > 280))
    with pytest.raises(ForkRefused):
        reading(long_house)
    with pytest.raises(ForkRefused):
        long_house.checkpoint()


def test_a_house_that_is_open_signs_what_it_wrote_and_not_what_became_of_it(long_house):
    for _ in range(5):
        reading(long_house)
    change(long_house, flip(long_house, 302))
    long_house.checkpoint()
    directory, clock = closed(long_house)
    with pytest.raises((ForkRefused, LeafDamaged)):
        troth.open(directory, clock=clock)


def test_entries_that_somebody_added_after_the_last_are_noticed(long_house):
    # They carry no key of the house; what is added must at least be an entry, in its time.
    change(long_house, schema.entries.insert().values(entry=300, leaf=b'{"act":"nonsense"}'))
    with pytest.raises(Broken):
        reading(long_house)


# ---- a store that was put back


def test_an_older_copy_of_the_store_does_not_open(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    house = sqlite_house.again(house)
    directory, clock = closed(house)
    shutil.copy(directory / "store.db", tmp_path / "old.db")
    with troth.open(directory, clock=clock) as house:
        house.consent(about=MIA, purpose="contact.promotion")
        house.withdraw(about=MIA, purpose="contact.promotion")
        house.checkpoint()
    shutil.copy(tmp_path / "old.db", directory / "store.db")
    with pytest.raises(ForkRefused):
        troth.open(directory, clock=clock)


def test_an_older_copy_that_went_on_differently_does_not_open(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    directory, clock = closed(house)
    other = tmp_path / "other"
    shutil.copytree(directory, other)
    with troth.open(directory, clock=clock) as house:
        joins(house, NOOR)
        house.checkpoint()
    with troth.open(other, clock=clock) as house:
        for _ in range(4):
            reading(house)
        house.checkpoint()
    shutil.copy(other / "store.db", directory / "store.db")
    with pytest.raises(ForkRefused):
        troth.open(directory, clock=clock)


def test_an_older_copy_of_the_store_beside_today_s_keystore_shows_no_erased_person(sqlite_house, tmp_path):
    house = sqlite_house()
    subject = joins(house)
    joins(house, NOOR)
    directory, clock = closed(house)
    shutil.copy(directory / "store.db", tmp_path / "old.db")
    (directory / "checkpoint").rename(tmp_path / "checkpoint")
    with troth.open(directory, clock=clock) as house:
        house.erase(about=MIA)
    shutil.copy(tmp_path / "old.db", directory / "store.db")
    (directory / "checkpoint").unlink(missing_ok=True)
    with troth.open(directory, clock=clock) as house:  # even where the published checkpoint was thrown away
        assert len(rows_of(house, records)) == 2
        assert reading(house, subject).records == ()
        assert len(reading(house, NOOR).records) == 1


# ---- ciphertext that was moved or altered


@pytest.fixture
def two(new_house):
    """A house in which two people told everything."""
    house = new_house()
    tells_everything(house, MIA)
    joins(house, NOOR)
    tells(house, NOOR, "transactions")
    tells(house, MIA, "transactions")
    return house


def row_of(house, about, category, n=0):
    subject = house.teller.alone(lambda desk: (desk.find([about]), desk.people[about])[1])
    origins = {row.origin: row for row in rows_of(house, schema.origins)}
    found = [
        row
        for row in rows_of(house, records)
        if row.subject == subject and origins[row.origin].category == category
    ]
    return found[n]


def at(row):
    return (records.c.subject == row.subject) & (records.c.record == row.record)


def cut_short(house):
    row = row_of(house, MIA, "account")
    return [update(records).where(at(row)).values(sealed=bytes(row.sealed)[:-1])]


def one_bit(house):
    row = row_of(house, MIA, "account")
    sealed = bytearray(row.sealed)
    sealed[-1] ^= 1
    return [update(records).where(at(row)).values(sealed=bytes(sealed))]


def emptied(house):
    return [update(records).where(at(row_of(house, MIA, "account"))).values(sealed=b"")]


def another_suite(house):
    row = row_of(house, MIA, "account")
    return [update(records).where(at(row)).values(sealed=b"\x7f" + bytes(row.sealed)[1:])]


def of_another_person(house):
    theirs = row_of(house, NOOR, "account")
    return [update(records).where(at(row_of(house, MIA, "account"))).values(sealed=bytes(theirs.sealed))]


def of_another_record(house):
    """Sealed bytes of the same person and category, under another record's id."""
    first, second = row_of(house, MIA, "transactions"), row_of(house, MIA, "transactions", 1)
    first_of = (streams.c.subject == first.subject) & (streams.c.record == first.record)
    return [update(streams).where(first_of).values(sealed=bytes(second.sealed))]


def another_record_id(house):
    row = row_of(house, MIA, "account")
    return [update(records).where(at(row)).values(record=bytes(16))]


def given_to_another_person(house):
    mine, theirs = row_of(house, MIA, "account"), row_of(house, NOOR, "account")
    return [delete(records).where(at(mine)), update(records).where(at(theirs)).values(subject=mine.subject)]


def another_category(house):
    """A bank account made to look like account data, which more people may read."""
    pay, account = row_of(house, MIA, "payment"), row_of(house, MIA, "account")
    return [update(records).where(at(pay)).values(category_code=account.category_code, origin=account.origin)]


def another_origin(house):
    """A record of a class under legal duty, filed as of one that is not."""
    row, other = row_of(house, MIA, "account"), row_of(house, MIA, "activity")
    return [update(records).where(at(row)).values(origin=other.origin)]


def key_of_another_person(house):
    mine, theirs = (row_of(house, who, "account").subject for who in (MIA, NOOR))
    stolen = next(row for row in rows_of(house, keys) if (row.subject, row.kept) == (theirs, "account"))
    return [
        update(keys)
        .where(keys.c.subject == mine, keys.c.kept == "account")
        .values(epoch=stolen.epoch, wrapped=bytes(stolen.wrapped), commitment=bytes(stolen.commitment))
    ]


def key_of_another_class(house):
    mine = row_of(house, MIA, "account").subject
    other = next(row for row in rows_of(house, keys) if (row.subject, row.kept) == (mine, "identity"))
    return [
        update(keys)
        .where(keys.c.subject == mine, keys.c.kept == "account")
        .values(epoch=other.epoch, wrapped=bytes(other.wrapped), commitment=bytes(other.commitment))
    ]


MOVED = (
    cut_short, one_bit, emptied, another_suite, of_another_person, of_another_record, another_record_id,
    given_to_another_person, another_category, another_origin, key_of_another_person, key_of_another_class,
)  # fmt: skip


@pytest.mark.parametrize("moved", MOVED, ids=lambda moved: moved.__name__)
def test_what_was_moved_or_altered_does_not_open_and_its_neighbours_do(two, moved):
    change(two, *moved(two))
    category = "transactions" if moved is of_another_record else "account"
    start = len(ledger_of(two))
    with pytest.raises(Broken) as caught:
        reading(two, MIA, category)
    assert "example.org" not in str(caught.value)
    (remembered,) = ledger_of(two)[start:]
    assert (remembered.kind, remembered.outcome) == ("request.failed", "refused")
    assert remembered.reasons == (caught.value.code,)
    if moved is not given_to_another_person:
        assert reading(two, NOOR).records
    assert two.access(about=MIA, category="support").records
    with pytest.raises(Broken):
        two.access(about=MIA, category=category)


def test_a_changed_record_fails_alone_in_its_batch(two):
    import asyncio

    from troth.acts import use

    change(two, *one_bit(two))
    jobs = [
        use.reading(by=AGENT, about=who, category="account", purpose="support.reply", case="C-1")
        for who in (NOOR, MIA, NOOR, MIA)
    ]

    async def all_at_once():
        return await asyncio.gather(*(two.teller.ask_soon(job) for job in jobs), return_exceptions=True)

    found = asyncio.run(all_at_once())
    assert [isinstance(each, SealBroken) for each in found] == [False, True, False, True]


def test_a_changed_record_cannot_be_corrected_and_can_be_erased(two):
    change(two, *one_bit(two))
    with pytest.raises(SealBroken):
        two.correct(about=MIA, category="account", values={"email": "new@example.org"})
    assert "account" in two.erase(about=MIA).erased


def test_a_record_whose_key_was_destroyed_is_as_if_it_were_not_there(two):
    mine = row_of(two, MIA, "account").subject
    change(two, delete(keys).where(keys.c.subject == mine, keys.c.kept == "account"))
    assert reading(two).records == ()
    with pytest.raises(Refused):
        two.correct(about=MIA, category="account", values={"email": "new@example.org"})
    assert reading(two, NOOR).records


def test_a_file_that_was_swapped_for_another_does_not_open(two):
    inner = two.teller.house
    names = [row.blob for row in rows_of(two, schema.blobs)]
    first, second = (inner.directory / "blobs" / name[:2] / name for name in names[:2])
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    failed = 0
    for category in ("camera.identity", "camera.profile", "support"):
        try:
            two.access(about=MIA, category=category)
        except SealBroken:
            failed += 1
    assert failed >= 1


def test_a_file_that_was_removed_says_so(two):
    for name in list(two.teller.house.blobs.names()):
        two.teller.house.blobs.remove(name)
    with pytest.raises(TrothError):
        two.access(about=MIA, category="camera.profile")
    assert two.access(about=MIA, category="account").records


def test_a_person_whose_row_was_taken_away_is_read_by_nobody(two):
    mine = row_of(two, MIA, "account").subject
    change(two, delete(schema.subjects).where(schema.subjects.c.subject == mine))
    for about in (MIA, mine):
        with pytest.raises(NotFound):
            reading(two, about)
