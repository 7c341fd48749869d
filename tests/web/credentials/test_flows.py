"""What a browser brings back is what was sealed for it, and what was spent stays spent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.credentials.conftest import NOW
from troth.clock import SECOND
from troth.errors import FlowOver, FlowRefused, NotCanonical
from troth.vault.keyring import Branch
from troth.web.credentials.flows import LONGEST, Flow, Spent, open_flow, seal_flow

HERE = b"\x07" * 32
THERE = b"\x08" * 32
SOON = NOW + 600 * SECOND
STATES = st.dictionaries(
    st.text(max_size=8),
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=40),
    max_size=5,
)


def sealed(key, state=None, *, kind="register", at=NOW, until=SOON, bound_to=HERE):
    return seal_flow(key, kind, state or {}, at=at, until=until, bound_to=bound_to)


def a_flow(number, *, begun=NOW, until=SOON):
    return Flow(number.to_bytes(16, "big"), "register", begun, until, {})


def over(call, *arguments, **named):
    with pytest.raises(FlowOver) as refused:
        call(*arguments, **named)
    return refused.value.reason


@given(state=STATES)
def test_what_was_sealed_comes_back(key, state):
    flow = open_flow(key, "register", sealed(key, state), at=NOW, bound_to=HERE)
    assert (flow.kind, flow.begun, flow.until, flow.state) == ("register", NOW, SOON, state)


@given(at=st.integers(0), change=st.integers(1, 63))
def test_no_letter_of_a_token_can_be_changed(key, at, change):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = sealed(key, {"claimed_email": "ann@example.org"})
    at %= len(token)
    other = letters[(letters.index(token[at]) + change) % 64]
    with pytest.raises(FlowRefused):
        open_flow(key, "register", token[:at] + other + token[at + 1 :], at=NOW, bound_to=HERE)


@given(cut=st.integers(0, 500), added=st.text(max_size=4))
def test_nothing_can_be_cut_off_or_added(key, cut, added):
    token = sealed(key)
    other = token[: max(0, len(token) - cut)] + added
    if other == token:
        other += "="
    with pytest.raises(FlowRefused):
        open_flow(key, "register", other, at=NOW, bound_to=HERE)


@given(token=st.text() | st.text("AQ-_", max_size=200))
def test_what_was_never_made_here_is_refused(key, token):
    with pytest.raises(FlowRefused):
        open_flow(key, "register", token, at=NOW, bound_to=HERE)


def test_a_token_far_too_long_is_refused_unread(key):
    with pytest.raises(FlowRefused):
        open_flow(key, "register", "A" * (LONGEST + 1), at=NOW, bound_to=HERE)


@pytest.mark.parametrize(("kind", "bound_to"), [("sign-in", HERE), ("register", THERE), ("register", b"")])
def test_another_kind_and_another_browser_open_nothing(key, kind, bound_to):
    with pytest.raises(FlowRefused):
        open_flow(key, kind, sealed(key), at=NOW, bound_to=bound_to)


def test_another_key_opens_nothing(key):
    with pytest.raises(FlowRefused):
        open_flow(Branch(bytes(32)), "register", sealed(key), at=NOW, bound_to=HERE)


def test_it_ends_at_the_instant_that_was_named(key):
    token = sealed(key)
    assert open_flow(key, "register", token, at=SOON - 1, bound_to=HERE).until == SOON
    assert over(open_flow, key, "register", token, at=SOON, bound_to=HERE) == "expired"


def test_a_foreign_token_is_refused_before_its_time_is_looked_at(key):
    with pytest.raises(FlowRefused):
        open_flow(key, "sign-in", sealed(key), at=SOON, bound_to=HERE)


def test_its_length_does_not_tell_a_short_state_from_a_longer_one(key):
    assert len({len(sealed(key, {"known": "x" * n})) for n in range(0, 150, 10)}) == 1


def test_no_two_tokens_are_alike_and_none_shows_its_state(key):
    assert sealed(key) != sealed(key)
    flow = open_flow(key, "register", sealed(key, {"e": "ann@example.org"}), at=NOW, bound_to=HERE)
    assert "ann" not in repr(flow)


def test_a_state_that_no_form_carries_is_a_mistake_of_the_caller(key):
    with pytest.raises(ValueError, match="not carried"):
        sealed(key, {"long": "x" * LONGEST})
    with pytest.raises(NotCanonical):
        sealed(key, {"price": 1.5})


def test_a_flow_is_used_once(spent):
    spent.use(a_flow(1), at=NOW)
    assert over(spent.use, a_flow(1), at=NOW) == "used"
    assert over(spent.attempt, a_flow(1), most=5, at=NOW) == "used"
    spent.use(a_flow(2), at=NOW)


def test_tries_are_counted_down_and_end(spent):
    assert [spent.attempt(a_flow(1), most=3, at=NOW) for _ in range(3)] == [2, 1, 0]
    assert over(spent.attempt, a_flow(1), most=3, at=NOW) == "tries"
    assert spent.attempt(a_flow(2), most=3, at=NOW) == 2


def test_a_flow_that_is_past_is_neither_tried_nor_used(spent):
    assert over(spent.use, a_flow(1), at=SOON) == "expired"
    assert over(spent.attempt, a_flow(1), most=5, at=SOON) == "expired"


def test_a_flow_from_before_the_memory_is_refused_so_that_a_restart_revives_none():
    spent = Spent(since=NOW + 1)
    assert over(spent.use, a_flow(1), at=NOW + 2) == "forgotten"
    spent.use(a_flow(2, begun=NOW + 1), at=NOW + 2)


def test_what_is_past_makes_room():
    spent = Spent(since=NOW, most=2)
    for number in range(2):
        spent.use(a_flow(number), at=NOW)
    spent.use(a_flow(3, begun=SOON, until=SOON + SECOND), at=SOON)
    assert len(spent) == 1
    spent.use(a_flow(4, begun=NOW + 1, until=SOON + SECOND), at=SOON)  # nothing was dropped


def test_when_it_is_full_the_oldest_is_refused_and_who_begins_anew_is_not():
    spent = Spent(since=NOW, most=3)
    for number in range(10):
        spent.use(a_flow(number, begun=NOW + number), at=NOW + number)
    assert len(spent) == 3
    assert {over(spent.use, a_flow(number, begun=NOW + number), at=NOW + 10) for number in range(7)} == {
        "forgotten"
    }
    assert {over(spent.use, a_flow(number, begun=NOW + number), at=NOW + 10) for number in range(7, 10)} == {
        "used"
    }
    spent.use(a_flow(11, begun=NOW + 11), at=NOW + 11)


def test_one_that_was_dropped_stays_refused_when_there_is_room_again():
    spent = Spent(since=NOW, most=2)
    long = a_flow(1, until=SOON + SECOND)
    spent.use(long, at=NOW)
    for number in (2, 3):
        spent.use(a_flow(number, begun=NOW + number), at=NOW + number)
    spent.use(a_flow(4, begun=SOON, until=SOON + SECOND), at=SOON)
    assert len(spent) == 1
    assert over(spent.use, long, at=SOON) == "forgotten"


def test_one_that_is_older_than_all_that_fit_is_refused_itself():
    spent = Spent(since=NOW, most=2)
    for number in (5, 6):
        spent.use(a_flow(number, begun=NOW + number), at=NOW + 6)
    assert over(spent.use, a_flow(1, begun=NOW + 1), at=NOW + 7) == "forgotten"
    assert over(spent.use, a_flow(5, begun=NOW + 5), at=NOW + 7) == "used"


@given(
    most=st.integers(1, 4),
    lives=st.lists(st.integers(1, 60), min_size=9, max_size=9),
    acts=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20)), max_size=60),
)
def test_however_full_it_gets_no_flow_is_used_twice(most, lives, acts):
    spent, used, at = Spent(since=NOW, most=most), set(), NOW
    for number, forward in acts:
        at += forward
        begun = NOW + number * 5
        try:
            spent.use(a_flow(number, begun=begun, until=begun + lives[number]), at=at)
        except FlowOver:
            continue
        assert number not in used
        used.add(number)
        assert len(spent) <= most
