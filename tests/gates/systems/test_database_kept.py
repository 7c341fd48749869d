"""Connections to a server are kept for the next order, and no order ends worse for it."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.shops import KNOWN, TABLES
from troth.errors import NotDoneThere
from troth.gates.systems.system import Order

ERASING = Order(bytes(16), "erase", KNOWN)
OURS = "FROM pg_stat_activity WHERE application_name = 'troth' AND datname = current_database()"


def backends(shop):
    if not shop.url.startswith("postgresql"):
        return None
    return shop.all(f"SELECT pid {OURS}")


def test_the_next_order_uses_the_connection_of_the_last_one(shop):
    gate = shop.gate()
    gate.do(ERASING)
    before = backends(shop)
    gate.do(ERASING)
    assert backends(shop) == before
    assert before is None or len(before) == 1


def test_a_connection_that_the_server_closed_is_made_anew_and_the_order_is_done(shop):
    gate = shop.gate()
    gate.do(ERASING)
    if shop.url.startswith("postgresql"):
        shop.all(f"SELECT pg_terminate_backend(pid) {OURS}")
    if shop.url.startswith("mysql"):
        with shop.engine.connect() as connection:
            named = text("SELECT id FROM information_schema.processlist WHERE id <> connection_id()"
                         " AND db = database()")  # fmt: skip
            for (number,) in connection.execute(named).fetchall():
                connection.execute(text(f"KILL {number}"))
    assert gate.do(ERASING).done


def test_a_file_that_another_one_took_the_place_of_is_never_called_done(new_shop, tmp_path):
    shop = new_shop()
    shop.run("CREATE TABLE r (id INTEGER PRIMARY KEY, member BIGINT)")
    shop.run(f"INSERT INTO r VALUES (1, {KNOWN['number'][0]})")
    gate = shop.gate({"r": {"person": {"column": "member", "by": "number"}, "erase": "delete"}})
    place = shop.engine.url.database
    if not shop.url.startswith("sqlite"):
        assert gate.do(ERASING).counts == {"r": 1}
        return
    copy = Path(place).read_bytes()
    assert gate.do(ERASING).counts == {"r": 1}
    shop.engine.dispose()
    (tmp_path / "other").write_bytes(copy)
    (tmp_path / "other").replace(place)
    assert gate.do(ERASING).counts == {"r": 1}
    assert shop.one("SELECT count(*) FROM r") == 0


def test_a_fork_makes_connections_of_its_own_and_leaves_those_of_its_parent(shop):
    gate = shop.gate()
    gate.do(ERASING)
    before = backends(shop)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if gate.do(ERASING).done else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert gate.do(ERASING).done
    if before is not None:
        assert before[0] in backends(shop)


def test_a_change_of_the_tables_between_two_orders_is_noticed_on_a_kept_connection(shop):
    gate = shop.gate()
    gate.do(ERASING)
    shop.run("ALTER TABLE reviews ADD COLUMN phone_number VARCHAR(50)")
    with pytest.raises(NotDoneThere) as told:
        gate.do(ERASING)
    assert told.value.problem == "column-new:reviews.phone_number"
    ignoring = {**TABLES, "reviews": {**TABLES["reviews"], "ignored": ["phone_number"]}}
    assert shop.gate(ignoring).do(ERASING).done
