"""Pages say the agreement's words by the titles and words of its clauses; the engine has none of its own."""

import pytest

from tests.houses import MEMBER_TEXT
from troth.terms.parse import parse
from troth.web.lexicon import lexicon_of, place_words

LEXICON = lexicon_of(parse(MEMBER_TEXT, "agreement.md"))


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("account", "Account data"),
        ("payment", "Bank accounts"),
        ("payment.national", "Bank accounts: national"),
        ("device", "Device data and network addresses: device"),
        ("support.feedback", "Conversations and ratings: feedback"),
        ("no-such-kind", "no such kind"),
    ],
)
def test_a_kind_of_data_is_called_by_the_clause_that_keeps_it(category, words):
    assert LEXICON.category(category) == words


def test_every_kind_of_data_has_a_name_of_its_own():
    names = [LEXICON.category(each) for each in LEXICON.categories]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("support.reply", "To answer you"),
        ("support.reply.later", "To answer you"),
        ("legal.request", "Authorities"),
        ("no.such", "no.such"),
    ],
)
def test_a_purpose_is_called_by_its_clause_or_that_of_one_above_it(purpose, words):
    assert LEXICON.purpose(purpose) == words


def test_a_recipient_is_called_by_its_own_words():
    assert LEXICON.recipient("authorities.court") == "The courts of Singapore"
    assert LEXICON.recipient("nobody.in-particular") == "in particular"
    assert LEXICON.is_authority("authorities.court")
    assert not LEXICON.is_authority("processors.payments.payments-processor")


def test_a_place_is_the_country_it_is_in_the_readers_language():
    assert place_words("EEA.IE", "en") == "Ireland"
    assert place_words("SG", "ja") == "シンガポール"
    assert place_words("moon", "en") == "moon"
