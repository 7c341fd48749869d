"""A shop's database forgets a person by the rules of its tables, on SQLite, PostgreSQL and MariaDB."""

import pytest

from tests.shops import KNOWN, MIA, NOOR, TABLES
from troth.errors import NotDoneThere
from troth.gates.systems.databases.erasing import look_again
from troth.gates.systems.system import Order


def erasing(**more):
    return Order(bytes(16), "erase", KNOWN, **more)


def test_erasing_does_what_each_table_says_and_leaves_others_alone(shop):
    answer = shop.gate().do(erasing())

    assert answer.done
    assert shop.all("SELECT id FROM customers") == [(2,)]
    assert shop.all("SELECT id FROM orders") == [(20,)]
    assert shop.all("SELECT id FROM items") == [(200,)]
    assert shop.all("SELECT email FROM news") == [("noor@example.org",)]
    assert shop.all("SELECT id FROM invoices ORDER BY id") == [(1,), (2,)]
    assert shop.all("SELECT id, member, author, stars FROM reviews ORDER BY id") == [
        (1, None, "somebody", 5), (2, NOOR, "Noor", 1)
    ]  # fmt: skip
    assert answer.kept == {"invoices": ("keep.books", 1)}
    assert answer.counts == {
        "customers": 1, "orders": 2, "items": 2, "invoices": 0, "letters": 3, "news": 1, "reviews": 1,
        "albums": 1, "album_owners": 2,
    }  # fmt: skip


def test_a_row_with_several_owners_stays_for_the_other_and_names_the_erased_no_more(shop):
    shop.gate().do(erasing())
    columns = "id, sender, sender_name, receiver, receiver_name, reader"
    assert shop.all(f"SELECT {columns} FROM letters ORDER BY id") == [
        (1, None, None, NOOR, "Noor", None), (3, NOOR, "Noor", None, None, None)
    ]  # fmt: skip


def test_it_goes_with_its_last_owner_and_who_only_reads_it_never_keeps_it(shop):
    shop.gate().do(erasing())
    shop.gate().do(
        Order(bytes(16), "erase", {"number": (str(NOOR),), "account.email": ("noor@example.org",)})
    )
    assert shop.one("SELECT count(*) FROM letters") == 0
    assert shop.one("SELECT count(*) FROM albums") == 0


def test_what_is_owned_through_a_table_of_owners_goes_with_the_last_of_them(shop):
    shop.gate().do(erasing())
    assert shop.all("SELECT id FROM albums ORDER BY id") == [(2,), (3,)]
    assert shop.all("SELECT album_id, member FROM album_owners ORDER BY album_id") == [(2, NOOR), (3, NOOR)]


def test_whoever_is_still_found_by_any_path_is_not_called_erased(shop):
    gate, order = shop.gate(), erasing()  # kept: it closes its connections when it goes
    place = gate.place
    with place.connected() as connection, connection.begin():
        tables = place.mapped(connection)
        for table in tables:
            if table.rule.erase == "keep":
                continue
            with pytest.raises(NotDoneThere) as undone:
                look_again(connection, [table], order, "shop")
            assert (undone.value.problem, undone.value.stuck) == ("found-again", False), table.rule.name
    gate.do(order)
    with place.connected() as connection, connection.begin():
        assert look_again(connection, place.mapped(connection), order, "shop") == {
            "invoices": ("keep.books", 1)
        }


def test_doing_it_again_finds_nothing_to_do(shop):
    shop.gate().do(erasing())
    again = shop.gate().do(erasing())
    assert again.done
    assert set(again.counts.values()) == {0}
    assert again.kept == {"invoices": ("keep.books", 1)}


def test_some_categories_alone_go_from_mixed_rows_column_by_column(shop):
    shop.gate().do(erasing(categories=frozenset({"identity"})))
    assert shop.all("SELECT email, full_name FROM customers WHERE id = 1") == [("Mia@Example.org", None)]
    assert shop.one("SELECT count(*) FROM orders") == 3
    assert shop.all("SELECT member, author FROM reviews WHERE id = 1") == [(None, "somebody")]


