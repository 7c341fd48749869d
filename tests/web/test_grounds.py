"""Codes of demands in words: every code that rules, deciding and the house can give has some."""

from troth.rules import rights_cases
from troth.rules.decision import ASSURANCES, Why
from troth.rules.grounds import Ground
from troth.web.grounds import ERASED, LATE, SOON, laws_of, words_of

EVERY = [
    *(each.value for each in (*Ground, *Why)),
    *ASSURANCES,
    rights_cases.NOT_PROVEN,
    rights_cases.PARTIAL,
    rights_cases.BY_HAND,
    rights_cases.LETTER,
    ERASED,
    SOON,
    LATE,
]


def plain(text):
    return text


def test_every_code_of_rules_has_words_of_its_own():
    nothing = words_of(plain, "nothing-that-is-a-code")
    for code in EVERY:
        said = words_of(plain, code)
        assert said != nothing, code
        assert "-" not in said, code
        assert said.endswith("."), code


def test_what_is_no_code_is_never_shown():
    assert "Mia" not in words_of(plain, "Mia is a nuisance")


def test_the_laws_of_some_codes_stand_once_each():
    assert laws_of(["unfounded", "excessive", "duty"]) == ("GDPR Art. 12(5)",)
