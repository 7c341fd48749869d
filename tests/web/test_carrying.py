"""What carries demands out beside the pages: in its reader's words, where the pages have them."""

import pytest

from troth.web.carrying import texts_in


@pytest.mark.parametrize(
    ("asked", "agreement", "title"),
    [
        ("ja", "en", "あなたのデータ"),
        ("", "ja", "あなたのデータ"),
        ("xx", "de", "Your data"),
        ("", "de", "Your data"),
    ],
)
def test_the_words_of_a_package_are_its_readers_or_some_that_the_pages_have(portal, asked, agreement, title):
    assert texts_in(portal.hall, agreement)(asked)["title"] == title
