"""The probe of uploads finds checks that do not check."""

import sys

import pytest

from tests.houses import MEMBER_TEXT
from troth.custody.files.uploads import Judged, prepare
from troth.evidence.probing import probe
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import Why

ALL = frozenset({"type", "size", "metadata"})


def takes_all(content, spec, checks):
    return Judged(content, "image/jpeg", spec.type, checks)


def takes_nothing(content, spec, checks):
    return Why.MALFORMED


def found(house):
    (clause,) = (each for each in verify(house.teller).clauses if each.clause == "protect.attacks")
    (result,) = (each for each in clause.checks if each.name == "uploads")
    return result


def test_the_checks_of_this_version_keep_their_promise():
    faults, count = probe(ALL)
    assert faults == []
    assert count == 9


def test_checks_that_take_all_are_found_sample_by_sample():
    faults, count = probe(ALL, takes_all)
    assert len(faults) == count
    assert "a page sent as a picture is taken in" in faults
    assert "a picture of 3,600 megapixels is taken in" in faults
    assert any(fault.endswith("with what it hides") for fault in faults)


def test_checks_that_take_nothing_are_found_as_well():
    faults, _ = probe(ALL, takes_nothing)
    assert {fault.rpartition(" is ")[2] for fault in faults} == {"not taken in"}


@pytest.mark.parametrize("checks", [{"type"}, {"size"}, {"metadata"}, {"type", "size"}, set()])
def test_only_what_is_promised_is_probed(checks):
    faults, count = probe(frozenset(checks))
    assert faults == []
    assert (count > 0) is bool(checks)


@pytest.mark.parametrize("left_out", sorted(ALL))
def test_a_promise_that_one_check_does_not_carry_is_broken(left_out):
    faults, _ = probe(ALL, lambda content, spec, checks: prepare(content, spec, checks - {left_out}))
    assert bool(faults) is (left_out != "size")  # the limit of a field holds, promised or not


def test_verify_says_so_with_what_it_cannot_see(house):
    result = found(house)
    assert (result.status, result.sample) == (Status.KEPT, 9)
    assert "virus" in result.cannot_see


def test_verify_says_unproven_where_no_picture_can_be_opened(house, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    result = found(house)
    assert result.status is Status.UNPROVEN
    assert "no picture is taken in" in result.detail


def test_an_agreement_that_promises_less_is_probed_for_less(sqlite_house):
    house = sqlite_house(MEMBER_TEXT.replace("uploads: [type, size, metadata]", "uploads: [size]"))
    result = found(house)
    assert (result.status, result.sample) == (Status.KEPT, 1)
