"""The closed list of field types: what each accepts, how it is found, masked and described.

`KINDS[type].accepts(value, spec)` returns the canonical JSON value or raises `BadValue`, which never
repeats the value. Libraries for hard formats are imported at their first use.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from troth.canonical import Plain
from troth.terms import kinds_formats as formats
from troth.terms import kinds_numbers as numbers
from troth.terms import kinds_text as texts
from troth.terms import masks
from troth.terms.agreement import FieldSpec
from troth.terms.refusing import CALLED

Accepts = Callable[[Any, FieldSpec], Plain]


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of field.

    `index` names the normalisation by which a value is found (as `vault.lookup` calls it), or is None
    where so few values exist that an index would tell them: `find` is then refused.
    """

    name: str
    accepts: Accepts
    mask: Callable[[object], str]
    schema: Mapping[str, Plain]  # JSON Schema of a value as it may be sent
    index: str | None = None
    limit: int = 0  # longest value when the field sets none: characters, or bytes of a file

    @property
    def words(self) -> str:
        """What a value of this type is called."""
        return CALLED[self.name]

    @property
    def findable(self) -> bool:
        """Whether a record may be found by a value of this type."""
        return self.index is not None


def _string(**more: Plain) -> dict[str, Plain]:
    return {"type": "string", **more}


_KINDS = (
    Kind("text", texts.text, masks.initial, _string(maxLength=500), "text", 500),
    Kind("longtext", texts.longtext, masks.hidden, _string(maxLength=20_000), None, 20_000),
    Kind("name", texts.name, masks.initial, _string(maxLength=200), "text", 200),
    Kind("handle", texts.handle, masks.initial, _string(maxLength=64), "handle", 64),
    Kind("uid", texts.uid, masks.ends, _string(maxLength=128), "exact", 128),
    Kind("secret", texts.secret, masks.hidden, _string(maxLength=4096), None, 4096),
    Kind("reference", texts.reference, masks.ends, _string(maxLength=128), "reference", 128),
    Kind("choice", texts.choice, masks.hidden, _string(maxLength=100), None, 100),
    Kind("gender", texts.gender, masks.hidden, _string(maxLength=40), None, 40),
    Kind("useragent", texts.useragent, masks.hidden, _string(maxLength=512), None, 512),
    Kind("url", texts.url, masks.hidden, _string(format="uri", maxLength=2048), None, 2048),
    Kind("language", texts.language, masks.hidden, _string(maxLength=35), None, 35),
    Kind("country", texts.country, masks.hidden, _string(pattern="^[A-Z]{2}$"), None, 2),
    Kind("email", formats.email, masks.email, _string(format="email"), "email", 254),
    Kind("phone", formats.phone, masks.phone, _string(maxLength=32), "phone", 32),
    Kind("iban", formats.iban, masks.last_four, _string(maxLength=42), "exact", 42),
    Kind("account_number", formats.account_number, masks.last_four, _string(), "exact", 40),
    Kind("id_number", formats.id_number, masks.after_country, _string(), "exact", 40),
    Kind("card_last4", formats.card_last4, masks.kept, _string(maxLength=4), None, 4),
    Kind("ip", formats.ip, masks.address, _string(maxLength=45), "exact", 45),
    Kind("date", numbers.date, masks.date, _string(format="date"), None, 10),
    Kind("time", numbers.time, masks.date, _string(format="date-time"), None, 40),
    Kind("integer", numbers.integer, masks.hidden, {"type": "integer"}),
    Kind("boolean", numbers.boolean, masks.hidden, {"type": "boolean"}),
    Kind("money", numbers.money, masks.hidden, numbers.MONEY, None, 24),
    Kind("json", numbers.small_object, masks.hidden, {"type": "object"}, None, 8192),
    Kind("picture", numbers.picture, masks.hidden, numbers.BLOB, None, 10_000_000),
    Kind("file", numbers.file, masks.hidden, numbers.BLOB, None, 25_000_000),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
WITH_CHOICES = ("choice", "gender")
