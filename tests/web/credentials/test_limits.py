"""What is tried too often waits; nobody can make somebody else wait at a device that is known."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.credentials.conftest import NOW
from troth.clock import DAY, SECOND
from troth.web.credentials.limits import (
    FAILURES,
    FIRST_WAIT,
    LONGEST_WAIT,
    SLOWEST,
    Limits,
    Lockout,
    Rate,
    Why,
    account_key,
    network_of,
)

ANN, BEN = b"a" * 16, b"b" * 16
HOME, CAFE = "192.0.2.1/32", "192.0.2.2/32"
PHONE = b"phone"
MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND


def fails(lockout, account, network, times, *, at=NOW, device=None):
    return [lockout.attempt(account, network=network, device=device, at=at).why for _ in range(times)]


def under_attack(lockout, attempts, *, at=NOW):
    """Let as many places try Ann's account once each, waiting as long as they are told to; return the end."""
    places = [f"place {number} of {at}" for number in range(attempts)]
    waits = {place: lockout.attempt(ANN, network=place, at=at).wait * SECOND for place in places}
    for place, wait in sorted(waits.items(), key=lambda each: each[1]):
        if wait:
            lockout.attempt(ANN, network=place, at=at + wait)
    return at + max(waits.values())


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("60/minute", Rate(60, MINUTE)),
        ("10/hour", Rate(10, HOUR)),
        ("5/second", Rate(5, SECOND)),
        ("0/day", Rate(1, DAY)),
    ],
)
def test_a_rate_is_read_as_agreements_write_it(text, rate):
    assert Rate.of(text) == rate


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "elsewhere"),
        ("unix", "elsewhere"),
    ],
)
def test_a_place_is_one_address_or_64_bits(address, network):
    assert network_of(address) == network


def test_an_account_is_counted_under_a_keyed_hash(key):
    assert len(account_key(key, "ann@example.org")) == 16
    assert account_key(key, "ann@example.org") != account_key(key, "ann")


# ---- rate limits


def test_a_place_has_its_bucket_and_then_a_token_at_a_time():
    limits = Limits(Rate.of("60/minute"))
    taken = [limits.take("sign-in", HOME, at=NOW) for _ in range(61)]
    assert [each.allowed for each in taken] == [True] * 60 + [False]
    assert (taken[-1].why, taken[-1].wait) == (Why.RATE, 1)
    assert limits.take("sign-in", HOME, at=NOW + SECOND).allowed
    assert not limits.take("sign-in", HOME, at=NOW + SECOND).allowed


def test_another_place_and_another_kind_of_attempt_have_buckets_of_their_own():
    limits = Limits(Rate(1, MINUTE))
    assert limits.take("sign-in", HOME, at=NOW).allowed
    assert not limits.take("sign-in", HOME, at=NOW).allowed
    assert limits.take("sign-in", CAFE, at=NOW).allowed
    assert limits.take("code", HOME, at=NOW).allowed


@given(
    count=st.integers(1, 5),
    steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), max_size=80),
)
def test_a_bucket_is_a_bucket(count, steps):
    limits, full = Limits(Rate(count, count * 10 * SECOND)), Fraction(count)
    level, last, at = [full] * 3, [NOW] * 3, NOW
    for place, forward in steps:
        at += forward * SECOND
        level[place] = min(full, level[place] + Fraction(at - last[place], 10 * SECOND))
        last[place] = at
        verdict = limits.take("sign-in", f"{place}", at=at)
        assert verdict.allowed == (level[place] >= 1)
        level[place] -= verdict.allowed
        if not verdict.allowed:
            assert level[place] + Fraction(verdict.wait, 10) >= 1
            assert level[place] + Fraction(verdict.wait - 1, 10) < 1


def test_no_more_places_are_remembered_than_fit_and_the_one_seen_longest_ago_goes():
    limits = Limits(Rate(1, HOUR), most=100)
    for number in range(1_000):
        assert limits.take("sign-in", f"{number}", at=NOW + number).allowed
    assert len(limits._seen._held) == 100
    assert not limits.take("sign-in", "950", at=NOW + 1_000).allowed
    assert limits.take("sign-in", "0", at=NOW + 1_000).allowed


# ---- lock-out


def test_ten_failures_pause_the_account_for_that_place_until_an_hour_after_the_first():
    lockout = Lockout(Rate.of("10/hour"))
    assert fails(lockout, ANN, HOME, 10) == [Why.OPEN] * 10
    verdict = lockout.attempt(ANN, network=HOME, at=NOW + 60 * SECOND)
    assert (verdict.why, verdict.wait) == (Why.PAUSED, 3_540)
    assert lockout.attempt(ANN, network=HOME, at=NOW + HOUR).allowed


