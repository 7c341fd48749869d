"""A house tells the systems that its systems.toml declares, through crashes, and says what is open."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cast import MIA, NOOR, joins
from tests.inside import audited, ledger_of, rows_of
from tests.shops import Shop
from troth.acts import downstream
from troth.acts.rights import erasing
from troth.clock import DAY
from troth.custody.endings import erasing as custody_erasing
from troth.custody.systems import attempts, duties
from troth.errors import NoSuchSystem, NotDoneThere, SystemsFaulty
from troth.rules.decision import member
from troth.store import schema_keys, schema_rights

CASE = bytes(range(16))
SELF = member(through="portal")
RULE = 'erase = "delete"\n\n[systems.shop.tables.news]'


def declares(house, shop, *, erase="delete", more=""):
    directory = house.teller.house.directory
    (directory / "systems.toml").write_text(
        f"""
[systems.shop]
kind = "database"
url = "{shop.url}"
{more}
[systems.shop.tables.people]
person = {{column = "number", by = "number"}}
columns = {{email = "account.email"}}
erase = "{erase}"

[systems.shop.tables.news]
person = {{column = "email", by = "account.email"}}
erase = "delete"
""",
        "utf-8",
    )
    return directory


def number_of(house, about=MIA):
    def find(desk):
        desk.find([about])
        return desk.people[about]

    return house.teller.alone(find)


@pytest.fixture
def told(new_house, new_shop):
    """A house with a member, opened with a shop of hers beside it, and the shop."""
    first = new_house()
    joins(first)
    joins(first, NOOR)
    shop = new_shop()
    shop.run("CREATE TABLE people (id INTEGER PRIMARY KEY, number BIGINT, email VARCHAR(100));\n"
             "CREATE TABLE news (email VARCHAR(100))")  # fmt: skip
    for n, who in enumerate((MIA, NOOR)):
        email = f"{who}@Example.org"
        shop.run(f"INSERT INTO people VALUES ({n}, {number_of(first, who)}, '{email}');\n"
                 f"INSERT INTO news VALUES ('{email}')")  # fmt: skip
    directory = declares(first, shop)
    clock = first.teller.house.clock
    first.close()
    return new_house.open(directory, clock), shop


def erases(house, about=MIA):
    """Begin a whole erasure for a case, and finish what is here."""
    job = replace(erasing(by=SELF, about=about), case_id=CASE)
    begun = house.teller.alone(lambda desk: custody_erasing.begin(desk, job))
    house.teller.resume()
    return begun


def test_a_person_who_is_erased_here_is_erased_there_and_both_are_read_back(told, tmp_path):
    house, shop = told
    assert erases(house).whole
    assert downstream.run_due(house.teller) == attempts.Ran(done=1)
    assert [email for (email,) in shop.all("SELECT email FROM people")] == [f"{NOOR}@Example.org"]
    assert [email for (email,) in shop.all("SELECT email FROM news")] == [f"{NOOR}@Example.org"]
    (duty,) = rows_of(house, schema_rights.duties)
    assert json.loads(duty.found)["counts"] == {"people": 1, "news": 1}
    assert {row.subject for row in rows_of(house, schema_keys.keys)} == {number_of(house, NOOR)}
    assert audited(house, tmp_path / "export")


def test_a_sweep_does_what_is_due_and_a_server_that_is_away_leaves_it_open(told):
    house, shop = told
    erases(house)
    shop.run("ALTER TABLE news RENAME TO olds")
    house.sweep()
    assert downstream.open_duties(house.teller) == (downstream.Standing("shop", "stuck", 1),)
    assert ledger_of(house)[-1].reasons == ("table-missing:news",) or any(
        entry.reasons == ("table-missing:news",) for entry in ledger_of(house)
    )
    shop.run("ALTER TABLE olds RENAME TO news")
    assert downstream.retry(house.teller, "shop") == 1
    house.sweep()
    assert downstream.open_duties(house.teller) == ()


def test_whom_time_ended_here_is_erased_there_too_where_they_are_known_by_number(told, new_house):
    first, shop = told
    directory, clock = first.teller.house.directory, first.teller.house.clock
    declaration = (directory / "systems.toml").read_text("utf-8")
    (directory / "systems.toml").write_text(declaration.partition("[systems.shop.tables.news]")[0], "utf-8")
    first.close()
    house = new_house.open(directory, clock)
    house.leave(about=MIA)
    clock.forward(31 * DAY)
    house.sweep()
    assert [email for (email,) in shop.all("SELECT email FROM people")] == [f"{NOOR}@Example.org"]
    assert [row.state for row in rows_of(house, schema_rights.duties)] == ["done"]
    assert {row.subject for row in rows_of(house, schema_keys.keys)} == {number_of(house, NOOR)}


def test_what_an_address_finds_there_is_looked_for_by_hand_once_time_ended_its_person_here(told):
    house, _ = told
    house.leave(about=MIA)
    house.teller.house.clock.forward(31 * DAY)
    house.sweep()
    assert [(row.state, json.loads(row.found)["code"]) for row in rows_of(house, schema_rights.duties)] == [
        ("stuck", "unknown-there")
    ]


def test_a_system_that_nobody_declared_is_not_tried_again(told):
    house, _ = told
    with pytest.raises(NoSuchSystem, match="did you mean `shop`"):
        downstream.retry(house.teller, "shops")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            'erase = "delete"\n\n[systems.shop.tables.news]',
            "`erase` of `[systems.shop.tables.people]` is missing",
        ),
        ('by = "number"', "did you mean `number`"),
        ('email = "account.email"', "did you mean `account.email`"),
        ('url = "', "holds a password"),
    ],
)
def test_a_declaration_that_is_not_whole_keeps_the_house_closed_and_says_what_to_write(
    told, new_house, wrong, says
):
    house, _ = told
    directory, clock = house.teller.house.directory, house.teller.house.clock
    house.close()
    better = {
        RULE: "\n[systems.shop.tables.news]",
        'by = "number"': 'by = "numer"',
        'email = "account.email"': 'email = "account.emial"',
        'url = "': 'url = "postgresql://me:secret@localhost/shop" #',
    }[wrong]
    text = (directory / "systems.toml").read_text("utf-8")
    (directory / "systems.toml").write_text(text.replace(wrong, better, 1), "utf-8")
    with pytest.raises(SystemsFaulty) as faulty:
        new_house.open(directory, clock)
    assert says in str(faulty.value)
    assert "secret" not in str(faulty.value)


def test_a_copy_of_what_is_held_tells_what_other_databases_hold(told):
    house, shop = told
    systems = tuple(house.teller.house.systems.values())
    known = house.teller.alone(lambda desk: duties.known_by(desk, MIA, systems, by=SELF))
    assert list(duties.held_there(house.teller.house, known)) == [
        ("shop", ("people", "account", {"email": "M-1001@Example.org"}))
    ]
    shop.run("DROP TABLE news")
    with pytest.raises(NotDoneThere):
        list(duties.held_there(house.teller.house, known))


KILLED = """
import os, sys
import troth
from troth.clock import Settable
from troth.custody.systems import attempts
from troth.gates.systems.databases import database

