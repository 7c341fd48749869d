"""Read systems.toml against the agreement: what is not whole, or names what is not there, does not load."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from troth.gates.addresses import is_host, is_loopback, web_address
from troth.gates.systems.declared import Database, Declared, Hook
from troth.gates.systems.keys import choice, mapping, only, section, text, whole, words_of
from troth.gates.systems.reading_tables import Words, by_word, tables_of
from troth.gates.systems.system import CORRECT, ERASE, LIFT, NUMBER, RESTRICT
from troth.terms.faults import or_one_of

DATABASES = ("postgresql", "mysql", "mariadb", "sqlite")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
_EVERY = ("kind", "url", "patience", "trust", "recipient")
_KEYS = {
    "database": (*_EVERY, "password_file", "batch", "tables"),
    "webhook": (*_EVERY, "secret_file", "tells", "acts", "receipts"),
    "opendsr": (*_EVERY, "certificate_file", "domain", "regulation", "identities"),
}


def read(said: Mapping[str, Any], words: Words) -> tuple[Declared, ...]:
    """Return the systems that a parsed systems.toml declares.

    Raises `ValueError`, whose text names the key, what is wrong with it, and what to write instead.
    """
    only("the file", said, ("systems",))
    systems = section("systems", said.get("systems", {}))
    return tuple(_system(name, section(f"systems.{name}", each), words) for name, each in systems.items())


def _system(name: str, said: Mapping[str, Any], words: Words) -> Declared:
    at = f"systems.{name}"
    if not _NAME.match(name):
        raise ValueError(f"`[{at}]`: a system is called by lower-case letters, digits, `-` and `_`")
    kind = choice(at, said, "kind", tuple(_KEYS))
    only(at, said, _KEYS[kind])
    recipient = text(at, said, "recipient", "")
    if recipient and recipient not in words.recipients:
        raise ValueError(
            f"`recipient` of `[{at}]`: the agreement has no recipient `{recipient}`; "
            + or_one_of(recipient, words.recipients)
        )
    trust = text(at, said, "trust", "")
    if kind == "database":
        return Database(
            name,
            _database_url(at, text(at, said, "url")),
            tables_of(at, section(f"{at}.tables", said.get("tables", {})), words),
            text(at, said, "password_file", ""),
            trust,
            whole(at, said, "patience", 60, 3_600),
            whole(at, said, "batch", 5_000, 100_000),
            recipient,
        )
    return _hook(name, kind, said, words, recipient, trust)


def _hook(name: str, kind: str, said: Mapping[str, Any], words: Words, recipient: str, trust: str) -> Hook:
    at = f"systems.{name}"
    url = text(at, said, "url").rstrip("/")
    try:
        web_address(url)
    except ValueError as problem:
        raise ValueError(f"`url` of `[{at}]`: it {problem}") from None
    if "?" in url:
        raise ValueError(
            f"`url` of `[{at}]`: it holds a question (`?`), behind which no path can be asked for"
        )
    patience = whole(at, said, "patience", 20, 600)
    if kind == "webhook":
        tells = words_of(at, said, "tells", [NUMBER])
        for word in tells:
            by_word(f"`tells` of `[{at}]`", word, words)
        acts = words_of(at, said, "acts", [ERASE, CORRECT, RESTRICT, LIFT])
        for act in acts:
            if act not in (ERASE, CORRECT, RESTRICT, LIFT):
                raise ValueError(
                    f"`acts` of `[{at}]`: `{act}` is none; use `erase`, `correct`, `restrict`, `lift`"
                )
        secret = text(at, said, "secret_file")
        receipts = choice(at, said, "receipts", ("signed", "explicit"), "signed")
        return Hook(
            name, kind, url, tells, acts, secret,
            trust=trust, patience=patience, recipient=recipient, receipts=receipts,
        )  # fmt: skip
    identities = mapping(at, said, "identities")
    if not identities:
        raise ValueError(
            f"`identities` of `[{at}]` is missing; write identities"
            ' = {"account.email" = "email"}, or {number = "controller_customer_id"}'
        )
    for word in identities:
        by_word(f"`identities` of `[{at}]`", word, words)
    return Hook(
        name,
        kind,
        url,
        tuple(identities),
        (ERASE,),
        certificate_file=text(at, said, "certificate_file"),
        domain=text(at, said, "domain"),
        regulation=choice(at, said, "regulation", ("gdpr", "ccpa"), "gdpr"),
        trust=trust,
        patience=patience,
        recipient=recipient,
        identities={word: str(kind) for word, kind in identities.items()},
    )


def _database_url(at: str, url: str) -> str:
    where = f"`url` of `[{at}]`"
    try:
        parts = urlsplit(url)
        host, password, _ = parts.hostname, parts.password, parts.port
    except ValueError:
        raise ValueError(f"{where} is no address") from None
    if parts.scheme not in DATABASES:
        raise ValueError(f"{where} begins with none of " + ", ".join(f"`{each}://`" for each in DATABASES))
    if password:
        raise ValueError(f"{where} holds a password; put it into a file, and name that in `password_file`")
    if parts.scheme == "sqlite":
        if not url.startswith("sqlite:///") or url[len("sqlite:///") :][:1] != "/" or parts.query:
            raise ValueError(
                f"{where}: write `sqlite:///` and the whole path of a file, so `sqlite:////srv/shop.db`"
            )
        return url
    if host is not None and not is_host(host):
        raise ValueError(f"{where}: `{host}` is no name of a host, in lower case, and no address")
    if parts.scheme == "postgresql" and not parts.path.strip("/"):
        raise ValueError(f"{where} names no database; write it behind the host, so `postgresql://host/shop`")
    _only_a_socket(where, parts)
    return url


def _only_a_socket(where: str, parts: SplitResult) -> None:
    """Raise `ValueError` for anything behind `?` but a socket of this machine.

    A host or password there would go round what is checked of them: TLS, and that no secret is in the file.
    """
    own = "host" if parts.scheme == "postgresql" else "unix_socket"
    given = parse_qsl(parts.query, keep_blank_values=True)
    there = parts.hostname is None or is_loopback(parts.hostname)
    if [name for name, _ in given] not in ([], [own]) or (given and not (there and given[0][1][:1] == "/")):
        raise ValueError(f"{where}: behind `?` stands nothing but `{own}=` and the whole path of a socket")
