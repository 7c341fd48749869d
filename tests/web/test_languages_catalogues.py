"""Every text of the pages is in every catalogue, whole and with its placeholders."""

import pytest
from babel.messages.catalog import Catalog

from scripts import words
from troth.web.languages import LANGUAGES, SOURCE, translations

WANTED = words.used()


def test_every_language_of_the_pages_has_a_catalogue():
    assert set(words.languages()) == set(LANGUAGES) - {SOURCE}


def test_the_texts_of_templates_and_of_modules_are_found():
    files = {file for message in WANTED for file, _ in message.locations}
    assert "templates/base.html" in files
    assert any(file.endswith(".py") for file in files)


@pytest.mark.parametrize("language", words.languages())
def test_the_catalogue_has_every_text_translated(language):
    assert words.findings(language, WANTED) == []


@pytest.mark.parametrize("language", words.languages())
def test_the_catalogue_is_written_as_the_script_writes_it(language, tmp_path):
    path = words.WORDS / language / "messages.po"
    assert path.read_text(encoding="utf-8") == words.written(language, WANTED), "run `scripts/words.py`"


def test_a_text_that_lacks_is_left_over_or_loses_a_placeholder_is_found():
    wanted = Catalog(locale="ja")
    wanted.add("A text that no page has")
    said = words.findings("ja", wanted)
    assert "ja: `A text that no page has` is not in the catalogue" in said
    assert any(each.endswith("is used nowhere") for each in said)


@pytest.mark.parametrize(
    ("source", "string", "fault"),
    [
        ("by %(day)s", "", "has no translation"),
        ("by %(day)s", "irgendwann", "has other placeholders than ['day']"),
        ("by %(day)s", "%(day)s %(name)s", "has other placeholders than ['day']"),
        (("one", "%(num)d"), ("eins", ""), "has no translation"),
    ],
)
def test_a_faulty_translation_is_found(source, string, fault):
    catalogue = Catalog(locale="de")
    assert words.faults(catalogue.add(source, string=string), catalogue.num_plurals) == [fault]


def test_a_translation_in_doubt_is_found():
    catalogue = Catalog(locale="de")
    assert words.faults(catalogue.add("Menu", string="Menü", flags={"fuzzy"}), 2) == ["is marked fuzzy"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ar", "توجد %(num)d مشكلات"),
        ("ja", "問題が %(num)d 件あります"),
        ("en", "There are %(num)d problems"),
    ],
)
def test_plurals_follow_the_language(language, said):
    spoken = translations(language).ngettext("There is a problem", "There are %(num)d problems", 5)
    assert spoken == said
