"""Matters: opened by the first hold, the same for all, ended by the instant or by their owner."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.cast import LAWYER, MIA, NOOR, OFFICER, joins, tells
from tests.inside import count_of, expect_refusal, ledger_of, rows_of
from troth.acts.recall import recalling
from troth.acts.rights import erasing
from troth.clock import DAY, FOREVER, iso
from troth.custody.endings import erasing as erasures
from troth.errors import BadArgument, MatterUnlike, NotFound
from troth.rules.decision import member, program, staff
from troth.store import schema
from troth.store.schema_rights import matters

CASE = {"matter": "case-1", "reason": "litigation"}
GROUND = "AMLR-73"


def hold(house, who=MIA, *, by=LAWYER, **terms):
    return house.hold(about=who, by=by, **CASE, **terms)


def kinds(house):
    return [entry.kind for entry in ledger_of(house)]


def shown(house, who=MIA):
    """Return what the person is told of holds on their account: (matter, until) each."""
    (kept,) = house.why_kept(about=who, category="account")
    return [(hold.matter, hold.until) for hold in kept.held]


# ---- opening


def test_the_first_hold_opens_a_matter_and_the_same_words_again_add_to_it(house, clock):
    for who in (MIA, NOOR):
        joins(house, who)
    end = clock.at + 90 * DAY
    hold(house, until=end)
    hold(house, NOOR, until=end)
    hold(house, NOOR, by=OFFICER)  # what is left out it has already

    (it,) = house.matters(by=LAWYER)
    assert (it.matter, it.reason, it.owner, it.ends_at, it.people) == (
        "case-1",
        "litigation",
        "lawyer",
        end,
        2,
    )
    assert count_of(house, matters) == 1


def test_a_line_says_what_a_restore_has_to_know_of_the_matter(house, clock):
    joins(house)
    end = clock.at + 90 * DAY
    hold(house, until=end, owner="privacy-officer", untold=GROUND)

    line = ledger_of(house)[-1]

    assert (line.kind, line.case, line.circumstance) == ("hold.placed", "case-1", iso(end))
    assert (line.on_behalf_of, line.reasons) == ("staff:privacy-officer", ("litigation", f"untold:{GROUND}"))


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ({"until": 99_999 * DAY}, "is open with another end"),
        ({"owner": "privacy-officer"}, "is open with another owner"),
        ({"until": 99_999 * DAY, "untold": GROUND}, "is open with another end"),
        ({"untold": GROUND}, "is open with another ground not to tell"),
    ],
)
def test_other_words_for_an_open_matter_are_an_error_that_says_which(house, terms, what):
    joins(house)
    hold(house)
    lines = len(ledger_of(house))

    with pytest.raises(MatterUnlike) as caught:
        hold(house, **terms)

    assert caught.value.what == what
    assert "troth hold list" in str(caught.value)
    assert (len(ledger_of(house)), count_of(house, matters)) == (lines, 1)


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({"untold": GROUND}, "untold"),  # nobody is left untold for ever
        ({"until": FOREVER, "untold": GROUND}, "untold"),
        ({"until": 1}, "until"),
        ({"until": "2030-01-01"}, "until"),
        ({"until": True}, "until"),
        ({"until": -5}, "until"),
        ({"until": FOREVER + 1}, "until"),
        ({"owner": "engineer"}, "owner"),
        ({"owner": "Mia Moon"}, "owner"),
        ({"until": 99_999 * DAY, "untold": "because Mia stole"}, "untold"),
    ],
)
def test_words_that_cannot_be_taken_open_nothing(house, terms, name):
    joins(house)

    with pytest.raises(BadArgument) as caught:
        hold(house, **terms)

    assert caught.value.name == name
    assert (count_of(house, matters), count_of(house, schema.holds)) == (0, 0)


@pytest.mark.parametrize("by", [member(), program("portal"), staff("emil", "engineer")])
def test_whoever_no_clause_names_neither_places_nor_ends_nor_moves(house, clock, by):
    joins(house)
    with expect_refusal(house, "not-by"):
        hold(house, by=by)
    hold(house)
    with expect_refusal(house, "not-by"):
        house.end_hold(about=MIA, by=by, **CASE)
    with expect_refusal(house, "not-by"):
        house.move_matter(until=clock.at + DAY, by=by, **CASE)
    with expect_refusal(house, "not-by"):
        house.end_matter(by=by, **CASE)
    assert [it.ends_at for it in house.matters(by=LAWYER)] == [FOREVER]


def test_of_somebody_unknown_no_matter_is_opened(house):
    with pytest.raises(NotFound):
        hold(house)
    assert count_of(house, matters) == 0


def test_many_matters_hold_one_person_and_the_last_to_end_lets_go(house, clock):
    joins(house)
    hold(house, until=clock.at + DAY)
    house.hold(about=MIA, matter="case-2", reason="investigation", by=OFFICER, until=clock.at + 2 * DAY)
    assert len(shown(house)) == 2
    clock.forward(DAY)
    assert [matter for matter, _ in shown(house)] == ["case-2"]
    with expect_refusal(house, "held"):
        house.erase(about=MIA)
    clock.forward(DAY)
    assert house.erase(about=MIA).whole


def test_two_who_open_one_matter_at_once_open_one_and_the_other_takes_it_over_or_is_told(house, clock):
    people = [f"M-{number}" for number in range(6)]
    for number, who in enumerate(people):
        joins(house, who, email=f"m{number}@example.org")
    ends = [clock.at + DAY * (1 + number % 2) for number in range(6)]

    def place(pair):
        try:
            return hold(house, pair[0], until=pair[1])
        except MatterUnlike as unlike:
            return unlike

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(place, zip(people, ends, strict=True)))

    (it,) = house.matters(by=LAWYER)
    said = [isinstance(each, MatterUnlike) for each in done]
    assert said == [end != it.ends_at for end in ends]
    assert it.people == 3


# ---- ending


def test_a_matter_ends_at_its_instant_before_any_sweep(house, clock):
    joins(house)
    end = clock.at + 10 * DAY
    hold(house, until=end)
    clock.forward(10 * DAY - 1)
    with expect_refusal(house, "held"):
        house.erase(about=MIA)
    clock.forward(1)

    assert shown(house) == []
    assert house.matters(by=LAWYER) == ()
    assert house.erase(about=MIA).whole


def test_what_is_over_goes_with_the_sweep_that_writes_the_end_of_the_hold(house, clock):
    joins(house)
    tells(house, MIA, "activity")
    hold(house, until=clock.at + 400 * DAY)
    clock.forward(399 * DAY)
    assert house.sweep().expired == 0
    clock.forward(DAY)
    overdue = {each.kept: (each.overdue, each.held) for each in house.forecast()}
    assert overdue["activity"] == (1, 0)  # a dry run knows it, too

    assert house.sweep().expired == 1

    ended = [entry for entry in ledger_of(house) if entry.kind == "hold.ended"]
    assert [(line.actor, line.outcome, line.case, line.reasons) for line in ended] == [
        ("time", "done", "case-1", ("litigation",))
    ]
    assert ended[0].subject
    assert count_of(house, schema.holds) == count_of(house, matters) == 0
    assert '"holds"' not in "".join(row.standing for row in rows_of(house, schema.subjects))
    house.sweep()
    assert kinds(house).count("hold.ended") == 1


def test_the_owner_alone_ends_a_matter_for_one_or_for_all(house):
    for who in (MIA, NOOR):
        joins(house, who)
        hold(house, who)
    with expect_refusal(house, "not-by"):
        house.end_hold(about=MIA, by=OFFICER, **CASE)
    with expect_refusal(house, "not-by"):
        house.end_matter(by=OFFICER, **CASE)
    house.end_hold(about=MIA, by=staff("lena", "lawyer"), **CASE)
    assert [it.people for it in house.matters(by=LAWYER)] == [1]

    house.end_matter(by=LAWYER, **CASE)

    assert (shown(house, NOOR), house.matters(by=LAWYER)) == ([], ())
    house.sweep()
    assert count_of(house, matters) == 0
    with pytest.raises(MatterUnlike):
        house.end_matter(by=LAWYER, **CASE)


def test_ending_the_last_hold_closes_the_matter_so_that_it_may_be_opened_otherwise(house, clock):
    joins(house)
    hold(house)
    house.end_hold(about=MIA, by=LAWYER, **CASE)
    assert house.matters(by=LAWYER) == ()

    hold(house, by=OFFICER, until=clock.at + DAY)

    assert [(it.owner, it.ends_at) for it in house.matters(by=LAWYER)] == [
        ("privacy-officer", clock.at + DAY)
    ]


def test_a_matter_that_is_over_is_not_opened_again_before_its_holds_are_ended(house, clock):
    for who in (MIA, NOOR):
        joins(house, who)
    hold(house, until=clock.at + DAY)
    clock.forward(DAY)
    with pytest.raises(MatterUnlike):
        hold(house, NOOR)  # which would hold Mia again
    house.sweep()
    hold(house, NOOR)
    assert (shown(house), [m for m, _ in shown(house, NOOR)]) == ([], ["case-1"])


# ---- moving the end


def test_the_owner_moves_the_end_for_everybody_and_it_is_remembered(house, clock):
    for who in (MIA, NOOR):
        joins(house, who)
        hold(house, who, until=clock.at + DAY)
    later = clock.at + 5 * DAY
    with expect_refusal(house, "not-by"):
        house.move_matter(until=later, by=OFFICER, **CASE)

    house.move_matter(until=later, by=LAWYER, **CASE)

    line = ledger_of(house)[-1]
    assert (line.kind, line.case, line.circumstance, line.subject) == (
        "matter.moved",
        "case-1",
        iso(later),
        None,
    )
    clock.forward(4 * DAY)
    assert shown(house) == shown(house, NOOR) == [("case-1", later)]
    house.move_matter(until=clock.at + 1, by=LAWYER, **CASE)
    clock.forward(1)
    assert shown(house) == []


@pytest.mark.parametrize("until", [0, 1, "x", FOREVER + 1])
def test_an_end_that_is_no_instant_to_come_moves_nothing(house, until):
    joins(house)
    hold(house)
    with pytest.raises(BadArgument):
        house.move_matter(until=until, by=LAWYER, **CASE)
    assert [it.ends_at for it in house.matters(by=LAWYER)] == [FOREVER]


@pytest.mark.parametrize("matter", ["case-9", "Mia Moon <mia@example.org>", ""])
def test_a_matter_that_nobody_opened_is_not_moved_and_no_text_of_the_caller_is_kept(house, clock, matter):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - a refusal, or that it is not open
        house.move_matter(matter=matter, reason="litigation", until=clock.at + DAY, by=LAWYER)
    assert caught.value.code in {"door.refused", "door.matter-unlike", "door.bad-argument"}
    assert all("Moon" not in str(entry) for entry in ledger_of(house))


def test_nobody_is_left_untold_for_ever_by_a_move(house, clock):
    joins(house)
    hold(house, until=clock.at + DAY, untold=GROUND)
    with pytest.raises(BadArgument):
        house.move_matter(until=FOREVER, by=LAWYER, **CASE)


def test_the_list_is_for_whoever_may_hold_and_names_nobody(house):
    joins(house)
    hold(house)
    (it,) = house.matters(by=OFFICER)
    assert (it.matter, it.people) == ("case-1", 1)
    for by in (member(), program("portal"), staff("emil", "engineer")):
        with expect_refusal(house, "not-by"):
            house.matters(by=by)


# ---- what would be done


def test_a_dry_run_says_what_would_be_held_and_does_nothing(house, clock):
    joins(house)
    lines = len(ledger_of(house))
    found = hold(house, until=clock.at + DAY, dry_run=True)
    assert (found.new, found.matter.owner, found.people) == (True, "lawyer", 0)
    assert {"account", "activity"} <= set(found.classes)
    assert (len(ledger_of(house)), count_of(house, matters)) == (lines, 0)
    hold(house)
    assert hold(house, dry_run=True).new is False
    ending = house.end_hold(about=MIA, by=LAWYER, dry_run=True, **CASE)
    assert (ending.people, len(house.matters(by=LAWYER))) == (1, 1)
    with expect_refusal(house, "not-by"):
        house.end_hold(about=MIA, by=OFFICER, dry_run=True, **CASE)
    with pytest.raises(MatterUnlike):
        hold(house, until=clock.at + DAY, dry_run=True)


# ---- what the person is told


def untold(house, clock):
    joins(house)
    for category in ("activity", "usage"):
        tells(house, MIA, category)
    hold(house, until=clock.at + 9 * DAY, untold=GROUND)
    return clock.at + 9 * DAY


def told_anywhere(house):
    """Return everything that Mia is told of what is kept of her, as text."""
    gone = house.teller.alone(preview)
    kept = [replace(each, could_hold=()) for each in house.why_kept(about=MIA)]  # what the clause says
    own = house.teller.alone(recalling(by=member(), about=MIA))
    return " ".join(map(repr, (kept, gone, own.recalled.entries)))


def preview(desk):
    return erasures.preview(desk, erasing(by=member(), about=MIA))


def test_of_an_untold_matter_the_person_learns_until_when_at_most_and_no_more(house, clock):
    end = untold(house, clock)

    said = told_anywhere(house)

    assert shown(house) == [("", end)]
    assert str(end) in said
    for word in ("case-1", "litigation", "lawyer", GROUND, "hold.placed"):
        assert word not in said
    with expect_refusal(house, "held") as caught:
        house.erase(about=MIA, classes=["account"])
    assert "case-1" not in repr(caught()) + str(caught())
    assert "litigation" not in repr(caught()) + str(caught())
    assert "hold.placed" in kinds(house)


def test_an_attempt_to_hold_untold_that_is_refused_names_nobody(house, clock):
    joins(house)
    with expect_refusal(house, "not-by"):
        hold(house, by=staff("emil", "engineer"), until=clock.at + DAY, untold=GROUND)
    assert ledger_of(house)[-1].subject is None
    hold(house, until=clock.at + DAY, untold=GROUND)
    with expect_refusal(house, "not-by"):
        house.end_hold(about=MIA, by=OFFICER, **CASE)
    assert ledger_of(house)[-1].subject is None


def test_when_the_ground_ends_the_person_sees_what_there_was(house, clock):
    untold(house, clock)
    clock.forward(9 * DAY)
    assert "hold.placed" in told_anywhere(house)
    house.sweep()
    said = told_anywhere(house)
    assert "hold.placed" in said
    assert "hold.ended" in said
    assert "case-1" in said


def test_an_untold_matter_hides_no_told_one(house, clock):
    untold(house, clock)
    house.hold(about=MIA, matter="case-2", reason="investigation", by=LAWYER)
    said = told_anywhere(house)
    assert "case-2" in said
    assert "case-1" not in said


def test_a_matter_that_is_over_is_not_moved_back_to_life(house, clock):
    joins(house)
    hold(house, until=clock.at + DAY)
    clock.forward(DAY)
    with pytest.raises(MatterUnlike):
        house.move_matter(**CASE, until=clock.at + DAY, by=LAWYER)
    assert shown(house) == []


def test_what_was_told_of_a_matter_before_it_was_untold_stays_told(house, clock):
    def own():
        told = house.teller.alone(recalling(by=member(), about=MIA)).recalled.entries
        return [entry.kind for _, entry in told if entry.kind.startswith("hold.")]

    joins(house)
    hold(house)
    house.end_hold(about=MIA, by=LAWYER, **CASE)
    before = own()
    assert "hold.placed" in before
    clock.forward(DAY)
    hold(house, until=clock.at + DAY, untold=GROUND)
    assert own() == before


def test_a_told_matter_of_the_same_reference_is_not_hidden_by_one_that_is_untold(house, clock):
    untold(house, clock)
    house.hold(about=MIA, matter="case-1", reason="investigation", by=LAWYER)
    told = house.teller.alone(recalling(by=member(), about=MIA)).recalled.entries
    assert [entry.reasons for _, entry in told if entry.kind == "hold.placed"] == [("investigation",)]
    with expect_refusal(house, "not-by"):
        house.end_hold(about=MIA, by=OFFICER, **CASE)
    assert "litigation" not in told_anywhere(house)
