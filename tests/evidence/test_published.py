"""The last report is believed as far as it was signed, and no further."""

import pytest

from troth.evidence.published import last_report
from troth.evidence.report import verify


def spoil(directory, name, content):
    (directory / name).write_bytes(content)


def test_without_a_report_there_is_none(sqlite_house):
    assert last_report(sqlite_house().teller.house) is None


@pytest.mark.parametrize("name", ["evidence.json", "evidence.note"])
@pytest.mark.parametrize("how", [b"", b"\xff", b"{}", b"[]", b"null"])
def test_a_report_that_was_altered_is_none(sqlite_house, name, how):
    house = sqlite_house()
    verify(house.teller)
    spoil(house.teller.house.directory, name, how)

    assert last_report(house.teller.house) is None


def test_one_word_that_was_altered_makes_it_none(sqlite_house):
    house = sqlite_house()
    verify(house.teller)
    file = house.teller.house.directory / "evidence.json"
    spoil(house.teller.house.directory, "evidence.json", file.read_bytes().replace(b"unproven", b"kept", 1))

    assert last_report(house.teller.house) is None


def test_a_report_comes_back_as_it_was(sqlite_house):
    house = sqlite_house()
    report = verify(house.teller)

    found = last_report(house.teller.house)

    assert found.clauses == report.clauses
    assert found.plain() == report.plain()
