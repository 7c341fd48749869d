"""Erasing where rows were altered, or something fails: nobody else waits for it, and duties stay."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import text

from tests.cast import LAWYER, MIA, NOOR, joins, tells
from tests.faults.cutting import Cut, count_statements
from tests.inside import count_of, ledger_of, rows_of
from troth.acts.rights import erasing as asked
from troth.clock import DAY, FOREVER
from troth.custody.desk import SELF
from troth.custody.endings import erasing
from troth.errors import RowBroken, Unfinished
from troth.rules.decision import member
from troth.store import schema


def alter(house, statement, which="store", **values):
    with house.teller.house.filing.connect(which) as connection:
        assert connection.execute(text(statement), values).rowcount > 0


def begins(house, who=MIA, *classes):
    job = asked(by=member(), about=who, classes=classes)
    return house.teller.alone(lambda desk: erasing.begin(desk, job))


def origin_of(house, category):
    return next(row.origin for row in rows_of(house, schema.origins) if row.category == category)


@pytest.mark.parametrize("name", ["", "no name", "../../keys/root"])
def test_the_name_of_a_file_that_was_altered_stops_no_erasure_and_no_sweep(new_house, name):
    house = new_house()
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "support")
    root = house.teller.house.directory / "keys/root"
    alter(
        house, "UPDATE blobs SET blob = :name WHERE subject = :subject", name=name, subject=number_of(house)
    )

    assert house.erase(about=MIA).whole

    house.teller.house.clock.forward(2 * DAY)
    house.sweep()
    assert root.exists()
    assert house.access(about=NOOR, category="support").records
    assert sorted(house.teller.house.blobs.names()) == [row.blob for row in rows_of(house, schema.blobs)]


@pytest.mark.parametrize("classes", [[], ["account"]])
def test_a_row_of_an_origin_that_nobody_knows_keeps_no_erasure_and_no_house_from_going_on(new_house, classes):
    house = new_house()
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "support")
    subject = number_of(house)
    alter(
        house,
        "UPDATE records SET origin = 999 WHERE subject = :subject AND origin = :origin",
        subject=subject,
        origin=origin_of(house, "support"),
    )
    assert "account" in house.erase(about=MIA, classes=classes).erased
    assert house.erase(about=NOOR).whole
    assert new_house.again(house).sweep().stuck == ()


def number_of(house, who=MIA):
    def look(desk):
        desk.find([who])
        return desk.people[who]

    return house.teller.alone(look)


def test_a_duty_keeps_a_class_though_its_rows_were_filed_elsewhere(house):
    subject = joins(house)
    tells(house, MIA, "transactions")
    alter(
        house,
        "UPDATE streams SET category_code = 99 WHERE subject = :subject AND origin = :origin",
        subject=subject,
        origin=origin_of(house, "transactions"),
    )
    gone = house.erase(about=MIA)
    assert ([kept.kept for kept in gone.stays], gone.whole) == (["transactions"], False)
    assert "transactions" in {row.kept for row in rows_of(house, schema.keys)}


@pytest.mark.parametrize("damage", ["'X'", "wrapped"])
def test_whose_own_key_is_damaged_can_be_erased(house, damage):
    joins(house)
    other = joins(house, NOOR)
    source = f"(SELECT wrapped FROM keys WHERE subject = {other} AND kept = :kept)"
    value = {"'X'": "CAST('X' AS BYTEA)", "wrapped": source}[damage]
    if house.teller.house.filing.sqlite:
        value = value.replace("BYTEA", "BLOB")
    alter(
        house,
        f"UPDATE keys SET wrapped = {value} WHERE kept = :kept AND subject <> :other",
        "keystore",
        other=other,
        kept=SELF,
    )
    assert house.erase(about=MIA).whole
    assert {row.subject for row in rows_of(house, schema.records)} == {other}


def test_a_key_of_a_class_that_nobody_knows_is_an_error_of_the_row_and_remembered(house):
    joins(house)
    alter(house, "UPDATE keys SET kept = 'bogus' WHERE kept = 'account'", "keystore")
    with pytest.raises(RowBroken):
        house.erase(about=MIA)
    last = ledger_of(house)[-1]
    assert (last.kind, last.act, last.reasons) == ("request.failed", "erase", (RowBroken.code,))


def test_an_erasure_that_cannot_be_finished_keeps_no_other_and_no_opening_from_it(new_house):
    house = new_house()
    for who in (MIA, NOOR):
        joins(house, who)
        begins(house, who)
    alter(house, "UPDATE erasures SET closing = 'x' WHERE subject = (SELECT min(subject) FROM erasures)")
    house = new_house.again(house)
    assert count_of(house, schema.erasures) == 1
    swept = house.sweep()
    assert (swept.resumed, [problem.code for problem in swept.stuck]) == (0, [RowBroken.code])
    assert joins(house, "M-3")


class KeysStay(Cut):
    """The keystore fails once, when keys are to go."""

    def run(self, statement, execute):
        if statement.startswith("DELETE FROM keys") and not self.seen:
            self.seen.append(statement)
            self.deed()
        return execute()


def test_an_erasure_that_stops_after_its_beginning_says_so_and_is_finished_later(house):
    joins(house)
    driver = sqlite3 if house.teller.house.filing.sqlite else psycopg

    def fail():
        raise driver.OperationalError("lost")

    count_statements(house, KeysStay(-1, "", fail))
    with pytest.raises(Unfinished) as caught:
        house.erase(about=MIA)
    assert ledger_of(house)[caught.value.entry].kind == "erasure.begun"
    assert house.sweep().resumed == 1
    assert count_of(house, schema.keys) == 0


def test_what_a_matter_keeps_has_no_end_until_the_matter_has(house, clock):
    joins(house)
    tells(house, MIA, "device")
    house.leave(about=MIA)
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    clock.forward(400 * DAY)
    (kept,) = (kept for kept in house.teller.alone(preview).stays if kept.kept == "account")
    assert (kept.why, kept.until) == ("held: litigation", FOREVER)


def preview(desk):
    return erasing.preview(desk, asked(by=member(), about=MIA, classes=["account", "technical"]))
