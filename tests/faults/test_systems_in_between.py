"""Another system that changes between the order and its end: nothing is called done, and nothing is lost."""

import pytest

from tests.cast import MIA, NOOR, joins
from tests.custody.systems.test_duties import with_systems
from tests.inside import ledger_of, rows_of
from troth.acts import downstream
from troth.clock import DAY
from troth.rules.rights_cases import State
from troth.store import schema, schema_keys

TABLES = {
    "people": {
        "person": {"column": "email", "by": "account.email"},
        "columns": {"email": "account.email"},
        "erase": "delete",
    }
}


@pytest.fixture
def known(new_shop):
    """A database that knows two people."""
    shop = new_shop()
    shop.run("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(200))")
    for n, mail in enumerate(("mia@example.org", "noor@example.org")):
        shop.run(f"INSERT INTO people VALUES ({n}, '{mail}')")
    return shop


@pytest.fixture
def served(house, known):
    joins(house, MIA, email="mia@example.org")
    joins(house, NOOR, email="noor@example.org")
    with_systems(house, known.gate(TABLES))
    return house


def must_be_open(house, reference):
    case, _ = house.demanded(reference=reference)
    assert (case.state, case.ended_at) == (State.WORKING, None)
    assert [e for e in ledger_of(house) if e.kind == "duty.done"] == []
    assert {row.kept for row in rows_of(house, schema_keys.keys)} >= {":duties"}


def must_be_done(house, shop, reference):
    for _ in range(2):
        house.teller.house.clock.forward(DAY)
        house.sweep()
    case, _ = house.demanded(reference=reference)
    assert case.state is State.DONE
    assert [e.count for e in ledger_of(house) if e.kind == "duty.done"] == [1]
    assert shop.all("SELECT email FROM people") == [("noor@example.org",)]
    assert ":duties" not in {row.kept for row in rows_of(house, schema_keys.keys)}


TABLE = ("ALTER TABLE people RENAME TO persons", "ALTER TABLE persons RENAME TO people")
COLUMN = ("ALTER TABLE people RENAME COLUMN email TO mail", "ALTER TABLE people RENAME COLUMN mail TO email")


@pytest.mark.parametrize(("change", "back"), [TABLE, COLUMN])
def test_a_table_that_changes_before_the_order_is_carried_out_leaves_it_open_until_somebody_looked(
    served, known, change, back
):
    known.run(change)
    lodged = served.demand(about=MIA, right="erase")
    must_be_open(served, lodged.case.reference)
    served.teller.house.clock.forward(DAY)
    served.sweep()
    must_be_open(served, lodged.case.reference)
    assert "stuck" in {row.state for row in rows_of(served, schema.duties)}
    known.run(back)
    downstream.retry(served.teller, "shop")
    must_be_done(served, known, lodged.case.reference)
