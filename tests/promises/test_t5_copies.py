"""PROMISES T5, P7.3 and P4.2: erasure survives backups, proven by restoring one."""

import pytest

from tests.cast import MIA, NOOR, joins
from tests.copies import everything_that_opens, scene
from tests.privacy.canaries import WHO, search, sightings
from tests.privacy.test_canaries import tell_all
from troth.acts.restore import drill
from troth.clock import DAY
from troth.errors import Erased, NotFound
from troth.evidence.report import verify
from troth.evidence.status import Status


def standing_of(house, clause):
    return next(each for each in verify(house.teller).clauses if each.clause == clause)


def test_t5_whoever_was_erased_after_the_backup_is_not_in_any_file_of_the_restored_house(new_house, tmp_path):
    stage = scene(new_house, tmp_path)
    tell_all(stage.house)
    joins(stage.house, NOOR)
    assert sightings(everything_that_opens(stage.house))  # the search finds what is there
    backup = stage.back_up()
    gone = stage.house.erase(about=WHO)

    report, again = stage.drill(backup)

    assert report.erased >= 1
    assert search(stage.place / "again") == {}
    opened = everything_that_opens(again)
    erased = [name for name in gone.erased if name in ("support", "account", "usage")]
    assert erased
    for word in (b"Qx7Zmessage", b"qx7zmaria.kwan@example.org", b"Qx7Zbrowser"):
        assert word not in opened
    assert again.access(about=NOOR, category="account").records


def test_t5_whoever_went_whole_is_known_to_nobody_in_the_restored_house(new_house, tmp_path):
    stage = scene(new_house, tmp_path)
    joins(stage.house, MIA, email="qx7zwhole@example.org")
    joins(stage.house, NOOR)
    backup = stage.back_up()
    assert stage.house.erase(about=MIA).whole

    _, again = stage.drill(backup)

    assert b"qx7zwhole" not in everything_that_opens(again)
    with pytest.raises((NotFound, Erased)):
        again.access(about=MIA, category="account")


def test_p4_2_the_clause_that_promises_it_is_kept_once_a_copy_was_restored_and_at_risk_when_copies_are_late(
    new_house, tmp_path
):
    stage = scene(new_house, tmp_path)
    joins(stage.house)
    (clause,) = stage.house.teller.house.book.measured("restore")

    def check():
        return next(c for c in standing_of(stage.house, clause).checks if c.name == "restores")

    assert check().status is Status.UNPROVEN
    backup = stage.back_up()
    assert check().status is Status.UNPROVEN
    report = drill(stage.house.teller, content=backup.content, keys=backup.keys)
    assert report.opened
    assert check().status is Status.KEPT
    assert list(stage.house.teller.house.directory.glob(".drill-*")) == []
    stage.clock.forward(9 * DAY)
    assert check().status is Status.AT_RISK