def test_a_copy_tells_what_is_mapped_and_nothing_of_another_owner(shop):
    found = sorted(map(repr, shop.gate(batch=1).rows(KNOWN)))
    assert found == sorted(map(repr, [
        ("customers", "account", {"email": "Mia@Example.org"}),
        ("customers", "identity", {"name": "Mia Moon"}),
        ("orders", "network", {"ip": "203.0.113.77"}),
        ("orders", "network", {"ip": "203.0.113.78"}),
        ("items", "transactions", {"reference": "for Mia"}),
        ("items", "transactions", {"reference": "mine"}),
        ("invoices", "identity", {"name": "Mia Moon"}),
        ("letters", "support", {"message": "from Mia to Noor"}),
        ("letters", "support", {"message": "Mia alone, read by Noor"}),
        ("letters", "support", {"message": "Noor alone, read by Mia"}),
        ("letters", "identity", {"name": "Mia"}),
        ("letters", "identity", {"name": "Mia"}),
        ("reviews", "identity", {"name": "Mia Moon"}),
        ("albums", "support", {"message": "Mia alone"}),
        ("albums", "support", {"message": "Mia and Noor"}),
    ]))  # fmt: skip


def test_a_correction_reaches_mapped_columns_and_what_finds_the_person(shop):
    change = {"account.email": "mia@moon.example", "identity.name": "Mia Luna"}
    answer = shop.gate().do(Order(bytes(16), "correct", KNOWN, change))
    assert answer.done
    assert shop.all("SELECT email, full_name FROM customers ORDER BY id") == [
        ("mia@moon.example", "Mia Luna"), ("noor@example.org", "Noor")
    ]  # fmt: skip
    assert shop.all("SELECT email FROM news ORDER BY email") == [("mia@moon.example",), ("noor@example.org",)]
    assert shop.all("SELECT sender_name, receiver_name FROM letters ORDER BY id") == [
        ("Mia Luna", "Noor"), ("Mia Luna", None), ("Noor", None)
    ]  # fmt: skip
    assert shop.gate().do(Order(bytes(16), "correct", KNOWN, change)).done


def test_a_restriction_is_set_and_lifted_where_a_table_says_how(shop):
    gate = shop.gate()
    assert {"restrict", "lift"} <= gate.acts
    gate.do(Order(bytes(16), "restrict", KNOWN))
    assert shop.all("SELECT frozen FROM news ORDER BY email") == [(1,), (0,)] or shop.all(
        "SELECT lower(email), frozen FROM news ORDER BY 1"
    ) == [("mia@example.org", 1), ("noor@example.org", 0)]
    gate.do(Order(bytes(16), "lift", KNOWN))
    assert shop.one("SELECT sum(frozen) FROM news") == 0


def test_who_may_be_there_by_a_value_that_we_do_not_hold_is_never_called_gone(shop):
    with pytest.raises(NotDoneThere) as told:
        shop.gate().do(Order(bytes(16), "erase", {"number": (str(MIA),)}))
    assert (told.value.problem, told.value.stuck) == ("unknown-there", True)
    assert shop.one("SELECT count(*) FROM customers") == 2
    absent = {
        **TABLES,
        "news": {**TABLES["news"], "person": {**TABLES["news"]["person"], "absent": "nobody"}},
    }
    assert shop.gate(absent).do(Order(bytes(16), "erase", {"number": (str(MIA),)})).done


def test_an_anonymised_row_leads_to_nobody_any_more_however_it_was_found(shop):
    orders = {**TABLES["orders"], "erase": "anonymise"}
    items = {**TABLES["items"], "erase": "delete"}
    answer = shop.gate({**TABLES, "orders": orders, "items": items}).do(erasing())
    assert answer.done
    assert shop.all("SELECT id, customer_id, ip, total FROM orders ORDER BY id") == [
        (10, None, None, 5), (11, None, None, 6), (20, 2, "198.51.100.1", 7)
    ]  # fmt: skip
    assert shop.all("SELECT id FROM customers") == [(2,)]
