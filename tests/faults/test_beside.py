"""Two processes in one house: one ledger without a gap, and what one does the other knows at once."""

import pytest

from tests.cast import MIA, NOOR, OUTBOX, joins, tells
from tests.faults.beside import Beside, acting
from tests.faults.soundness import must_be_sound
from tests.inside import rows_of
from troth.errors import Erased, NotFound, Refused
from troth.store import schema


def test_two_processes_share_one_house_and_one_ledger(house):
    other = Beside(house.teller.house.directory, "acting")
    mine = []
    acting(house, "mine", lambda receipt: mine.append((receipt.entry, receipt.hash)))
    theirs = other.done()
    assert len(theirs) == len(mine) == 85
    assert not {number for number, _ in mine} & {number for number, _ in theirs}
    assert house.access(about="child-1", category="account").records
    must_be_sound(house, mine + theirs)


def test_what_one_process_makes_the_other_knows_at_once(house):
    joins(house)
    directory = house.teller.house.directory
    promotion = house.purpose("contact.promotion", by=OUTBOX)
    Beside(directory, "telling").done()  # origins, people and choices that this process has never seen
    (held,) = house.access(about=MIA, category="support").records
    assert held.values["message"].reveal().startswith("My payout")
    assert promotion.read(about=MIA, category="account").records
    noor = house.teller.alone(lambda desk: (desk.find([NOOR]), desk.people[NOOR])[1])
    assert house.access(about=NOOR, category="account").records
    tells(house, MIA, "transactions")
    assert len(rows_of(house, schema.origins)) == 3
    house.checkpoint()
    Beside(directory, "withdrawing").done()
    with pytest.raises(Refused):
        promotion.read(about=MIA, category="account")
    with pytest.raises(NotFound):
        house.access(about=NOOR, category="account")
    with pytest.raises(Erased):
        house.access(about=noor, category="account")
    must_be_sound(house, [])
