"""Which language a reader gets, and how it writes times, periods and lists."""

from time import process_time

import pytest

from troth.clock import instant
from troth.terms.vocabulary import Period
from troth.web.languages import LANGUAGES, Reader, choose, direction, known_zone

AT = instant("2026-03-03T16:05:59Z")


@pytest.mark.parametrize(
    ("header", "stored", "language"),
    [
        (None, None, "en"),
        ("", None, "en"),
        ("fr", None, "en"),
        ("ar", None, "ar"),
        ("ja-JP", None, "ja"),
        ("fr, ar;q=0.8, ja;q=0.9", None, "ja"),
        ("ar;q=0, ja;q=0.1", None, "ja"),
        ("en;q=0.2, *;q=0.1, ar;q=0.1", None, "en"),
        ("ja", "ar", "ar"),
        ("ja", "tlh", "ja"),
        (";;q=,,;q=x, AR ;Q=0.5", None, "ar"),
        ("ar;q=nan, ja;q=inf", None, "ja"),
        ("ar," * 100_000, None, "ar"),
    ],
)
def test_a_stored_choice_wins_and_else_what_the_browser_likes_best(header, stored, language):
    assert choose(header, stored) == language


def test_arabic_is_read_from_the_right():
    assert {language: direction(language) for language in LANGUAGES} == {
        "en": "ltr",
        "ar": "rtl",
        "ja": "ltr",
    }


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (Reader(), "3 Mar 2026, 16:05 UTC"),
        (Reader("en", "America/New_York"), "3 Mar 2026, 11:05 (16:05 UTC)"),
        (Reader("en", "Asia/Tokyo"), "4 Mar 2026, 01:05 (3 Mar 2026, 16:05 UTC)"),
        (Reader("ja", "Asia/Tokyo"), "2026年3月4日 01:05 (2026年3月3日 16:05 UTC)"),
        (Reader("ar", "Africa/Cairo"), "3 مارس 2026، 18:05 (16:05 UTC)"),
        (Reader("en", "Nowhere/Never"), "3 Mar 2026, 16:05 UTC"),
    ],
)
def test_a_moment_is_in_the_zone_of_the_reader_with_utc_beside_it(reader, said):
    assert reader.moment(AT) == said


@pytest.mark.parametrize(
    ("language", "day", "short"),
    [
        ("en", "4 March 2026", "4 Mar 2026"),
        ("ar", "4 مارس 2026", "4 مارس 2026"),
        ("ja", "2026年3月4日", "2026年3月4日"),
    ],
)
def test_a_day_names_its_month_so_that_nobody_takes_it_for_another(language, day, short):
    reader = Reader(language, "Asia/Tokyo")
    assert (reader.day(AT), reader.short_day(AT)) == (day, short)


@pytest.mark.parametrize(
    ("period", "en", "ar", "ja"),
    [
        ("P30D", "30 days", "30 يومًا", "30 日"),
        ("P1Y6M", "1 year and 6 months", "سنة و6 أشهر", "1 年、6 か月"),
        ("PT72H", "72 hours", "72 ساعة", "72 時間"),
        ("P2Y", "2 years", "سنتان", "2 年"),
        ("P0D", "0 days", "0 يوم", "0 日"),
    ],
)
def test_a_period_is_said_in_words(period, en, ar, ja):
    said = tuple(Reader(language).period(Period.parse(period)) for language in ("en", "ar", "ja"))
    assert said == (en, ar, ja)


def test_a_list_is_joined_as_the_language_joins_it():
    three = ("a", "b", "c")
    assert [Reader(each).all_of(three) for each in LANGUAGES] == ["a, b and c", "a وb وc", "a、b、c"]
    assert {Reader(each).all_of(three, "en") for each in LANGUAGES} == {"a, b and c"}
    assert Reader("ja").all_of(three, "x-none") == "a、b、c"


def test_machines_read_whole_seconds_in_utc():
    assert Reader("ar", "Asia/Tokyo").machine(AT + 123) == "2026-03-03T16:05:59Z"


def test_only_the_name_of_a_zone_is_a_zone():
    assert known_zone("Asia/Singapore")
    assert not known_zone("../../etc/passwd")


def test_names_that_are_no_zone_are_not_looked_for_one_by_one():
    known_zone("UTC")
    start = process_time()

    assert not any(known_zone(f"Nowhere/{n}") for n in range(1_000))
    assert process_time() - start < 1
