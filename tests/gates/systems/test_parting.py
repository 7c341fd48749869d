"""What goes with an erasure takes nothing of others along, and leaves no row that nobody finds."""

import pytest

from tests.shops import KNOWN, MIA, NOOR, TABLES
from troth.errors import NotDoneThere
from troth.gates.systems.system import Order

BY_NUMBER = {"column": "member", "by": "number"}
CUSTOMERS = {
    "people": {"person": BY_NUMBER, "columns": {"email": "account.email"}, "erase": "delete"},
    "orders": {
        "person": {"through": "orders.person -> people.id"},
        "columns": {"name": "identity.name"},
        "erase": "delete",
    },
}
BY_EMAIL = {
    **CUSTOMERS,
    "people": {"person": {"column": "email", "by": "account.email"}, "erase": "delete"},
}


def erasing(number=MIA, *categories):
    known = {"number": (str(number),), "account.email": ("mia@example.org",)}
    return Order(bytes(16), "erase", known, categories=frozenset(categories))


@pytest.fixture
def bare(new_shop):
    """People and their orders, without a foreign key."""
    shop = new_shop()
    shop.run("CREATE TABLE people (id INTEGER PRIMARY KEY, member BIGINT, email VARCHAR(100))")
    shop.run("CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, name VARCHAR(100))")
    shop.run(
        f"INSERT INTO people VALUES (1, {MIA}, 'mia@example.org');\nINSERT INTO orders VALUES (1, 1, 'Mia')"
    )
    return shop


def test_a_row_through_which_others_are_found_stays_with_them_and_is_emptied(bare):
    gate = bare.gate(CUSTOMERS)
    gate.do(erasing(MIA, "account"))
    assert bare.all("SELECT member, email FROM people") == [(MIA, None)]
    assert bare.one("SELECT count(*) FROM orders") == 1
    gate.do(erasing())
    assert (bare.one("SELECT count(*) FROM people"), bare.one("SELECT count(*) FROM orders")) == (0, 0)


def test_what_the_rest_is_found_by_is_not_emptied_and_nothing_is_called_done(bare):
    with pytest.raises(NotDoneThere) as told:
        bare.gate(BY_EMAIL).do(erasing(MIA, "account"))
    assert (told.value.problem, told.value.stuck) == ("not-mapped", True)
    assert bare.one("SELECT email FROM people") == "mia@example.org"


def test_a_column_that_names_somebody_by_a_field_goes_with_its_category(shop):
    shop.gate().do(Order(bytes(16), "erase", KNOWN, categories=frozenset({"account"})))
    assert shop.all("SELECT email FROM news") == [("noor@example.org",)]


def test_of_a_shared_row_only_what_is_theirs_goes_with_some_categories(shop):
    shop.gate().do(Order(bytes(16), "erase", KNOWN, categories=frozenset({"identity"})))
    assert shop.all("SELECT sender_name, receiver_name FROM letters ORDER BY id") == [
        (None, "Noor"), (None, None), ("Noor", None)
    ]  # fmt: skip
    shop.gate().do(Order(bytes(16), "erase", KNOWN, categories=frozenset({"support"})))
    assert shop.all("SELECT id, body FROM letters WHERE body IS NOT NULL ORDER BY id") == [
        (1, "from Mia to Noor"), (3, "Noor alone, read by Mia")
    ]  # fmt: skip


def test_a_shared_row_goes_with_its_last_owner_also_where_the_one_before_left_a_constant(new_shop):
    shop = new_shop()
    shop.run(
        "CREATE TABLE talks (id INTEGER PRIMARY KEY, a BIGINT NOT NULL, b BIGINT NOT NULL, body VARCHAR(90))"
    )
    shop.run(f"INSERT INTO talks VALUES (1, {MIA}, {NOOR}, 'both'), (2, {MIA}, 0, 'Mia alone')")
    owners = [{"column": name, "by": "number", "constant": {name: 0}} for name in "ab"]
    gate = shop.gate({"talks": {"owners": owners, "columns": {"body": "support.message"}, "erase": "delete"}})
    gate.do(erasing(MIA))
    assert shop.all("SELECT a, b FROM talks") == [(0, NOOR)]
    gate.do(erasing(NOOR))
    assert shop.all("SELECT a, b FROM talks") == []


