"""Letters: so many to one recipient, and so many texts in all; no stranger uses up what is somebody's."""

import pytest

from troth.clock import DAY, SECOND
from troth.web.credentials.letters import Asker, Letters

MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND
MIA, NOA = b"m" * 16, b"n" * 16
HERE, THERE = Asker("192.0.2.1/32"), Asker("198.51.100.7/32")
HERSELF = Asker("her browser", known=True)
START = 1_800_000_000 * SECOND


def went(letters, who, asker, times, *, at=START, every=0):
    """How many of so many letters went."""
    return sum(letters.may_go(who, asker, at=at + n * every) for n in range(times))


def test_one_place_has_five_letters_sent_at_once_and_twenty_a_day_on_average():
    letters = Letters(200)
    assert went(letters, MIA, HERE, 50) == 5
    assert went(letters, MIA, HERE, 8 * 60, at=START + 10 * MINUTE, every=MINUTE) <= 20 + 20 * 8 // 24 - 4
    assert went(letters, MIA, HERE, 50, at=START + 2 * DAY) == 5


def test_one_place_keeps_no_letter_from_another_nor_from_who_is_known():
    letters = Letters(200)
    went(letters, MIA, HERE, 24 * 60, every=MINUTE)
    later = START + DAY

    assert went(letters, MIA, THERE, 50, at=later) == 5
    assert went(letters, MIA, HERSELF, 50, at=later) == 5


def test_all_strangers_together_send_three_times_as_many():
    letters = Letters(200)
    assert sum(went(letters, MIA, Asker(f"192.0.2.{n}/32"), 5) for n in range(40)) == 15
    assert went(letters, MIA, HERSELF, 5) == 5
    assert went(letters, NOA, THERE, 5) == 5


@pytest.mark.parametrize("known", [False, True])
def test_texts_are_used_up_for_who_is_known_and_for_strangers_apart(known):
    letters = Letters(200)
    places = [Asker(f"place {n}", known=known) for n in range(20)]

    assert sum(letters.may_text(each, at=START) for each in places for _ in range(50)) == 200
    assert letters.may_text(Asker("another", known=not known), at=START)
    assert not letters.may_text(places[0], at=START)
    assert letters.may_text(places[0], at=START + HOUR)


def test_one_place_has_a_tenth_of_the_texts():
    letters = Letters(200)
    assert sum(letters.may_text(HERE, at=START) for _ in range(200)) == 20
    assert letters.may_text(THERE, at=START)