def test_what_is_refused_does_not_make_the_pause_longer():
    lockout = Lockout(Rate.of("10/hour"))
    fails(lockout, ANN, HOME, 50)
    assert lockout.attempt(ANN, network=HOME, at=NOW + HOUR).allowed


def test_a_pause_is_for_one_account_and_one_place():
    lockout = Lockout(Rate.of("10/hour"))
    fails(lockout, ANN, HOME, 11)
    assert lockout.attempt(BEN, network=HOME, at=NOW).allowed
    assert lockout.attempt(ANN, network=CAFE, at=NOW + MINUTE).why is not Why.PAUSED


def test_whoever_signed_in_begins_anew_and_takes_back_their_own_failures_alone():
    lockout = Lockout(Rate.of("3/hour"))
    fails(lockout, ANN, HOME, 2)
    fails(lockout, ANN, PHONE, 0)
    lockout.succeeded(ANN, network=HOME, at=NOW)
    assert fails(lockout, ANN, HOME, 1) == [Why.OPEN]
    fails(lockout, BEN, CAFE, 3)
    lockout.succeeded(BEN, network=HOME, at=NOW)
    assert fails(lockout, BEN, CAFE, 1) == [Why.PAUSED]


def test_an_agreement_cannot_allow_more_failures_than_nist_does():
    lockout = Lockout(Rate.of("100000/day"))
    assert fails(lockout, ANN, HOME, FAILURES + 1) == [Why.OPEN] * FAILURES + [Why.PAUSED]


def test_failures_of_many_places_slow_an_unknown_place_down_and_do_not_shut_it_out():
    lockout = Lockout(Rate.of("10/hour"))
    later = under_attack(lockout, 11)
    verdict = lockout.attempt(ANN, network=HOME, at=later)
    assert (verdict.why, verdict.wait) == (Why.SLOWED, FIRST_WAIT // SECOND)
    assert lockout.attempt(ANN, network=HOME, at=later + 10 * SECOND).wait == 20
    assert lockout.attempt(ANN, network=HOME, at=later + FIRST_WAIT).allowed
    assert lockout.attempt(ANN, network=HOME, at=later + FIRST_WAIT).why is Why.SLOWED


def test_patience_does_not_keep_for_an_attack_that_is_prepared():
    lockout = Lockout(Rate.of("10/hour"))
    now = under_attack(lockout, 60)
    first = lockout.attempt(ANN, network=HOME, at=now)
    later = now + first.wait * SECOND + HOUR
    assert lockout.attempt(ANN, network=HOME, at=later).why is Why.SLOWED


def test_the_wait_grows_with_the_attack_and_never_beyond_a_quarter_of_an_hour():
    lockout, waits, now = Lockout(Rate.of("10/hour")), set(), NOW
    for round_ in range(12):
        now = under_attack(lockout, 10, at=now)
        waits.add(lockout.attempt(ANN, network=f"new {round_}", at=now).wait)
    assert waits == {30, 60, 120, 240, 480, 900}
    assert max(waits) == LONGEST_WAIT // SECOND


def test_an_attack_is_forgotten_some_periods_after_it_ended():
    lockout = Lockout(Rate.of("10/hour"))
    under_attack(lockout, 5_000)
    assert lockout.attempt(ANN, network=HOME, at=NOW + (SLOWEST + 2) * HOUR).allowed


def test_a_known_device_pauses_by_its_own_failures_only_and_slows_nobody():
    lockout = Lockout(Rate.of("10/hour"))
    assert fails(lockout, ANN, HOME, 11, device=PHONE)[-1] is Why.PAUSED
    assert fails(lockout, ANN, CAFE, 1, device=PHONE) == [Why.PAUSED]
    assert fails(lockout, ANN, HOME, 1, device=b"laptop") == [Why.OPEN]
    assert fails(lockout, ANN, HOME, 10) == [Why.OPEN] * 10


ATTACKS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 600), st.booleans()), max_size=150)


@given(attack=ATTACKS, count=st.integers(1, 10), at=st.integers(0, 7_200))
def test_whatever_others_do_from_wherever_a_known_device_is_let_in(attack, count, at):
    lockout, moment = Lockout(Rate(count, HOUR), most=16), NOW
    for place, forward, succeeds in attack:
        moment += forward * SECOND
        network = HOME if place == 0 else f"place {place}"
        lockout.attempt(ANN, network=network, at=moment)
        if succeeds:
            lockout.succeeded(BEN, network=network, at=moment)
    assert lockout.attempt(ANN, network=HOME, device=PHONE, at=moment + at * SECOND).allowed


