"""Every revision is tested with rows: none is lost, and each becomes what was said it would."""

from itertools import count

import pytest
from sqlalchemy import create_engine, event

from tests.migrations.carrying import STEPS, held, make_room, sample, shape, tables
from troth.store import migrate, schema


@pytest.fixture
def engine(store_url):
    engine = create_engine(store_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=STEPS, ids=lambda step: step.after)
def step(request):
    return request.param


def test_every_revision_after_the_first_says_what_becomes_of_rows():
    later = {(which, revision) for which, known in migrate.REVISIONS.items() for revision in known[1:]}
    assert later <= {(step.which, step.after) for step in STEPS}


def test_rows_of_the_revision_before_become_what_was_said(engine, step):
    with engine.connect() as connection:
        before = step.prepare(connection)
        assert all(len(rows) >= 1 for rows in before.values())
        step.take(connection)
        assert held(connection) == step.expected(before)


def test_a_table_made_anew_as_the_migrations_advise_stays_without_rowid(databases_of):
    engine = create_engine(databases_of("sqlite").one())
    with engine.connect() as connection:
        (later,) = (step for step in STEPS if step.after == "store_later")
        later.prepare(connection)
        later.take(connection)
        made_anew = shape(connection)["erased"]
    engine.dispose()
    assert "gone_at" in made_anew["columns"]
    assert made_anew["without_rowid"]


def test_a_revision_cut_off_at_any_statement_leaves_every_row_as_it_was(engine, step):
    with engine.connect() as connection:
        before = step.prepare(connection)
        looks = shape(connection)
        for statement in count():
            if not cut_off(connection, statement, lambda: step.take(connection)):
                break
            assert held(connection) == before
            assert shape(connection) == looks
            assert migrate.state(connection, step.which) == step.before
        assert statement > 3
        assert held(connection) == step.expected(before)


@pytest.mark.parametrize("which", ["store", "keystore"])
def test_an_upgrade_cut_off_at_any_statement_leaves_nothing(engine, which):
    with engine.connect() as connection:
        for statement in count():
            if not cut_off(connection, statement, lambda: migrate.upgrade(connection, which)):
                break
            assert shape(connection) == {}
            assert migrate.state(connection, which) is None
        assert statement > len(shape(connection)) > 0
        assert migrate.state(connection, which) == migrate.HEAD[which]


@pytest.mark.parametrize("which", ["store", "keystore"])
def test_today_s_schema_reads_back_what_it_wrote(engine, which):
    metadata = {"store": schema.store, "keystore": schema.keystore}[which]
    with engine.connect() as connection:
        migrate.upgrade(connection, which)
        with connection.begin():
            assert {table.name for table in tables(connection)} == set(metadata.tables)
            for table in metadata.tables.values():
                rows = sample(table)
                make_room(connection, table)
                connection.execute(table.insert(), rows)
                found = [dict(row) for row in connection.execute(table.select()).mappings()]
                assert sorted(found, key=repr) == sorted(rows, key=repr)


def cut_off(connection, statement, upgrade):
    """Run an upgrade that fails before its nth statement; say whether it came that far."""
    left = iter(range(statement))

    def cut(*_):
        if next(left, None) is None:
            raise InterruptedError

    event.listen(connection, "before_cursor_execute", cut)
    try:
        upgrade()
    except InterruptedError:
        return True
    finally:
        event.remove(connection, "before_cursor_execute", cut)
    return False
