"""A page is rendered whole, in the reader's language, and shows no guarded value."""

from dataclasses import replace

import pytest
from jinja2 import ChoiceLoader, DictLoader, UndefinedError

from tests.web.gallery import AT, FRAME, gallery
from tests.web.markup import faults, parsed
from tests.web.pseudo import Pseudo
from troth.errors import LeakRefused
from troth.vault.plaintext import Plaintext
from troth.web.languages import LANGUAGES, Reader
from troth.web.rendering import Rendering

EVERY = [(language, theme) for language in LANGUAGES for theme in ("light", "dark")]


def rendering_of(template: str) -> Rendering:
    rendering = Rendering()
    rendering._environment.loader = DictLoader({"it.html": template})
    return rendering


def test_a_guarded_value_is_refused_where_a_page_would_show_it():
    guarded = Plaintext("+380501234556", "account.phone")
    with pytest.raises(LeakRefused):
        rendering_of("<p>{{ phone }}</p>").part("it.html", Reader(), phone=guarded)


def test_a_guarded_value_tells_only_its_label_to_a_filter():
    guarded = Plaintext("+380501234556", "account.phone")
    said = rendering_of("{{ phone|string }}{{ phone ~ '' }}").part("it.html", Reader(), phone=guarded)
    assert "380" not in said


def test_a_revealed_value_is_shown_escaped():
    guarded = Plaintext("<b>Amira</b>", "account.username")
    said = rendering_of("{{ name }}").part("it.html", Reader(), name=guarded.reveal())
    assert said == "&lt;b&gt;Amira&lt;/b&gt;"


def test_a_name_that_does_not_exist_fails_instead_of_leaving_a_hole():
    with pytest.raises(UndefinedError):
        rendering_of("{{ misspelt }}").part("it.html", Reader())


def test_a_file_that_does_not_exist_fails_instead_of_a_dead_address():
    with pytest.raises(KeyError):
        rendering_of("{{ static('misspelt.css') }}").part("it.html", Reader())


def test_none_prints_nothing():
    assert rendering_of("[{{ nothing }}]").part("it.html", Reader(), nothing=None) == "[]"


@pytest.mark.parametrize(("language", "theme"), EVERY)
def test_every_part_is_well_formed_labelled_and_free_of_inline_code(language, theme):
    frame = replace(FRAME, theme=theme, reader=Reader(language, "Asia/Singapore"))
    page = parsed(gallery(frame))
    assert faults(page) == []
    (html,) = page.of("html")
    assert (html["lang"], html.get("data-theme", "")) == (language, theme)
    assert html["dir"] == ("rtl" if language == "ar" else "ltr")
    sheets = [link["href"] for link in page.of("link") if link["rel"] == "stylesheet"]
    assert any("rtl" in sheet for sheet in sheets) == (language == "ar")


def test_one_environment_speaks_every_language_in_turn():
    rendering = Rendering()
    titles = {}
    for language in (*LANGUAGES, *reversed(LANGUAGES)):
        page = parsed(gallery(replace(FRAME, reader=Reader(language)), rendering=rendering))
        titles.setdefault(language, set()).add(
            next(each for each in page.of("a") if each.get("class") == "skip").text
        )
    assert all(len(said) == 1 for said in titles.values())
    assert len(set.union(*titles.values())) == len(LANGUAGES)


def test_the_language_of_a_reader_is_forgotten_after_the_page():
    rendering = rendering_of("{{ 1|number }}")
    rendering.part("it.html", Reader("ar"))
    with pytest.raises(LookupError):
        rendering._words()


def test_a_page_stands_when_every_word_is_longer():
    assert faults(parsed(gallery(words=Pseudo))) == []


def test_numbers_dates_and_plurals_follow_the_reader():
    counted = "{{ ngettext('There is a problem', 'There are %(num)d problems', 2) }}"
    rendering = rendering_of("{{ 1234|number }} {{ at|moment }} " + counted)
    said = rendering.part("it.html", Reader("ar", "Asia/Singapore"), at=AT)
    assert said == "1,234 3 مارس 2026، 22:05 (14:05 UTC) توجد مشكلتان"


