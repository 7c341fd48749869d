"""Show what Troth runs on: versions, the settings of a house, and how corruption is ruled out."""

import platform
import re
import stat
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from troth import __version__
from troth.cli.asking import as_json, directory, in_directory
from troth.cli.speaking import emit, say, shown, wants_json

if TYPE_CHECKING:
    from troth.settings import Settings

LIBRARIES = ("SQLAlchemy", "alembic", "cryptography", "click", "rich", "psycopg", "Faker")
RACE = (
    "SQLite 3.7.0 to 3.51.2 can corrupt a database when one connection resets the write-ahead log while "
    "another writes. Here it cannot arise, whatever the version: every transaction and every checkpoint of "
    "the log, automatic ones too, runs under one exclusive lock, in all processes."
)


@click.command()
@in_directory
@as_json
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Show versions, the store's safeguards, and the settings of the house in --dir; opens nothing.

    Exits with 1 when the house could not be opened as it stands.
    """
    from troth.store.databases import sqlite_version

    sound, house = _house(directory())
    document: dict[str, Any] = {
        "troth": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "sqlite": sqlite_version(),
        "sqlite_race": RACE,
        "libraries": {name: _version(name) for name in LIBRARIES},
        "house": house,
    }
    if wants_json():
        emit(document)
    else:
        _show(document)
    if not sound:
        ctx.exit(1)


def _show(document: dict[str, Any]) -> None:
    for name in ("troth", "python", "platform", "sqlite"):
        say(f"{name:<14}{document[name]}")
    for name, found in document["libraries"].items():
        say(f"{name:<14}{found or 'not installed'}")
    say()
    say(click.wrap_text(document["sqlite_race"], 100))
    say()
    for name, value in document["house"].items():
        said = ("; ".join(value) or "none") if isinstance(value, list) else value
        say(f"{name:<14}{shown(said)}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _house(here: Path) -> tuple[bool, dict[str, Any]]:
    """Return whether a house could be opened, and its settings, without any secret."""
    from troth.errors import NoHouse, TrothError
    from troth.settings import read_settings

    try:
        settings = read_settings(here)
    except NoHouse:
        return True, {"directory": f"{here} (no house there)"}
    except TrothError as problem:
        return False, {"directory": str(here), "problems": [str(problem)]}
    secrets = (
        settings.mail.password_file if settings.mail else "",
        settings.sms.secret_file if settings.sms else "",
    )
    problems = [
        problem
        for name in (settings.root_file, "keys", *filter(None, secrets))
        for problem in _exposed(here / name)
    ]
    found = {
        "directory": str(here),
        "place": settings.place,
        "root": settings.root,
        "store": without_secret(settings.store),
        "keystore": without_secret(settings.keystore) or "beside the store, in keys/",
        **_outside(settings),
        "problems": problems,
    }
    return not problems, found


def _outside(settings: "Settings") -> dict[str, str]:
    """Return how the house is reached, and what its mail and text messages go through."""
    from troth.gates.addresses import origin

    server, mail, sms = settings.server, settings.mail, settings.sms
    return {
        "server": server.url if server and server.url else "not set",
        "mail": f"{mail.host}, port {mail.port}, TLS: {mail.tls}" if mail else "not set ([mail])",
        "sms": origin(sms.url) if sms else "not set ([sms])",
    }


def _exposed(path: Path) -> list[str]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return [f"{path} is missing or cannot be looked at"]
    return [f"{path} is open to others (mode {mode:03o}); run chmod go-rwx"] if mode & 0o077 else []


def without_secret(url: str) -> str:
    """Return a database's address without the password in it, before the host or among the options."""
    plain = re.sub(r"(//[^/@:]*):[^@]*@", r"\1:***@", url)
    return re.sub(r"(?i)((?:password|passfile|sslpassword)=)[^&]*", r"\1***", plain)
