"""A shop's database for the tests: tables of every shape, on SQLite, PostgreSQL and MariaDB."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from tests.databases import Databases
from tests.mariadb import MariaServer
from troth.gates.systems.databases.database import DatabaseGate
from troth.gates.systems.reading import read
from troth.gates.systems.reading_tables import Words

KINDS = ("sqlite", "postgresql", "mariadb")
WORDS = Words(
    frozenset({
        "account.email", "account.phone", "identity.name", "identity.birth_date", "transactions.reference",
        "support.message", "network.ip",
    }),
    frozenset({"account.email", "account.phone"}),
    frozenset({"keep.books", "keep.account"}),
    frozenset({"payout"}),
)  # fmt: skip

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, member BIGINT, email VARCHAR(200),
  full_name VARCHAR(200), note VARCHAR(50));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  ip VARCHAR(50), total INTEGER);
CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id), engraving VARCHAR(200));
CREATE TABLE invoices (id INTEGER PRIMARY KEY, member BIGINT, name VARCHAR(200), total INTEGER);
CREATE TABLE letters (id INTEGER PRIMARY KEY, sender BIGINT, sender_name VARCHAR(200), receiver BIGINT,
  receiver_name VARCHAR(200), reader BIGINT, body VARCHAR(400));
CREATE TABLE news (email VARCHAR(200), frozen INTEGER DEFAULT 0);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, member BIGINT, author VARCHAR(200), stars INTEGER);
CREATE TABLE albums (id INTEGER PRIMARY KEY, title VARCHAR(200));
CREATE TABLE album_owners (album_id INTEGER REFERENCES albums (id), member BIGINT,
  PRIMARY KEY (album_id, member));
"""

TABLES: dict[str, dict[str, Any]] = {
    "customers": {
        "person": {"column": "member", "by": "number"},
        "columns": {"email": "account.email", "full_name": "identity.name"},
        "erase": "delete",
    },
    "orders": {
        "person": {"through": "orders.customer_id -> customers.id"},
        "columns": {"ip": "network.ip"},
        "erase": "delete",
    },
    "items": {
        "person": {"through": "items.order_id -> orders.id"},
        "columns": {"engraving": "transactions.reference"},
        "erase": "delete",
    },
    "invoices": {
        "person": {"column": "member", "by": "number"},
        "columns": {"name": "identity.name"},
        "erase": "keep",
        "clause": "keep.books",
    },
    "letters": {
        "owners": [
            {"column": "sender", "by": "number", "columns": {"sender_name": "identity.name"}},
            {"column": "receiver", "by": "number", "columns": {"receiver_name": "identity.name"}},
            {"column": "reader", "by": "number", "role": "accessed by"},
        ],
        "columns": {"body": "support.message"},
        "erase": "delete",
    },
    "news": {
        "person": {"column": "email", "by": "account.email"},
        "restrict": {"frozen": 1},
        "lift": {"frozen": 0},
        "erase": "delete",
    },
    "reviews": {
        "person": {"column": "member", "by": "number"},
        "columns": {"author": "identity.name"},
        "erase": "anonymise",
        "constant": {"author": "somebody"},
    },
    "album_owners": {"person": {"column": "member", "by": "number"}, "erase": "delete"},
    "albums": {
        "person": {"through": "albums.id -> album_owners.album_id"},
        "columns": {"title": "support.message"},
        "erase": "delete",
    },
}

MIA, NOOR = 4611686018427387905, 4611686018427387906  # numbers as Troth gives them
ROWS = f"""
INSERT INTO customers VALUES (1, {MIA}, 'Mia@Example.org', 'Mia Moon', NULL);
INSERT INTO customers VALUES (2, {NOOR}, 'noor@example.org', 'Noor', NULL);
INSERT INTO orders VALUES (10, 1, '203.0.113.77', 5), (11, 1, '203.0.113.78', 6), (20, 2, '198.51.100.1', 7);
INSERT INTO items VALUES (100, 10, 'for Mia'), (101, 11, 'mine'), (200, 20, 'for Noor');
INSERT INTO invoices VALUES (1, {MIA}, 'Mia Moon', 5), (2, {NOOR}, 'Noor', 7);
INSERT INTO letters VALUES (1, {MIA}, 'Mia', {NOOR}, 'Noor', NULL, 'from Mia to Noor');
INSERT INTO letters VALUES (2, {MIA}, 'Mia', NULL, NULL, {NOOR}, 'Mia alone, read by Noor');
INSERT INTO letters VALUES (3, {NOOR}, 'Noor', NULL, NULL, {MIA}, 'Noor alone, read by Mia');
INSERT INTO news VALUES ('MIA@example.org', 0), ('noor@example.org', 0);
INSERT INTO reviews VALUES (1, {MIA}, 'Mia Moon', 5), (2, {NOOR}, 'Noor', 1);
INSERT INTO albums VALUES (1, 'Mia alone'), (2, 'Mia and Noor'), (3, 'Noor alone');
INSERT INTO album_owners VALUES (1, {MIA}), (2, {MIA}), (2, {NOOR}), (3, {NOOR});
"""
KNOWN = {"number": (str(MIA),), "account.email": ("mia@example.org",)}


class Shop:
    """One database of the shop, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = make_url(url)
        driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}.get(parts.drivername)
        self.engine = create_engine(parts.set(drivername=driver) if driver else parts)

    def run(self, statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in filter(None, map(str.strip, statements.split(";\n"))):
                connection.execute(text(statement.rstrip(";")))

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def one(self, statement: str) -> Any:
        return self.all(statement)[0][0]

    def open(self) -> Connection:
        return self.engine.connect()

    def declares(self, tables: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return {"kind": "database", "url": self.url, "tables": TABLES if tables is None else tables, **more}

    def gate(self, tables: dict[str, Any] | None = None, **more: Any) -> DatabaseGate:
        said = {"systems": {"shop": self.declares(tables, **more)}}
        (declared,) = read(said, WORDS)
        return DatabaseGate(declared, lambda: "")


@pytest.fixture(scope="session")
def maria() -> Iterator[MariaServer]:
    """A MariaDB of the tests' own, for the whole run."""
    server = MariaServer()
    yield server
    server.stop()


@pytest.fixture(params=KINDS)
def new_shop(
    request: pytest.FixtureRequest,
    databases_of: Callable[[str], Databases],
    maria: MariaServer,
    tmp_path: Path,
) -> Iterator[Callable[[], Shop]]:
    """A function that makes an empty database of a shop; on each kind of database in turn."""
    made: list[Shop] = []
    postgres = databases_of("postgresql")

    def new() -> Shop:
        if request.param == "sqlite":
            place = tmp_path / f"shop-{len(made)}.db"
            place.touch()
            made.append(Shop(f"sqlite:///{place}"))
        elif request.param == "postgresql":
            made.append(Shop(postgres.one()))
        else:
            made.append(Shop(maria.create()))
        return made[-1]

    yield new
    for each in made:
        each.engine.dispose()
        if request.param == "mariadb":
            maria.drop(each.url)
    postgres.drop()


@pytest.fixture
def shop(new_shop: Callable[[], Shop]) -> Shop:
    """A shop with what it holds of Mia and of Noor."""
    made = new_shop()
    made.run(SCHEMA)
    made.run(ROWS)
    return made
