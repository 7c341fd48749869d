"""Pages by the keyboard alone: everything is reached, seen to be reached, and left again."""

import re

from playwright.sync_api import Page

from troth.web.frames import MEMBER_MENU

MEMBERS = [path for path, *_ in MEMBER_MENU]
EMAIL = "kim.key@example.org"
MOST = 300  # stops on one page

# Everything that a pointer could press or fill in, and is seen; of radio buttons of one name, one is a stop.
PRESSABLE = """() => {
  const seen = new Map();
  for (const each of document.querySelectorAll(
      "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
    const shown = each.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
    if (each.disabled || !shown) continue;
    const name = each.type === "radio" ? "radio " + each.name : each;
    if (!seen.has(name)) seen.set(name, each);
  }
  let n = 0;
  for (const each of seen.values()) each.dataset.stop = ++n;
  return n;
}"""
# What has the focus now: its mark, and whether one sees that it has it.
FOCUS = """async () => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(here.getAnimations().map((each) => each.finished));
  const radio = here.type === "radio" && document.querySelector(`[name="${here.name}"][data-stop]`);
  const style = getComputedStyle(here);
  const ring = parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none";
  const box = here.getBoundingClientRect();
  const ours = ring || style.boxShadow !== "none";
  const within = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [(radio || here).dataset.stop || here.outerHTML.slice(0, 120), ours, within];
}"""


def go_to(page: Page, words: str) -> None:
    """Go from stop to stop until one that is called so has the focus."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('body')"):
            continue
        name = page.evaluate(
            """(document.activeElement.labels?.[0] || document.activeElement).textContent.trim()
            .replace(/\\s+/g, " ")"""
        )
        if re.search(words, name):
            return
    raise AssertionError(f"no way to {words} by the keyboard on {page.url}")


def test_every_page_is_walked_from_its_first_stop_to_its_last(visit, served):
    here = visit(served.cast[2], reduced_motion="reduce")
    page, wrong = here.page, []
    for path in MEMBERS:
        page.goto(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main", path
        wanted = {str(n + 1) for n in range(page.evaluate(PRESSABLE))}
        met = []
        while (stop := page.evaluate(FOCUS)) is not None and stop[0] not in met and len(met) < MOST:
            met.append(stop[0])
            if not stop[1]:
                wrong.append(f"{path}: nobody sees that {stop[0]} has the focus")
            if not stop[2]:
                wrong.append(f"{path}: {stop[0]} has the focus and is out of sight")
            page.keyboard.press("Tab")
        for n in sorted(wanted - set(met), key=int):
            told = page.locator(f"[data-stop='{n}']").first.evaluate("each => each.outerHTML.slice(0, 160)")
            wrong.append(f"{path}: never reached: {told}")
    assert wrong == [], "\n".join(wrong)


def test_the_first_stop_leads_past_the_menu(visit, served):
    page = visit(served.cast[2]).page
    page.goto("/choices")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_somebody_registers_chooses_and_signs_out_without_a_pointer(visit, served):
    page = visit().page
    page.goto("/register")
    go_to(page, "^E-mail address or user name")
    page.keyboard.type(EMAIL)
    go_to(page, "I have read the agreement")
    page.keyboard.press("Space")
    go_to(page, "^Go on$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/register")
    page.get_by_label("Code").wait_for()
    go_to(page, "^Code")
    page.keyboard.type(served.code(EMAIL))
    page.keyboard.press("Enter")
    page.wait_for_url("**/security*")

    page.goto("/choices")
    go_to(page, "^Yes, I agree$")
    page.keyboard.press("Space")
    page.get_by_role("heading", name="You agreed").wait_for()
    page.goto("/choices")
    assert page.locator("main button[value=given][aria-pressed=true]").count() == 1
    go_to(page, "^No, I do not agree$")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You withdrew your consent").wait_for()
    page.goto("/choices")
    assert page.locator("main button[value=given][aria-pressed=true]").count() == 0

    go_to(page, "^Sign out$")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are signed out").wait_for()
    page.goto("/home")
    assert "/sign-in" in page.url
