"""Every page, as each of the cast and as nobody: its policy is kept, nothing leaves, nobody is shut out."""

import re

import pytest

from troth.web.frames import MEMBER_MENU

MEMBERS = [path for path, *_ in MEMBER_MENU]
OPEN = ["/", "/sign-in", "/register", "/agreement", "/contact", "/requests/without-account"]
ROLES = range(4)
FURTHER = [
    *OPEN[2:],
    "/agreement/days",
    "/agreement/numbers",
    "/agreement/versions/1",
    "/data/account",
    "/identifiers",
    "/give/camera.profile/camera",
    "/give/payment.national/payment",
    "/verification/identity-check/give/identity/identity_verification",
    "/support/new",
    "/requests/new",
    "/requests/new/opt_out",
    "/requests/new/erase/check?over=*",
    "/requests/new/complain/check",
]
AS_WRITTEN = {  # so in every language
    "UTC", "IBAN", "PDF", "JSON", "CSV", "PIN", "Markdown", "Global Privacy Control", "MB", "kB",
    "Chrome", "Linux",
    "Card declined",  # typed by one of the cast
}  # fmt: skip
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


STEPS = [
    "/requests/new",
    "/requests/new/opt_out",
    "/requests/new/port",
    "/requests/new/erase/check?over=*",
    "/requests/new/complain/check",
    "/agreement/numbers",
]


@pytest.mark.parametrize("how", [{}, {"locale": "ar"}, {"viewport": {"width": 320, "height": 640}}], ids=str)
def test_the_steps_of_a_request_and_its_page_shut_nobody_out(visit, served, how):
    here = visit(served.cast[1], **how)
    found = {}
    for path in STEPS:
        assert here.page.goto(path).status == 200, path
        found[path] = here.axe()
        assert here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    here.page.goto("/requests/new/restrict/check?over=device")
    here.page.locator("main form[action='/requests/new/restrict'] button").press("Enter")
    here.page.wait_for_url("**/requests/RE-*")
    found["tracker"] = here.axe()
    own = AS_WRITTEN | {served.house.agreement.organisation.name}
    said = here.page.evaluate(WALK)
    assert not [text for language, text in said if language == "ar" and unmarked(text, own)]
    assert here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not {path: faults for path, faults in found.items() if faults}


def test_a_request_is_asked_for_and_followed_without_scripts(visit, served):
    here = visit(served.cast[2], java_script_enabled=False)
    here.page.goto("/requests/new")
    here.page.locator("input[value=restrict]").check()
    here.page.locator("main form button").click()
    here.page.locator("input[value=device]").check()
    here.page.locator("main form button").click()
    here.page.locator("main form[action='/requests/new/restrict'] button").click()
    here.page.wait_for_url("**/requests/RE-*")
    followed = here.page.url
    here.page.go_back()
    here.page.wait_for_url("**/requests/new/restrict/check?over=device")
    here.page.go_back()
    here.page.wait_for_url("**/requests/new/restrict**")
    here.page.goto("/requests")
    assert here.page.locator(f"a[href='/requests/{followed.rpartition('/')[2]}']").count() == 1


WALK = """() => {
  const out = [], walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const at = node.parentElement, near = at.closest("[lang]");
    if (!at.closest("script, style, title, code, pre") && node.nodeValue.trim())
      out.push([near.lang, node.nodeValue.trim()]);
  }
  for (const at of document.querySelectorAll("[aria-label], [alt], [placeholder], [title]"))
    for (const name of ["aria-label", "alt", "placeholder", "title"])
      if (at.getAttribute(name)) out.push([at.closest("[lang]").lang, at.getAttribute(name)]);
  return out;
}"""
LATIN = re.compile(r"[A-Za-z]{2,}")
NUMBERS = re.compile(
    r"[A-Z]{1,2}(-[A-Z0-9]{4}){2}|[0-9]+-[0-9a-f]{12}|[0-9a-f]{16}|\S*\*{3}\S*"
)  # and masked values


def unmarked(text, own):
    """Return the words in Latin letters of a text that are none of these."""
    text = NUMBERS.sub("", text)
    for each in own:
        text = text.replace(each, "")
    return LATIN.findall(text)


