"""A restore around a grace: who asked to go is gone, who came back is not, no code opens what has ended."""

import shutil

import pytest

from tests.cast import MIA, NOOR, OUTBOX, joins, tells
from tests.copies import scene
from tests.inside import ledger_of, rows_of
from troth.clock import DAY
from troth.errors import InGrace, NotKeptOutside, NotRestored, Refused, TrothError
from troth.store import schema

PROMOTION = "contact.promotion"


@pytest.fixture
def stage(new_house, tmp_path):
    made = scene(new_house, tmp_path)
    joins(made.house, MIA)
    tells(made.house, MIA, "device")
    made.house.consent(about=MIA, purpose=PROMOTION)
    joins(made.house, NOOR)
    return made


def begins(stage, days=7):
    code = stage.house.recovery_code()
    stage.house.erase_later(about=MIA, days=days, code=code)
    return code


def must_be_gone(house, code):
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)
    with pytest.raises(TrothError):
        house.access(about=MIA, category="account")
    for table in (schema.graces, schema.sealed_keys):
        assert rows_of(house, table) == []
    assert len(rows_of(house, schema.subjects)) == 1
    assert len({row.subject for row in rows_of(house, schema.keys)}) == 1
    assert house.access(about=NOOR, category="account").records


def must_be_here(house):
    assert house.access(about=MIA, category="account").records
    assert house.access(about=MIA, category="device").records


def test_who_began_a_grace_after_the_copy_is_erased_and_their_code_opens_nothing(stage):
    backup = stage.back_up()
    code = begins(stage)

    report, house = stage.drill(backup)

    assert report.erased == 1
    must_be_gone(house, code)


def test_who_began_a_grace_after_the_copy_and_came_back_is_here(stage):
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=begins(stage))

    report, house = stage.drill(backup)

    assert report.erased == 0
    must_be_here(house)


def test_who_was_in_grace_when_the_copy_was_taken_is_so_and_comes_back_by_the_code(stage):
    code = begins(stage)
    backup = stage.back_up()

    _, house = stage.drill(backup)

    with pytest.raises(InGrace):
        house.access(about=MIA, category="account")
    house.come_back(about=MIA, code=code)
    must_be_here(house)


def test_a_grace_of_the_copy_that_has_ended_since_ends_and_no_code_opens_anything(stage):
    code = begins(stage)
    backup = stage.back_up()
    stage.clock.forward(8 * DAY)
    stage.house.sweep()

    _, house = stage.drill(backup)

    must_be_gone(house, code)


def test_a_grace_of_the_copy_whose_days_are_over_by_now_ends_with_the_opening(stage):
    code = begins(stage)
    backup = stage.back_up()
    stage.lose()
    stage.clock.forward(8 * DAY)
    stage.restore(backup)

    must_be_gone(stage.open(), code)


def test_who_came_back_after_the_copy_has_days_to_use_the_code_again_though_theirs_are_over(stage):
    code = begins(stage)
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=code)
    back = ledger_of(stage.house)[-1]
    assert back.kind == "grace.ended"
    stage.clock.forward(20 * DAY)

    report, house = stage.drill(backup)

    assert "grace.ended" in {kind for _, kind in report.aside}
    house.sweep()
    with pytest.raises(InGrace):
        house.access(about=MIA, category="account")
    house.come_back(about=MIA, code=code)
    must_be_here(house)


def test_who_came_back_after_the_copy_and_was_erased_then_is_gone(stage):
    code = begins(stage)
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=code)
    stage.house.erase(about=MIA)

    report, house = stage.drill(backup)

    assert report.erased == 1
    must_be_gone(house, code)


def test_who_came_back_after_the_copy_and_went_again_is_gone(stage):
    code = begins(stage)
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=code)
    second = begins(stage)

    _, house = stage.drill(backup)

    must_be_gone(house, code)
    must_be_gone(house, second)


def test_what_was_refused_after_coming_back_stays_refused_when_the_code_is_used_again(stage):
    code = begins(stage)
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=code)
    stage.house.withdraw(about=MIA, purpose=PROMOTION)
    stage.house.restrict(about=MIA, category="device")

    _, house = stage.drill(backup)
    house.come_back(about=MIA, code=code)

    assert house.access(about=MIA, category="account").records
    for purpose, category, code in (
        (PROMOTION, "account", "consent-withdrawn"),
        ("contact.service", "device", "restricted"),
    ):
        with pytest.raises(Refused) as refused:
            house.purpose(purpose, by=OUTBOX).read(about=MIA, category=category)
        assert code in refused.value.codes


def test_a_class_that_was_erased_after_coming_back_is_gone_and_the_rest_comes_back(stage):
    tells(stage.house, MIA, "transactions")
    tells(stage.house, MIA, "support")
    code = begins(stage)
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=code)
    stage.house.erase(about=MIA, classes=["support"])

    report, house = stage.drill(backup)
    assert report.erased == 1
    house.come_back(about=MIA, code=code)

    must_be_here(house)
    assert not house.access(about=MIA, category="support").records
    house.sweep()
    must_be_here(house)


@pytest.mark.parametrize("after", ["grace", "erasure"])
def test_where_a_duty_keeps_something_who_came_back_and_went_again_keeps_that_alone(stage, after):
    tells(stage.house, MIA, "transactions")
    code = begins(stage)
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=code)
    if after == "grace":
        begins(stage)
    else:
        stage.house.erase(about=MIA)

    _, house = stage.drill(backup)

    house.sweep()
    assert rows_of(house, schema.graces) == rows_of(house, schema.sealed_keys) == []
    assert house.access(about=MIA, category="transactions").records
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)
    assert not house.access(about=MIA, category="device").records
    assert ":grace" not in {row.kept for row in rows_of(house, schema.keys)}


def test_who_began_twice_after_the_copy_is_judged_by_the_second_time(stage):
    backup = stage.back_up()
    stage.house.come_back(about=MIA, code=begins(stage))
    second = begins(stage)

    report, house = stage.drill(backup)

    assert report.erased == 1
    must_be_gone(house, second)


# ---- what the ledger outside has to know


def test_a_grace_is_answered_when_the_ledger_outside_knows_of_it_and_so_is_a_return(stage, tmp_path):
    backup = stage.back_up()
    code = begins(stage)
    shutil.copytree(stage.outside, tmp_path / "begun")
    stage.house.come_back(about=MIA, code=code)
    shutil.copytree(stage.outside, tmp_path / "ended")
    stage.lose()

    gone = stage.restore(backup, "first", ledger=tmp_path / "begun")
    back = stage.restore(backup, "second", ledger=tmp_path / "ended")

    assert (gone.erased, back.erased) == (1, 0)
    must_be_gone(stage.open("first"), code)
    must_be_here(stage.open("second"))


def test_a_grace_of_which_the_ledger_outside_is_not_told_says_so_and_a_return_is_done_all_the_same(stage):
    stage.house.checkpoint()
    stage.outside.rename(stage.place / "unmounted")
    stage.outside.write_text("no directory")
    code = stage.house.recovery_code()

    with pytest.raises(NotKeptOutside) as late:
        stage.house.erase_later(about=MIA, days=2, code=code)

    assert ledger_of(stage.house)[late.value.entry].kind == "grace.sealed"
    assert stage.house.come_back(about=MIA, code=code).kind == "grace.ended"
    must_be_here(stage.house)
