"""Every colour reaches its contrast on every ground (WCAG 2.2: text 4.5:1, controls and marks 3:1)."""

import re

import pytest

from tests.house.source import SOURCE

SHEET = (SOURCE / "web/static/tokens.css").read_text(encoding="utf-8")
PICTURES = SOURCE / "web/templates/pictures"
TEXTS = ("ink", "success", "warning", "danger", "info", "primary", "muted", "primary-strong", "danger-strong")
SOFT = {"success": "success-soft", "warning": "warning-soft", "danger": "danger-soft", "info": "info-soft"}
# The table that the design states: colour, and its contrast on white and on the light ground, or on dark.
STATED = {
    "light": {
        "success": ("#18794e", 5.41, 5.17),
        "warning": ("#8a5300", 6.33, 6.06),
        "danger": ("#b42318", 6.57, 6.29),
        "info": ("#0b61a4", 6.44, 6.16),
        "primary": ("#1f4fd8", 6.63, 6.34),
        "muted": ("#566073", 6.33, 6.06),
        "control": ("#768294", 3.90, 3.73),
    },
    "dark": {
        "success": ("#5fd39a", 7.88),
        "warning": ("#f0b458", 7.95),
        "danger": ("#ff8f85", 6.65),
        "info": ("#6cb8f5", 6.86),
        "primary": ("#8fb0ff", 6.87),
        "muted": ("#a9b4c4", 7.00),
        "control": ("#8592a6", 4.66),
    },
}


def tokens(theme: str) -> dict[str, str]:
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", SHEET)
    return {name: light if theme == "light" else dark for name, light, dark in pairs}


THEMES = {theme: tokens(theme) for theme in ("light", "dark")}


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_are_those_of_the_design_with_the_contrast_it_states(theme):
    own = THEMES[theme]
    grounds = ("surface", "ground") if theme == "light" else ("surface",)
    for name, (colour, *ratios) in STATED[theme].items():
        assert own[name] == colour
        for ground, stated in zip(grounds, ratios, strict=True):
            assert contrast(colour, own[ground]) == pytest.approx(stated, abs=0.01), (name, ground)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", TEXTS)
def test_text_reaches_four_and_a_half_to_one_on_every_ground(theme, name):
    own = THEMES[theme]
    for ground in ("surface", "ground", "muted-soft", SOFT.get(name, "surface")):
        assert contrast(own[name], own[ground]) >= 4.5, ground


@pytest.mark.parametrize("theme", THEMES)
def test_plain_text_and_links_reach_it_on_every_notice(theme):
    own = THEMES[theme]
    for ground in (*SOFT.values(), "primary-soft", "muted-soft"):
        for name in ("ink", "primary", "muted"):
            assert contrast(own[name], own[ground]) >= 4.5, (name, ground)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["primary", "primary-strong", "danger", "danger-strong"])
def test_the_words_on_a_filled_button_reach_it(theme, name):
    assert contrast(THEMES[theme]["on-colour"], THEMES[theme][name]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["control", "primary", "success", "warning", "danger", "info", "muted"])
def test_edges_of_controls_the_focus_ring_and_marks_of_pictures_reach_three_to_one(theme, name):
    own = THEMES[theme]
    for ground in ("surface", "ground", "muted-soft"):
        assert contrast(own[name], own[ground]) >= 3, ground


def test_no_colour_stands_outside_the_table():
    """Only the tokens name colours on screen; a code for a camera is black on white whatever the theme."""
    sheet = (SOURCE / "web/static/site.css").read_text(encoding="utf-8")
    screen = re.sub(r"@media print \{.*\Z", "", sheet, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", screen)) <= {"#000", "#fff"}


@pytest.mark.parametrize("name", sorted(path.name for path in PICTURES.glob("*.svg.html")))
def test_a_picture_uses_at_most_seven_colours(name):
    sheet = (SOURCE / "web/static/site.css").read_text(encoding="utf-8")
    rules = dict(re.findall(r"(?m)^(?:\.picture )?\.([a-z-]+)(?:, .*)? \{(.*)\}$", sheet))
    template = (PICTURES / name).read_text(encoding="utf-8")
    used = {each for each in rules if re.search(rf"\b{each}\b", template)}
    used |= {
        each for each in rules for start in re.findall(r"\b([a-z]+-)\{\{", template) if each.startswith(start)
    }
    colours = {
        colour for each in used for colour in re.findall(r"(?:fill|stroke): var\(--([a-z-]+)\)", rules[each])
    }
    assert colours
    assert len(colours - {"surface", "line", "muted-soft", "primary-soft", "tone"}) <= 7, colours
