"""The cast: what each of them left stands where people would have left it."""

from datetime import date

from troth.acts import cases
from troth.demo.cast import cast_of
from troth.demo.people import Crowd


def test_whatever_one_of_them_wrote_stands_in_a_conversation_and_was_answered(house):
    talks = []
    for role in cast_of(house, Crowd(41, date(2027, 1, 1))):
        held = {record.id for record in house.access(about=role.subject, category="support").records}
        mine = [case for case in house.cases(about=role.subject) if case.name == "conversation"]
        assert held == {r for case in mine for r in cases.records_of(house.teller, role.subject, case.id)}
        talks += mine
    assert [case.state for case in talks] == ["answered"]