directory, at, step = sys.argv[1], int(sys.argv[2]), sys.argv[3]
house = troth.open(directory, clock=Settable(at))
taken = house.teller.alone(lambda desk: attempts.take(desk, limit=1))
if step == "taken":
    os.kill(os.getpid(), 9)
ended = attempts.ask(house.teller.house, taken[0])
if step == "asked":
    os.kill(os.getpid(), 9)
house.teller.alone(lambda desk: attempts.settle(desk, taken[0], ended))
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("step", ["taken", "asked", "settled"])
def test_a_worker_that_is_killed_at_any_step_leaves_what_the_next_one_ends(told, new_house, step):
    house, shop = told
    erases(house)
    directory, clock = house.teller.house.directory, house.teller.house.clock
    house.close()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(directory), str(clock()), step],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    clock.forward(DAY)
    again = new_house.open(directory, clock)
    again.sweep()
    (duty,) = rows_of(again, schema_rights.duties)
    assert duty.state == "done"
    assert shop.one("SELECT count(*) FROM people") == 1
    assert {row.subject for row in rows_of(again, schema_keys.keys)} == {number_of(again, NOOR)}


def test_no_value_of_the_person_is_in_any_file_of_the_house(told):
    house, shop = told
    shop.run("ALTER TABLE news RENAME TO olds")
    erases(house)
    house.sweep()
    directory = house.teller.house.directory
    house.close()
    for path in directory.rglob("*"):
        if path.is_file():
            assert b"m-1001@example.org" not in path.read_bytes().lower(), path
    assert isinstance(shop, Shop)
