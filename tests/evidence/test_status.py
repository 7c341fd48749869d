import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.evidence.status import CheckResult, Status, worst

ORDER = [Status.KEPT, Status.ATTESTED, Status.AT_RISK, Status.UNPROVEN, Status.BROKEN]


def result(status):
    return CheckResult("a check", "what it measures", "what it cannot see", status, 1)


def test_there_are_five_words_and_no_sixth():
    assert [status.value for status in Status] == ["kept", "attested", "at risk", "unproven", "broken"]


@pytest.mark.parametrize("first", ORDER)
@pytest.mark.parametrize("second", ORDER)
def test_of_two_words_the_worse_one_wins_whatever_their_order(first, second):
    expected = max(first, second, key=ORDER.index)

    assert worst([result(first), result(second)]) is worst([result(second), result(first)]) is expected


def test_a_promise_without_any_check_is_unproven():
    assert worst([]) is Status.UNPROVEN


@given(st.lists(st.sampled_from(ORDER), min_size=1))
def test_a_clause_is_kept_only_if_all_its_checks_are(statuses):
    assert (worst(map(result, statuses)) is Status.KEPT) == (set(statuses) == {Status.KEPT})
