"""Numbers as states, banks and networks give them: made up, and valid by every published check."""

from collections.abc import Callable
from datetime import date
from typing import Any

Rng = Any  # the seeded generator of random choices that Faker brings


def digits(rng: Rng, count: int) -> str:
    """Return `count` decimal digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


# ---- numbers of persons, as `COUNTRY:NUMBER`


def id_number(country: str, born: date, gender: str, rng: Rng) -> str:
    """Return a number that this country might have given a person, with its check digits right."""
    return f"{country}:{_ID[country](born, gender == 'female', rng)}"


def _sg(born: date, _: bool, rng: Rng) -> str:  # noqa: FBT001
    century, body = ("S" if born.year < 2000 else "T"), f"{born:%y}{digits(rng, 5)}"
    total = sum(w * int(d) for w, d in zip((2, 7, 6, 5, 4, 3, 2), body, strict=True))
    return f"{century}{body}{'JZIHGFEDCBA'[(total + 4 * (century == 'T')) % 11]}"


def _ie(_: date, __: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.ie import vat

    body = digits(rng, 7)
    return f"{body}{vat.calc_check_digit(body)}"


def _de(_: date, __: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.iso7064 import mod_11_10

    first, *rest = rng.sample("123456789", 9)  # ten digits, exactly one of them twice
    rest.insert(rng.randint(1, 9), first)
    body = first + "".join(rest)
    return f"{body}{mod_11_10.calc_check_digit(body)}"


def _es(_: date, __: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.es import dni

    body = digits(rng, 8)
    return f"{body}{dni.calc_check_digit(body)}"


def _it(born: date, female: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.it import codicefiscale

    letters = "".join(rng.choice("BCDFGLMNPRSTVZ") for _ in range(6))
    town = rng.choice(("H501", "F205", "F839", "L219", "D612"))  # Rome, Milan, Naples, Turin, Florence
    body = f"{letters}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{born.day + 40 * female:02}{town}"
    return f"{body}{codicefiscale.calc_check_digit(body)}"


def _fr(born: date, female: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.fr import nir

    place = f"{rng.choice((13, 31, 33, 59, 69, 75))}{rng.randint(1, 300):03}{rng.randint(1, 999):03}"
    body = f"{1 + female}{born:%y%m}{place}"
    return f"{body}{nir.calc_check_digits(body)}"


def _nl(_: date, __: bool, rng: Rng) -> str:  # noqa: FBT001
    while True:
        body = f"{rng.randint(1, 9)}{digits(rng, 7)}"
        check = sum((9 - n) * int(d) for n, d in enumerate(body)) % 11
        if check < 10:
            return f"{body}{check}"


def _pl(born: date, female: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.pl import pesel

    month = born.month + (20 if born.year >= 2000 else 0)
    body = f"{born:%y}{month:02}{born:%d}{digits(rng, 3)}{rng.choice('02468' if female else '13579')}"
    return f"{body}{pesel.calc_check_digit(body)}"


def _se(born: date, female: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum import luhn

    serial = digits(rng, 2) + rng.choice("02468" if female else "13579")
    return f"{born:%Y%m%d}-{serial}{luhn.calc_check_digit(f'{born:%y%m%d}{serial}')}"


def _gr(born: date, female: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum import luhn

    body = f"{born:%d%m%y}{digits(rng, 3)}{rng.choice('02468' if female else '13579')}"
    return f"{body}{luhn.calc_check_digit(body)}"


def _br(_: date, __: bool, rng: Rng) -> str:  # noqa: FBT001
    body = f"{rng.randint(1, 9)}{digits(rng, 8)}"
    one = _weighted(body, range(10, 1, -1))
    return f"{body}{one}{_weighted(f'{body}{one}', range(11, 1, -1))}"


def _weighted(body: str, weights: range) -> int:
    return 11 - left if (left := sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11) > 1 else 0


def _ua(born: date, female: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.ua import rntrc

    since = (born - date(1899, 12, 31)).days
    body = f"{since:05}{digits(rng, 3)}{rng.choice('02468' if female else '13579')}"
    return f"{body}{rntrc.calc_check_digit(body)}"


def _jp(_: date, __: bool, rng: Rng) -> str:  # noqa: FBT001
    from stdnum.jp import in_

    body = digits(rng, 11)
    return f"{body}{in_.calc_check_digit(body)}"


_ID: dict[str, Callable[[date, bool, Rng], str]] = {
    "SG": _sg, "IE": _ie, "DE": _de, "ES": _es, "IT": _it, "FR": _fr, "NL": _nl,
    "PL": _pl, "SE": _se, "GR": _gr, "BR": _br, "UA": _ua, "JP": _jp,
}  # fmt: skip

# ---- bank accounts

_BBAN = {  # what follows the check digits: n digits, c letters of the bank; the length is the country's own
    "IE": "cccc14", "DE": "18", "IT": "c22", "FR": "23", "NL": "cccc10", "PL": "24", "SE": "20",
    "GR": "23", "BR": "23cc", "UA": "25",
}  # fmt: skip
IBAN_COUNTRIES = frozenset(_BBAN) | {"ES"}


def iban(country: str, rng: Rng) -> str:
    """Return an IBAN (ISO 13616) of a country in `IBAN_COUNTRIES`, its check digits right."""
    from stdnum import iban as check

    if country == "ES":
        from stdnum.es import ccc

        bank, account = f"{rng.randint(1, 9)}{digits(rng, 7)}", digits(rng, 10)
        body = f"{bank}{ccc.calc_check_digits(f'{bank}00{account}')}{account}"
    else:
        shape = _BBAN[country]
        count = int(shape.strip("c"))
        before, after = shape.split(str(count))
        body = f"{'EXMP'[: len(before)]}{digits(rng, count)}{'P1'[: len(after)]}"
    return f"{country}{check.calc_check_digits(f'{country}00{body}')}{body}"


# ---- phones


def phone(country: str, rng: Rng) -> str:
    """Return a mobile number of a country in E.164 that its numbering plan allows."""
    import phonenumbers

    kind = phonenumbers.PhoneNumberType.MOBILE
    example = phonenumbers.example_number_for_type(country, kind)
    assert example is not None  # noqa: S101 - every country here has mobile numbers
    first = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[:-6]
    while True:
        number = f"{first}{digits(rng, 6)}"
        if phonenumbers.is_valid_number(phonenumbers.parse(number)):
            return number
