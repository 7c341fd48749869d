"""What holds for every template: no inline code, no other site, no text that is not translated."""

import re

import pytest
from jinja2 import nodes

from tests.house.source import SOURCE
from troth.web.languages import Reader
from troth.web.rendering import Rendering

PLACE = SOURCE / "web/templates"
TEMPLATES = sorted(path.relative_to(PLACE).as_posix() for path in PLACE.rglob("*") if path.is_file())
_JINJA = re.compile(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_ADDRESS = re.compile(r"""(?:https?:)?//[a-z0-9]""")
_ATTRIBUTE = re.compile(r'[a-z-]+="[^"]*"')  # of a macro that gives nothing but attributes
_SHOWN = re.compile(
    r"""\b(?:title|alt|placeholder|aria-label|aria-description|data-words)="([^"{]*[A-Za-z][^"{]*)"""
)
UNTRANSLATED = {"UTC", "Troth", "CSV", "JSON", "PNG", "JPEG", "IBAN", "troth.json"}


def source(name: str) -> str:
    return (PLACE / name).read_text(encoding="utf-8")


def markup(name: str) -> str:
    """The HTML of a template alone, without what Jinja does."""
    return _JINJA.sub("", source(name))


def test_there_are_templates():
    assert "base.html" in TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name):
    assert Rendering()._environment.get_template(name).name == name


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_has_no_style_and_no_script_of_its_own(name):
    html = markup(name)
    assert not re.search(r"<style|\sstyle\s*=|javascript:", html, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", html, re.IGNORECASE)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source(name)))
    assert re.findall(r"<script[^>]*>\s*[^<\s]", source(name)) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_asks_nothing_of_another_site(name):
    assert _ADDRESS.findall(source(name).replace('xmlns="http://www.w3.org/2000/svg"', "")) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_uses_nothing_of_htmx_that_evaluates_text(name):
    text = source(name)
    assert not re.search(r"hx-on|hx-vals\s*=\s*['\"]js|\bjs:|hx-trigger\s*=\s*\"[^\"]*\[", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_never_says_that_a_value_is_safe(name):
    tree = Rendering()._environment.parse(source(name))
    assert [each.lineno for each in tree.find_all(nodes.Filter) if each.name == "safe"] == []
    assert "autoescape" not in source(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_text_in_it_is_left_untranslated(name):
    text = _ATTRIBUTE.sub(" ", _TAG.sub(" ", markup(name).replace("&nbsp;", " ")))
    words = re.findall(r"[^\W\d_][\w'-]*", text)
    assert [word for word in words if word not in UNTRANSLATED] == []
    assert _SHOWN.findall(source(name)) == []


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith(("parts/", "pictures/"))])
def test_no_text_of_a_part_is_fixed_in_the_language_that_came_first(name):
    """A part is imported once for every language: at its top nothing may be translated."""
    tree = Rendering()._environment.parse(source(name))
    top = [each for each in tree.body if not isinstance(each, nodes.Macro)]
    asked = [
        call.lineno
        for each in top
        for call in each.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext", "pgettext")
    ]
    assert asked == []


def test_a_letter_says_a_name_as_it_is_written_and_no_html():
    said = Rendering().part(
        "letters/request.txt", Reader("en"), house="Moon's & <Co>", reference="X", sentence="s",
        link="https://example.org/?a=1&b=2",
    )  # fmt: skip
    assert "Moon's & <Co>" in said
    assert said.endswith("https://example.org/?a=1&b=2")
