"""What is left must let somebody in; custody decides who adds and removes."""

import pytest

from troth.clock import Instant
from troth.web.accounts.keeping import Credential, opens


def having(*kinds):
    return [Credential(bytes(16), kind, "", "", Instant(0), {}) for kind in kinds]


@pytest.mark.parametrize(
    ("kinds", "by_code", "inside"),
    [
        ((), False, False),
        (("password",), False, False),
        (("totp", "recovery"), False, False),
        (("password", "recovery"), False, False),
        ((), True, True),
        (("passkey",), False, True),
        (("password", "totp"), False, True),
    ],
)
def test_somebody_gets_in_by_a_code_a_passkey_or_a_password_with_its_second_factor(kinds, by_code, inside):
    assert opens(having(*kinds), by_code=by_code) is inside
