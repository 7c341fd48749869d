"""Recovery codes: how they are written and read, and that another one opens nothing."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import SealBroken
from troth.vault.recovery import is_code, key_of, new_code

VECTORS = Path(__file__).parents[1] / "vectors"
SALT = b"s" * 16
KEYS = (("account", b"k" * 32, b"p" * 16, b"c" * 32), (":self", b"l" * 32, b"p" * 16, b"d" * 32))


def test_a_code_is_eight_groups_of_five_and_no_two_are_alike():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert [len(group) for group in code.split("-")] == [5] * 8
        assert not set(code) & set("ILOU")
        assert is_code(code)


def test_a_code_is_read_as_people_write_it():
    code = new_code()
    for written in (
        code.lower(),
        code.replace("-", " "),
        code.replace("-", ""),
        f" {code}\n",
        code.replace("1", "l"),
    ):
        assert is_code(written)
        assert key_of(written, SALT).secret() == key_of(code, SALT).secret()
    assert is_code(code.replace("0", "O").replace("1", "I"))


@given(st.integers(0, 39), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_symbol_is_noticed(place, symbol):
    symbols = new_code().replace("-", "")
    wrong = symbols[:place] + symbol + symbols[place + 1 :]
    assert is_code(wrong) == (wrong == symbols)


@given(st.text(max_size=60))
def test_any_other_text_is_no_code_and_opens_nothing(text):
    assert not is_code(text)
    with pytest.raises(SealBroken):
        key_of(text, SALT)


def test_what_was_sealed_opens_with_its_code_salt_and_person_alone():
    code = new_code()
    sealed = key_of(code, SALT).seal(KEYS, 7)
    assert key_of(code, SALT).unseal(sealed, 7) == KEYS
    for key, subject in (
        (key_of(new_code(), SALT), 7),
        (key_of(code, b"t" * 16), 7),
        (key_of(code, SALT), 8),
    ):
        with pytest.raises(SealBroken):
            key.unseal(sealed, subject)


def test_a_key_shows_itself_to_nobody():
    assert "recovery" in repr(key_of(new_code(), SALT))


def test_what_an_earlier_version_sealed_opens():
    (vector,) = json.loads((VECTORS / "recovery.json").read_text("utf-8"))["opens"]
    salt, sealed = bytes.fromhex(vector["salt"]), bytes.fromhex(vector["sealed"])
    key = key_of(vector["code"], salt)
    assert key.secret().hex() == vector["key"]
    assert [
        [k, *(part.hex() for part in rest)] for k, *rest in key.unseal(sealed, vector["subject"])
    ] == vector["keys"]
    with pytest.raises(SealBroken):
        key.unseal(sealed, vector["subject"] + 1)
