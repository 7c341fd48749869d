"""Slips of the pen in words that nothing declares: found when they look like another, and only then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terms.small import BASE, agreement
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.spelling import slips

COLLECT = "collect: {}\nwhen: {}\nfields: {{x: email}}\nbasis: contract\nfor: service\nkeep: account\nby: {}"
USE = "use: service.{}\nof: account\nby: {}\nbasis: contract"
KEEP = "keep: {}\nof: [{}]\nfor: P1M\nfrom: {}\nat_most: P1Y\nholds: [{}]\nheld_by: {}"


def noticed(*rules):
    """Return the slips found in an agreement of these rules, beside the base of every small one."""
    found = check(parse(agreement(*BASE, *rules)))
    return [(f.level, f.sentence, f.fix) for f in found if f.code == "L3"]


def test_a_role_that_is_nearly_another_is_a_warning_with_the_other_as_its_fix():
    rules = [USE.format(n, "{roles: [support-agent]}") for n in ("one", "two")]
    found = noticed(*rules, USE.format("three", "{roles: [suport-agent]}"))

    sentence = "the role `suport-agent` is named here alone, and `support-agent` elsewhere"
    assert found == [("warning", sentence, "write `support-agent`, or another word")]


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        ("circumstance", [COLLECT.format("a", "registration", "subject"),
                          COLLECT.format("b", "registratoin", "subject")]),
        ("program", [USE.format("a", "{programs: [portal]}"), USE.format("b", "{programs: [potral]}")]),
        ("event", [KEEP.format("k", "account", "leaves", "lawsuit", "{roles: [lawyer]}")]),
        ("hold", [KEEP.format("k", "account", "leave", "litigation", "{roles: [lawyer]}"),
                  KEEP.format("l", "account", "leave", "litigations", "{roles: [lawyer]}")]),
        ("role", [USE.format("a", "{roles: [lawyer]}"),
                  KEEP.format("k", "account", "leave", "lawsuit", "{roles: [lawyr]}")]),
    ],
    ids=["circumstance", "program", "event", "hold", "role"],
)  # fmt: skip
def test_a_slip_in_any_word_that_nothing_declares_is_found_once(kind, rules):
    found = noticed(*rules)

    assert [sentence.split()[1] for _, sentence, _ in found] == [kind]


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("desk", "front-office"), ("tier-1", "tier-2"), ("ward1", "ward12"), ("hr", "pr"), ("Nurse", "Nurse"),
        ("nurse", "doctor"), ("support-agent", "support-lead"), ("portal", "payout"),
    ],
)  # fmt: skip
def test_words_that_are_meant_to_differ_are_left_alone(word, other):
    assert noticed(USE.format("a", f"{{roles: [{word}]}}"), USE.format("b", f"{{roles: [{other}]}}")) == []


def test_a_word_that_several_rules_say_is_no_slip():
    rules = [USE.format(f"n{n}", f"{{roles: [{role}]}}") for n, role in enumerate(["lawyer", "layer"] * 2)]

    assert noticed(*rules) == []


def test_a_letter_added_left_out_changed_or_swapped_is_one_slip():
    words = ("portal", "portall", "prtal", "partal", "potral", "landing")
    assert [slips("portal", word) for word in words] == [0, 1, 1, 1, 1, 7]


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_slips_are_the_same_both_ways_and_none_between_equal_words(word, other):
    assert slips(word, other) == slips(other, word)
    assert (slips(word, other) == 0) == (word == other)
    assert abs(len(word) - len(other)) <= slips(word, other) <= max(len(word), len(other))
