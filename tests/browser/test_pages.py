"""Every page, as each of the cast and as nobody: its policy is kept, nothing leaves, nobody is shut out."""

import pytest

from troth.web.frames import MEMBER_MENU

MEMBERS = [path for path, *_ in MEMBER_MENU]
OPEN = ["/", "/sign-in", "/register", "/agreement", "/contact"]
ROLES = range(4)
SCHEME = "getComputedStyle(document.body).backgroundColor == 'rgb(21, 29, 42)' ? 'dark' : 'light'"


def test_a_page_for_members_sends_nobody_to_sign_in(visit):
    here = visit()
    for path in MEMBERS:
        here.page.goto(path)
        assert here.page.url.startswith(f"{here.origin}/sign-in?back="), path


def test_an_address_that_is_none_is_a_page_that_says_so(visit):
    here = visit()
    assert here.page.goto("/nowhere").status == 404
    assert here.page.locator("h1").count() == 1
    assert here.axe() == []


@pytest.mark.parametrize("path", OPEN)
def test_a_public_page_shuts_nobody_out(visit, path, pictures):
    here = visit()
    assert here.page.goto(path).status == 200
    assert here.axe() == []
    here.look()
    here.page.screenshot(path=pictures / f"public{path.replace('/', '-')}.png", full_page=True)


@pytest.mark.parametrize("n", ROLES)
def test_every_page_of_each_of_the_cast_shuts_nobody_out(visit, served, n, pictures):
    here = visit(served.cast[n])
    found = {}
    for path in MEMBERS:
        answer = here.page.goto(path)
        assert answer.status == 200, f"{path} answered {answer.status}"
        assert here.page.locator("h1").count() == 1, path
        faults = here.axe()
        if faults:
            found[path] = faults
        here.look()
        here.page.screenshot(path=pictures / f"{n}{path.replace('/', '-')}.png", full_page=True)
    assert not found, "\n".join(f"{path}: {fault}" for path, some in found.items() for fault in some)


def choose_theme(here, theme):
    here.page.click("[popovertarget=theme]")
    here.page.click(f"#theme button[value={theme}]")


@pytest.mark.parametrize("system", ["light", "dark"])
def test_colours_are_as_the_system_has_them_until_somebody_chooses(visit, served, system):
    other = {"light": "dark", "dark": "light"}[system]
    here = visit(served.cast[0], color_scheme=system)
    assert here.page.evaluate(SCHEME) == system
    choose_theme(here, other)
    assert here.page.evaluate(SCHEME) == other
    choose_theme(here, "system")
    assert here.page.evaluate(SCHEME) == system


@pytest.mark.parametrize(("language", "theme"), [("ar", "light"), ("ja", "dark")])
def test_pages_hold_in_other_scripts_and_in_the_dark(visit, served, language, theme, pictures):
    here = visit(served.cast[2])
    here.page.click("[popovertarget=language]")
    here.page.click(f"#language button[value={language}]")
    if theme == "dark":
        choose_theme(here, "dark")
    found = {}
    for path in MEMBERS:
        here.page.goto(path)
        html = here.page.locator("html")
        assert html.get_attribute("lang") == language
        assert html.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert here.page.evaluate(SCHEME) == theme
        faults = here.axe()
        if faults:
            found[path] = faults
        here.page.screenshot(
            path=pictures / f"{language}-{theme}{path.replace('/', '-')}.png", full_page=True
        )
    assert not found, "\n".join(f"{path}: {fault}" for path, some in found.items() for fault in some)


def test_no_page_is_wider_than_a_narrow_screen(visit, served):
    here = visit(served.cast[2], viewport={"width": 320, "height": 640})
    wide = []
    for path in [*MEMBERS, *OPEN[3:]]:
        here.page.goto(path)
        if here.page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    assert wide == []


def test_pages_work_without_scripts(visit, served):
    here = visit(served.cast[2], java_script_enabled=False)
    for path in MEMBERS:
        assert here.page.goto(path).status == 200
        assert here.page.locator("h1").count() == 1


def test_what_the_agreement_says_is_marked_as_its_language_on_the_pages_of_another(visit, served):
    here = visit(served.cast[2], locale="ar")
    agreed = served.house.agreement.language
    marked = 0
    for path in [*MEMBERS, "/data/account", "/register"]:
        here.page.goto(path)
        assert here.page.locator("html").get_attribute("lang") == "ar"
        pairs = "all => all.map(e => [e.lang, e.innerText.trim()])"
        for language, text in here.page.eval_on_selector_all("main [lang]", pairs):
            if language == "ar":
                assert not text.isascii() or not any(c.isalpha() for c in text), (path, text)
            elif language == agreed:
                assert not any("\u0600" <= c <= "\u06ff" for c in text), (path, text)
                marked += 1
    assert marked > 100


def test_what_is_chosen_is_told_by_more_than_colour(visit, served):
    here = visit(served.cast[2], forced_colors="active")
    here.page.goto("/choices")
    look = """e => { const s = getComputedStyle(e), w = getComputedStyle(e.querySelector("span"));
        return [s.color, s.backgroundColor, s.borderWidth, w.textDecorationLine].join(" ") }"""
    found = {
        state: {b.evaluate(look) for b in here.page.locator(f".choosing [aria-pressed={state}]").all()}
        for state in ("true", "false")
    }
    assert found["true"]
    assert found["false"]
    assert not found["true"] & found["false"]
    assert all("underline" in each for each in found["true"])