HOUSEHOLDS = {
    "people": {"person": BY_NUMBER, "erase": "delete"},
    "orders": {"person": {"through": "orders.home -> people.home"}, "erase": "delete"},
}


def households(shop, *people):
    shop.run("CREATE TABLE people (id INTEGER PRIMARY KEY, home INTEGER, member BIGINT, active INTEGER)")
    shop.run("CREATE TABLE orders (id INTEGER PRIMARY KEY, home INTEGER);\nINSERT INTO orders VALUES (1, 5)")
    for row in people:
        shop.run(f"INSERT INTO people VALUES {row}")


def test_an_index_over_some_rows_makes_nothing_unique(new_shop):
    shop = new_shop()
    if shop.engine.dialect.name != "mysql":  # which has none
        households(shop, (1, 5, MIA, 0), (2, 5, NOOR, 1))
        shop.run("CREATE UNIQUE INDEX one_active ON people (home) WHERE active = 1")
        shop.gate(HOUSEHOLDS).do(erasing(MIA))
        assert shop.one("SELECT count(*) FROM orders") == 1


def test_what_is_unique_no_more_is_noticed_by_the_next_order(new_shop):
    shop = new_shop()
    households(shop, (1, 5, MIA, 0))
    shop.run("CREATE UNIQUE INDEX one_home ON people (home)")
    gate = shop.gate(HOUSEHOLDS)
    gate.do(erasing(7))
    shop.run("DROP INDEX one_home" + (" ON people" if shop.engine.dialect.name == "mysql" else ""))
    shop.run(f"INSERT INTO people VALUES (2, 5, {NOOR}, 1)")
    gate.do(erasing(MIA))
    assert shop.one("SELECT count(*) FROM orders") == 1


def test_rows_that_a_trigger_keeps_stop_it_before_what_they_are_found_through_is_gone(bare):
    kind = bare.engine.dialect.name
    if kind == "sqlite":
        bare.run("CREATE TRIGGER soft BEFORE DELETE ON orders BEGIN SELECT RAISE(IGNORE); END")
    elif kind == "postgresql":
        bare.run("CREATE FUNCTION soft() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        bare.run("CREATE TRIGGER soft BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION soft()")
    else:  # its triggers cannot
        return
    with pytest.raises(NotDoneThere) as told:
        bare.gate(CUSTOMERS).do(erasing())
    assert (told.value.problem, told.value.stuck) == ("found-again", False)
    assert bare.one("SELECT count(*) FROM people") == 1


def test_a_table_that_is_called_in_other_letters_is_looked_at_anew_as_well(new_shop):
    shop = new_shop()
    if shop.engine.dialect.name != "sqlite":  # the one that takes both
        return
    shop.run("CREATE TABLE Reviews (id INTEGER PRIMARY KEY, member BIGINT, author VARCHAR(20))")
    shop.run(f"INSERT INTO Reviews VALUES (1, {NOOR}, 'Noor')")
    gate = shop.gate({"reviews": TABLES["reviews"]})
    gate.do(erasing(MIA))
    shop.run("ALTER TABLE Reviews ADD COLUMN email VARCHAR(100)")
    with pytest.raises(NotDoneThere) as told:
        gate.do(erasing(NOOR))
    assert told.value.problem == "column-new:reviews.email"


def test_more_keys_than_a_statement_takes_are_deleted_some_at_a_time(new_shop):
    shop = new_shop()
    if shop.engine.dialect.name != "postgresql":
        return
    shop.run("CREATE TABLE boxes (id INTEGER PRIMARY KEY)")
    shop.run("CREATE TABLE people (id INTEGER PRIMARY KEY, member BIGINT, box INTEGER REFERENCES boxes)")
    shop.run("INSERT INTO boxes SELECT generate_series(1, 66000)")
    shop.run(f"INSERT INTO people SELECT id, {MIA}, id FROM boxes;\nCREATE INDEX by_box ON people (box)")
    tables = {
        "people": {"person": BY_NUMBER, "erase": "delete"},
        "boxes": {"person": {"through": "boxes.id -> people.box"}, "erase": "delete"},
    }
    assert shop.gate(tables, batch=100_000).do(erasing()).counts == {"people": 66_000, "boxes": 66_000}
