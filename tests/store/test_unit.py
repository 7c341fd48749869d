"""Units: whole or absent, one after the other, and the same statements on every kind of store."""

import threading

import pytest
from sqlalchemy import insert

from tests.inside import rows_of
from troth.errors import StoreUnavailable
from troth.store import entries, keystore, records, registry, schema
from troth.store.origins import Origins
from troth.store.unit import Adding, Joining, Prepared, unit


@pytest.fixture
def filing(house):
    return house.teller.house.filing


def test_a_unit_commits_when_its_block_ends(house, filing):
    with unit(filing) as here:
        registry.set_setting(here, "a", "1")
    with unit(filing) as here:
        assert registry.setting(here, "a") == "1"
        registry.set_setting(here, "a", "2")
        assert registry.setting(here, "a") == "2"
        assert registry.setting(here, "nothing") is None


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, SystemExit, StoreUnavailable])
def test_a_unit_that_does_not_end_never_was(house, filing, problem):
    raised = problem(which="store", problem="x") if problem is StoreUnavailable else problem()

    def cut_off():
        with unit(filing) as here:
            registry.set_setting(here, "a", "1")
            raise raised

    with pytest.raises(problem):
        cut_off()
    with unit(filing) as here:
        assert registry.setting(here, "a") is None


def test_a_statement_that_fails_says_so_without_the_database_s_words(house, filing):
    for _ in range(3):
        with pytest.raises(StoreUnavailable) as caught, unit(filing) as here:
            registry.add_subjects(here, [(7, 1, "personal"), (7, 1, "personal")])
        assert "personal" not in str(caught.value)
        assert caught.value.__cause__ is None
    with unit(filing) as here:
        assert registry.count(here) == 0


def test_units_are_one_after_the_other(house, filing):
    """The ledger's lock is held from the first statement to the commit."""
    other = type(filing)(filing.store, filing.keystore, None)
    inside, order = threading.Event(), []
    if filing.sqlite:
        from troth.store.databases import open_sqlite

        other = open_sqlite(house.teller.house.directory)
    else:
        from troth.store.databases import open_postgres

        urls = [
            database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
            for database in (filing.store, filing.keystore)
        ]
        other = open_postgres(*urls)

    def second():
        inside.wait(10)
        with unit(other):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with unit(filing) as here:
        inside.set()
        thread.join(0.2)
        registry.set_setting(here, "a", "1")
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    other.close()


def test_a_unit_knows_how_long_the_ledger_is(house, filing):
    with unit(filing) as here:
        size = here.size
        entries.append(here, size, [b"x", b"y"])
    with unit(filing) as here:
        assert here.size == size + 2
        assert list(entries.leaves(here, size, size + 9)) == [b"x", b"y"]
        assert list(entries.leaves(here, size + 1, size + 2)) == [b"y"]
        assert list(entries.leaves(here, size + 2, size + 2)) == []


def test_a_prepared_statement_takes_no_constants(filing):
    with pytest.raises(ValueError, match="literal"):
        Prepared(insert(schema.settings).values(name="a")).of(filing.store)


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 200, 1_000])
def test_adding_and_joining_take_any_number_of_rows(house, filing, count):
    rows = [(n.to_bytes(16, "big"), n + 1, b"\x00'\\\"{},NULL\xff" * 2) for n in range(count)]
    join = Joining(
        "SELECT n.token, n.subject, n.record FROM {given} JOIN names n ON n.token = g.token", token="bytea"
    )
    with unit(filing) as here:
        here.add(Adding(schema.names), [(t, s, r[:16]) for t, s, r in rows])
        found = sorted((bytes(t), s, bytes(r)) for t, s, r in join.run(here, [(t,) for t, *_ in rows]))
        assert found == [(t, s, r[:16]) for t, s, r in rows]
        assert registry.holders(here, [t for t, *_ in rows]) == {t: (s, r[:16]) for t, s, r in rows}
        assert list(join.run(here, [(b"\xff" * 16,)])) == []


