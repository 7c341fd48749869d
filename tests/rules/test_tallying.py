"""Tallying: coarse values, groups of enough people, and nothing that subtracting could tell."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.houses import CLINIC_TEXT, LIBRARY_TEXT, MEMBER_TEXT
from troth.clock import DAY, FOREVER, instant
from troth.rules.compiling import compile_rules
from troth.rules.decide import decide
from troth.rules.decision import TIME, Act, Facts, Permit, Request, program
from troth.rules.standing import NEWCOMER, Choice, Consent
from troth.rules.tallying import coarse, is_coarse, is_over, least, month_of, month_text, tallied
from troth.terms.abilities import COUNTABLE
from troth.terms.kinds import KINDS
from troth.terms.parse import parse

LEAST = 4


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("money", {"amount": "1250.99", "currency": "EUR"}, "1000 EUR"),
        ("money", {"amount": "9", "currency": "EUR"}, "1 EUR"),
        ("money", {"amount": "10", "currency": "SGD"}, "10 SGD"),
        ("money", {"amount": "0.50", "currency": "EUR"}, "0 EUR"),
        ("money", {"amount": "-0.50", "currency": "EUR"}, "0 EUR"),
        ("money", {"amount": "-77.10", "currency": "EUR"}, "-10 EUR"),
        ("date", "1958-02-11", "1958"),
        ("time", "2027-06-01T09:30:12.000001Z", "2027-06"),
        ("integer", -12, "-12"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("choice", "good", "good"),
        ("country", "AT", "AT"),
        ("language", "de-AT", "de-AT"),
        ("gender", "other", "other"),
    ],
)
def test_each_value_is_counted_as_coarsely_as_its_type_says(kind, value, expected):
    assert coarse(kind, value) == expected
    assert is_coarse(kind, expected)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - COUNTABLE))
def test_nothing_that_names_a_person_is_counted(kind):
    assert coarse(kind, "Mia") is None
    assert not is_coarse(kind, "Mia")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("money", "12"), ("money", {"amount": "x", "currency": "EUR"}), ("integer", True), ("boolean", 1),
     ("date", 1958), ("time", None), ("choice", ["a"])],
)  # fmt: skip
def test_what_is_not_of_its_type_is_not_counted(kind, value):
    assert coarse(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [("money", "12 EUR"), ("money", "10.50 EUR"), ("date", "1958-02-11"), ("time", "2027-06-01T09:30:12Z"),
     ("boolean", "yes"), ("integer", "1.5")],
)  # fmt: skip
def test_what_is_finer_is_not_taken_for_coarse(kind, value):
    assert not is_coarse(kind, value)


def test_of_a_choice_only_what_the_agreement_names_is_coarse():
    assert is_coarse("choice", "good", ("good", "poor"))
    assert not is_coarse("choice", "Mia", ("good", "poor"))


def test_months_are_those_of_utc():
    assert month_text(month_of(instant("2027-06-30T23:59:59Z"))) == "2027-06"
    assert month_text(month_of(instant("2027-07-01T00:30:00+01:00"))) == "2027-06"
    assert month_text(month_of(instant("2027-12-31T23:59:59.999999Z"))) == "2027-12"
    assert month_text(month_of(instant("2028-01-01T00:00:00Z"))) == "2028-01"


# ---- groups


def of(values, field="f", month=1):
    """One record each of as many people."""
    return [(month, person, {field: value}) for person, value in enumerate(values)]


def test_a_value_of_fewer_people_is_left_out_and_so_is_what_would_tell_it():
    assert tallied(of("aaaa"), LEAST) == {("f", "a", 1): 4}
    assert tallied(of("aaa"), LEAST) == {}
    assert tallied(of("aaaaabbbbb"), LEAST) == {("f", "a", 1): 5, ("f", "b", 1): 5}
    assert tallied(of("aaaaabbbbc"), LEAST) == {("f", "a", 1): 5}  # b goes with c
    assert tallied(of("aaaaab"), LEAST) == {}
    assert tallied(of("aaaaabbcc"), LEAST) == {("f", "a", 1): 5}  # b and c are enough together


def test_nothing_at_all_is_a_value_that_is_never_shown_and_never_told():
    assert tallied(of(["a"] * 5 + [None]), LEAST) == {}
    assert tallied(of(["a"] * 5 + [None] * 4), LEAST) == {("f", "a", 1): 5}


def test_a_value_that_is_mostly_of_one_person_is_left_out():
    heavy = of("aaaa") + [(1, 0, {"f": "a"})] * 4
    assert tallied(heavy, LEAST) == {}
    assert tallied(of("aaaa") + [(1, 0, {"f": "a"})] * 2, LEAST) == {("f", "a", 1): 6}


def test_each_field_and_month_is_a_group_of_its_own():
    both = [(month, n, {"f": "a", "g": str(n)}) for n in range(4) for month in (1, 2)]
    assert tallied(both, LEAST) == {("f", "a", 1): 4, ("f", "a", 2): 4}
    spread = [(n % 2, n, {"f": "a"}) for n in range(6)]
    assert tallied(spread, LEAST) == {}


READINGS = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.integers(1, 9),
        st.fixed_dictionaries(
            {"f": st.sampled_from(["a", "b", "c", None]), "g": st.sampled_from(["x", "y"])}
        ),
    ),
    max_size=60,
)


def enough(some):
    people = Counter(person for person, _ in some)
    return len(people) >= LEAST and max(people.values()) * 2 <= len(some)


@settings(max_examples=400)
@given(READINGS, st.randoms(use_true_random=False))
def test_totals_follow_from_the_groups_of_enough_people_alone(readings, shuffling):
    found = tallied(readings, LEAST)
    groups = defaultdict(list)
    for month, person, values in readings:
        for field, value in values.items():
            groups[field, month].append((person, value))
    for (field, value, month), count in found.items():
        mine = [pair for pair in groups[field, month] if pair[1] == value]
        assert value is not None
        assert enough(mine)
        assert len(mine) == count
    for (field, month), some in groups.items():
        rest = [pair for pair in some if (field, pair[1], month) not in found]
        assert not rest or enough(rest) or len(rest) == len(some)
        large = {v for _, v in some if v is not None and enough([p for p in some if p[1] == v])}
        if large == {v for _, v in some}:
            assert large == {v for f, v, m in found if (f, m) == (field, month)}
    shuffled = list(readings)
    shuffling.shuffle(shuffled)
    renamed = [(month, person + 1_000, values) for month, person, values in shuffled]
    assert tallied(renamed, LEAST) == found


@given(READINGS, READINGS)
def test_what_goes_later_adds_nothing_but_a_group_of_its_own(first, second):
    """Whoever reads before and after sees the difference: it is what is counted of the second alone."""
    before, added = tallied(first, LEAST), tallied(second, LEAST)
    after = Counter(before) + Counter(added)
    assert {
        key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)
    } == added


# ---- who is counted, who reads, and when


def book_of(text):
    return compile_rules(parse(text, "agreement.md"))


LIBRARY = book_of(LIBRARY_TEXT)
NOW = Facts(instant("2027-06-01T00:00:00Z"), LIBRARY.agreement.organisation.place)
COUNT = Request(Act.COUNT, TIME, "opinion", purpose="counting")


def test_time_alone_counts_and_only_while_consent_and_no_objection_stand():
    agreed = NEWCOMER.choosing(Consent("opinions", Choice.GIVEN, 1, 0))
    assert isinstance(decide(LIBRARY, COUNT, agreed, NOW), Permit)
    assert decide(LIBRARY, COUNT, NEWCOMER, NOW).reasons[0].why == "consent-missing"
    for by in (program("statistics"), program("desk")):
        assert decide(LIBRARY, Request(Act.COUNT, by, "opinion", purpose="counting"), agreed, NOW).reasons
    assert decide(LIBRARY, Request(Act.USE, TIME, "loan", purpose="lending"), agreed, NOW).reasons


def test_nobody_reads_totals_without_noise_where_noise_is_promised():
    for text, category, purpose in (
        (CLINIC_TEXT, "study", "audit.quality"),
        (CLINIC_TEXT.replace("threshold: 20", "threshold: 30"), "study", "audit.quality"),
    ):
        asked = Request(Act.TALLY, program("statistics"), category, purpose=purpose)
        (reason,) = decide(book_of(text), asked, NEWCOMER, NOW).reasons
        assert reason.why == "noise-missing"


def test_what_is_erased_and_not_counted_has_no_totals():
    member = book_of(MEMBER_TEXT)
    assert not [key for key in member.cells if key[0] in (Act.COUNT, Act.TALLY)]
    assert {
        name for grant in LIBRARY.cells[Act.TALLY, "visit", "counting"].grants for name in grant.fields
    } == {"door"}


def test_the_strictest_threshold_counts_and_there_is_one_where_none_is_said():
    assert least(LIBRARY.agreement) == 20
    assert least(parse(LIBRARY_TEXT.replace("  threshold: 20\n", ""), "a.md")) == 20
    assert least(parse(LIBRARY_TEXT.replace("threshold: 20", "threshold: 50"), "a.md")) == 50


def test_a_month_is_over_when_its_last_instant_is_and_the_bound_after_it():
    june = month_of(instant("2027-06-15T00:00:00Z"))
    end = instant("2027-07-01T00:00:00Z") + 31 * DAY  # visits: thirty days, and a day to go
    assert not is_over([LIBRARY], "visit", june, end - 2)
    assert is_over([LIBRARY], "visit", june, end)
    december = month_of(instant("2027-12-31T00:00:00Z"))
    assert is_over([LIBRARY], "visit", december, instant("2028-02-01T00:00:00Z"))
    assert not is_over([LIBRARY], "visit", december, instant("2028-01-31T00:00:00Z"))
    assert not is_over([LIBRARY], "loan", june, end)


def test_a_month_of_a_class_that_runs_for_ever_is_never_over():
    text = LIBRARY_TEXT.replace("for: P30D\n", "from: leave\nfor: P30D\nat_most: P8000Y\n")
    book = book_of(text)
    assert not is_over([book], "visit", month_of(instant("2027-06-15T00:00:00Z")), FOREVER - 1)
