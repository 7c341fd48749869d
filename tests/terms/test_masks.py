import pytest

from troth.terms.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("ip", "203.0.113.9", "203.0.***"),
        ("ip", "2001:db8::1", "2001:db8:***"),
        ("email", "anna@example.org", "a***@e***.org"),
        ("name", "Bettina", "B******"),
        ("name", "B", "******"),
        ("phone", "+380501234556", "+380****4556"),
        ("date", "1980-01-31", "1980-01-**"),
        ("id_number", "UA:FG1234564", "UA:FG****64"),
        ("id_number", "SG:S12", "SG:******"),
        ("iban", "DE89370400440532013000", "DE****3000"),
        ("account_number", "1234", "******"),
        ("uid", "abcdef0123456789", "ab****89"),
        ("card_last4", "0042", "0042"),
        ("longtext", "a whole story", "******"),
        ("money", {"amount": "12.50", "currency": "EUR"}, "******"),
        ("boolean", True, "******"),
        ("picture", {"blob": "b", "type": "image/png", "size": 9}, "******"),
    ],
)
def test_a_mask_shows_enough_to_recognise_and_no_more(kind, value, shown):
    assert KINDS[kind].mask(value) == shown


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.name != "card_last4"], ids=lambda k: k.name
)
def test_no_mask_shows_the_middle_of_a_value(kind):
    shown = kind.mask("abcdefgh-middle-stuvwxyz")
    assert "middle" not in shown
    assert "*" in shown