def test_adding_keeps_every_value_as_it_was_given(house, filing):
    odd = ["", "'", '"', "\\", "{a,b}", "NULL", "%s", ":x", "Zoë \N{GRINNING FACE}", "line\nbreak"]
    rows = [(1 << 62 | n, -(1 << 60) + n, text) for n, text in enumerate(odd)]
    with unit(filing) as here:
        registry.add_subjects(here, rows)
        assert registry.standings(here, [s for s, *_ in rows]) == {s: text for s, _, text in rows}
        assert [tuple(row) for row in registry.some_standings(here, 0, 3)] == [(s, t) for s, _, t in rows[:3]]


def test_a_name_that_is_given_again_goes_to_its_latest_record(house, filing):
    with unit(filing) as here:
        registry.add_names(here, [(b"t" * 16, 7, b"a" * 16)])
        registry.add_names(here, [(b"t" * 16, 7, b"c" * 16)])
        assert registry.drop_names(here, 7, b"a" * 16) == 0
        assert registry.holders(here, [b"t" * 16]) == {b"t" * 16: (7, b"c" * 16)}
        assert registry.drop_names(here, 7, b"c" * 16) == 1
        assert registry.holders(here, [b"t" * 16]) == {}


def test_a_name_that_several_records_of_a_person_have_goes_with_the_last_of_them(house, filing):
    token, records_ = b"t" * 16, [letter * 16 for letter in (b"a", b"b", b"c", b"d")]
    with unit(filing) as here:
        registry.add_names(here, [(token, 7, record) for record in records_])
        for _ in range(2):  # to say it again changes nothing
            registry.add_tokens(here, [(token, 7, records_[0])])
        for gone, left in ((3, 2), (0, 2), (2, 1)):
            assert registry.drop_names(here, 7, records_[gone]) >= 1
            assert registry.holders(here, [token]) == {token: (7, records_[left])}
        assert registry.sharers(here, token) == []
        registry.drop_names(here, 7, records_[1])
        assert registry.holders(here, [token]) == {}


def test_shared_tokens_are_shared_and_go_with_their_record(house, filing):
    token = b"s" * 16
    with unit(filing) as here:
        registry.add_tokens(here, [(token, 7, b"a" * 16), (token, 8, b"b" * 16), (token, 8, b"c" * 16)])
        assert sorted(registry.sharers(here, token)) == [(7, b"a" * 16), (8, b"b" * 16), (8, b"c" * 16)]
        assert registry.drop_names(here, 8) == 2
        assert registry.sharers(here, token) == [(7, b"a" * 16)]


def test_a_record_filed_under_a_number_nobody_knows_does_not_open(house, filing):
    from troth.errors import SealBroken

    origins = Origins()
    with unit(filing) as here:
        records.put(here, [(7, 1, b"r" * 16, 99, 1, 2, 3, b"sealed")], origins)
        with pytest.raises(SealBroken):
            list(records.of(here, [(7, 1)], origins))
    assert len(rows_of(house, schema.records)) == 1


@pytest.mark.parametrize("opened", [unit, keystore.keeping, keystore.looking])
def test_what_is_cut_off_while_it_reads_keeps_no_log_from_being_folded(sqlite_house, opened):
    filing = sqlite_house().teller.house.filing
    raw = (filing.store if opened is unit else filing.keystore).raw()
    raw.execute("PRAGMA busy_timeout=0")

    def cut_off():
        with opened(filing) as here:
            here.cursor.execute("SELECT name FROM sqlite_master")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as kept:
        cut_off()

    assert kept.value.__traceback__ is not None  # so that what was opened still lives
    assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_what_came_after_a_mark_is_undone_and_what_came_before_stands(house, filing):
    with unit(filing) as here:
        registry.set_setting(here, "a", "1")
        here.mark()
        registry.set_setting(here, "a", "2")
        registry.set_setting(here, "b", "2")
        here.undo()
        assert registry.setting(here, "a") == "1"
        registry.set_setting(here, "c", "3")
    with unit(filing) as here:
        assert [registry.setting(here, name) for name in "abc"] == ["1", None, "3"]
