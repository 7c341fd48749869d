"""Where a declared URL of PostgreSQL leads, the environment does not change."""

import pytest
from sqlalchemy import make_url

from tests.shops import KNOWN, ROWS, SCHEMA, Shop
from troth.errors import NotDoneThere
from troth.gates.systems.system import Order

ERASING = Order(bytes(16), "erase", KNOWN)


@pytest.fixture
def shop(databases_of):
    made = databases_of("postgresql")
    shop = Shop(made.one())
    shop.run(SCHEMA)
    shop.run(ROWS)
    yield shop
    shop.engine.dispose()
    made.drop()


def customers(shop):
    return shop.one("SELECT count(*) FROM customers")


@pytest.mark.parametrize(
    ("name", "value"), [("PGHOSTADDR", "127.0.0.1"), ("PGPORT", "1"), ("PGSERVICE", "elsewhere")]
)
def test_an_address_of_the_environment_does_not_lead_away_from_the_declared_one(
    shop, name, value, monkeypatch, tmp_path
):
    (tmp_path / "services").write_text(
        "[elsewhere]\nhost=/nowhere\nhostaddr=127.0.0.1\nport=1\ndbname=postgres\n"
    )
    with monkeypatch.context() as environment:
        environment.setenv("PGSERVICEFILE", str(tmp_path / "services"))
        environment.setenv(name, value)
        assert shop.gate().do(ERASING).done
    assert customers(shop) == 1


def test_a_url_without_a_host_means_this_machine_whatever_the_environment_calls_a_host(shop, monkeypatch):
    there = make_url(shop.url)
    directory = there.query["host"]
    elsewhere = Shop(f"postgresql://{there.username}@/{there.database}")
    with monkeypatch.context() as environment:
        environment.setenv("PGHOST", directory)
        with pytest.raises(NotDoneThere) as undone:
            elsewhere.gate().do(ERASING)
    assert undone.value.problem in ("unreachable", "credentials")
    assert customers(shop) == 2
