"""Opening: every way in which a house may not be opened has its own error, and nothing is changed by it."""

import itertools
import os
import shutil
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

import troth
from tests.cast import ACCOUNT, MIA, joins
from tests.databases import STORES
from tests.houses import MEMBER_TEXT, START
from tests.inside import ledger_of, rows_of
from troth.acts import rights
from troth.clock import DAY, Settable
from troth.custody.endings import erasing
from troth.custody.publishing import proof_of
from troth.errors import (
    AgreementChanged,
    AgreementFaulty,
    AgreementUnsound,
    BadArgument,
    BadCheckpoint,
    BadNote,
    BadSettings,
    ClockBackwards,
    DatabaseNewer,
    DatabaseSwapped,
    FileUnusable,
    ForkRefused,
    HouseExists,
    NoHouse,
    Refused,
    RootExposed,
    RootMalformed,
    RootMissing,
    RowBroken,
    ShortPassphrase,
    StoreUnavailable,
    TrothError,
    WrongPassphrase,
    WrongRoot,
)
from troth.evidence.report import verify
from troth.rules.decision import member
from troth.store import schema

CLOCK = Settable(START)
SOUND = b"[house]\nplace='SG'\n[root]\nkind='key-file'\nfile='keys/root'\n[store]\nurl='sqlite'\n"
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def closed(sqlite_house):
    """The directory of a house with one member, closed."""
    house = sqlite_house()
    joins(house)
    house.checkpoint()
    house.close()
    return house.teller.house.directory


def opened(directory, **how):
    return troth.open(directory, clock=Settable(START), **how)


def must_open_still(directory):
    with opened(directory) as house:
        assert house.access(about=MIA, category="account").records


# ---- what is not a house