@pytest.mark.parametrize("n", [1, 2])
def test_words_of_another_language_are_marked_as_its_wherever_a_member_reads_them(visit, served, n):
    here, agreement = visit(served.cast[n], locale="ar"), served.house.agreement
    own = sorted(AS_WRITTEN | {agreement.organisation.name}, key=len, reverse=True)
    found, marked = {}, 0
    here.page.goto("/seen")
    links = here.page.eval_on_selector_all("a[href^='/seen/']", "all => all.map(e => e.getAttribute('href'))")
    for path in [*MEMBERS, *FURTHER, links[0]]:
        assert here.page.goto(path).status == 200, path
        assert here.page.locator("html").get_attribute("lang") == "ar", path
        for language, text in here.page.evaluate(WALK):
            if language == "ar" and (words := unmarked(text, own)):
                found.setdefault(path, []).append((text, words))
            if language == agreement.language:
                marked += 1
                assert not any("\u0600" <= c <= "\u06ff" for c in text), (path, text)
    assert not found, "\n".join(f"{path}: {some}" for path, some in found.items())
    assert marked > 500


def test_the_zone_of_a_browser_is_offered_and_sent_by_one_press_and_no_other_way(visit):
    here, sent = visit(timezone_id="Asia/Tokyo"), []
    here.page.on("request", lambda request: sent.append((request.method, request.post_data or request.url)))
    here.page.goto("/sign-in")
    here.page.get_by_role("link", name="Time zone").click()
    offer = here.page.get_by_role("button", name="Use the zone of this browser: Japan, Tokyo")
    offer.wait_for()
    assert here.page.get_by_label("Time zone").input_value() == "UTC"
    assert here.axe() == []
    assert not [each for each in sent if "Tokyo" in each[1]]

    offer.click()

    here.page.wait_for_url("**/sign-in")
    assert [method for method, said in sent if "Tokyo" in said] == ["POST"]
    here.page.goto("/look")
    assert here.page.get_by_label("Time zone").input_value() == "Asia/Tokyo"
    assert not offer.is_visible()


def test_a_list_of_the_agreement_runs_its_own_way_on_a_page_that_runs_the_other(visit):
    here = visit(locale="ar", viewport={"width": 1280, "height": 900})
    here.page.goto("/register")
    lists = here.page.locator(".lead bdi")
    assert lists.count() == 1
    assert lists.get_attribute("lang") == "en"
    assert lists.inner_text() == "your e-mail address and the name you sign in with"
    places = here.page.evaluate("""() => {
      const words = document.querySelector(".lead bdi").firstChild, at = words.nodeValue.indexOf(" and "),
        range = document.createRange();
      const left = (start, end) =>
        (range.setStart(words, start), range.setEnd(words, end), range.getBoundingClientRect());
      return [left(0, 4), left(at + 1, at + 4)].map(each => [each.top, each.left]);
    }""")
    assert places == sorted(places), "`your` does not stand before `and`"


def test_each_value_of_a_stacked_table_stands_beside_its_words(visit, served):
    here = visit(served.cast[2], locale="ar", viewport={"width": 390, "height": 844})
    here.page.goto("/copy")
    sides = here.page.eval_on_selector_all(
        ".rows tbody bdi",
        """all => all.map(each => {
          const range = document.createRange(); range.selectNodeContents(each);
          const cell = each.parentElement.getBoundingClientRect(), own = range.getBoundingClientRect();
          return Math.round(cell.right - own.right);
        })""",
    )
    assert len(sides) > 4
    assert len(set(sides)) == 1, sides


def test_a_text_of_the_agreement_is_never_silently_in_another_language(visit, served):
    here = visit(served.cast[2], locale="ar")
    paths = ["/register", "/choices", "/verification", "/give/camera.profile/camera",
             "/give/payment.national/payment", "/support/new", "/agreement",
             "/agreement/versions/1"]  # fmt: skip
    for path in paths:
        here.page.goto(path)
        said = here.page.locator(".notice-warning bdi[lang=en]", has_text="English")
        assert said.count() == 1, path
    own = visit(served.cast[2], locale="en")
    for path in paths:
        own.page.goto(path)
        assert "not available in your language" not in own.page.locator("main").inner_text(), path


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
