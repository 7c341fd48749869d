"""Field types with a format of their own: addresses, numbers of accounts, of phones and of people."""

import re
from functools import cache
from typing import Any

from troth.terms.agreement import FieldSpec
from troth.terms.kinds_text import COUNTRIES, line
from troth.terms.refusing import refuse

_PLAIN_NUMBER = re.compile(r"[A-Z0-9]{3,32}\Z")
_ACCOUNT = re.compile(r"[A-Z0-9]{4,34}\Z")
_CARD = re.compile(r"[0-9]{4}\Z")
_V4 = re.compile(
    r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\Z", re.ASCII
)
# Which check of python-stdnum knows a country's numbers of persons; several where people hold several kinds.
ID_CHECKS = {
    "AR": "ar.dni", "AT": "at.vnr", "AU": "au.tfn", "BE": "be.nn", "BG": "bg.egn", "BR": "br.cpf",
    "CA": "ca.sin", "CH": "ch.ssn", "CL": "cl.rut", "CN": "cn.ric", "CR": "cr.cpf", "CU": "cu.ni",
    "CZ": "cz.rc", "DE": "de.idnr", "DK": "dk.cpr", "DO": "do.cedula", "EC": "ec.ci", "EE": "ee.ik",
    "ES": "es.dni es.nie", "FI": "fi.hetu", "FR": "fr.nir", "GB": "gb.nhs", "GR": "gr.amka", "HR": "hr.oib",
    "HU": "hu.anum", "ID": "id.nik", "IE": "ie.pps", "IL": "il.idnr", "IN": "in_.aadhaar",
    "IS": "is_.kennitala", "IT": "it.codicefiscale", "JP": "jp.in_", "KR": "kr.rrn", "LT": "lt.asmens",
    "LV": "lv.pvn", "MD": "md.idno", "MK": "mk.edb", "MU": "mu.nid", "MX": "mx.curp", "MY": "my.nric",
    "NL": "nl.bsn", "NO": "no.fodselsnummer", "NZ": "nz.ird", "PE": "pe.cui", "PK": "pk.cnic",
    "PL": "pl.pesel", "PT": "pt.cc", "RO": "ro.cnp", "SE": "se.personnummer", "SI": "si.emso",
    "SK": "sk.rc", "TH": "th.pin", "TR": "tr.tckimlik", "UA": "ua.rntrc", "US": "us.ssn", "VE": "ve.rif",
    "ZA": "za.idnr",
}  # fmt: skip


def email(value: object, spec: FieldSpec) -> str:
    """Return an e-mail address (RFC 5321, 6531), its domain in lower case; the network is not asked."""
    found = line(value, spec, 254)
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(found, check_deliverability=False).normalized
    except EmailNotValidError:
        refuse(spec, "it is no address that mail can reach", "write it like name@example.org")


def phone(value: object, spec: FieldSpec) -> str:
    """Return a phone number in E.164; without `+` it is read as of the field's country, if it names one."""
    found = line(value, spec, 32)
    import phonenumbers

    region = spec.countries[0] if len(spec.countries) == 1 else None
    try:
        number = phonenumbers.parse(found, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number) or number.extension:
        refuse(spec, "it is no number of any country", "write it with + and country, like +6561234567")
    if spec.countries and phonenumbers.region_code_for_number(number) not in spec.countries:
        refuse(spec, "it is of a country not taken here", "give a number of " + ", ".join(spec.countries))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def iban(value: object, spec: FieldSpec) -> str:
    """Return an IBAN (ISO 13616) without spaces, its check digits and national format verified."""
    found = line(value, spec, 42)
    check = _check("iban")
    try:
        number: str = check.validate(found)
    except Exception as problem:  # noqa: BLE001 - national checks raise what they like
        refuse(spec, _why(problem), "copy it from a bank statement")
    if spec.countries and number[:2] not in spec.countries:
        refuse(spec, "it is of a country not taken here", "give one of " + ", ".join(spec.countries))
    return number


def account_number(value: object, spec: FieldSpec) -> str:
    """Return a national account number: letters and digits, without spaces and hyphens."""
    found = line(value, spec, 40).replace(" ", "").replace("-", "").upper()
    if not _ACCOUNT.match(found):
        refuse(spec, "it has other characters than letters and digits, or too few", "send 4 to 34 of them")
    return found


def id_number(value: object, spec: FieldSpec) -> str:
    """Return a number that a state gave a person, as `COUNTRY:NUMBER`, checked as that country does.

    Without a country in front it is of the field's one country. A country whose numbers nobody
    published a check for takes 3 to 32 letters and digits.
    """
    found = line(value, spec, 40)
    country, colon, number = found.partition(":")
    if not colon:
        country, number = (spec.countries[0] if len(spec.countries) == 1 else ""), found
    country = country.strip().upper()
    if country not in (spec.countries or COUNTRIES):
        refuse(spec, "its country is missing or not taken here", "write it like `PL:44051401458`")
    problem: Exception | None = None
    for check in ID_CHECKS.get(country, "").split():
        try:
            return f"{country}:{_check(check).validate(number)}"
        except Exception as refused:  # noqa: BLE001 - national checks raise what they like
            problem = refused
    plain = number.replace(" ", "").replace("-", "").upper()
    if problem or not _PLAIN_NUMBER.match(plain):
        refuse(spec, _why(problem), "copy it from the document")
    return f"{country}:{plain}"


def card_last4(value: object, spec: FieldSpec) -> str:
    """Return the last four digits of a payment card."""
    found = line(value, spec, 4)
    if not _CARD.match(found):
        refuse(spec, "it is not four digits", "send the last four digits only, never the whole number")
    return found


def ip(value: object, spec: FieldSpec) -> str:
    """Return an IPv4 or IPv6 address in its shortest form (RFC 5952)."""
    found = line(value, spec, 45)
    if _V4.match(found):
        return found
    from ipaddress import IPv6Address

    try:
        return str(IPv6Address(found.partition("%")[0]))
    except ValueError:
        refuse(spec, "it is no address of IPv4 or IPv6", "send it without a port")


@cache
def _check(name: str) -> Any:  # noqa: ANN401 - a module of python-stdnum
    from importlib import import_module

    return import_module(f"stdnum.{name}")


def _why(problem: Exception | None) -> str:
    from stdnum.exceptions import InvalidChecksum, InvalidLength

    if isinstance(problem, InvalidChecksum):
        return "its check digit does not fit"
    if isinstance(problem, InvalidLength):
        return "it has too many or too few characters"
    return "it does not have the form of one"
