"""The cast: what each of them left stands where people would have left it."""

from datetime import date

from troth.acts import cases
from troth.demo.cast import cast_of
from troth.demo.people import Crowd


def test_whatever_one_of_them_wrote_stands_in_a_conversation(house):
    written = 0
    for role in cast_of(house, Crowd(41, date(2027, 1, 1))):
        held = {record.id for record in house.access(about=role.subject, category="support").records}
        talks = [case for case in house.cases(about=role.subject) if case.name == "conversation"]
        assert held == {r for case in talks for r in cases.records_of(house.teller, role.subject, case.id)}
        written += len(held)
    assert written == 1
