"""Refuse a value that is not of its field's type, by what the type is called."""

from typing import NoReturn

from troth.errors import BadValue
from troth.terms.agreement import FieldSpec

CALLED = {  # after "not taken as"
    "text": "a line of text",
    "longtext": "text",
    "name": "a name",
    "handle": "a sign-in name",
    "uid": "an identifier",
    "secret": "a secret",
    "reference": "a reference",
    "choice": "one of the choices",
    "gender": "a gender",
    "useragent": "a browser's name",
    "url": "a web address",
    "language": "a language tag",
    "country": "a country",
    "email": "an e-mail address",
    "phone": "a phone number",
    "iban": "an IBAN",
    "account_number": "an account",
    "id_number": "an identity number",
    "card_last4": "four digits",
    "ip": "an IP address",
    "date": "a date",
    "time": "an instant",
    "integer": "a whole number",
    "boolean": "yes or no",
    "money": "an amount of money",
    "json": "a small object",
    "picture": "a picture",
    "file": "a file",
}


def refuse(spec: FieldSpec, reason: str, hint: str) -> NoReturn:
    """Raise `BadValue` for a field, without the value."""
    raise BadValue(field=spec.name, kind=CALLED[spec.type], reason=reason, hint=hint)
