"""Houses for the tests: founded once a run, then copied for each test, on every kind of store.

Founding checks the agreement and runs the migrations; a copy takes a few milliseconds. A copied house
has the keys and the ledger of its model, so two copies are two worlds that began alike.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

import troth
from tests.databases import STORES, Databases
from troth.clock import Clock, Settable, instant
from troth.errors import HouseClosed
from troth.library import Troth

ROOT = Path(__file__).parents[1]
MEMBER_TEXT = next(
    place / "member" / "agreement.md"
    for place in (ROOT / "src/troth/agreements", ROOT / "agreements")
    if (place / "member" / "agreement.md").exists()
).read_text("utf-8")
MINIMAL_TEXT = (ROOT / "src/troth/agreements/minimal/agreement.md").read_text("utf-8")
CLINIC_TEXT = (ROOT / "tests/agreements/clinic.md").read_text("utf-8")
LIBRARY_TEXT = (ROOT / "tests/agreements/library.md").read_text("utf-8")
START = instant("2027-06-01T09:00:00Z")  # both agreements are in force

NewHouse = Callable[..., Troth]


class Houses:
    """Makes houses of one kind of store; each is closed, and its databases dropped, with the test."""

    def __init__(self, kind: str, place: Path, models: "Models"):
        self.kind, self._place, self._models = kind, place, models
        self._open: list[Troth] = []
        self._lent: list[Pair] = []
        self._count = 0

    def __call__(self, text: str = MEMBER_TEXT, *, clock: Clock | None = None, name: str = "") -> Troth:
        """Return a new house under an agreement, opened; its clock is `Settable`, at START, unless given."""
        model = self._models[self.kind, text]
        self._count += 1
        directory = self._place / (name or f"house-{self._count}")
        shutil.copytree(model.directory, directory)
        if model.urls:
            self._lent.append(self._models.lend(model))
            settings = (directory / "troth.toml").read_text("utf-8")
            for url, ours in zip(model.urls, self._lent[-1], strict=True):
                settings = settings.replace(url, ours)
            (directory / "troth.toml").write_text(settings, "utf-8")
        return self.open(directory, clock or Settable(START))

    def open(self, directory: Path, clock: Clock) -> Troth:
        """Open a house, to be closed at the end of the test."""
        opened = troth.open(directory, clock=clock)
        self._open.append(opened)
        return opened

    def again(self, house: Troth) -> Troth:
        """Close a house and open it again, as after a restart."""
        with suppress(HouseClosed):
            house.close()
        return self.open(house.teller.house.directory, house.teller.house.clock)

    def close(self) -> None:
        """Close every house, and give their databases back."""
        for house in self._open:
            house.close()
        self._models.spare[self.kind] += self._lent


Pair = tuple[str, str]  # the URLs of a store and of its keystore


class Model:
    """A founded house that is only ever copied."""

    def __init__(self, kind: str, directory: Path, urls: Pair | None, text: str) -> None:
        self.kind, self.directory, self.urls = kind, directory, urls
        store, keystore = urls or ("sqlite", "")
        troth.init(directory, text, store=store, keystore=keystore, clock=Settable(START)).close()
        self.rows = [_rows(url) for url in urls or ()]


class Models(dict[tuple[str, str], Model]):
    """Models by kind of store and agreement, founded when they are first asked for."""

    def __init__(self, databases_of: Callable[[str], Databases], place: Path) -> None:
        super().__init__()
        self._databases: dict[str, Databases] = {}
        self._databases_of, self._place = databases_of, place
        self.spare: dict[str, list[Pair]] = defaultdict(list)

    def __missing__(self, wanted: tuple[str, str]) -> Model:
        kind, text = wanted
        urls = None if kind == "sqlite" else self.of(kind).pair()
        self[wanted] = Model(kind, self._place / f"{kind}-{len(self)}", urls, text)
        return self[wanted]

    def of(self, kind: str) -> Databases:
        if kind not in self._databases:
            self._databases[kind] = self._databases_of(kind)
        return self._databases[kind]

    def lend(self, model: Model) -> Pair:
        """Return databases like a model's: filled anew, as that is quicker than making some."""
        assert model.urls is not None
        if not self.spare[model.kind]:
            store, keystore = model.urls
            return self.of(model.kind).copy(store), self.of(model.kind).copy(keystore)
        pair = self.spare[model.kind].pop()
        for url, rows in zip(pair, model.rows, strict=True):
            _fill(url, rows)
        return pair


Rows = dict[str, list[tuple[object, ...]]]


def _rows(url: str) -> Rows:
    """Return all rows of all tables of a PostgreSQL database."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}  # type: ignore[call-overload]


def _fill(url: str, rows: Rows) -> None:
    """Let a PostgreSQL database hold exactly these rows."""
    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        made = [name for (name,) in there if name not in rows]  # partitions, since
        gone = [f'DROP TABLE IF EXISTS "{name}"' for name in made] + [
            f'DELETE FROM "{name}"' for name in rows
        ]
        connection.execute("; ".join(gone))  # type: ignore[call-overload]
        for name, some in rows.items():
            if some:
                marks = ", ".join(["%s"] * len(some[0]))
                connection.cursor().executemany(f'INSERT INTO "{name}" VALUES ({marks})', some)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def models(databases_of: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(databases_of, tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def houses_of(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Houses]:
    """A function from a kind of store to `Houses`; close them when done."""
    return lambda kind: Houses(kind, tmp_path_factory.mktemp("houses"), models)


@pytest.fixture(params=STORES)
def new_house(request: pytest.FixtureRequest, houses_of: Callable[[str], Houses]) -> Iterator[Houses]:
    """Call it for a new house; a test that asks for it runs once on every kind of store."""
    made = houses_of(request.param)
    yield made
    made.close()


@pytest.fixture
def sqlite_house(houses_of: Callable[[str], Houses]) -> Iterator[Houses]:
    """Call it for a new house that is one directory."""
    made = houses_of("sqlite")
    yield made
    made.close()


@pytest.fixture
def clock() -> Settable:
    """The clock of `house`."""
    return Settable(START)


@pytest.fixture
def house(new_house: Houses, clock: Settable) -> Troth:
    """A new house under the reference agreement, on every kind of store in turn."""
    return new_house(clock=clock)