def test_where_nothing_is_there_is_no_house(tmp_path):
    for directory in (tmp_path, tmp_path / "nowhere", tmp_path / "a" / "b"):
        with pytest.raises(NoHouse):
            opened(directory)
    (tmp_path / "file").write_text("")
    with pytest.raises(NoHouse):
        opened(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "said",
    [
        b"", b"[house\n", b"\xff\xfe", b"house = 7\n", b"[house]\nplace = 'SG'\n",
        b"[house]\nplace='SG'\n[root]\nkind='magic'\nfile='keys/root'\n[store]\nurl='sqlite'\n",
        b"[house]\nplace='SG'\n[root]\nkind='key-file'\nfile='keys/root'\n[store]\nurl='mysql://x'\n",
        b"[house]\nplace='SG'\n[root]\nkind='key-file'\nfile='keys/root'\n[store]\nurl='postgresql://x/y'\n",
        SOUND.replace(b"'SG'", b"7"), SOUND.replace(b"'SG'", b"'Hongkong!'"),
        SOUND.replace(b"'key-file'", b"['key-file']"),
        SOUND.replace(b"'keys/root'", b"{}"), SOUND.replace(b"'keys/root'", b'"keys\\u0000root"'),
        SOUND + b"[keystore]\nurl=5\n", b"keystore='x'\n" + SOUND,
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_say_so(closed, said):
    kept = (closed / "troth.toml").read_bytes()
    (closed / "troth.toml").write_bytes(said)
    with pytest.raises(BadSettings):
        opened(closed)
    (closed / "troth.toml").write_bytes(kept)
    must_open_still(closed)


def test_settings_that_cannot_be_read_say_so(closed):
    (closed / "troth.toml").rename(closed / "kept")
    (closed / "troth.toml").mkdir()
    with pytest.raises(BadSettings):
        opened(closed)
    (closed / "troth.toml").rmdir()
    (closed / "kept").rename(closed / "troth.toml")
    must_open_still(closed)


@pytest.mark.parametrize(
    "url", ["postgresql://[", "postgresql://here:many/name", "postgresql://127.0.0.1:1/none"]
)
def test_an_address_where_no_database_is_found_is_said_to_be_unavailable(closed, url):
    lines = SOUND.replace(b"'sqlite'", f"'{url}'".encode()) + f"[keystore]\nurl='{url}'\n".encode()
    (closed / "troth.toml").write_bytes(lines)
    with pytest.raises(StoreUnavailable) as caught:
        opened(closed)
    assert url not in str(caught.value)


def test_a_house_is_never_founded_over_another_or_over_anything(closed, tmp_path):
    with pytest.raises(HouseExists):
        troth.init(closed, MEMBER_TEXT, clock=CLOCK)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(HouseExists):
        troth.init(tmp_path / "full", MEMBER_TEXT, clock=CLOCK)
    must_open_still(closed)


@pytest.mark.parametrize(
    ("text_", "error"),
    [
        ("nonsense", AgreementFaulty),
        (MEMBER_TEXT.replace("collect: account", "collect: account\nfoo: bar", 1), AgreementFaulty),
        (MEMBER_TEXT.replace("keep: account\nof: [account]", "keep: account\nof: [usage]", 1), TrothError),
    ],
)
def test_a_founding_that_fails_leaves_nothing(tmp_path, text_, error):
    with pytest.raises(error):
        troth.init(tmp_path / "new", text_, clock=CLOCK)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["Hongkong!", "EEA.", "*", "a\x1b[2J", "\ud800", "x" * 61, "SG\n"])
def test_a_house_is_founded_in_a_place_that_is_a_word_or_not_at_all(tmp_path, place):
    with pytest.raises(BadArgument, match="`place`"):
        troth.init(tmp_path / "new", MEMBER_TEXT, place=place, clock=CLOCK)
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused_for_its_place_is_remembered_with_the_longest_name_of_one(tmp_path):
    with troth.init(tmp_path / "new", MEMBER_TEXT, place="x" * 60, clock=CLOCK) as house:
        with pytest.raises(Refused) as refused:
            house.collect(about=MIA, category="account", when="registration", values=ACCOUNT)
        assert "wrong-place" in refused.value.codes
        assert ledger_of(house)[refused.value.entry].reasons == (f"wrong-place:{'x' * 60}",)


@pytest.mark.parametrize(
    "clock",
    [
        None, "x", START, Settable, Settable(None), Settable(True), Settable(START + 0.5), Settable(2**64),
        Settable(float("nan")), Settable(datetime(2027, 6, 1, tzinfo=UTC)), Settable(-1),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_without_a_clock_that_tells_the_time_nothing_is_founded_and_nothing_opened(closed, tmp_path, clock):
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadArgument, match="`clock`"):
        troth.init(tmp_path / "new", MEMBER_TEXT, clock=clock)
    with pytest.raises(BadArgument, match="`clock`"):
        troth.open(closed, clock=clock)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("directory", ["/dev/null/x", "/proc/x", "x" * 5_000])
def test_where_no_directory_can_be_made_no_house_is_founded(directory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileUnusable):
        troth.init(directory, MEMBER_TEXT, clock=CLOCK)


def test_a_directory_may_have_a_name_that_is_no_text(tmp_path):
    directory = tmp_path / os.fsdecode(b"\x80")
    troth.init(directory, MEMBER_TEXT, clock=CLOCK).close()
    with troth.open(directory, clock=CLOCK) as house:
        assert [entry.kind for entry in ledger_of(house)] == ["agreement.adopted"]


def test_an_unsound_agreement_is_the_caller_s_to_mend():
    assert issubclass(AgreementUnsound, troth.errors.BadInput)


def test_a_passphrase_that_is_too_short_founds_nothing(tmp_path):
    with pytest.raises(ShortPassphrase):
        troth.init(tmp_path / "new", MEMBER_TEXT, passphrase="short", clock=CLOCK)
    assert list(tmp_path.iterdir()) == []


# ---- roots


def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(tmp_path):
    with troth.init(tmp_path / "new", MEMBER_TEXT, passphrase=PASSPHRASE, clock=Settable(START)) as house:
        joins(house)
    for wrong in ("", "wrong", PASSPHRASE.upper(), PASSPHRASE + " "):
        with pytest.raises(WrongPassphrase) as caught:
            opened(tmp_path / "new", passphrase=wrong)
        assert "horse" not in str(caught.value)
    with opened(tmp_path / "new", passphrase=PASSPHRASE) as house:
        assert house.access(about=MIA, category="account").records


def test_a_missing_an_exposed_a_cut_and_another_key_file_are_told_apart(closed, tmp_path, sqlite_house):
    root = closed / "keys" / "root"
    kept = root.read_bytes()
    root.unlink()
    with pytest.raises(RootMissing):
        opened(closed)
    root.write_bytes(kept)
    root.chmod(0o644)
    with pytest.raises(RootExposed):
        opened(closed)
    root.chmod(0o600)
    root.write_bytes(kept[:-4])
    with pytest.raises(RootMalformed):
        opened(closed)
    other = tmp_path / "other"
    troth.init(other, MEMBER_TEXT, clock=Settable(START)).close()
    shutil.copy(other / "keys" / "root", root)
    with pytest.raises(WrongRoot):
        opened(closed)
    root.write_bytes(kept)
    must_open_still(closed)


def test_a_keystore_without_its_secrets_is_not_opened(closed):
    with sqlite3.connect(closed / "keys" / "keystore.db") as keystore:
        keystore.execute("DELETE FROM secrets WHERE name = 'ledger.seed'")
    keystore.close()
    with pytest.raises(BadSettings):
        opened(closed)


def test_a_keystore_of_another_house_is_not_opened(closed, tmp_path):
    other = tmp_path / "other"
    troth.init(other, MEMBER_TEXT, clock=Settable(START)).close()
    shutil.copy(other / "keys" / "keystore.db", closed / "keys" / "keystore.db")
    with pytest.raises(WrongRoot):
        opened(closed)


# ---- databases


@pytest.mark.parametrize("which", ["store", "keystore"])
def test_a_database_newer_than_the_code_is_left_untouched(new_house, which):
    house = new_house()
    joins(house)
    filing = house.teller.house.filing
    engine = getattr(filing, which).engine
    url = engine.url
    house.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": f"{which}_9999"})
    with pytest.raises(DatabaseNewer) as caught:
        troth.open(house.teller.house.directory, clock=Settable(START))
    assert caught.value.which == which
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == f"{which}_9999"
    engine.dispose()


def test_store_and_keystore_that_changed_places_are_not_opened(closed, tmp_path):
    (closed / "store.db").rename(tmp_path / "x")
    (closed / "keys" / "keystore.db").rename(closed / "store.db")
    (tmp_path / "x").rename(closed / "keys" / "keystore.db")
    with pytest.raises(DatabaseSwapped):
        opened(closed)


def test_a_file_that_is_no_database_is_said_to_be_unavailable(closed):
    kept = (closed / "store.db").read_bytes()
    (closed / "store.db").write_bytes(b"not a database at all, though long enough to be looked at" * 100)
    with pytest.raises(TrothError) as caught:
        opened(closed)
    assert caught.value.code == "store.unavailable"
    (closed / "store.db").write_bytes(kept)
    must_open_still(closed)


def test_a_store_that_was_emptied_is_not_taken_for_a_new_one(closed):
    (closed / "store.db").unlink()
    with pytest.raises(TrothError):
        opened(closed)


def test_a_checkpoint_somebody_else_signed_is_not_taken(closed, tmp_path):
    other = tmp_path / "other"
    troth.init(other, MEMBER_TEXT, clock=Settable(START)).close()
    shutil.copy(other / "checkpoint", closed / "checkpoint")
    with pytest.raises(TrothError):
        opened(closed)


def test_a_clock_far_behind_the_ledger_decides_nothing(closed):
    with (
        pytest.raises((ClockBackwards, ForkRefused)),
        troth.open(closed, clock=Settable(START - DAY)) as house,
    ):
        house.access(about=MIA, category="account")


# ---- rows that somebody changed

ERASURE = "INSERT INTO erasures VALUES ({id}, 5, '{classes}', {whole}, '{closing}', 1)"


def erasure(id_="x'00'", classes='["account"]', whole="0", closing='{"clauses": [], "keys": "x"}'):
    return ERASURE.format(id=id_, classes=classes, whole=whole, closing=closing)


@pytest.mark.parametrize("closing", ["{", '{"clauses": 5, "keys": "x"}', '{"clauses": []}', "[" * 100_000])
def test_an_erasure_that_cannot_be_finished_keeps_no_house_from_opening(closing, closed):
    changed(closed, "store.db", erasure(closing=closing))
    with opened(closed) as house:
        assert [problem.code for problem in house.sweep().stuck] == [RowBroken.code]


@pytest.mark.parametrize(
    ("database", "change", "error"),
    [
        ("store.db", erasure(classes="{"), RowBroken),
        ("store.db", erasure(classes="[5]"), RowBroken),
        ("store.db", erasure(classes='"account"'), RowBroken),
        ("store.db", erasure(id_="'text'"), RowBroken),
        ("store.db", erasure(whole="'often'"), RowBroken),
        ("store.db", "UPDATE origins SET fields = 'email'", RowBroken),
        ("store.db", "DELETE FROM settings", RowBroken),
        ("store.db", "UPDATE settings SET value = 'no origin'", RowBroken),
        ("store.db", "UPDATE settings SET value = x'ff00'", BadNote),
        ("store.db", "UPDATE agreements SET source = x'ff00'", AgreementChanged),
        ("store.db", "UPDATE agreements SET source = 'nonsense'", AgreementChanged),
        ("store.db", "INSERT INTO agreements SELECT 99, 'x', 0, 0, source FROM agreements", AgreementChanged),
        ("keys/keystore.db", "UPDATE secrets SET sealed = 'text'", RowBroken),
        ("keys/keystore.db", "UPDATE epochs SET wrapped = 7", RowBroken),
    ],
)  # fmt: skip
def test_a_row_that_somebody_changed_is_named_when_the_house_does_not_open(closed, database, change, error):
    changed(closed, database, change)
    with pytest.raises(error):
        opened(closed)


def changed(directory, database, change):
    connection = sqlite3.connect(directory / database)
    with connection:
        connection.execute(change)
    connection.close()


@pytest.mark.parametrize(
    ("change", "act", "error"),
    [
        ("UPDATE checkpoints SET signed_at = 'once'", lambda house: verify(house.teller), RowBroken),
        ("UPDATE checkpoints SET note = x'ff00'", lambda house: proof(house, 0), BadNote),
        ("INSERT INTO checkpoints VALUES (9999, 'x', 1)", lambda house: proof(house, 0), BadNote),
        ("INSERT INTO settings VALUES ('sightings.next', 'soon')", lambda house: house.sweep(), RowBroken),
        ("UPDATE subjects SET standing = '{'", lambda house: house.entries(about=MIA), RowBroken),
        ("UPDATE subjects SET standing = '[1]'", lambda house: house.leave(about=MIA), RowBroken),
    ],
    ids=["signed", "note", "later note", "watermark", "standing", "standing list"],
)
def test_a_row_that_somebody_changed_is_named_by_what_needs_it(closed, change, act, error):
    changed(closed, "store.db", change)
    with opened(closed) as house, pytest.raises(error):
        act(house)


def proof(house, number):
    return house.teller.alone(lambda desk: proof_of(desk, number))


def test_a_checkpoint_file_that_is_none_opens_nothing(closed):
    (closed / "checkpoint").write_text("junk")
    with pytest.raises(BadNote):
        opened(closed)
    (closed / "checkpoint").unlink()
    (closed / "checkpoint").mkdir()
    with pytest.raises(BadCheckpoint):
        opened(closed)


# ---- founding that is cut off


class Failing:
    """A clock that stops for good when it is read for the nth time."""

    def __init__(self, nth):
        self.left = nth

    def __call__(self):
        self.left -= 1
        if self.left == 0:
            raise StoppedClockError
        return START


class StoppedClockError(Exception):
    pass


@pytest.mark.parametrize("nth", range(1, 6))
@pytest.mark.parametrize("kind", STORES)
def test_a_founding_that_was_cut_off_is_begun_again_or_finished(databases_of, tmp_path, kind, nth):
    made = databases_of(kind)
    store, keystore_ = ("sqlite", "") if kind == "sqlite" else made.pair()
    where = {"store": store, "keystore": keystore_}

    with pytest.raises(StoppedClockError):
        troth.init(tmp_path / "new", MEMBER_TEXT, **where, clock=Failing(nth))
    if not (tmp_path / "new").exists():
        troth.init(tmp_path / "new", MEMBER_TEXT, **where, clock=Settable(START)).close()

    with opened(tmp_path / "new") as house:
        assert [entry.kind for entry in ledger_of(house)] == ["agreement.adopted"]
        assert joins(house)
    must_open_still(tmp_path / "new")
    with pytest.raises(HouseExists):
        troth.init(tmp_path / "new", MEMBER_TEXT, **where, clock=CLOCK)


def test_databases_of_a_house_that_was_founded_are_never_freed_for_another(postgres_databases, tmp_path):
    store, keystore_ = postgres_databases.pair()
    troth.init(tmp_path / "one", MEMBER_TEXT, store=store, keystore=keystore_, clock=CLOCK).close()
    fresh, also_fresh = postgres_databases.pair()

    for where in ({"store": store, "keystore": keystore_}, {"store": store, "keystore": also_fresh},
                  {"store": fresh, "keystore": keystore_}):  # fmt: skip
        with pytest.raises(HouseExists):
            troth.init(tmp_path / "two", MEMBER_TEXT, **where, clock=CLOCK)

    with opened(tmp_path / "one") as house:
        assert joins(house)


# ---- recovery


def test_an_erasure_that_was_begun_is_finished_before_anything_is_served(new_house):
    house = new_house()
    joins(house)
    begun = house.teller.alone(lambda desk: erasing.begin(desk, rights.erasing(by=member(), about=MIA)))
    assert rows_of(house, schema.erasures)
    assert rows_of(house, schema.records)
    again = new_house.again(house)
    assert rows_of(again, schema.erasures) == []
    assert rows_of(again, schema.records) == []
    assert rows_of(again, schema.keys) == []
    done = ledger_of(again)[-1]
    assert (done.kind, done.count, done.fields) == ("erasure.done", 1, begun.classes)
