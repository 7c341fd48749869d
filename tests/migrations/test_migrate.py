"""An upgrade makes exactly the schema, once, alone, and of nothing it does not know."""

import subprocess
import sys
import threading
import time
import zipfile

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text

from tests.house.source import ROOT, imports, trees
from tests.migrations.carrying import held, shape
from troth.errors import DatabaseNewer, DatabaseSwapped
from troth.store import migrate, schema

SCHEMA = {"store": schema.store, "keystore": schema.keystore}
OTHER = {"store": "keystore", "keystore": "store"}
UPGRADE = """
import sys
from sqlalchemy import create_engine
from troth.store.migrate import upgrade

engine = create_engine(sys.argv[1])
with engine.connect() as connection:
    print("ready", flush=True)
    upgrade(connection, sys.argv[2])
engine.dispose()
"""
OPEN = """
import sys
from sqlalchemy import create_engine
from troth.store.migrate import HEAD, require_current, state, upgrade

engine = create_engine(sys.argv[1])
with engine.connect() as connection:
    require_current(connection, "store")
    assert state(connection, "store") == HEAD["store"]
    upgrade(connection, "store")
engine.dispose()
print(sorted(name for name in sys.modules if name.split(".")[0] in ("alembic", "mako")))
"""


@pytest.fixture(params=["store", "keystore"])
def which(request):
    return request.param


@pytest.fixture
def engine_of():
    """A function from a URL to an engine that is disposed of afterwards."""
    made = []

    def engine(url, **options):
        made.append(create_engine(url, **options))
        return made[-1]

    yield engine
    for each in made:
        each.dispose()


@pytest.fixture
def connection(engine_of, store_url):
    with engine_of(store_url).connect() as connection:
        yield connection


def test_an_upgrade_from_nothing_makes_exactly_the_schema(engine_of, databases, which):
    upgraded, made = engine_of(databases.one()), engine_of(databases.one())
    SCHEMA[which].create_all(made)
    with upgraded.connect() as ours, made.connect() as theirs:
        migrate.upgrade(ours, which)
        assert shape(ours) == shape(theirs)


def test_alembic_finds_no_difference_from_the_schema(connection, which):
    migrate.upgrade(connection, which)
    with connection.begin():
        assert compare_metadata(MigrationContext.configure(connection), SCHEMA[which]) == []


def test_on_sqlite_a_table_is_without_rowid_where_the_schema_says_so(databases_of, engine_of, which):
    with engine_of(databases_of("sqlite").one()).connect() as connection:
        migrate.upgrade(connection, which)
        found = {name for name, table in shape(connection).items() if table["without_rowid"]}
    declared = SCHEMA[which].tables.values()
    assert found == {t.name for t in declared if t.dialect_options["sqlite"]["with_rowid"] is False}
    assert found


def test_an_empty_database_is_of_no_revision_and_may_be_upgraded(connection, which):
    migrate.require_current(connection, which)
    assert migrate.state(connection, which) is None


def test_an_upgraded_database_is_of_the_newest_revision(connection, which):
    migrate.upgrade(connection, which)
    migrate.require_current(connection, which)
    assert migrate.state(connection, which) == migrate.HEAD[which]


def test_a_second_upgrade_writes_nothing(connection, which):
    migrate.upgrade(connection, which)
    statements = []
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2].split()[0]))
    migrate.upgrade(connection, which)
    assert set(statements) <= {"BEGIN", "PRAGMA", "SELECT", "SET"}


@pytest.mark.parametrize("attempt", [migrate.require_current, migrate.upgrade])
def test_a_newer_database_is_refused_and_untouched(connection, which, attempt):
    migrate.upgrade(connection, which)
    with connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = 'store_9999'"))
    before = shape(connection), held(connection)
    with pytest.raises(DatabaseNewer) as refused:
        attempt(connection, which)
    assert (refused.value.which, refused.value.revision) == (which, "store_9999")
    assert (shape(connection), held(connection)) == before
    assert migrate.state(connection, which) == "store_9999"


