"""What every test may ask for: databases of both kinds, and a network that ends at this machine."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import POSTGRES, STORES, Databases, Server

pytest_plugins = ["tests.houses", "tests.shops"]

settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("thorough", settings.get_profile("house"), max_examples=2_000)
settings.load_profile("house")

# A run in the background ignores the interrupt that some tests send to themselves and to children.
signal.signal(signal.SIGINT, signal.default_int_handler)

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


def _stay_home(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every connection that would leave this machine (an audit hook: it cannot be forgotten)."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
    elif event == "socket.getaddrinfo" and arguments[0]:
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
    else:
        return
    if not host.startswith(_LOOPBACK):
        raise PermissionError(f"a test tried to reach `{host}`")


sys.addaudithook(_stay_home)


@pytest.fixture(scope="session")
def _servers() -> Iterator[dict[str, Server]]:
    servers = {kind: Server(kind) for kind in POSTGRES}
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="session")
def databases_of(
    _servers: dict[str, Server], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Databases]]:
    """A function from a kind (`sqlite`, `postgresql`) to `Databases`, for fixtures of any scope."""
    made: list[Databases] = []

    def databases(kind: str) -> Databases:
        made.append(Databases(kind, _servers.get(kind), tmp_path_factory.mktemp(kind)))
        return made[-1]

    yield databases
    for each in made:
        if each.kind != "postgresql":  # what is on the bundled server goes with it, at once
            each.drop()


@pytest.fixture(params=STORES)
def databases(
    request: pytest.FixtureRequest, databases_of: Callable[[str], Databases]
) -> Iterator[Databases]:
    """Fresh databases; a test that asks for them runs once on SQLite and once on every PostgreSQL."""
    made = databases_of(request.param)
    yield made
    made.drop()


@pytest.fixture
def store_url(databases: Databases) -> str:
    """The URL of one empty database, for SQLAlchemy; on SQLite and on PostgreSQL in turn."""
    return databases.one()


@pytest.fixture(params=POSTGRES)
def postgres_databases(
    request: pytest.FixtureRequest, databases_of: Callable[[str], Databases]
) -> Iterator[Databases]:
    """Call it for the URLs of a fresh store and a fresh keystore, both on PostgreSQL."""
    made = databases_of(request.param)
    yield made
    made.drop()


@pytest.fixture
def postgres_url(postgres_databases: Databases) -> str:
    """The URL of one empty PostgreSQL database."""
    return postgres_databases.one()


@pytest.fixture(params=STORES)
def store_lines(
    request: pytest.FixtureRequest, databases_of: Callable[[str], Databases], tmp_path: Path
) -> Iterator[str]:
    """The `[store]` and `[keystore]` lines of a `troth.toml`; for each kind of store in turn."""
    if request.param == "sqlite":
        yield '[store]\nurl = "sqlite"\n'
        return
    made = databases_of(request.param)
    store, keystore = made.pair()
    yield f'[store]\nurl = "{store}"\n\n[keystore]\nurl = "{keystore}"\n'
    made.drop()
