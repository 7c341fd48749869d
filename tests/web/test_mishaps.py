"""What went wrong, in the words of pages: every reason and every error, in the reader's own language."""

import re
from types import SimpleNamespace

import pytest

from tests.houses import MEMBER_TEXT
from troth import errors
from troth.errors import BadInput, FlowOver, TooManyAttempts, TrothError
from troth.rules.decision import Why
from troth.terms.parse import parse
from troth.web import languages, mishaps
from troth.web.languages import Reader
from troth.web.mishaps import reason, sentence, told

AGREEMENT = parse(MEMBER_TEXT)
PAGES = ("ar", "ja")
FOR_PROGRAMS = re.compile("[A-Za-z]{3}")


def reader(language):
    return SimpleNamespace(
        reader=Reader(language),
        words=lambda text: languages.translations(language).gettext(text),
        hall=SimpleNamespace(agreement=AGREEMENT),
    )


def leaves(kind):
    found = kind.__subclasses__()
    return [kind] if not found else [leaf for each in found for leaf in leaves(each)]


def one(kind):
    values = {"left": 4, "wait": 90, "number": 7, "size": 5, "reason": "expired"}
    problem = kind.__new__(kind)
    for name in getattr(kind, "__dataclass_fields__", {}):
        setattr(problem, name, values.get(name, "made-up"))
    return problem


def test_no_error_but_a_broken_thing_is_told_in_the_words_of_those_who_run_the_house():
    for kind in leaves(TrothError):
        if kind.__module__ == errors.__name__ and not issubclass(kind, errors.Broken | errors.Refused):
            said = " ".join(told(reader("en"), one(kind)))
            assert said, kind
            assert "`" not in said, kind
            assert "troth" not in said.lower(), kind


@pytest.mark.parametrize("language", PAGES)
def test_every_error_is_told_in_the_language_of_the_reader(language):
    for kind in leaves(TrothError):
        if kind.__module__ == errors.__name__ and not issubclass(kind, errors.Broken | errors.Refused):
            said = sentence(reader(language), one(kind)).replace("Cookie", "")
            assert not FOR_PROGRAMS.search(said), (kind, said)


@pytest.mark.parametrize("language", PAGES)
def test_every_reason_of_a_refusal_is_told_in_the_language_of_the_reader(language):
    for why in Why:
        said = " ".join(reason(reader(language), why.value, "X"))
        assert not FOR_PROGRAMS.search(re.sub("JPEG|PNG|WebP|PDF", "", said)), (why, said)


def test_each_reason_is_told_differently_from_no_reason_at_all():
    assert reason(reader("en"), "unknown-category", "nothing")[0] == "The agreement does not name “nothing”."
    assert reason(reader("en"), "consent-withdrawn", "a.b")[0] == "You withdrew your consent to this: a.b."
    assert reason(reader("en"), "damaged", "file")[0].startswith("This is cut short")


def test_what_is_stored_without_use_is_called_by_the_name_that_it_has_in_the_agreement():
    said, _ = reason(reader("en"), "restricted", "support")
    assert said == "You set this to be stored and not used: Conversations and ratings."


def test_the_time_to_wait_and_the_reason_of_an_end_are_told_in_words():
    assert sentence(reader("en"), TooManyAttempts(wait=90)).endswith("Try again in 1 minute and 30 seconds.")
    assert "It was done already." in sentence(reader("en"), FlowOver(reason="used"))
    assert "Its time is over." in sentence(reader("en"), FlowOver(reason="expired"))


def test_an_error_of_no_kind_is_told_as_it_says_itself():
    assert mishaps.told(reader("ar"), TrothError()) == ("something went wrong", "")
    assert "cannot be taken" in mishaps.sentence(reader("en"), BadInput())


@pytest.mark.parametrize(("language", "said"), [("ar", "المحاولات المتبقية: 4"), ("ja", "コードと違います")])
def test_a_wrong_code_is_told_in_the_language_of_the_reader(portal, language, said):
    visitor = portal.visitor(**{"accept-language": language})
    form = visitor.get("/register").form("/register")
    asked = visitor.send(form, identifier="mia@example.org", accept="yes")
    wrong = visitor.send(asked.form("/register/code"), code="00000000")
    assert wrong.status == 422
    assert said in wrong.words
    assert "this is not the code" not in wrong.text


@pytest.mark.parametrize("path", ["/data/secrets", "/seen/99999", "/support/C-0", "/data/account/x/file/y"])
def test_what_is_not_there_is_told_in_the_language_of_the_reader(portal, path):
    member = portal.register()
    member.headers["accept-language"] = "ja"
    page = member.get(path)
    assert page.status in (403, 404, 422)
    assert not re.search("no clause|nothing is held|has no entry|nothing here", page.words)


def test_the_title_of_a_page_that_says_no_is_its_heading(portal):
    member = portal.register()
    for path, said in {"/data/secrets": "Refused", "/seen/99999": "There is nothing here"}.items():
        page = member.get(path)
        assert page.title == said
        assert f"<title>{said} · " in page.text
