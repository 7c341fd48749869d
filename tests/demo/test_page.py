"""The page is plain when it is piped, and the same in JSON."""

from io import StringIO

from troth.demo.page import WIDTH, Page


def told(*, silent: bool = False) -> tuple[Page, str]:
    out = StringIO()
    page = Page.on(out, silent=silent)
    page.scene("A beginning")
    page.say("it is [bold]so[/bold]", good=True)
    page.table(("who", "how many #"), [("山田 里佳", "1,000")], good=False)
    page.code("troth verify --dir " + "x" * 200)
    page.figure("people", 1_000)
    return page, out.getvalue()


def test_it_has_no_colour_and_no_control_characters_when_it_is_piped():
    _, text = told()
    assert "\x1b" not in text
    assert "✓ it is [bold]so[/bold]" in text
    assert "✗  山田 里佳" in text


def test_no_line_is_wider_than_the_page_except_what_is_to_be_copied():
    _, text = told()
    wide = [line for line in text.splitlines() if len(line) > WIDTH]
    assert wide == ["  troth verify --dir " + "x" * 200]


def test_a_silent_page_says_nothing_and_keeps_everything():
    page, text = told(silent=True)
    assert text == ""
    (scene,) = page.plain()["scenes"]
    assert scene["scene"] == "A beginning"
    assert scene["tables"] == [{"head": ["who", "how many"], "rows": [("山田 里佳", "1,000")]}]
    assert page.plain()["figures"] == {"people": 1_000}
