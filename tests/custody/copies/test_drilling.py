"""Drills: what is left of one that was cut off goes, and one that runs is left alone."""

import pytest

from tests.cast import joins
from troth.custody.copies import drilling


def left_of_one(house):
    left = house.teller.house.directory / ".drill-cut-off"
    (left / "keys").mkdir(parents=True)
    (left / "keystore.db").write_bytes(b"wrapped keys of whoever was erased since")
    return left


@pytest.mark.parametrize("how", ["open", "sweep", "drill"])
def test_what_a_drill_left_that_was_cut_off_goes_when_the_house_is_opened_swept_or_drilled(sqlite_house, how):
    house = sqlite_house()
    joins(house)
    directory = house.teller.house.directory
    with drilling.place(directory) as running:
        left = left_of_one(house)
        if how == "open":
            house = sqlite_house.again(house)
        elif how == "sweep":
            house.sweep()
        else:
            with drilling.place(directory):
                pass
        assert not left.exists()
        assert running.is_dir()
    assert list(directory.glob(".drill-*")) == []
