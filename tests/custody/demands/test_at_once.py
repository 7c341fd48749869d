"""What takes effect in one transaction is read back there: it is so, or nothing of it stands."""

import pytest
from sqlalchemy import text

from tests.cast import MIA, joins
from tests.custody.test_amend import BADGES
from tests.inside import kinds_since, ledger_of, rows_of, shown
from troth.clock import SECOND
from troth.rules.rights_cases import Event, State
from troth.store import schema

STUBBORN = {
    True: [
        """CREATE TRIGGER stubborn AFTER UPDATE OF {column} ON {table} BEGIN
           UPDATE {table} SET {column} = OLD.{column} WHERE subject = OLD.subject; END""",
    ],
    False: [
        """CREATE FUNCTION stubborn() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN NEW.{column} := OLD.{column}; RETURN NEW; END $$""",
        "CREATE TRIGGER stubborn BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stubborn()",
    ],
}
WILLING = {
    True: ["DROP TRIGGER stubborn"],
    False: ["DROP TRIGGER stubborn ON {table}", "DROP FUNCTION stubborn"],
}


def runs(house, statements, **names):
    filing = house.teller.house.filing
    with filing.connect("store") as connection:
        for statement in statements[filing.sqlite]:
            connection.execute(text(statement.format(**names)))
        connection.commit()


ACTS = {"restriction.set", "objection.made", "consent.withdrawn", "member.left", "record.corrected"}
DEMANDS = {
    "restrict": ("subjects", "standing", {"category": "account"}),
    "object": ("subjects", "standing", {"purpose": "analysis.improve"}),
    "opt_out": ("subjects", "standing", {"purpose": "contact.promotion"}),
    "withdraw": ("subjects", "standing", {"purpose": "contact.promotion"}),
    "leave": ("subjects", "standing", {}),
    "correct": ("records", "sealed", {"category": "account", "values": {"username": "mia.star"}}),
}


@pytest.mark.parametrize("right", DEMANDS)
def test_what_reads_back_otherwise_is_undone_with_its_line_and_is_tried_again_until_it_is_so(
    house, clock, right
):
    table, column, said = DEMANDS[right]
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    before = [tuple(row) for row in rows_of(house, schema.store.tables[table])]
    size = len(ledger_of(house))
    runs(house, STUBBORN, table=table, column=column)  # as if somebody wrote the old value back
    lodged = house.demand(about=MIA, right=right, **said)
    assert lodged.case.state is State.RECEIVED
    assert not lodged.case.has(Event.BEGUN)
    assert [tuple(row) for row in rows_of(house, schema.store.tables[table])] == before
    assert kinds_since(house, size)[-1] == "request.failed"
    assert ledger_of(house)[-1].reasons == ("door.not-so",)
    assert not ACTS & set(kinds_since(house, size))
    assert rows_of(house, schema.duties) == []
    runs(house, WILLING, table=table)
    clock.forward(2 * 3600 * SECOND)
    house.sweep()
    case, _ = house.demanded(reference=lodged.case.reference)
    assert case.state is State.DONE
    assert case.outcome["entries"]


@pytest.fixture
def badges(new_house, clock):
    house = new_house(BADGES, clock=clock)
    joins(house, MIA, email="mia@example.org")
    for when, values in (("joining", {"room": "12"}), ("renewal", {"number": "B-7"})):
        house.collect(about=MIA, category="badge", when=when, values={"name": "Mia", **values})
        clock.forward(SECOND)
    return house


@pytest.mark.parametrize("values", [{"name": "Luna", "room": "13"}, {"name": "Luna", "number": "B-8"}])
def test_what_was_taken_in_at_two_circumstances_is_read_back_by_the_one_that_has_the_fields(badges, values):
    done = badges.demand(about=MIA, right="correct", category="badge", values=values)
    assert done.case.state is State.DONE
    held = [one for one in shown(badges.access(about=MIA, category="badge")) if values.items() & one.items()]
    assert {name: value for one in held for name, value in one.items()}.items() >= values.items()
