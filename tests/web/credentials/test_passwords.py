"""A password is long and not expected; the whole of it counts, and an account without one fails alike."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn import matching

from troth.errors import CredentialRefused
from troth.web.credentials.passwords import (
    _NOBODY,
    LONGEST,
    Advice,
    Reason,
    hash_password,
    judge,
    needs_rehash,
    pretend,
    shortest_for,
    verify_password,
)

GOOD = "correct horse battery"
CONTEXT = ("Example Exchange Ltd", "ann.archer@example.org", "+852 9123 4567", "portal.example.org")
SIGNS = "1|!70$5+2(4@{8<3[69%"


def reasons(password, *, shortest=15, blocklist=True, context=CONTEXT):
    return judge(password, shortest=shortest, blocklist=blocklist, context=context).reasons


@pytest.fixture(scope="module")
def phc():
    return hash_password(GOOD)


@pytest.mark.parametrize(
    ("agreed", "alone", "shortest"),
    [(None, True, 15), (8, True, 15), (20, True, 20), (None, False, 8), (12, False, 12), (8, False, 8)],
)
def test_no_agreement_makes_passwords_shorter_than_nist_does(agreed, alone, shortest):
    assert shortest_for(agreed, alone=alone) == shortest


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "my dog has nine fleas",
        "x9$Kq2!vR7#mZp4",
        "вечером пили чай с мёдом",  # noqa: RUF001 - it is Russian
        "今日は良い天気ですね一緒に散歩しましょう",
        "🐢🦊🐙🦀🐝🦉🐳🦔🐌🦋🐞🦎🐡🦚🦜",
        "portal to another winter",
        "     leading and trailing     ",
        "q" + "7hK2vXw9" * 31 + "Lm",
    ],
)
def test_what_is_long_and_unexpected_is_taken_whatever_it_is_made_of(password):
    judgement = judge(password, shortest=15, blocklist=True, context=CONTEXT)
    assert judgement.accepted
    assert judgement.score >= 3
    assert judgement.advice == ()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("P4ssw0rdP4ssw0rd", Reason.LISTED),
        ("iloveyouiloveyou", Reason.LISTED),
        ("PasswordPassword", Reason.LISTED),
        ("ExampleExchange!!", Reason.CONTEXT),
        ("example exchange ltd", Reason.CONTEXT),
        ("Ann.Archer@example.org", Reason.CONTEXT),
        ("annarcher-annarcher", Reason.CONTEXT),
        ("85291234567-91234567"[:11] * 2, Reason.CONTEXT),
        ("annarcher123456", Reason.CONTEXT),
        ("123456789012345", Reason.GUESSABLE),
        ("qwertyuiopasdfgh", Reason.GUESSABLE),
        ("aaaaaaaaaaaaaaa", Reason.GUESSABLE),
        ("               ", Reason.GUESSABLE),
        ("letmeinletmein123", Reason.GUESSABLE),
    ],
)
def test_what_is_expected_is_refused_with_the_reason(password, why):
    assert reasons(password) == (why,)
    assert reasons(password, blocklist=False) == ()


def test_the_whole_password_is_compared_and_not_a_word_in_it():
    assert reasons("my password hides behind seven hills") == ()
    assert reasons("ann lives two doors from an archer") == ()


def test_a_password_has_no_longest_but_one_that_nobody_types():
    assert reasons("") == (Reason.SHORT,)
    assert reasons("a long walk " * 21 + "home") == ()
    assert reasons("x" * (LONGEST + 1)) == (Reason.LONG,)


def test_it_is_counted_in_code_points_as_typed_and_as_kept():
    assert Reason.SHORT in reasons("correct horse!")
    assert Reason.SHORT in reasons("\ufdfa")  # one sign, eighteen in NFKC
    assert Reason.SHORT in reasons("e\u0301" * 8, blocklist=False)  # sixteen typed, eight kept


@pytest.mark.parametrize("password", ["\ud800" * 15, "\U000e0fff correct horse battery"])
def test_what_has_no_lasting_normal_form_is_refused(password):
    assert reasons(password) == (Reason.CHARACTERS,)


def test_advice_says_what_weakens_it():
    def advice(password):
        return judge(password, shortest=15, blocklist=True, context=CONTEXT).advice

    assert advice("abcabcabcabcabcabc") == (Advice.NO_REPEATS, Advice.MORE_WORDS)
    assert Advice.NO_SEQUENCES in advice("abcdefghijklmnop")
    assert Advice.NO_OWN_WORDS in advice("example exchange")
    assert Advice.NO_DATES in advice("31.12.1999")
    assert Advice.NO_KEYBOARD_ROWS in advice("zxcvfdsaqwer")


@settings(max_examples=200)
@given(
    password=st.text(max_size=80) | st.text(SIGNS, max_size=80) | st.text("ab1", max_size=80), word=st.text()
)
def test_every_text_is_judged(password, word):
    judgement = judge(password, shortest=8, blocklist=True, context=[word, password[:5]])
    assert 0 <= judgement.score <= 4
    assert judgement.accepted == (not judgement.reasons)
    assert judgement.guesses_log10 >= 0


@pytest.mark.parametrize("password", [SIGNS * 12, "ab" * 128, "a" * 256, "1a!B" * 64, "aaaab" * 51])
def test_no_password_takes_long_to_judge(password):
    judge(GOOD, shortest=15, blocklist=True)  # what is imported once
    begun = time.perf_counter()
    judge(password, shortest=15, blocklist=True, context=["a" * n for n in range(3, 250)])
    assert time.perf_counter() - begun < 2


def test_nothing_of_a_member_stays_in_the_library():
    before = set(matching.RANKED_DICTIONARIES)
    reasons(GOOD)
    assert set(matching.RANKED_DICTIONARIES) == before
    assert not any("annarcherexampleorg" in each for each in matching.RANKED_DICTIONARIES.values())


def test_a_hash_is_argon2id_with_a_salt_of_its_own(phc):
    assert phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password(GOOD) != phc


def test_the_same_password_in_another_normal_form_is_the_same(phc):
    verify_password(GOOD, phc)
    accented = hash_password("crème brûlée for Ⅷ")
    verify_password(unicodedata.normalize("NFD", "crème brûlée for VIII"), accented)


@pytest.mark.parametrize("password", ["", GOOD.title(), f"{GOOD} ", GOOD[:-1], "\ud800", "x" * 10_000])
def test_another_password_is_refused(phc, password):
    with pytest.raises(CredentialRefused):
        verify_password(password, phc)


def test_what_is_too_long_is_neither_hashed_nor_looked_at(phc):
    with pytest.raises(ValueError, match="not accepted"):
        hash_password("x" * (LONGEST + 1))
    begun = time.perf_counter()
    with pytest.raises(CredentialRefused):
        verify_password("\ufdfa" * 10_000_000, phc)
    assert time.perf_counter() - begun < 2


def test_the_last_of_many_characters_counts_too():
    long = "a long walk home " * 15
    with pytest.raises(CredentialRefused):
        verify_password(long[:-1] + "x", hash_password(long))


def test_hashes_of_other_costs_are_made_anew(phc):
    assert not needs_rehash(phc)
    assert needs_rehash(phc.replace("t=2", "t=1"))
    assert needs_rehash("$2b$12$" + "x" * 53)


def test_an_account_without_a_password_fails_like_one_with_another_at_the_same_cost(phc):
    for check in (lambda: verify_password("not it", phc), lambda: pretend("not it")):
        with pytest.raises(CredentialRefused):
            check()
    real, nobody = phc.split("$"), _NOBODY.split("$")
    assert real[:4] == nobody[:4]
    assert [len(each) for each in real] == [len(each) for each in nobody]
