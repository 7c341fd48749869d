"""What `troth.toml` says of a house: its place, its root, its databases, its face and its ways out."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from troth.errors import BadSettings, NoHouse
from troth.gates.addresses import is_host, is_loopback, mailbox, origin, web_address
from troth.gates.secrets import one_line
from troth.terms.faults import or_one_of
from troth.terms.vocabulary import LONGEST_WORD, WORD, Place

SETTINGS = "troth.toml"
PLACE = f"a word of at most {LONGEST_WORD} letters, digits, `-` and `_`, with dots between its parts"
PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321
OPTIONAL: Mapping[str, tuple[str, ...]] = {  # sections that may be absent
    "server": ("url", "languages", "proxies", "security_contact", "drp_business"),
    "mail": ("host", "port", "from", "tls", "login", "password_file"),
    "sms": ("url", "from", "secret_file", "hourly"),
    "backup": ("ledger",),
}
KNOWN: Mapping[str, tuple[str, ...]] = {  # a section or a key that is not listed is an error
    "house": ("place",),
    "root": ("kind", "file"),
    "store": ("url",),
    "keystore": ("url",),
    **OPTIONAL,
}
TEXTS = 200  # text messages in an hour, unless it is said
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")  # RFC 5646, as far as a tag's form goes
_CONTACT = re.compile(r"(https://|mailto:|tel:)[!-~]+\Z")  # RFC 9116 section 2.5.3
_BUSINESS = re.compile(r"[A-Z_]{1,64}\Z")  # Data Rights Protocol 1.0, directory ids
_HEAD = "# where this house stands, its root key, its databases; no secret belongs in here"

T = TypeVar("T")
Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Server:
    """How the pages and the API are reached."""

    url: str = ""  # the public origin, as a browser writes it; empty: where it listens
    languages: tuple[str, ...] = ()  # of the pages, the first one by default; empty: all that ship
    proxies: tuple[Network, ...] = ()  # whose `X-Forwarded-For` is believed
    security_contact: str = ""  # a URI for security.txt
    drp_business: str = ""  # our id in the directory of the Data Rights Protocol; empty: no agents


@dataclass(frozen=True, slots=True)
class Mail:
    """The server that takes our mail."""

    host: str
    port: int
    sender: str  # `from`: a mailbox, with or without a name
    tls: str = "starttls"  # or "tls" or, on this machine, "none"
    login: str = ""
    password_file: str = ""


@dataclass(frozen=True, slots=True)
class Sms:
    """The gateway that takes our text messages."""

    url: str
    sender: str  # `from`
    secret_file: str
    hourly: int = TEXTS  # to strangers, and as many to who is known


@dataclass(frozen=True, slots=True)
class Backup:
    """What outlives the house."""

    ledger: str  # a directory, from the house's, in which the ledger is kept as well


@dataclass(frozen=True, slots=True)
class Settings:
    """What `troth.toml` says."""

    place: Place
    root: str = "key-file"  # or "passphrase"
    root_file: str = "keys/root"
    store: str = "sqlite"
    keystore: str = ""
    server: Server | None = None
    mail: Mail | None = None
    sms: Sms | None = None
    backup: Backup | None = None


def read_settings(directory: Path) -> Settings:
    """Return what `troth.toml` says; raises `NoHouse` and `BadSettings`."""
    try:
        said = tomllib.loads((directory / SETTINGS).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise NoHouse(path=str(directory)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadSettings(path=str(directory / SETTINGS), problem="it is not TOML") from None
    except OSError as problem:
        why = problem.strerror or "it cannot be read"
        raise BadSettings(path=str(directory / SETTINGS), problem=why) from None
    try:
        _check_names(said)
        place = _said(said, "house", "place")
        if not is_place(place):
            raise ValueError(f"`place` of `[house]` is not {PLACE}")
        return Settings(
            Place(place),
            _said(said, "root", "kind"),
            _said(said, "root", "file"),
            _said(said, "store", "url"),
            _said(said, "keystore", "url") if "keystore" in said else "",
            _server(said) if "server" in said else None,
            _mail(said) if "mail" in said else None,
            _sms(said) if "sms" in said else None,
            Backup(_path(said, "backup", "ledger")) if "backup" in said else None,
        )
    except ValueError as problem:
        raise BadSettings(path=str(directory / SETTINGS), problem=str(problem)) from None


def is_place(text: str) -> bool:
    """Whether text names one place, by a word as the agreement language has it."""
    return bool(WORD.match(text)) and len(text) <= LONGEST_WORD


def secret_of(way: Mail | Sms, directory: Path) -> str:
    """Return what is in the file that a section names: a password, or the text of a signing key.

    The file holds one line and is readable for its owner alone. Mail without a login has no password.
    Raises `BadSettings`, which tells nothing of what is in the file.
    """
    section, key, name = (
        ("mail", "password_file", way.password_file)
        if isinstance(way, Mail)
        else ("sms", "secret_file", way.secret_file)
    )
    if not name:
        return ""
    try:
        secret = one_line(directory / name)
        if isinstance(way, Sms):
            from troth.gates.sms import signing_key

            signing_key(secret)
    except ValueError as problem:
        why = f"`{key}` of `[{section}]`: {problem}"
    except OSError as problem:
        why = f"`{key}` of `[{section}]`: {problem.strerror or 'the file cannot be read'}"
    else:
        return secret
    raise BadSettings(path=str(directory / SETTINGS), problem=why)


def _said(said: Mapping[str, Any], section: str, key: str, default: str | None = None) -> str:
    """Return one setting; raises `ValueError` with what is wrong with it."""
    found = said.get(section)
    found = found.get(key, default) if isinstance(found, dict) else None
    if not isinstance(found, str) or "\0" in found:
        raise ValueError(f"`{key}` of `[{section}]` is {'missing' if found is None else 'no text'}")
    return found


def _check_names(said: Mapping[str, Any]) -> None:
    """Raise `ValueError` for a section, or a key of one, that is not known."""
    for section, keys in said.items():
        if section not in KNOWN:
            raise ValueError(f"there is no section `[{section}]`; {or_one_of(section, KNOWN)}")
        if not isinstance(keys, dict):
            raise ValueError(f"`{section}` is no section; write `[{section}]`")
        for key in keys:
            if key not in KNOWN[section]:
                raise ValueError(f"`[{section}]` has no `{key}`; {or_one_of(key, KNOWN[section])}")


def _server(said: Mapping[str, Any]) -> Server:
    url = _said(said, "server", "url", "")
    if url and (own := _judged("server", "url", origin, url)) != url:
        raise ValueError(f"`url` of `[server]` is more than an origin, or not as browsers write it: `{own}`")
    languages = _words(said, "server", "languages")
    for tag in languages:
        if not _LANGUAGE.match(tag) or languages.count(tag) > 1:
            raise ValueError("`languages` of `[server]` holds what is no tag, such as `en`, or one twice")
    contact = _said(said, "server", "security_contact", "")
    if contact and not _CONTACT.match(contact):
        raise ValueError("`security_contact` of `[server]` is no URI with `https://`, `mailto:` or `tel:`")
    business = _said(said, "server", "drp_business", "")
    if business and not _BUSINESS.match(business):
        raise ValueError("`drp_business` of `[server]` is no id of capital letters and `_`")
    proxies = tuple(map(_network, _words(said, "server", "proxies")))
    return Server(url, languages, proxies, contact, business)


def _mail(said: Mapping[str, Any]) -> Mail:
    host, tls = _said(said, "mail", "host"), _said(said, "mail", "tls", "starttls")
    if not is_host(host):
        raise ValueError("`host` of `[mail]` is no name of a host, in lower case, and no address")
    if tls not in PORTS:
        raise ValueError("`tls` of `[mail]` is none of `starttls`, `tls` and `none`")
    if tls == "none" and not is_loopback(host):
        raise ValueError("`tls` of `[mail]` is `none`, which is taken for a server on this machine alone")
    port = said["mail"].get("port", PORTS[tls])
    if type(port) is not int or not 0 < port < 65_536:
        raise ValueError("`port` of `[mail]` is no number from 1 to 65535")
    sender = _said(said, "mail", "from")
    _, local, _ = _judged("mail", "from", mailbox, sender)
    if not local.isascii():
        raise ValueError("`from` of `[mail]`: before the `@` there is more than ASCII")
    login, file = _said(said, "mail", "login", ""), _said(said, "mail", "password_file", "")
    if bool(login) != bool(file):
        raise ValueError("`[mail]` has one of `login` and `password_file`; give both, or none")
    if not (login.isascii() and (login + "x").isprintable()):
        raise ValueError("`login` of `[mail]` is not printed ASCII")
    return Mail(host, port, sender, tls, login, file)


def _sms(said: Mapping[str, Any]) -> Sms:
    url, sender = _said(said, "sms", "url"), _said(said, "sms", "from")
    _judged("sms", "url", web_address, url)
    if not sender.strip() or not sender.isprintable():
        raise ValueError("`from` of `[sms]` is empty, or holds a mark that is not printed")
    file = _said(said, "sms", "secret_file")
    if not file:
        raise ValueError("`secret_file` of `[sms]` is empty")
    hourly = said["sms"].get("hourly", TEXTS)
    if type(hourly) is not int or not 0 < hourly <= 1_000_000:
        raise ValueError("`hourly` of `[sms]` is no number from 1 to 1000000")
    return Sms(url, sender, file, hourly)


def _path(said: Mapping[str, Any], section: str, key: str) -> str:
    path = _said(said, section, key)
    if not path:
        raise ValueError(f"`{key}` of `[{section}]` is empty")
    return path


def _judged(section: str, key: str, judge: Callable[[str], T], text: str) -> T:
    try:
        return judge(text)
    except ValueError as problem:
        raise ValueError(f"`{key}` of `[{section}]`: {problem}") from None


def _words(said: Mapping[str, Any], section: str, key: str) -> tuple[str, ...]:
    found = said[section].get(key, [])
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise ValueError(f"`{key}` of `[{section}]` is no list of texts")
    return tuple(found)


def _network(text: str) -> Network:
    try:
        found = ip_network(text)
    except ValueError:
        raise ValueError("`proxies` of `[server]` holds what is no address and no network") from None
    if not found.prefixlen:
        raise ValueError("`proxies` of `[server]` holds everybody; name the proxies")
    return found


def written(settings: Settings) -> str:
    """Return the text of a `troth.toml`."""
    server, mail, sms = settings.server, settings.mail, settings.sms
    sections: dict[str, dict[str, object]] = {
        "house": {"place": settings.place},
        "root": {"kind": settings.root, "file": settings.root_file},
        "store": {"url": settings.store},
        "keystore": {"url": settings.keystore} if settings.keystore else {},
        "server": {
            "url": server.url,
            "languages": server.languages,
            "proxies": [str(each) for each in server.proxies],
            "security_contact": server.security_contact,
            "drp_business": server.drp_business,
        }
        if server
        else {},
        "mail": {
            "host": mail.host,
            "port": mail.port,
            "from": mail.sender,
            "tls": mail.tls,
            "login": mail.login,
            "password_file": mail.password_file,
        }
        if mail
        else {},
        "sms": {
            "url": sms.url,
            "from": sms.sender,
            "secret_file": sms.secret_file,
            "hourly": sms.hourly,
        }
        if sms
        else {},
        "backup": {"ledger": settings.backup.ledger} if settings.backup else {},
    }
    parts = [
        "\n".join([f"[{name}]", *(f"{key} = {_toml(said)}" for key, said in section.items() if said)])
        for name, section in sections.items()
        if section
    ]
    return f"{_HEAD}\n" + "\n\n".join(parts) + "\n"


def _toml(said: object) -> str:
    """Return a text, a number or a list of texts as TOML has it, which for these is as JSON has it."""
    return json.dumps(said, ensure_ascii=False)  # not hashed
