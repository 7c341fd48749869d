"""Opening: every way in which a house may not be opened has its own error, and nothing is changed by it."""

import shutil
import sqlite3

import pytest
from sqlalchemy import create_engine, text

import troth
from tests.cast import MIA, joins
from tests.houses import MEMBER_TEXT, START
from tests.inside import ledger_of, rows_of
from troth.acts import rights
from troth.clock import DAY, Settable
from troth.custody import erasing
from troth.errors import (
    AgreementFaulty,
    AgreementUnsound,
    BadSettings,
    ClockBackwards,
    DatabaseNewer,
    DatabaseSwapped,
    ForkRefused,
    HouseExists,
    NoHouse,
    RootExposed,
    RootMalformed,
    RootMissing,
    ShortPassphrase,
    TrothError,
    WrongPassphrase,
    WrongRoot,
)
from troth.rules.decision import member
from troth.store import schema

CLOCK = Settable(START)
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
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_say_so(closed, said):
    kept = (closed / "troth.toml").read_bytes()
    (closed / "troth.toml").write_bytes(said)
    with pytest.raises(BadSettings):
        opened(closed)
    (closed / "troth.toml").write_bytes(kept)
    must_open_still(closed)


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
