"""Made-up numbers are valid: the house itself takes every one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.demo import numbers
from troth.demo.people import COUNTRIES
from troth.terms.agreement import FieldSpec
from troth.terms.kinds import KINDS
from troth.terms.kinds_formats import ID_CHECKS

births = st.dates(date(1935, 1, 1), date(2008, 12, 31))
chance = st.randoms(use_true_random=False)


def taken(kind: str, value: str) -> str:
    return KINDS[kind].accepts(value, FieldSpec("it", kind))


@pytest.mark.parametrize("country", COUNTRIES)
@given(born=births, gender=st.sampled_from(["female", "male"]), rng=chance)
def test_every_id_number_passes_the_check_of_its_country(country, born, gender, rng):
    number = numbers.id_number(country, born, gender, rng)
    assert taken("id_number", number).startswith(f"{country}:")


def test_only_singapore_has_no_published_check_and_its_numbers_follow_the_known_one():
    assert [country for country in COUNTRIES if country not in ID_CHECKS] == ["SG"]

    class Sevens:
        def choice(self, among):
            return among[7]

    # By hand: 8 0 7 7 7 7 7 times 2 7 6 5 4 3 2 makes 156; 156 % 11 = 2; the third of JZIHG.
    assert numbers.id_number("SG", date(1980, 5, 5), "male", Sevens()) == "SG:S8077777I"


@pytest.mark.parametrize("country", sorted(numbers.IBAN_COUNTRIES))
@given(rng=chance)
def test_every_iban_has_the_right_check_digits_and_length(country, rng):
    number = numbers.iban(country, rng)
    assert taken("iban", number) == number
    assert number.startswith(country)


@pytest.mark.parametrize("country", COUNTRIES)
@given(rng=chance)
def test_every_phone_number_is_one_that_its_country_gives_out(country, rng):
    number = numbers.phone(country, rng)
    assert taken("phone", number) == number
