"""What goes wrong with another database ends in a word of ours, nothing half done, and no value anywhere."""

import secrets
import sys
import threading
import traceback
from time import perf_counter, sleep

import pytest
from sqlalchemy import text

from tests.shops import KNOWN, MIA, NOOR, TABLES, WORDS
from troth.errors import NotDoneThere
from troth.gates.systems.databases.database import DatabaseGate
from troth.gates.systems.reading import read
from troth.gates.systems.system import Order

ERASING = Order(bytes(16), "erase", KNOWN)
ROWS = 20_000


def failing(gate, order=ERASING):
    with pytest.raises(NotDoneThere) as told:
        gate.do(order)
    assert told.value.__context__ is None
    written = "".join(traceback.format_exception(told.value)).lower()
    assert "mia@" not in written
    assert str(MIA) not in written
    return told.value.problem, told.value.stuck


def test_a_table_that_is_gone_needs_somebody_and_nothing_is_erased(shop):
    shop.run("DROP TABLE reviews")
    assert failing(shop.gate()) == ("table-missing:reviews", True)
    assert shop.one("SELECT count(*) FROM customers") == 2


def test_a_column_that_is_gone_needs_somebody_and_nothing_is_erased(shop):
    shop.run("ALTER TABLE customers DROP COLUMN full_name")
    assert failing(shop.gate()) == ("column-missing:customers.full_name", True)
    assert shop.one("SELECT count(*) FROM orders") == 3


def test_a_column_that_came_and_looks_personal_needs_somebody_where_rows_stay(shop):
    shop.run("ALTER TABLE reviews ADD COLUMN phone_number VARCHAR(50)")
    assert failing(shop.gate()) == ("column-new:reviews.phone_number", True)
    ignoring = {**TABLES, "reviews": {**TABLES["reviews"], "ignored": ["phone_number"]}}
    assert shop.gate(ignoring).do(ERASING).done


def test_a_table_that_nobody_mapped_and_that_refers_to_the_person_stops_all_of_it(shop):
    shop.run(
        "CREATE TABLE parcels (id INTEGER PRIMARY KEY, customer_id INTEGER, "
        "FOREIGN KEY (customer_id) REFERENCES customers (id));\nINSERT INTO parcels VALUES (1, 1)"
    )
    assert failing(shop.gate()) == ("refused", False)
    assert shop.one("SELECT count(*) FROM orders") == 3
    assert shop.one("SELECT count(*) FROM letters") == 3


def test_a_column_that_may_not_be_empty_refuses_to_be_emptied_and_nothing_is_done(new_shop):
    shop = new_shop()
    shop.run(
        f"CREATE TABLE r (id INTEGER PRIMARY KEY, member BIGINT NOT NULL);\nINSERT INTO r VALUES (1, {MIA})"
    )
    tables = {"r": {"person": {"column": "member", "by": "number"}, "erase": "anonymise"}}
    assert failing(shop.gate(tables)) == ("refused", False)
    constant = {"r": {**tables["r"], "constant": {"member": 0}}}
    assert shop.gate(constant).do(ERASING).done
    assert shop.all("SELECT member FROM r") == [(0,)]


def test_rows_that_somebody_holds_are_not_waited_for_without_end(shop):
    gate = shop.gate(patience=2)
    with shop.open() as held:
        held.execute(text("UPDATE customers SET note = 'held' WHERE id = 1"))
        began = perf_counter()
        problem, stuck = failing(gate)
        assert perf_counter() - began < 15
        held.rollback()
    assert problem in ("busy", "timeout")
    assert not stuck
    assert shop.one("SELECT count(*) FROM customers") == 2
    assert gate.do(ERASING).done


def test_two_orders_for_one_person_at_once_both_end_done_or_are_tried_again(shop):
    ended = []

    def work():
        try:
            ended.append(shop.gate(patience=10).do(ERASING).done)
        except NotDoneThere as undone:
            ended.append(undone.problem)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert True in ended
    assert set(ended) <= {True, "busy", "timeout", "refused", "found-again"}
    assert shop.gate().do(ERASING).done
    assert shop.one("SELECT count(*) FROM customers") == 1


