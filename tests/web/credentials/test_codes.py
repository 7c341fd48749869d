"""A code counts once, for ten minutes, for what it was sent for, and for five tries."""

import pytest

from tests.web.credentials.conftest import NOW
from troth.clock import SECOND
from troth.errors import CodeWrong, FlowOver
from troth.web.credentials.codes import LIFETIME, TRIES, check_code, digits_of, new_code
from troth.web.credentials.flows import Flow

FLOW = Flow(b"f" * 16, "code", NOW, NOW + 3_600 * SECOND, {})
EMAIL = "email ann@example.org"


@pytest.fixture
def code(key):
    return new_code(key, about=EMAIL)


@pytest.fixture
def check(key, code, spent):
    def check(typed=code.digits, *, about=EMAIL, flow=FLOW, at=NOW):
        check_code(key, typed, mark=code.mark, about=about, flow=flow, spent=spent, at=at)

    return check


def wrong(code):
    return str((int(code.digits) + 1) % 10**8).zfill(8)


def test_a_code_has_eight_digits_and_its_mark_does_not_hold_them(key):
    codes = [new_code(key, about=EMAIL) for _ in range(50)]
    assert {len(each.digits) for each in codes} == {8}
    assert len({each.digits for each in codes}) > 45
    assert len({len(each.mark) for each in codes}) == 1
    assert all(each.digits not in each.mark and each.digits not in repr(each) for each in codes)


def test_the_right_code_counts_once(check):
    assert check() is None
    with pytest.raises(FlowOver) as refused:
        check()
    assert refused.value.reason == "used"


def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_comes_too_late_after_five(check, code):
    left = []
    for _ in range(TRIES):
        with pytest.raises(CodeWrong) as refused:
            check(wrong(code))
        left.append(refused.value.left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(FlowOver) as refused:
        check()
    assert refused.value.reason == "tries"


def test_it_is_over_after_ten_minutes_whatever_the_flow_says(check):
    with pytest.raises(FlowOver) as refused:
        check(at=NOW + LIFETIME)
    assert refused.value.reason == "expired"
    assert check(at=NOW + LIFETIME - 1) is None


def test_it_proves_nothing_else_than_it_was_sent_for(check):
    with pytest.raises(CodeWrong):
        check(about="email eve@example.org")


@pytest.mark.parametrize("typed", ["", "   ", "12345678" * 40, "not a code"])
def test_what_is_no_code_is_wrong(check, typed):
    with pytest.raises(CodeWrong):
        check(typed)


def test_it_may_be_typed_in_groups_or_in_the_digits_of_another_script(check, code):
    arabic = code.digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert digits_of(f" {arabic[:4]}-{arabic[4:]} ") == code.digits
    assert check(f"{code.digits[:4]} {code.digits[4:]}") is None
