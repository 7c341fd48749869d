"""Following demands: the person sees theirs, others those of rights that name them; each look is a line."""

import pytest

from tests.cast import AGENT, CLERK, MIA, NOOR, OFFICER, PAYOUT, joins
from tests.inside import ledger_of
from troth.clock import SECOND
from troth.errors import BadArgument, NothingThere, Refused
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import member
from troth.store import entries


@pytest.fixture
def filed(house):
    """A house in which Mia demanded a copy and made a complaint, each through whom its clause names."""
    joins(house)
    access = house.demand(about=MIA, right="access", by=OFFICER).case
    house.teller.house.clock.forward(SECOND)
    complaint = house.demand(about=MIA, right="complain", text="canary-words", by=AGENT).case
    return house, access, complaint


def references(some):
    return [case.reference for case, _ in some]


def test_a_look_at_one_demand_is_a_line_that_names_who_looked(filed):
    house, access, _ = filed
    house.demanded(reference=access.reference, by=OFFICER)
    line = ledger_of(house)[-1]
    assert (line.kind, line.case, line.circumstance) == ("demand.followed", access.reference, "access")
    assert line.actor.startswith("staff:privacy-officer:")
    assert line.subject is not None


@pytest.mark.parametrize("by", [AGENT, CLERK, PAYOUT])
def test_a_demand_of_others_is_answered_like_one_that_is_not_there_and_both_are_remembered(filed, by):
    house, access, _ = filed
    for reference in (access.reference, "AC-0000-0000"):
        with pytest.raises(NothingThere):
            house.demanded(reference=reference, by=by)
        line = ledger_of(house)[-1]
        assert (line.kind, line.act, line.outcome) == ("request.refused", "follow", "refused")


def test_a_look_that_is_refused_is_told_to_its_person_and_lines_of_looks_break_no_clause(filed):
    house, access, _ = filed
    with pytest.raises(NothingThere):
        house.demanded(reference=access.reference, by=CLERK)
    line = ledger_of(house)[-1]
    assert (line.subject, line.case) == (ledger_of(house)[-2].subject, access.reference)
    house.demanded(reference=access.reference, by=OFFICER)
    house.demands_in(state="received", by=OFFICER)
    assert [each.clause for each in verify(house.teller).clauses if each.status is Status.BROKEN] == []


def test_a_reference_that_nobody_has_stays_out_of_the_ledger(filed):
    house, _, _ = filed
    with pytest.raises(NothingThere):
        house.demanded(reference="mia.moon-canary", by=AGENT)
    leaves = house.teller.alone(lambda desk: list(entries.leaves(desk.unit, 0, desk.unit.size)))
    assert not any(b"canary" in leaf for leaf in leaves)


def test_of_a_person_others_see_the_rights_that_name_them_and_no_more(filed):
    house, access, complaint = filed
    assert references(house.demands(about=MIA)) == [access.reference, complaint.reference]
    assert references(house.demands(about=MIA, by=AGENT)) == [complaint.reference]
    assert references(house.demands(about=MIA, by=OFFICER)) == [access.reference]
    with pytest.raises(Refused):
        house.demands(about=MIA, by=CLERK)


def test_somebody_unknown_looks_like_somebody_without_demands_and_the_miss_is_remembered(filed):
    house, _, _ = filed
    joins(house, NOOR)
    for about in (NOOR, "M-9999"):
        assert house.demands(about=about, by=AGENT) == ()
        line = ledger_of(house)[-1]
        assert (line.kind, line.count) == ("demand.followed", 0)


def test_a_queue_shows_the_rights_that_name_a_role_one_line_for_each(filed):
    house, access, complaint = filed
    assert references(house.demands_in(state="received", by=AGENT)) == [complaint.reference]
    assert references(house.demands_in(state="received", by=OFFICER, right="access")) == [access.reference]
    line = ledger_of(house)[-1]
    assert (line.circumstance, line.count, line.subject) == ("access", 1, None)
    with pytest.raises(Refused):
        house.demands_in(state="received", by=AGENT, right="access")
    with pytest.raises(Refused):
        house.demands_in(state="received", by=CLERK)


def test_no_member_sees_a_queue_and_no_state_or_right_is_made_up(filed):
    house, _, _ = filed
    for how in ({"by": member()}, {"by": AGENT, "right": "fly"}, {"by": AGENT, "state": "lost"}):
        with pytest.raises(BadArgument):
            house.demands_in(**{"state": "received", **how})