@given(attack=ATTACKS, count=st.integers(1, 10))
def test_whatever_others_do_an_unknown_place_waits_at_most_a_quarter_of_an_hour(attack, count):
    lockout, moment = Lockout(Rate(count, HOUR)), NOW
    for place, forward, _ in attack:
        moment += forward * SECOND
        lockout.attempt(ANN, network=f"place {place}", at=moment)
    first = lockout.attempt(ANN, network=HOME, at=moment)
    assert first.wait * SECOND <= LONGEST_WAIT
    if not first.allowed:
        for place in range(7):
            lockout.attempt(ANN, network=f"place {place}", at=moment + first.wait * SECOND)
        assert lockout.attempt(ANN, network=HOME, at=moment + first.wait * SECOND).allowed


class Model:
    """The rules of the lock-out, slowly: everything that ever happened, looked at each time."""

    def __init__(self, count):
        self.count, self.failures, self.level, self.last, self.ready = count, [], {}, {}, {}

    def attempt(self, account, place, known, at):
        recent = [each for each in self.failures if each[:2] == (account, place) and each[2] > at - HOUR]
        if len(recent) >= self.count:
            return Why.PAUSED
        if not known:
            full = SLOWEST + 1
            level = self.level.get(account, Fraction(0)) - Fraction(at - self.last.get(account, at), HOUR)
            level = max(level, Fraction(0))
            self.level[account], self.last[account] = level, at
            slow = min(int(level), SLOWEST)
            if slow:
                ready = self.ready.get((account, place))
                if ready is None or ready + HOUR <= at:
                    ready = self.ready[account, place] = at + min(30 * 2 ** (slow - 1), 900) * SECOND
                if at < ready:
                    return Why.SLOWED
                del self.ready[account, place]
            self.level[account] = min(level + Fraction(1, self.count), Fraction(full))
        self.failures.append((account, place, at))
        return Why.OPEN


@given(
    count=st.sampled_from([1, 2, 3, 4, 5]),
    acts=st.lists(
        st.tuples(st.booleans(), st.integers(0, 4), st.booleans(), st.integers(0, 1_000)), max_size=120
    ),
)
def test_it_decides_as_a_slow_reading_of_the_rules_does(count, acts):
    lockout, model, at = Lockout(Rate(count, HOUR)), Model(count), NOW
    for is_ann, place, known, forward in acts:
        at += forward * SECOND
        account = ANN if is_ann else BEN
        device = f"device {place}".encode() if known else None
        verdict = lockout.attempt(account, network=f"place {place}", device=device, at=at)
        assert verdict.why is model.attempt(account, device or f"place {place}", known, at)
        assert verdict.allowed == (verdict.wait == 0)


def test_no_more_is_remembered_than_fits():
    lockout = Lockout(Rate.of("10/hour"), most=50)
    for number in range(2_000):
        lockout.attempt(number.to_bytes(16, "big"), network=HOME, at=NOW + number)
    held = (lockout._failures, lockout._totals, lockout._patient)
    assert [len(each._held) for each in held] == [50, 50, 0]


# ---- clocks that are set right


@pytest.mark.parametrize("back", [SECOND, HOUR, 2 * DAY])
def test_nobody_waits_longer_because_the_clock_was_set_back(back):
    limits = Limits(Rate.of("2/minute"))
    taken = [limits.take("code", HOME, at=NOW + n).allowed for n in range(3)]

    wait = limits.take("code", HOME, at=NOW - back).wait

    assert taken == [True, True, False]
    assert 0 < wait <= 30
    assert limits.take("code", HOME, at=NOW - back + wait * SECOND).allowed


@pytest.mark.parametrize("back", [SECOND, HOUR, 2 * DAY])
def test_no_account_pauses_longer_because_the_clock_was_set_back_and_none_is_let_go(back):
    lockout = Lockout(Rate.of("3/hour"))
    assert fails(lockout, ANN, HOME, 4)[-1] is Why.PAUSED

    verdict = lockout.attempt(ANN, network=HOME, at=NOW - back)

    assert verdict.why is Why.PAUSED
    assert HOUR - 2 * SECOND < verdict.wait * SECOND <= HOUR
    assert lockout.attempt(ANN, network=HOME, at=NOW - back + HOUR - SECOND).why is Why.PAUSED
    assert lockout.attempt(ANN, network=HOME, at=NOW - back + HOUR).allowed
