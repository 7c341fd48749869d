"""Taking back is as easy as giving, measured on the pages; a page that makes it harder is found out."""

from dataclasses import replace

import pytest

from tests.houses import CLINIC_TEXT, MEMBER_TEXT, MINIMAL_TEXT
from troth.rules.compiling import compile_rules
from troth.terms.parse import parse
from troth.web.choosing import PAIRS
from troth.web.parity import declared, forms_of, parity, row_of

GIVE = '<button class="act" name="choice" value="given">Yes</button>'
REFUSE = '<button class="act" name="choice" value="refused">No</button>'
CONSENT = next(pair for pair in PAIRS if pair.name == "consent")


def book_of(text):
    return compile_rules(parse(text, "agreement.md"))


def compared(give=GIVE, refuse=REFUSE, before="", form='method="post" action="/choices/consent"'):
    hidden = '<input type="hidden" name="purpose" value="a.purpose">'
    page = f"<form {form}>{hidden}{before}{give}{refuse}</form>"
    return row_of(CONSENT, "a.purpose", "nothing chosen", forms_of(page)).differs


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"refuse": ""}, "one of the two ways is missing"),
        ({"give": ""}, "one of the two ways is missing"),
        ({"refuse": REFUSE.replace("act", "act act-small")}, "control"),
        ({"refuse": REFUSE.replace("<button", '<button formaction="/choices/sure"')}, "action"),
        ({"refuse": REFUSE.replace("<button", '<button hx-confirm="Sure?"')}, "asks again"),
        ({"form": 'method="post" action="/choices/consent" data-confirm="Sure?"'}, "asks again"),
        ({"give": GIVE.replace("<button", '<button aria-pressed="true"')}, "chosen"),
        ({"form": 'method="post" action="/choices/no-such-route"'}, "one of the two ways is missing"),
        ({"before": "<dialog></dialog>"}, "asks again"),
    ],
)
def test_a_way_that_is_harder_is_found(changed, found):
    assert found in compared(**changed)


def test_two_ways_that_are_alike_differ_in_nothing():
    assert compared() == ()


def test_a_consent_without_a_pair_is_found():
    rows = parity(book_of(MEMBER_TEXT), pairs=())
    assert {row.about for row in rows} == {"camera.identity", "camera.profile", "contact.promotion"}
    assert {row.differs for row in rows} == {("no declared pair",)}


def test_a_pair_whose_route_is_not_there_is_found():
    elsewhere = replace(CONSENT, page="/nowhere")
    rows = parity(book_of(MEMBER_TEXT), pairs=(elsewhere,))
    assert all("no such route" in row.differs for row in rows)


@pytest.mark.parametrize(
    "text", [MEMBER_TEXT, MINIMAL_TEXT, CLINIC_TEXT], ids=["member", "minimal", "clinic"]
)
def test_every_choice_of_every_agreement_is_as_easy_both_ways(text):
    book = book_of(text)
    rows = parity(book)
    assert [row for row in rows if row.differs] == []
    assert {row.about for row in rows if row.pair == "consent"} == set(book.consentable)


def test_the_pages_declare_their_pairs():
    assert set(declared()) == set(PAIRS)
