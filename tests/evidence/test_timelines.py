"""Of some people by chance, the list that they see is compared with the ledger, line by line."""

import pytest

from tests.cast import AGENT, MIA, NOOR, OUTBOX, joins, tells_everything
from tests.inside import rows_of
from troth.errors import Refused
from troth.evidence import timelines
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.store import schema


def check(house):
    (clause,) = [each for each in verify(house.teller).clauses if each.clause == "disclose.shown"]
    (found,) = clause.checks
    return found


def write(house, statement, which="store"):
    with house.teller.house.filing.connect(which) as connection:
        connection.execute(statement)


def test_where_nobody_is_named_nothing_is_proven(house):
    assert check(house).status is Status.UNPROVEN


@pytest.mark.parametrize("swept", [False, True], ids=["before a sweep", "after a sweep"])
def test_a_list_with_every_line_is_kept_with_uses_and_refusals(house, swept):
    tells_everything(house)
    joins(house, NOOR)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    with pytest.raises(Refused):
        house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account")
    if swept:
        house.sweep()

    found = check(house)

    assert found.status is Status.KEPT
    assert found.sample == sum(len(house.entries(about=who)) for who in (MIA, NOOR))


def test_a_line_that_a_list_lacks_is_found(house):
    tells_everything(house)
    house.sweep()
    gone = rows_of(house, schema.sightings)[-1]
    write(house, schema.sightings.delete().where(schema.sightings.c.entry == gone.entry))

    found = check(house)

    assert found.status is Status.BROKEN
    assert found.detail == "a list lacks 1 lines, and has 0 about somebody else"


def test_a_line_about_somebody_else_in_a_list_is_found(house):
    tells_everything(house)
    joins(house, NOOR)
    house.sweep()
    rows = rows_of(house, schema.sightings)
    other = next(row for row in rows if row.pseudonym != rows[0].pseudonym)
    write(house, schema.sightings.insert().values(pseudonym=rows[0].pseudonym, entry=other.entry))

    found = check(house)

    assert found.status is Status.BROKEN
    assert found.detail == "a list lacks 0 lines, and has 1 about somebody else"


def test_of_many_people_some_are_looked_at(house):
    for number in range(timelines.PEOPLE + 5):
        joins(house, f"M-{number}", username=f"member.{number}")

    assert check(house).sample == 2 * timelines.PEOPLE  # each joined, and told one thing


def test_whose_keys_are_gone_has_no_list_and_breaks_nothing(house):
    joins(house)
    house.erase(about=MIA)
    joins(house, NOOR)

    assert check(house).status is Status.KEPT
