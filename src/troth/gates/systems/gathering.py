"""Gather the systems that systems.toml declares, each behind its gate; nothing is reached yet."""

import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from troth.clock import Clock
from troth.errors import NotDoneThere, SystemsFaulty
from troth.gates.secrets import one_line
from troth.gates.systems.declared import Database, Declared, Hook
from troth.gates.systems.reading import read
from troth.gates.systems.reading_tables import Words
from troth.gates.systems.system import System

if TYPE_CHECKING:
    from troth.rules.rulebook import Rulebook

SYSTEMS = "systems.toml"
PASSWORD = "TROTH_SYSTEM_{}_PASSWORD"  # noqa: S105 - the name of a variable


def words_of(book: "Rulebook") -> Words:
    """Return what a declaration may name of an agreement."""
    fields = {
        f"{category}.{name}": spec for category, specs in book.fields.items() for name, spec in specs.items()
    }
    unique = (name for name, spec in fields.items() if spec.find == "unique")
    clauses = {str(clause.id) for clause in book.agreement.clauses}
    return Words(
        frozenset(fields), frozenset(unique), frozenset(clauses), frozenset(map(str, book.recipients))
    )


def declared_in(directory: Path, words: Words) -> tuple[Declared, ...]:
    """Return what the systems.toml of a house declares; none when there is no such file.

    Raises `SystemsFaulty`, with what is wrong and what to write instead.
    """
    path = directory / SYSTEMS
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise SystemsFaulty(path=str(path), problem="it cannot be read") from None
    try:
        return read(tomllib.loads(text), words)
    except tomllib.TOMLDecodeError:
        raise SystemsFaulty(path=str(path), problem="it is not TOML") from None
    except ValueError as problem:
        raise SystemsFaulty(path=str(path), problem=str(problem)) from None


def gathered(directory: Path, words: Words, clock: Clock) -> dict[str, System]:
    """Return every declared system by name; raises `SystemsFaulty`."""
    return {each.name: gate_of(each, directory, clock) for each in declared_in(directory, words)}


def gate_of(declared: Declared, directory: Path, clock: Clock) -> System:
    """Return the gate of one declared system; its secrets are read when it is reached."""
    if isinstance(declared, Database):
        from troth.gates.systems.databases.database import DatabaseGate

        trust = str(directory / declared.trust) if declared.trust else ""
        return DatabaseGate(replace(declared, trust=trust), _password(declared, directory))
    return _hook(declared, directory, clock)


def _hook(declared: Hook, directory: Path, clock: Clock) -> System:
    trust = str(directory / declared.trust) if declared.trust else ""
    if declared.kind == "opendsr":
        from troth.gates.systems.opendsr import OpenDsrGate

        return OpenDsrGate(declared, lambda: _certificate(declared, directory), trust=trust)
    from troth.gates.systems.webhook import WebHookGate

    return WebHookGate(
        declared, lambda: secret(declared.name, directory, declared.secret_file), clock, trust=trust
    )


def _certificate(declared: Hook, directory: Path) -> bytes:
    try:
        return (directory / declared.certificate_file).read_bytes()
    except OSError:
        pass
    raise NotDoneThere(system=declared.name, problem="certificate-file", stuck=True)


def _password(declared: Database, directory: Path) -> Callable[[], str]:
    def password() -> str:
        named = PASSWORD.format(declared.name.upper().replace("-", "_"))
        if named in os.environ:
            return os.environ[named]
        return secret(declared.name, directory, declared.password_file) if declared.password_file else ""

    return password


def secret(system: str, directory: Path, file: str) -> str:
    """Return what is in a system's secret file; raises `NotDoneThere` (stuck, `secret-file`)."""
    try:
        return one_line(directory / file)
    except (OSError, ValueError):
        pass
    raise NotDoneThere(system=system, problem="secret-file", stuck=True)
