"""A copy tells what other databases hold of its person, as far as their right goes, or it is not whole."""

import json
import zipfile
from io import BytesIO

import pytest

from tests.cast import MIA, joins
from tests.custody.systems.test_duties import Standin, away, with_systems
from troth.errors import NotDoneThere
from troth.rules.rights_cases import State

ROWS = [
    ("people", "account", {"email": "Mia@Example.org"}),
    ("people", "signin.credentials", {"secret": "hunter2"}),
    ("notes", "nowhere", {"text": "about her"}),
]


class Shelf(Standin):
    """A database at the port: it has rows, or is away."""

    def __init__(self, *answers, rows=ROWS):
        super().__init__(*answers)
        self._rows = rows

    def rows(self, known):
        assert known["number"]
        if self.answers:
            raise self.answers.pop(0)
        yield from self._rows


def files_of(house):
    package = next(each for each in house.packages(about=MIA) if each.state == "ready")
    return zipfile.ZipFile(BytesIO(b"".join(house.open_package(package.id, about=MIA))))


def test_rows_of_other_databases_are_in_it_and_nothing_that_nobody_is_shown(house):
    joins(house)
    with_systems(house, Shelf())
    house.package(about=MIA)
    archive = files_of(house)
    theirs = [name for name in archive.namelist() if name.startswith("downstream/crm")]
    told = [json.loads(archive.read(name)) for name in theirs]
    assert "Mia@Example.org" in json.dumps(told)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"hunter2" not in whole
    assert b"about her" not in whole


def test_while_another_database_cannot_be_read_there_is_no_copy_and_then_there_is(house, clock):
    joins(house)
    with_systems(house, Shelf(away(), away()))
    with pytest.raises(NotDoneThere):
        house.package(about=MIA)
    lodged = house.demand(about=MIA, right="access")
    assert lodged.case.state is State.WORKING
    clock.forward(3_600_000_000)
    house.sweep()
    assert house.demanded(reference=lodged.case.reference)[0].state is State.DONE
    assert any(name.startswith("downstream/") for name in files_of(house).namelist())