def test_a_filter_is_asked_anew_for_each_reader_even_of_a_constant():
    rendering = rendering_of("{{ 0|day }}")
    assert rendering.part("it.html", Reader()) == "1 January 1970"
    assert rendering.part("it.html", Reader("ja")) == "1970年1月1日"


def test_words_that_run_the_other_way_are_kept_together_in_a_picture():
    rendering = rendering_of("{{ '8.1 Account'|isolated }}")
    assert rendering.part("it.html", Reader("ar")) == "\u20688.1 Account\u2069"
    assert rendering.part("it.html", Reader("ja")) == "8.1 Account"


def test_a_frame_without_preferences_offers_languages_as_links_and_asks_for_no_token():
    page = parsed(gallery(replace(FRAME, preferences="", sign_out="", usage="", csrf="token")))
    links = [each["href"] for each in page.of("a") if each.get("hreflang")]
    assert links == [f"/seen?language={language}" for language in LANGUAGES]
    assert not [each for each in page.of("script") if "usage.js" in each["src"]]


def test_what_is_not_the_page_comes_from_this_site_at_an_address_with_its_hash():
    rendering = Rendering()
    page = parsed(gallery(rendering=rendering))
    addresses = [each["src"] for each in page.of("script")]
    addresses += [each["href"] for each in page.of("link")]
    addresses += [each["href"].split("#")[0] for each in page.of("use")]
    assert addresses
    assert all(rendering.assets.at(address) for address in addresses)


def test_every_icon_that_a_template_names_is_in_the_sprite():
    rendering = Rendering()
    page = parsed(gallery(rendering=rendering))
    sprite = rendering.assets.at(page.of("use")[0]["href"].split("#")[0])
    there = {symbol["id"] for symbol in parsed(sprite.content.decode()).of("symbol")}
    assert {each["href"].split("#")[1] for each in page.of("use")} <= there


def test_a_status_that_is_none_of_the_five_words_fails():
    rendering = Rendering()
    template = "{% from 'parts/status.html' import status %}{{ status(word) }}"
    rendering._environment.loader = ChoiceLoader(
        [DictLoader({"it.html": template}), rendering._environment.loader]
    )
    assert "stand-at-risk" in rendering.part("it.html", Reader(), word="at risk")
    with pytest.raises(UndefinedError):
        rendering.part("it.html", Reader(), word="compliant")


def test_giving_and_refusing_are_the_same_button_but_for_their_words():
    page = parsed(gallery())
    (pair,) = (each for each in page.of("div") if "acts-equal" in each.get("class").split())
    give, refuse = pair.of("button")
    assert give["class"] == refuse["class"]
    assert give["name"] == refuse["name"]
    assert give["value"] != refuse["value"]


def test_the_error_summary_leads_to_each_field_and_the_field_names_its_error():
    page = parsed(gallery())
    (summary,) = (each for each in page.of("div") if each.get("class") == "error-summary")
    assert summary["role"] == "alert"
    for link in summary.of("a"):
        (field,) = (each for each in page.all() if each.get("id") == link["href"][1:])
        assert field.name in ("input", "select", "textarea")
    (email,) = (each for each in page.of("input") if each.get("id") == "email")
    assert email["aria-invalid"] == "true"
    assert email["aria-describedby"] == "email-hint email-error"


def test_a_password_that_was_typed_is_never_sent_back():
    page = parsed(gallery())
    (secret,) = (each for each in page.of("input") if each.get("type") == "password")
    assert "value" not in secret.attributes
    assert secret["autocomplete"] == "new-password"


def test_nothing_is_ticked_that_the_reader_did_not_tick():
    page = parsed(gallery())
    assert [each["value"] for each in page.of("input") if "checked" in each.attributes] == ["account"]
