"""Standing: holds belong to a matter and a reason; ending one leaves every other."""

import pytest

from tests.cast import LAWYER, MIA, OFFICER, joins, tells
from tests.inside import count_of, expect_refusal
from troth.clock import DAY
from troth.custody.stand import Stand
from troth.rules.decision import Act, Request
from troth.rules.standing import Hold
from troth.store import schema


def holding(house, matter, reason, *, act=Act.HOLD, by=LAWYER):
    return house.teller.ask(Stand(Request(act, by, case=matter, reason=reason), MIA))


def releasing(house, matter, reason, by=LAWYER):
    return holding(house, matter, reason, act=Act.RELEASE, by=by)


def holds_of(house):
    """Return (matter, reason) of every hold on Mia, in order."""

    def work(desk):
        desk.find([MIA])
        return [(hold.matter, hold.reason) for hold in desk.standing(MIA).holds]

    return house.teller.alone(work)


def test_ending_the_hold_of_one_reason_leaves_that_of_another_of_the_same_matter(house):
    joins(house)
    holding(house, "case-1", "litigation")
    holding(house, "case-1", "investigation")

    releasing(house, "case-1", "litigation")

    assert holds_of(house) == [("case-1", "investigation")]
    with expect_refusal(house, "held", at=("keep.account",)) as refused:
        house.erase(about=MIA)
    assert refused().words == ("account",)
    releasing(house, "case-1", "investigation")
    assert house.erase(about=MIA).whole


def test_ending_the_hold_of_one_matter_leaves_that_of_another_for_the_same_reason(house):
    joins(house)
    holding(house, "case-1", "litigation")
    holding(house, "case-2", "litigation", by=OFFICER)

    releasing(house, "case-2", "litigation", by=OFFICER)

    assert holds_of(house) == [("case-1", "litigation")]
    with expect_refusal(house, "held"):
        house.erase(about=MIA)


def test_ending_what_was_never_held_ends_nothing(house):
    joins(house)
    holding(house, "case-1", "litigation")

    releasing(house, "case-1", "investigation")
    releasing(house, "case-2", "litigation")

    assert holds_of(house) == [("case-1", "litigation")]


def test_a_hold_that_is_placed_twice_is_one_and_ends_at_once(house):
    joins(house)
    holding(house, "case-1", "litigation")
    holding(house, "case-1", "litigation", by=OFFICER)
    assert holds_of(house) == [("case-1", "litigation")]

    releasing(house, "case-1", "litigation")

    assert holds_of(house) == []
    assert house.erase(about=MIA).whole


def test_the_sweep_waits_for_the_last_reason_of_a_matter(house, clock):
    joins(house)
    tells(house, MIA, "activity")
    for reason in ("litigation", "investigation"):
        holding(house, "case-1", reason)
    clock.forward(367 * DAY)
    assert house.sweep().expired == 0

    releasing(house, "case-1", "investigation")

    assert house.sweep().expired == 0
    assert count_of(house, schema.records) == 2
    releasing(house, "case-1", "litigation")
    assert house.sweep().expired == 1
    assert count_of(house, schema.records) == 1


@pytest.mark.parametrize("reason", ["litigation", "investigation"])
def test_a_hold_covers_the_classes_whose_clause_names_its_reason_and_no_other(house, reason):
    joins(house)
    tells(house, MIA, "usage")
    holding(house, "case-1", reason)

    gone = house.erase(about=MIA)

    assert gone.erased == ("usage",)
    assert [(stay.kept, stay.why) for stay in gone.stays] == [("account", f"held: {reason}")]
    (hold,) = house.teller.alone(lambda desk: (desk.find([MIA]), desk.standing(MIA).holds)[1])
    assert isinstance(hold, Hold)
    assert {"account", "activity", "support"} <= hold.classes
    assert "usage" not in hold.classes
