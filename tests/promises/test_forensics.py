"""The forensic test: of whoever was erased nothing is found in any byte, and nothing opens to any key.

Whoever searches here has all: the root key, the house, its databases, and every copy that is kept. The
same search finds before the erasure what it must not find after it; so it is not blind.
"""

import json
import logging
import shutil
import tempfile
from collections import defaultdict

import psycopg
import pytest

from tests.copies import scene
from tests.databases import Databases, Server
from tests.houses import Houses, Models
from tests.inside import audited, rows_of
from tests.privacy.canaries import WHO, search, sightings
from tests.privacy.lives import (
    AWAY,
    BACK,
    EVERYBODY,
    GONE,
    OF,
    OF_WHO,
    STAYS,
    WORDS,
    declared,
    end,
    erase,
    live,
    mail,
)
from tests.privacy.opening import SEALED, keys_in, keys_of, opened, things_in, things_of
from tests.privacy.test_canaries import everything_in
from troth.acts.backup import back_up
from troth.clock import DAY
from troth.store import schema

STATUTORY = frozenset({"identity", "transactions", "payment"})  # what the law keeps of whoever left


@pytest.fixture
def stage(new_house, tmp_path):
    (tmp_path / "scene").mkdir()
    return scene(new_house, tmp_path / "scene")


@pytest.fixture
def temp(stage, tmp_path):  # after the stage: a server's own files are no temporary ones
    """A directory of the test's own for whatever anybody puts into a temporary file."""
    before, place = tempfile.tempdir, tmp_path / "temp"
    place.mkdir()
    tempfile.tempdir = str(place)
    yield place
    tempfile.tempdir = before


@pytest.fixture
def lives(new_house, stage, tmp_path, temp):
    if new_house.kind == "sqlite":
        (tmp_path / "shop.db").touch()
        url = f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        url, _ = stage.databases("postgresql")
    with declared(stage, url) as made:
        live(made, new_house(clock=stage.clock))
        yield made


def classes(found, lives):
    """Whose things opened, and of which classes; what the engine's own keys seal by their own names."""
    names, seen = {number: who for who, number in lives.numbers.items()}, defaultdict(set)
    for each in found:
        seen[names[each.subject]].add(each.kept.partition(":s")[0] or each.kept)
    return dict(seen)


def everything(lives, house, code="", **copies):
    """What opens to somebody who has the house, its root, and copies of data and keys that are named."""
    things, keys = [things_of(house)], [keys_of(house)]
    for name, (content, locks) in copies.items():
        things.append(things_in(content, name))
        keys.append(keys_in(locks, name, lives.stage.place / "keys"))
    return opened(things, keys, lives.stage.root, code=code)


def pairs(found, lives, who):
    """With keys of which place what of which place opened of somebody; what duties need is left out."""
    return {
        (each.keys, each.place)
        for each in found
        if each.subject == lives.numbers[who] and each.kept not in {":duties", ":self", *STATUTORY}
    }


def stolen(lives, name):
    """A backup, and what somebody keeps of it beyond its time."""
    made, place = lives.stage.back_up(), lives.stage.place.parent / "stolen" / name
    return shutil.copytree(made.content, place / "data"), shutil.copytree(made.keys, place / "keys")


def must_be_silent(lives, house, tmp_path, temp):
    """Fail when any file or row gives anything of anybody away, or when the search is blind."""
    directory, exported = house.teller.house.directory, tmp_path / f"export-{house.teller.house.clock()}"
    assert audited(house, exported)
    places = [
        directory,
        lives.stage.place / "data",
        lives.stage.place / "keys",
        lives.stage.outside,
        exported,
        temp,
    ]
    for place, word in zip(places, [*WORDS.values()] * 2, strict=False):
        (place / "planted").write_text(f"before{word.upper()}after")
        assert search(place, EVERYBODY) == {"planted": [word]}, place
        (place / "planted").unlink()
    assert sightings(everything_in(house), EVERYBODY) == []


def two_epochs_later(lives, house):
    """Let two weeks pass, as somebody lives them who sweeps and backs up."""
    retired = []
    for _ in range(2):
        lives.stage.clock.forward(8 * DAY)
        house.sweep()
        made = back_up(house.teller, content=lives.stage.place / "data", keys=lives.stage.place / "keys")
        assert made.verified
        retired += made.retired
    return retired


