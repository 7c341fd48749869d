"""Slips of the pen in words that nothing declares: found when they look like another, and only then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terms.small import BASE, agreement
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.spelling import _MOST, _nearly, _Shelves, slips

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


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 3))
def test_slips_beyond_the_most_that_matter_are_more_than_those(word, other, most):
    assert min(slips(word, other, most), most + 1) == min(slips(word, other), most + 1)


WORDS = st.lists(st.text("abA-12", min_size=3, max_size=14), max_size=30, unique=True)


@given(WORDS, st.data())
def test_a_word_on_shelves_is_found_as_if_compared_with_every_other(words, data):
    since = {word: data.draw(st.integers(0, 4)) for word in words}
    assert len(since) <= _MOST
    for word, line in since.items():
        like = [other for other in since if since[other] < line and _nearly(word, other)]
        found = _Shelves(since).like(word, line)
        assert (found in like) if like else (found is None)


def test_thousands_of_numbered_words_are_never_compared_with_each_other():
    since = {f"role{n}": n for n in range(1, 8001)}
    shelves = _Shelves(since)

    assert [word for word, line in since.items() for _ in shelves._earlier(word, line)] == []


def test_a_word_among_thousands_that_are_unlike_it_is_compared_with_hardly_any():
    letters = "abcdefghij"
    since = {"".join(letters[int(digit)] for digit in str(n**7)[-12:]): n for n in range(11, 3000)}
    shelves = _Shelves(since)

    compared = sum(1 for word, line in since.items() for _ in shelves._earlier(word, line))
    assert compared < 3 * len(since)
