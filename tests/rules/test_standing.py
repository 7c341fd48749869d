import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.agreements import PURPOSES, standings
from tests.rules.clinic import said
from troth.rules.standing import NEWCOMER, Choice, Consent, Hold, Standing, read, write
from troth.terms.vocabulary import above, covers

choices = st.sampled_from(Choice)
GIVEN, REFUSED, WITHDRAWN = Choice.GIVEN, Choice.REFUSED, Choice.WITHDRAWN


@pytest.mark.parametrize(
    ("said_on", "governs"),
    [
        ({}, None),
        ({"news": GIVEN}, GIVEN),
        ({"news.weekly": GIVEN}, GIVEN),
        ({"news": GIVEN, "news.weekly": WITHDRAWN}, WITHDRAWN),
        ({"news": WITHDRAWN, "news.weekly": GIVEN}, GIVEN),
        ({"news.weekly.short": GIVEN}, None),  # a choice never rises
        ({"new": GIVEN, "news.week": GIVEN}, None),  # nor does it spread to words that look alike
    ],
)
def test_the_nearest_choice_at_or_above_a_purpose_governs_it(said_on, governs):
    standing = Standing(consents=tuple(said(purpose, choice) for purpose, choice in said_on.items()))
    assert standing.choice("news.weekly") is governs


@pytest.mark.parametrize(
    ("made", "governs"),  # in the order in which they were made
    [
        ((("news.weekly", GIVEN), ("news", WITHDRAWN)), WITHDRAWN),
        ((("news.weekly", GIVEN), ("news", REFUSED)), REFUSED),
        ((("news.weekly.short", GIVEN), ("news", WITHDRAWN)), WITHDRAWN),
        ((("news", WITHDRAWN), ("news.weekly", GIVEN)), GIVEN),
        ((("news.weekly", GIVEN), ("news", WITHDRAWN), ("news", GIVEN)), GIVEN),
        ((("news.weekly", WITHDRAWN), ("news", GIVEN)), WITHDRAWN),
        ((("news.weekly", GIVEN), ("news.weekly.short", WITHDRAWN)), GIVEN),
    ],
)
def test_consent_that_is_taken_back_above_closes_what_was_given_below_before(made, governs):
    standing = NEWCOMER
    for at, (purpose, choice) in enumerate(made):
        standing = standing.choosing(Consent(purpose, choice, 1, at))
    assert standing.choice("news.weekly") is governs


@given(standings, st.sampled_from(PURPOSES), st.sampled_from(PURPOSES), choices)
def test_a_choice_changes_only_what_it_covers(standing, purpose, other, choice):
    after = standing.choosing(Consent(purpose, choice, 2, 5))
    assert after.choice(purpose) is choice
    if not covers(purpose, other):
        assert after.choice(other) is standing.choice(other)


@given(standings, st.sampled_from(PURPOSES), choices)
def test_there_is_one_choice_for_each_purpose(standing, purpose, choice):
    after = standing.choosing(Consent(purpose, choice, 2, 5))
    assert len({consent.purpose for consent in after.consents}) == len(after.consents)


@given(standings, st.sampled_from(PURPOSES))
def test_the_choice_is_that_of_some_word_at_or_above(standing, purpose):
    made = {consent.purpose: consent.choice for consent in standing.consents}
    assert standing.choice(purpose) is next((made[word] for word in above(purpose) if word in made), None)


def test_objections_and_restrictions_reach_down():
    standing = Standing(objections=frozenset({"news"}), restrictions=frozenset({"chart.scan"}))
    assert [standing.objected(word) for word in ("news", "news.weekly", "newspaper", "care")] == [
        True,
        True,
        False,
        False,
    ]
    assert [standing.restricted(word) for word in ("chart.scan.left", "chart.scan", "chart", "patient")] == [
        True,
        True,
        False,
        False,
    ]
    assert Standing(restrictions=frozenset({"*"})).restricted("patient")


def test_a_hold_without_classes_holds_all():
    all_of_it, files = Hold("m1", "litigation", frozenset()), Hold("m2", "fraud", frozenset({"file"}))
    standing = Standing(holds=(all_of_it, files))
    assert standing.holding("file") == (all_of_it, files)
    assert standing.holding("usage") == (all_of_it,)


@given(standings, st.none() | st.integers(0, 2**52))
def test_a_standing_is_read_as_it_was_written(standing, left):
    standing = Standing(
        standing.home, left, standing.consents, standing.objections, standing.restrictions, standing.holds
    )
    assert read(write(standing)) == standing


@given(standings)
def test_equal_standings_are_written_alike(standing):
    again = Standing(
        standing.home,
        standing.left,
        standing.consents,
        frozenset(sorted(standing.objections, reverse=True)),
        frozenset(sorted(standing.restrictions)),
        standing.holds,
        standing.proven,
        standing.stopped,
        standing.grace,
    )
    assert write(again) == write(standing)


def test_a_newcomer_costs_no_text():
    assert write(NEWCOMER) == ""
    assert read("") is NEWCOMER