def test_whatever_is_sealed_in_the_store_is_tried():
    """But what agents say of their requests, and what is asked by an address alone: by a key of the house."""
    sealed = {table.name for table in schema.store.sorted_tables if "sealed" in table.c}
    assert sealed | {"graces"} == {*SEALED, "agent_cases", "askings"}


def test_of_whoever_was_erased_no_byte_is_found_and_nothing_opens_but_in_a_window_that_closes(
    lives, tmp_path, temp, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    house = lives.house
    before = stolen(lives, "before")

    # What is searched for is there, and opens.
    full = everything(lives, house)
    for who in (WHO, GONE):
        mine = [each for each in full if each.subject == lives.numbers[who]]
        assert {each.table for each in mine} == {*SEALED, "files"} - {"graces"}
        assert sightings(b"".join(each.content for each in mine), EVERYBODY)
    for who, word in WORDS.items():
        mine = [each for each in full if each.subject == lives.numbers[who]]
        for table in ("records", "streams", "rights_cases"):
            assert word in sightings(b"".join(e.content for e in mine if e.table == table), OF[who])
    packed = [e.content for e in full if e.kept == ":packages" and e.table == "files"]
    assert sum(packed_as_zip(content) for content in packed) == 3

    # A system is late, and days run: what that system knows them by opens, and nothing else.
    erase(lives)
    late = everything(lives, house)
    seen = classes(late, lives)
    assert {who: seen[who] for who in (GONE, AWAY, BACK)} == {who: {":duties"} for who in (GONE, AWAY, BACK)}
    assert seen[WHO] == STATUTORY | {":self", ":duties"}
    told = {e.content for e in late if e.subject == lives.numbers[GONE]}
    assert told
    assert all({*json.loads(one)["known"]} <= {"number", "account.email"} for one in told)
    during = stolen(lives, "during")
    assert pairs(everything(lives, house, during=during), lives, AWAY) == set()
    with_code = everything(lives, house, code=lives.code, during=during)
    assert pairs(with_code, lives, AWAY) > {("during", "during")}
    assert "graces" in {e.table for e in with_code}
    must_be_silent(lives, house, tmp_path, temp)

    # The system does its duty, one comes back, the days of the other pass.
    end(lives)
    seen = classes(everything(lives, house, code=lives.code), lives)
    assert seen.keys() == {WHO, BACK, STAYS}
    assert seen[WHO] == STATUTORY | {":self"}
    assert seen[BACK] == seen[STAYS] > {"account", "support", "usage", "technical", "profile-picture"}
    assert rows_of(house, schema.graces) == rows_of(house, schema.packages) == []
    assert {row.state for row in rows_of(house, schema.duties)} == {"done"}
    assert [word for (word,) in lives.shop.all("SELECT email FROM people ORDER BY id")] == [
        mail(BACK),
        mail(STAYS),
    ]
    told = {json.loads(sent.body)["person"]["number"][0] for sent in lives.hook.sent}
    assert len(told) == 3

    # The window: a copy of the keys from before, one of the data from before or from the days, the root key.
    found = everything(lives, house, before=before, during=during)
    assert pairs(found, lives, WHO) == pairs(found, lives, GONE) == {("before", "before")}
    assert pairs(found, lives, AWAY) == {("before", "before"), ("before", "during")}

    # It closes with the epoch, also for whoever kept the copies.
    assert two_epochs_later(lives, house) == [1, 2]
    found = everything(lives, house, before=before, during=during)
    assert pairs(found, lives, WHO) == set()
    assert classes(found, lives).keys() == {WHO, BACK, STAYS}
    with_code = everything(lives, house, code=lives.code, before=before, during=during)
    assert not classes(with_code, lives).keys() & {AWAY, GONE}  # nor to whoever has the code as well
    assert sightings(b"".join(e.content for e in found), OF[GONE] | OF[AWAY]) == []

    # What the law keeps goes at its end.
    assert house.access(about=WHO, category="transactions").records
    lives.stage.clock.forward(12 * 366 * DAY)
    for _ in range(3):
        house.sweep()
    found = everything(lives, house, before=before, during=during)
    assert WHO not in classes(found, lives)
    assert sightings(b"".join(each.content for each in found), OF_WHO) == []
    assert STAYS in classes(found, lives)
    must_be_silent(lives, house, tmp_path, temp)
    said = caplog.text + "".join(capfd.readouterr())
    assert sightings(said.encode(), EVERYBODY) == []


def packed_as_zip(content):
    return content.startswith(b"PK")


def test_whoever_was_erased_is_not_in_the_house_that_is_restored_from_before_in_any_file_or_by_any_key(
    lives, tmp_path, temp
):
    backup = lives.stage.back_up()
    before = backup.content, backup.keys
    ciphertext = ciphertexts(lives, things_in(backup.content, "before"))
    erase(lives)
    end(lives)

    report, house = lives.stage.drill(backup)

    assert report.erased == 3
    assert classes(everything(lives, house), lives)[GONE] == {":duties"}  # what a system was still to do then
    house.sweep()
    must_be_silent(lives, house, tmp_path, temp)
    seen = classes(everything(lives, house, code=lives.code), lives)
    assert seen.keys() == {WHO, BACK, STAYS}
    assert seen[WHO] == STATUTORY | {":self"}
    found = everything(lives, house, before=before)
    assert pairs(found, lives, GONE) == pairs(found, lives, AWAY) == {("before", "before")}
    if house.teller.house.filing.sqlite:
        assert search(backup.content, ciphertext)
        assert search(house.teller.house.directory, ciphertext) == {}
        house.close()
        assert search(house.teller.house.directory, ciphertext) == {}


def ciphertexts(lives, things):
    """The sealed values of those who go whole, to be searched for."""
    numbers = {lives.numbers[who] for who in (GONE, AWAY)}
    return {
        bytes(row.sealed): "sealed"
        for table in ("records", "streams")
        for row in things.rows[table]
        if row.subject in numbers
    }


def test_on_a_server_of_postgresql_no_file_says_anything_and_what_its_log_and_dead_rows_keep_is_sealed(
    tmp_path,
):
    """They keep rows and wrapped keys that were deleted: the window that `docs/limits.md` names."""
    server = Server("postgresql")
    models = Models(lambda kind: Databases(kind, server, tmp_path), tmp_path)
    for place in ("houses", "scene"):
        (tmp_path / place).mkdir()
    houses = Houses("postgresql", tmp_path / "houses", models)
    try:
        with psycopg.connect(models.of("postgresql").one(), autocommit=True) as connection:
            connection.execute("CREATE TABLE planted (told text)")
            connection.execute("INSERT INTO planted VALUES ('planted-6617-qqx')")
        (tmp_path / "shop.db").touch()
        with declared(scene(houses, tmp_path / "scene"), f"sqlite:///{tmp_path / 'shop.db'}") as lives:
            live(lives, houses(clock=lives.stage.clock))
            sealed = ciphertexts(lives, things_of(lives.house))
            wrapped = {
                bytes(row.wrapped): "a key"
                for row in rows_of(lives.house, schema.keys)
                if row.subject == lives.numbers[GONE]
            }
            erase(lives)
            end(lives)
            assert GONE not in classes(everything(lives, lives.house), lives)
        houses.close()
        with psycopg.connect(server._started(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        short = {needle: seen for needle, seen in (sealed | wrapped).items() if len(needle) < 1_000}
        said = [word for told in (*WORDS.values(), "Qx7Z") for word in (told, told.lower())]
        words = {word.encode(how): word for word in said for how in ("utf-8", "utf-16-le")}
        needles = {b"planted-6617-qqx": "planted", **words, **short}
        found = search(server._place, needles)
    finally:
        houses.close()
        models.of("postgresql").drop()
        server.stop()
    assert {name for seen in found.values() for name in seen} == {"planted", "sealed", "a key"}
    assert {name for file, seen in found.items() if "/pg_wal/" in file for name in seen} == {
        "planted", "sealed", "a key",
    }  # fmt: skip
    assert any("/base/" in file and "planted" in seen for file, seen in found.items())