def test_a_person_with_many_rows_is_read_page_by_page_and_erased_set_by_set(new_shop):
    shop = new_shop()
    shop.run("CREATE TABLE logs (id INTEGER PRIMARY KEY, member BIGINT, ip VARCHAR(40));\n"
             "CREATE INDEX logs_member ON logs (member)")  # fmt: skip
    tables = {
        "logs": {
            "person": {"column": "member", "by": "number"},
            "columns": {"ip": "network.ip"},
            "erase": "delete",
        }
    }

    def fill():
        with shop.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO logs VALUES (:id, :member, :ip)"),
                [
                    {"id": n, "member": MIA if n % 2 else NOOR, "ip": f"203.0.113.{n % 250}"}
                    for n in range(2 * ROWS)
                ],
            )

    fill()
    gate = shop.gate(tables, batch=1_000)
    assert sum(1 for _ in gate.rows(KNOWN)) == ROWS
    began = perf_counter()
    assert gate.do(ERASING).counts == {"logs": ROWS}
    ours = perf_counter() - began
    shop.run("DELETE FROM logs")
    fill()
    began = perf_counter()
    shop.run(f"DELETE FROM logs WHERE member = {MIA}")
    plain = perf_counter() - began
    print(f"{shop.url.partition(':')[0]}: {ours:.3f} s, one plain statement {plain:.3f} s")
    assert shop.one("SELECT count(*) FROM logs") == ROWS
    assert ours < 5 * plain + 1


def test_a_database_that_is_not_there_is_unreachable_and_is_not_made(tmp_path):
    tables = {"r": {"person": {"column": "member", "by": "number"}, "erase": "delete"}}
    urls = (f"sqlite:///{tmp_path}/none.db", "postgresql://me@127.0.0.1:1/x", "mysql://me@127.0.0.1:1/x")
    from tests.shops import WORDS

    for url in urls:
        (declared,) = read({"systems": {"shop": {"kind": "database", "url": url, "tables": tables}}}, WORDS)
        assert failing(DatabaseGate(declared, lambda: "secret-of-the-shop")) == ("unreachable", False)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_dies_in_the_middle_leaves_everything_or_nothing_and_is_asked_again(maria):
    from tests.shops import ROWS as THINGS
    from tests.shops import SCHEMA, Shop

    shop = Shop(maria.create())
    shop.run(SCHEMA)
    shop.run(THINGS)
    gate, problems = shop.gate(patience=20), []
    blocking = shop.open()
    blocking.execute(text("UPDATE customers SET note = 'held' WHERE id = 1"))
    work = threading.Thread(target=lambda: problems.append(failing(gate)))
    work.start()
    sleep(1)
    maria.pause()
    work.join()
    try:
        assert problems == [("unreachable", False)]
    finally:
        blocking.invalidate()
        blocking.close()
        shop.engine.dispose()
        maria.resume()
    assert shop.one("SELECT count(*) FROM orders") == 3
    assert gate.do(ERASING).done
    shop.engine.dispose()


def test_a_role_that_may_not_delete_is_refused_for_its_credentials(databases_of):
    from tests.shops import ROWS as THINGS
    from tests.shops import SCHEMA, Shop

    made = databases_of("postgresql")
    shop = Shop(made.one())
    shop.run(SCHEMA)
    shop.run(THINGS)
    role = f"troth_reader_{secrets.token_hex(4)}"
    shop.run(f"CREATE ROLE {role} LOGIN;\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    shop.url = shop.url.replace("postgres:", role).replace("//postgres@", f"//{role}@")
    assert failing(shop.gate()) == ("credentials", False)
    assert shop.one("SELECT count(*) FROM customers") == 2
    shop.run(f"DROP OWNED BY {role};\nDROP ROLE {role}")
    shop.engine.dispose()
    made.drop()


def test_a_driver_that_is_not_installed_needs_somebody_and_ends_no_run(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymysql", None)
    said = {"kind": "database", "url": "mysql://me@127.0.0.1/shop", "tables": TABLES}
    (declared,) = read({"systems": {"shop": said}}, WORDS)
    assert failing(DatabaseGate(declared, lambda: "")) == ("driver", True)
