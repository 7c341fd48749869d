"""Look at names and values of columns: which look personal, and what they probably are.

Names are cut into words; a word counts as a whole, or a few of them in a row. Words of English, German,
French, Spanish, Italian, Dutch, Polish and Portuguese are known, and usual abbreviations. Values count more
than names: what most values of a column are, it is. No value ever leaves here.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from ipaddress import ip_address

ENOUGH = 0.6  # of the values that are there
FEWEST = 3  # values, below which names alone count

_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
# What a column holds, by one word of its name or several in a row; each kind is a type of a field.
_SAID: Mapping[str, str] = {
    "email": "email mail emails e_mail mailadresse courriel correo correo_electronico posta indirizzo_email "
    "eml email_address mail_addr poczta",
    "phone": "phone phones tel telefon telephone telefono telefoon telefone mobile msisdn handy handynummer "
    "portable movil cellulare cell fax telefonnummer phone_no komorka telemovel rufnummer",
    "name": "name surname lastname firstname forename fname lname vorname nachname familienname nom prenom "
    "nombre apellido apellidos cognome naam achternaam voornaam imie nazwisko sobrenome full_name "
    "last_name first_name middle_name given_name family_name display_name contact_name holder maiden",
    "date": "birthday birthdate dob geburtsdatum geburtstag birth_date date_of_birth gebdat naissance "
    "date_naissance fecha_nacimiento nacimiento nascita data_nascita geboortedatum data_urodzenia born "
    "nascimento data_nascimento",
    "ip": "ip ipaddr ip_address ipaddress remote_addr client_ip last_ip ipv4 ipv6 adresse_ip ip_addr",
    "iban": "iban bank_account kontonummer rib bankaccount",
    "account_number": "account_number acct_no card_number pan creditcard credit_card cc_number karte",
    "id_number": "ssn passport passport_no reisepass pesel nino tax_id steuer_id steuernummer ausweis bsn "
    "cpf dni nie nif codice_fiscale national_id id_number personnummer ahv insee numero_securite_sociale",
    "gender": "gender sex geschlecht sexe sexo sesso geslacht plec anrede salutation civilite",
    "address": "address street strasse str plz zip zipcode postcode postal_code ort city ville rue adresse "
    "direccion calle ciudad indirizzo citta straat adres ulica miasto endereco rua cidade anschrift "
    "house_number hausnummer codigo_postal code_postal addr addr1 addr2 address1 address2",
    "handle": "username login nickname nick screen_name handle benutzername pseudo user_name",
    "useragent": "useragent user_agent browser ua",
    "uid": "device_id imei imsi mac_address idfa gaid advertising_id session_id cookie_id fingerprint",
    "country": "nationality nationalite staatsangehoerigkeit nacionalidad cittadinanza obywatelstwo",
    "secret": "password passwd pwd passwort kennwort password_hash mot_de_passe",
    "geo": "lat lng lon latitude longitude geo geolocation",
    "health": "diagnosis diagnose blood_type blutgruppe allergies disability religion ethnicity konfession",
}
_PHRASES = {tuple(words.split("_")): kind for kind, some in _SAID.items() for words in some.split()}
_LONGEST = max(map(len, _PHRASES))
# `name` of these is the name of a thing
_OF_THINGS = (
    "product file table host domain column event city country street category state status "
    "role group brand model city class type tag template queue job task field "
    "server database schema index service item company firm shop store produkt datei image "
    "bucket key path currency plan color colour size unit page menu theme topic "
    "feature module package branch version article product campaign course font layer zip region "
    "station code date"
)
_THINGS = frozenset(_OF_THINGS.split())
_TEXT = frozenset({"text", "other"})
_FITS: Mapping[str, frozenset[str]] = {  # what a column has to hold to be that by its name
    "date": frozenset({"text", "day", "moment", "other", "whole"}),
    "ip": frozenset({"text", "other", "whole", "bytes"}),
    "phone": frozenset({"text", "whole", "other"}),
    "account_number": frozenset({"text", "whole", "other"}),
    "id_number": frozenset({"text", "whole", "other"}),
    "gender": frozenset({"text", "whole", "other", "truth"}),
    "address": frozenset({"text", "whole", "other"}),
    "secret": frozenset({"text", "bytes", "other"}),
    "uid": frozenset({"text", "whole", "other", "bytes"}),
    "geo": frozenset({"number", "text", "other"}),
    "health": frozenset({"text", "whole", "truth", "other"}),
}
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+\Z")
_PHONE = re.compile(r"(\+|00)[1-9][0-9 ()./-]{6,20}\Z|0[1-9][0-9 ()/-]{7,16}\Z")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\Z")
_DAY = re.compile(
    r"(19[0-9]{2}|20[0-9]{2})-([0-9]{2})-([0-9]{2})\Z|[0-9]{2}[./][0-9]{2}[./](19|20)[0-9]{2}\Z"
)
_PERSON = re.compile(r"([A-Z\u00c0-\u017d][\w'\u2019-]+)( [A-Z\u00c0-\u017d][\w'\u2019.-]*){1,3}\Z")
_SHORTEST_PHONE = 8
_OLDEST, _YOUNGEST = 1900, 2015  # years of birth that are told from other days


def looks_personal(name: str, kind: str, table: str = "") -> str:
    """Return what a column of that name probably holds of people; empty when it looks like nothing.

    `kind` is what it can hold: `text`, `whole`, `number`, `moment`, `day`, `bytes`, `truth` or `other`.
    """
    words = [word.lower() for word in _CUT.findall(_folded(name))]
    found = _of_words(words)
    if found == "name" and (_THINGS & set(words) or (words == ["name"] and _is_thing(table))):
        return ""
    return found if found and kind in _FITS.get(found, _TEXT) else ""


def _of_words(words: list[str]) -> str:
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for start in reversed(range(len(words) - length + 1)):  # what a name ends with, it is
            found = _PHRASES.get(tuple(words[start : start + length]))
            if found:
                return found
    return _PHRASES.get(("".join(words),), "") if len(words) > 1 else ""


def _is_thing(table: str) -> bool:
    words = {word.lower().removesuffix("s") for word in _CUT.findall(table)}
    words |= {word[:-2] + "y" for word in words if word.endswith("ie")}
    return bool(words & _THINGS)


def _folded(name: str) -> str:
    """Return a name without marks above its letters."""
    import unicodedata

    plain = name.replace("\u00df", "ss").replace("\u0142", "l")
    return "".join(mark for mark in unicodedata.normalize("NFD", plain) if not unicodedata.combining(mark))


def looks_like(values: Iterable[object]) -> str:
    """Return what most of some values are; empty when they are nothing that is known, or too few."""
    there = [text for value in values if value is not None and (text := str(value).strip())]
    if len(there) < FEWEST:
        return ""
    tests = (
        ("email", _EMAIL.match), ("iban", _is_iban), ("ip", _is_ip), ("phone", _is_phone),
        ("date", _is_birth), ("name", _PERSON.match),
    )  # fmt: skip
    for kind, test in tests:
        if sum(bool(test(text)) for text in there) >= ENOUGH * len(there):
            return kind
    return ""


def _is_iban(text: str) -> bool:
    """Whether the check digits hold (ISO 13616, mod 97)."""
    plain = text.replace(" ", "").upper()
    if not _IBAN.match(plain):
        return False
    return int("".join(str(int(mark, 36)) for mark in plain[4:] + plain[:4])) % 97 == 1


def _is_ip(text: str) -> bool:
    if "." not in text and ":" not in text:
        return False
    try:
        ip_address(text.partition("/")[0])
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    return bool(_PHONE.match(text)) and sum(mark.isdigit() for mark in text) >= _SHORTEST_PHONE


def _is_birth(text: str) -> bool:
    """Whether a day is one on which people of today may be born, and no day of last year's orders."""
    found = _DAY.match(text)
    if not found:
        return False
    if not found[1]:
        return _OLDEST <= int(text[-4:]) <= _YOUNGEST
    try:
        return _OLDEST <= date(int(found[1]), int(found[2]), int(found[3])).year <= _YOUNGEST
    except ValueError:
        return False
