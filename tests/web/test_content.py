"""Words of the agreement are marked as its language wherever they are written."""

from jinja2 import ChoiceLoader, DictLoader
from markupsafe import Markup, escape

from troth.web.content import Content, all_of, content
from troth.web.languages import Reader
from troth.web.pictures import Course, Turn, steps
from troth.web.rendering import Rendering

ARABIC = Reader("ar")


def rendering_of(template):
    rendering = Rendering()
    own = rendering._environment.loader
    rendering._environment.loader = ChoiceLoader([DictLoader({"it.html": template}), own])
    return rendering


def test_words_of_the_agreement_are_marked_and_escaped_wherever_a_page_prints_them():
    assert escape(Content("a < b", "en")) == Markup('<bdi lang="en">a &lt; b</bdi>')
    assert escape("%(what)s") % {"what": Content("it", "en")} == '<bdi lang="en">it</bdi>'
    assert Content("it", "en") == "it"


def test_words_that_know_their_language_keep_it():
    assert content(Content("it", "en"), "fr").language == "en"
    assert content("it", "fr").language == "fr"
    assert content("", "fr") == ""


def test_a_list_of_the_agreement_is_a_list_in_its_language_and_one_element():
    parts = [Content(each, "en") for each in ("a", "b", "c")]
    assert escape(all_of(ARABIC, parts)) == '<bdi lang="en">a, b and c</bdi>'
    assert escape(all_of(ARABIC, ["a", "b"], "en")) == '<bdi lang="en">a and b</bdi>'


def test_a_list_of_different_languages_is_the_readers_and_each_part_keeps_its_own():
    said = escape(all_of(Reader(), [Content("a", "fr"), "<b>"]))
    assert said == '<bdi lang="fr">a</bdi> and <bdi>&lt;b&gt;</bdi>'


def test_an_option_and_a_title_say_their_words_without_an_element():
    rendering = rendering_of(
        """{% from "parts/form.html" import select %}{{ select("it", "It", ((1, words),)) }}"""
        "<title>{{ words|plain }}</title>"
    )
    said = rendering.part("it.html", ARABIC, words=Content("a & b", "fr"))
    assert '<option value="1" lang="fr">a &amp; b</option>' in said
    assert "<title>a &amp; b</title>" in said


def test_the_words_of_a_picture_keep_their_language_and_its_table_too():
    drawn = steps([Course(Content("To answer", "en"), (Turn(5, "given"),))], since=0, until=10)
    rendering = rendering_of(
        """{% from "pictures/steps.svg.html" import steps %}{{ steps(drawn, "it", "Title") }}"""
    )
    said = rendering.part("it.html", ARABIC, drawn=drawn)
    assert 'lang="en">\u2068To answer\u2069</text>' in said
    assert '<bdi lang="en">To answer</bdi>' in said
