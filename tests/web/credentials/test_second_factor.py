"""A code of the application counts in its time and once; so does each recovery code."""

import re
from base64 import b32encode

import pyotp
import pytest
import segno

from tests.web.credentials.conftest import NOW
from troth.canonical import decode, encode
from troth.clock import SECOND
from troth.errors import CredentialRefused
from troth.web.credentials.second_factor import (
    BORDER,
    RECOVERY_CODES,
    Totp,
    new_recovery_codes,
    new_totp,
    picture,
    provisioning_uri,
    use_recovery_code,
    verify_totp,
)

STEP = 30 * SECOND
# RFC 6238 appendix B, SHA-1: the last six of its eight digits
RFC6238 = Totp(b32encode(b"12345678901234567890").decode("ascii"))
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.fixture
def totp():
    return new_totp()


def code(totp, at):
    return pyotp.TOTP(totp.secret).at(at // SECOND)


@pytest.mark.parametrize(("at", "digits"), VECTORS)
def test_the_vectors_of_the_standard_are_accepted(at, digits):
    assert verify_totp(RFC6238, digits, at=at * SECOND).last_step == at // 30


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_counts_one_step_to_either_side(totp, steps):
    assert verify_totp(totp, code(totp, NOW + steps * STEP), at=NOW).last_step == NOW // STEP + steps


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_time_does_not_count(totp, steps):
    with pytest.raises(CredentialRefused):
        verify_totp(totp, code(totp, NOW + steps * STEP), at=NOW)


def test_a_code_counts_once_and_none_before_it_counts_after_it(totp):
    used = verify_totp(totp, code(totp, NOW), at=NOW)
    for steps in (-1, 0):
        with pytest.raises(CredentialRefused):
            verify_totp(used, code(totp, NOW + steps * STEP), at=NOW)
    assert verify_totp(used, code(totp, NOW + STEP), at=NOW).last_step == used.last_step + 1


@pytest.mark.parametrize("typed", ["", "abcdef", "1", "0" * 500])
def test_what_is_no_code_is_refused(totp, typed):
    with pytest.raises(CredentialRefused):
        verify_totp(totp, typed, at=NOW)


def test_a_code_may_be_typed_with_a_space(totp):
    digits = code(totp, NOW)
    assert verify_totp(totp, f"{digits[:3]} {digits[3:]}", at=NOW).last_step > 0


def test_a_secret_has_160_bits_survives_its_record_and_shows_itself_to_nobody(totp):
    assert len(totp.secret) == 32
    assert Totp.read(decode(encode(totp.plain()))) == totp
    assert totp.secret not in repr(totp)
    assert new_totp() != totp


def test_the_address_for_an_application_is_one_that_applications_read(totp):
    read = pyotp.parse_uri(provisioning_uri(totp, name="ann", issuer="Example Exchange Ltd"))
    assert (read.secret, read.name, read.issuer) == (totp.secret, "ann", "Example Exchange Ltd")


def test_the_picture_is_the_code_module_for_module():
    text = "otpauth://totp/Example:ann?secret=ABC&issuer=Example"
    drawn = picture(text)
    dark = {
        (int(x) + each, int(y))
        for x, y, run, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn.path)
        for each in range(int(run))
        if run == back
    }
    rows = segno.make_qr(text, error="m").matrix
    assert drawn.side == len(rows) + 2 * BORDER
    assert dark == {
        (x + BORDER, y + BORDER) for y, row in enumerate(rows) for x, module in enumerate(row) if module
    }
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", drawn.path), "nothing that is not drawing"


def test_recovery_codes_are_ten_random_and_readable():
    codes, hashes = new_recovery_codes()
    assert len(set(codes)) == len(set(hashes)) == RECOVERY_CODES
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}", each) for each in codes)
    assert not {each.replace("-", "") for each in codes} & set(hashes)


def test_each_recovery_code_counts_once():
    codes, hashes = new_recovery_codes()
    for used, each in enumerate(codes, 1):
        hashes = use_recovery_code(hashes, each)
        assert len(hashes) == RECOVERY_CODES - used
        with pytest.raises(CredentialRefused):
            use_recovery_code(hashes, each)


def test_a_recovery_code_may_be_typed_as_people_read_it():
    codes, hashes = new_recovery_codes()
    read = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert use_recovery_code(hashes, read) == hashes[1:]


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "ﬀ" * 24, "A" * 10_000])
def test_what_is_no_recovery_code_is_refused(typed):
    with pytest.raises(CredentialRefused):
        use_recovery_code(new_recovery_codes()[1], typed)
