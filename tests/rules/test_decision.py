from dataclasses import FrozenInstanceError

import pytest

from tests.rules.clinic import DOCTOR
from troth.rules.decision import ENTRY_KIND, Act, ActorKind, Permit, Request, member, program, staff


def test_every_act_has_exactly_one_kind_of_ledger_entry():
    assert set(ENTRY_KIND) == set(Act)
    assert len(set(ENTRY_KIND.values())) == len(Act)


def test_actors_say_what_they_are():
    assert (member().kind, member().through) == (ActorKind.SUBJECT, None)
    assert (member("portal").kind, member("portal").through) == (ActorKind.SUBJECT, "portal")
    assert (staff("nia", "nurse").kind, staff("nia", "nurse").role) == (ActorKind.STAFF, "nurse")
    assert (program("desk").kind, program("desk").name) == (ActorKind.PROGRAM, "desk")


def test_a_permit_cannot_be_widened_after_it_was_given():
    permit = Permit(frozenset({"name"}), ("clause",))
    with pytest.raises(FrozenInstanceError):
        permit.fields = frozenset({"name", "note"})  # type: ignore[misc]


def test_a_request_says_nothing_that_it_was_not_told():
    request = Request(Act.USE, DOCTOR)
    assert (request.category, request.purpose, request.recipient, request.circumstance) == ("", "", "", "")
    assert (request.fields, request.age) == (frozenset(), None)
