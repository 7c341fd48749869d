"""Clocks of jurisdictions: lengths as laws give them, the strictest row, and no unknown regime in silence."""

import pytest

from troth.clock import DAY, instant, iso
from troth.custody.demands.regimes import regimes
from troth.rules.regimes import Length, parse
from troth.terms.vocabulary import RightName

MONDAY = instant("2027-06-07T10:00:00Z")
ROW = """
version = "2027"
[[row]]
regime = "x-law"
rights = [{rights}]
answer = "{answer}"
pauses = false
law = "Art. 1"
status = "{status}"
valid_from = "2020-01-01"
{more}
confidence = "checked"
"""


def row(answer="P30D", rights="", status="in_force", more=""):
    return ROW.format(answer=answer, rights=rights, status=status, more=more)


@pytest.mark.parametrize(
    ("length", "start", "end"),
    [
        ("P1M", "2027-01-31T10:00:00Z", "2027-02-28T10:00:00Z"),
        ("P1M", "2027-06-07T10:00:00Z", "2027-07-07T10:00:00Z"),
        ("PT72H", "2027-06-04T10:00:00Z", "2027-06-07T10:00:00Z"),
        ("P45D", "2027-06-07T10:00:00Z", "2027-07-22T10:00:00Z"),
        ("P1B", "2027-06-11T10:00:00Z", "2027-06-14T10:00:00Z"),
        ("P5B", "2027-06-07T10:00:00Z", "2027-06-14T10:00:00Z"),
        ("P15B", "2027-06-12T10:00:00Z", "2027-07-02T10:00:00Z"),
    ],
)
def test_a_length_ends_where_the_law_has_it(length, start, end):
    assert iso(Length.parse(length).after(instant(start))) == end


def test_the_rows_that_ship_can_all_be_read_and_say_where_they_stand():
    known = regimes()
    assert {"eu-gdpr", "sg-pdpa", "us-ccpa"} <= set(known.rows)
    for rows in known.rows.values():
        for each in rows:
            assert each.law
            assert each.answer.after(MONDAY) > MONDAY


def test_the_regulation_of_the_union_gives_one_month_and_two_more():
    (eu,) = regimes().of(["eu-gdpr"], RightName.ERASE, MONDAY)
    assert (str(eu.answer), str(eu.extend), eu.pauses, eu.confidence) == ("P1M", "P2M", True, "checked")


def test_the_row_of_a_right_goes_before_the_row_of_all():
    (optout,) = regimes().of(["us-ccpa"], RightName.OPT_OUT, MONDAY)
    (other,) = regimes().of(["us-ccpa"], RightName.ACCESS, MONDAY)
    assert (str(optout.answer), str(other.answer)) == ("P15B", "P45D")


def test_of_two_regimes_the_earlier_end_counts_and_is_named():
    ending = regimes().strictest(["us-ccpa", "eu-gdpr"], RightName.ACCESS, MONDAY)
    assert (iso(ending.at), ending.row.regime) == ("2027-07-07T10:00:00Z", "eu-gdpr")


def test_an_unknown_regime_is_named_and_gives_no_row():
    assert regimes().unknown(["eu-gdpr", "atlantis"]) == ("atlantis",)
    assert regimes().strictest(["atlantis"], RightName.ACCESS, MONDAY) is None


def test_a_row_counts_from_its_first_day_to_its_last():
    known = parse(row(more='valid_to = "2021-01-01"'))
    counted = [
        day
        for day in ("2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01")
        if known.of(["x-law"], RightName.PORT, instant(f"{day}T12:00:00Z"))
    ]
    assert counted == ["2020-01-01", "2020-12-31"]
    last = instant("2021-01-01T00:00:00Z") - 1
    assert [len(known.of(["x-law"], RightName.PORT, at)) for at in (last, last + 1)] == [1, 0]


@pytest.mark.parametrize(
    "text",
    [
        row(answer="30 days"),
        row(answer="P0.5D"),
        row(status="someday"),
        row(status="repealed"),
        row(rights='"sing"'),
        row().replace("checked", "sure"),
    ],
)
def test_a_row_that_lacks_something_is_not_taken(text):
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


def test_a_length_never_ends_before_it_began_whatever_the_weekday():
    for shift in range(14):
        start = MONDAY + shift * DAY
        assert Length.parse("P10B").after(start) - start >= 10 * DAY
