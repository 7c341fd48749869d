import pytest

from tests.terms.small import BASE, FRONT, agreement
from troth.terms.check import check
from troth.terms.parse import parse


def told(prose, front=FRONT):
    text = agreement(*BASE, "inform: it is about us").replace(FRONT, front)
    text = text.replace("We keep to this.\n\n```rule\ninform", f"{prose}\n\n```rule\ninform")
    return [f.code for f in check(parse(text))]


@pytest.mark.parametrize(
    "prose",
    [
        "We share it with our partners.",
        "We may provide your address to trusted\nthird parties.",
        "It is disclosed to affiliates.",
        "We give it to other companies.",
    ],
)
def test_recipients_that_nobody_can_resolve_are_an_error(prose):
    assert "L7" in told(prose)


@pytest.mark.parametrize(
    "prose",
    ["We never share it with third parties.", "Our partners are kind.", "We do not give it to partners."],
)
def test_what_is_denied_or_not_shared_is_clean(prose):
    assert told(prose) == []


def test_a_party_that_names_nobody_is_an_error():
    rule = (
        "disclose: friends\nrecipients: {partners: {place: SG, relationship: processor}}\nof: account\n"
        "for: service\nby: {roles: [desk]}\nbasis: contract"
    )
    assert "L7" in [f.code for f in check(parse(agreement(*BASE, rule)))]


@pytest.mark.parametrize(
    "prose",
    [
        "Games, for example.",
        "Books, including but not limited to novels.",
        "Books etc. are lent.",
        "Such as it is, e.g. here.",
    ],
)
def test_open_lists_are_a_warning(prose):
    assert told(prose) == ["L10"]


@pytest.mark.parametrize(
    "prose",
    [
        "We keep it as needed.",
        "We usually ask.",
        "It might change.",
        "It may change.",
        "Various people see it.",
        "Some of it goes.",
    ],
)
def test_hedges_are_a_warning(prose):
    assert told(prose) == ["L11"]


@pytest.mark.parametrize(
    "prose",
    [
        "You may object.",
        "It may not be sold.",
        "Only a doctor may read it.",
        "It takes at most a day.",
        "It changes in May.",
        "Certain data is kept longer, as clause 8.2 says.",
        "Say how many you want.",
    ],
)
def test_what_is_clear_or_clarified_is_left_alone(prose):
    assert told(prose) == []


def test_only_english_is_read():
    assert told("It may change.", FRONT.replace("language: en", "language: nl")) == []