@pytest.mark.parametrize("attempt", [migrate.state, migrate.require_current, migrate.upgrade])
def test_a_store_named_as_keystore_is_refused_and_untouched(connection, which, attempt):
    migrate.upgrade(connection, OTHER[which])
    before = shape(connection)
    with pytest.raises(DatabaseSwapped) as refused:
        attempt(connection, which)
    assert (refused.value.which, refused.value.holds) == (which, OTHER[which])
    assert shape(connection) == before


def test_asking_for_the_state_leaves_a_transaction_as_it_found_it(connection):
    migrate.state(connection, "store")
    assert not connection.in_transaction()
    with connection.begin():
        migrate.state(connection, "store")
        assert connection.in_transaction()


@pytest.mark.parametrize("level", ["READ COMMITTED", "SERIALIZABLE"])
def test_two_processes_that_wait_for_a_third_both_succeed_on_postgresql(
    postgres_url, engine_of, which, level
):
    asked = f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-c%20default_transaction_isolation="
    engine = engine_of(postgres_url)
    with engine.connect() as holder, engine.connect() as watcher:
        with migrate._alone(holder):
            started = [start(UPGRADE, asked + level.replace(" ", "%5C%20"), which) for _ in range(2)]
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            until(lambda: watcher.scalar(waiting) == 2)
        assert [finish(each) for each in started] == [(0, ""), (0, "")]
        assert migrate.state(watcher, which) == migrate.HEAD[which]


def test_two_processes_that_wait_for_a_third_both_succeed_on_sqlite(databases_of, engine_of, which):
    url = databases_of("sqlite").one()
    with engine_of(url).connect() as holder:
        with migrate._alone(holder):
            started = [start(UPGRADE, url, which) for _ in range(2)]
            assert [each.stdout.readline() for each in started] == ["ready\n", "ready\n"]
            time.sleep(0.2)  # nothing in SQLite tells who waits
        assert [finish(each) for each in started] == [(0, ""), (0, "")]
        assert migrate.state(holder, which) == migrate.HEAD[which]


def test_two_threads_that_upgrade_store_and_keystore_do_not_mix_them(databases, engine_of):
    for _ in range(3):
        engines = {name: engine_of(url) for name, url in zip(SCHEMA, databases.pair(), strict=True)}
        together = threading.Barrier(2)

        def run(name, engines=engines, together=together):
            with engines[name].connect() as connection:
                together.wait()
                migrate.upgrade(connection, name)

        threads = [threading.Thread(target=run, args=(name,)) for name in SCHEMA]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, engine in engines.items():
            with engine.connect() as connection:
                assert set(shape(connection)) == set(SCHEMA[name].tables)


def test_a_driver_that_commits_by_itself_is_made_to_wait_for_the_end(databases_of, engine_of):
    engine = engine_of(databases_of("sqlite").one(), connect_args={"isolation_level": None})
    with engine.connect() as connection:
        turn = migrate._alone(connection)
        turn.__enter__()
        connection.execute(text("CREATE TABLE half (done INTEGER)"))
        assert turn.__exit__(InterruptedError, InterruptedError(), None) is False
        assert shape(connection) == {}


def test_opening_a_house_that_is_up_to_date_imports_nothing_of_alembic(connection, store_url):
    migrate.upgrade(connection, "store")
    opened = subprocess.run(
        [sys.executable, "-c", OPEN, store_url], capture_output=True, text=True, check=False
    )
    assert (opened.returncode, opened.stdout, opened.stderr) == (0, "[]\n", "")


def test_the_revisions_known_are_the_files_there_are(which):
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    config.set_main_option("version_locations", str(migrate.FOLDER / which))
    config.set_main_option("path_separator", "newline")
    files = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(files)) == migrate.REVISIONS[which]


def test_a_revision_knows_nothing_of_the_schema_of_the_day():
    found = {name for _, tree in trees("src/troth/store/migrations") for _, name in imports(tree)}
    assert found == {"alembic.context", "alembic.op", "sqlalchemy"}


def test_a_wheel_brings_the_revisions(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    files = {path.relative_to(ROOT / "src").as_posix() for path in migrate.FOLDER.rglob("*.py")}
    assert len(files) >= 6
    assert files <= packed


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(started):
    _, told = started.communicate(timeout=60)
    return started.returncode, told


def until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "nobody came to wait"
        time.sleep(0.01)
