"""What is rehearsed is undone with its lines; what touches more than the store is not rehearsed at all."""

import pytest

from tests.cast import ACCOUNT, MIA
from tests.inside import ledger_of
from troth.acts import consent, rehearse, rights
from troth.clock import DAY
from troth.errors import Refused, WrongAct
from troth.rules.decision import member, staff

LAWYER = staff("liam", "lawyer")
CASE = {"matter": "L-7", "reason": "litigation"}


@pytest.fixture
def mia(house):
    house.collect(about=MIA, category="account", when="registration", values=ACCOUNT)


def test_a_rehearsed_choice_leaves_no_line_and_the_next_line_has_its_number(house, mia):
    before = len(ledger_of(house))
    job = consent.giving(by=member(), about=MIA, purpose="contact.promotion")
    found = rehearse.choice(house.teller, job)
    assert len(ledger_of(house)) == before
    receipt = house.teller.ask(job)
    assert (found.kind, receipt.entry) == (receipt.kind, before)
    assert ledger_of(house)[-1].clauses == found.clauses


def test_a_refusal_of_a_rehearsal_is_remembered(house, mia):
    before = len(ledger_of(house))
    with pytest.raises(Refused):
        rehearse.choice(house.teller, consent.giving(by=member(), about=MIA, purpose="nothing.such"))
    assert len(ledger_of(house)) == before + 1


def test_what_makes_keys_or_changes_files_is_not_rehearsed(house, mia):
    with pytest.raises(WrongAct):
        rehearse.choice(house.teller, rights.restricting(by=member(), about=MIA))


def test_the_end_of_a_matter_is_moved_dry_on_every_store(house, mia, clock):
    house.hold(about=MIA, by=LAWYER, until=clock.at + 9 * DAY, **CASE)
    found = house.move_matter(until=clock.at + DAY, by=LAWYER, dry_run=True, **CASE)
    assert (found.matter.ends_at, found.people) == (clock.at + DAY, 1)
    assert house.end_matter(by=LAWYER, dry_run=True, **CASE).matter.ends_at == clock.at
    assert house.matters(by=LAWYER)[0].ends_at == clock.at + 9 * DAY
