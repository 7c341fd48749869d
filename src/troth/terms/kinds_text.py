"""Field types that are words: text, names, identifiers, choices and tags."""

import re
from unicodedata import category, is_normalized, normalize

from troth.terms.agreement import FieldSpec
from troth.terms.refusing import refuse

# Controls, line and paragraph separators, direction overrides, surrogates, byte order mark.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_REFUSED_LONG = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*\Z")
_URL = re.compile(r"https?://[^\s/?#\\@]+(?::\d{1,5})?(?:[/?#]\S*)?\Z", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?((?:-[A-Za-z0-9]{5,8})*)\Z"
)
GENDERS = ("female", "male", "other", "unstated")
_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ISO_3166.split())  # alpha-2, and XK in common use


def line(value: object, spec: FieldSpec, longest: int) -> str:
    """Return one line of text, NFC, without space at its ends; raises `BadValue`."""
    if type(value) is not str:
        refuse(spec, "it is not text", "send text")
    limit = spec.limit or longest
    if len(value) > limit:
        refuse(spec, f"it is longer than {limit} characters", "shorten it")
    text = value.strip()
    if not text:
        refuse(spec, "it is empty", "send a value, or leave the field out")
    if text.isascii() and text.isprintable():
        return text
    if _REFUSED.search(text):
        refuse(spec, "it holds a control or direction character", "remove it")
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def text(value: object, spec: FieldSpec) -> str:
    """Return a line of text."""
    return line(value, spec, 500)


def longtext(value: object, spec: FieldSpec) -> str:
    """Return text of several lines, with line feeds between them."""
    if type(value) is not str:
        refuse(spec, "it is not text", "send text")
    limit = spec.limit or 20_000
    if len(value) > limit:
        refuse(spec, f"it is longer than {limit} characters", "shorten it, or send a file")
    flat = value.replace("\r\n", "\n").replace("\r", "\n")
    if not flat.strip():
        refuse(spec, "it is empty", "send a value, or leave the field out")
    if _REFUSED_LONG.search(flat):
        refuse(spec, "it holds a control or direction character", "remove it")
    return normalize("NFC", flat)


def name(value: object, spec: FieldSpec) -> str:
    """Return a person's or firm's name as it is written; single spaces."""
    return " ".join(line(value, spec, 200).split())


def handle(value: object, spec: FieldSpec) -> str:
    """Return a sign-in name: letters and digits of any script, with `.`, `_` and `-` inside."""
    found = line(value, spec, 64)
    if (
        len(found) < 2
        or not found.translate(_HANDLE_MARKS).isalnum()
        or found[0] in "._-"
        or found[-1] in "._-"
    ):
        refuse(
            spec,
            "it has other characters than letters, digits and `.`, `_`, `-` inside",
            "choose two or more of those",
        )
    return found


_HANDLE_MARKS = {ord("."): None, ord("_"): None, ord("-"): None}


def uid(value: object, spec: FieldSpec) -> str:
    """Return an opaque identifier of a machine."""
    found = line(value, spec, 128)
    if not _UID.match(found):
        refuse(
            spec,
            "it has other characters than letters, digits and `.`, `_`, `:`, `-`",
            "send it without them",
        )
    return found


def secret(value: object, spec: FieldSpec) -> str:
    """Return what proves who signs in, in the form in which it is kept: printable ASCII."""
    found = line(value, spec, 4096)
    if not (found.isascii() and found.isprintable()):
        refuse(spec, "it has other characters than printable ASCII", "send it in its written form")
    return found


def reference(value: object, spec: FieldSpec) -> str:
    """Return a reference as people write it on paper; a lone dash, which means none, is none."""
    found = line(value, spec, 128)
    if all(each.isspace() or category(each) == "Pd" for each in found):
        refuse(spec, "it holds nothing but dashes", "send a reference, or leave the field out")
    return found


def choice(value: object, spec: FieldSpec) -> str:
    """Return one of the choices of the field."""
    if type(value) is not str or value not in spec.choices:
        refuse(spec, "it is none of the choices", "send one of " + ", ".join(spec.choices))
    return value


def gender(value: object, spec: FieldSpec) -> str:
    """Return one of the choices of the field, or of female, male, other, unstated."""
    choices = spec.choices or GENDERS
    if type(value) is not str or value not in choices:
        refuse(spec, "it is none of the choices", "send one of " + ", ".join(choices))
    return value


def useragent(value: object, spec: FieldSpec) -> str:
    """Return what a browser calls itself."""
    return line(value, spec, 512)


def url(value: object, spec: FieldSpec) -> str:
    """Return an http or https address without user name or password."""
    found = line(value, spec, 2048)
    if not _URL.match(found):
        refuse(spec, "it is no http or https address", "write it like https://example.org/page")
    return found


def language(value: object, spec: FieldSpec) -> str:
    """Return a language tag (RFC 5646) in its usual letters: `en`, `zh-Hant-TW`."""
    match = _LANGUAGE.match(line(value, spec, 35))
    if not match:
        refuse(spec, "it is no language tag", "write it like `en` or `pt-BR`")
    first, script, region, rest = match.groups()
    parts = [first.lower(), script and script.title(), region and region.upper()]
    return "-".join(part for part in parts if part) + rest.lower()


def country(value: object, spec: FieldSpec) -> str:
    """Return a country code (ISO 3166-1 alpha-2), one of the field's countries where it names any."""
    found = line(value, spec, 2).upper()
    if found not in (spec.countries or COUNTRIES):
        refuse(spec, "it is no country code taken here", "write it like `SG`")
    return found
