"""Put a house together from its parts: its root, its databases, its keyring, the agreements it adopted."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from troth.clock import Clock
from troth.errors import (
    AgreementChanged,
    AgreementFaulty,
    BadSettings,
    BadVerifierKey,
    Quarantined,
    RowBroken,
)
from troth.gates.systems.gathering import gathered, words_of
from troth.house import House
from troth.ledger.checkpoint import Signer
from troth.rules.compiling import compile_rules
from troth.rules.rulebook import Rulebook
from troth.settings import SETTINGS, Settings
from troth.store import keystore, registry
from troth.store.copying import QUARANTINE
from troth.store.databases import Filing, open_postgres, open_sqlite
from troth.store.unit import unit
from troth.terms.parse import parse
from troth.terms.vocabulary import Place
from troth.vault.blobs import BlobDirectory
from troth.vault.keyring import Keyring
from troth.vault.roots import KeyFileRoot, PassphraseRoot, Root

SIGNING = "ledger.seed"
HOUSE_KEY = "house.key"
QUARANTINED = "quarantine"  # a file that is there until a restore is done
ORIGIN = "ledger.origin"  # among the settings of a store


def adopted_as(version: int) -> str:
    """Return the name under which the hash of an adopted version is sealed in the keystore."""
    return f"agreement.{version}"


@lru_cache(maxsize=16)
def _read(source: str, version: int, place: Place) -> Rulebook:
    """Return the rules of a text; a house that is opened again, or rehearsed, reads them once."""
    return compile_rules(parse(source, f"agreement-{version}.md"), place)


def _authentic(
    keyring: Keyring, kept: Mapping[str, bytes], version: int, source: str, place: Place
) -> Rulebook:
    """Return the rules of a stored text; raises `AgreementChanged` unless it is the one adopted.

    Its hash is sealed in the keystore, so whoever can write to the store alone cannot change the rules.
    """
    name = adopted_as(version)
    try:
        book = _read(source, version, place)
    except AgreementFaulty:
        raise AgreementChanged(version=version) from None
    if name not in kept or keyring.unseal_secret(name, kept[name]) != book.agreement.hash.encode("ascii"):
        raise AgreementChanged(version=version)
    return book


def root_of(directory: Path, settings: Settings, passphrase: str | None) -> Root:
    """Return the root of a house; raises `BadSettings`, `WrongPassphrase` and its kin."""
    path = directory / settings.root_file
    if settings.root == "passphrase":
        given = passphrase if passphrase is not None else os.environ.get("TROTH_PASSPHRASE", "")
        return PassphraseRoot(path, given)
    if settings.root == "key-file":
        return KeyFileRoot(path)
    raise BadSettings(path=str(directory / SETTINGS), problem=f"`{settings.root}` is no kind of root")


def filing_of(directory: Path, settings: Settings) -> Filing:
    """Return the databases of a house, not looked into yet; raises `BadSettings`, `StoreUnavailable`."""
    if settings.store == "sqlite":
        return open_sqlite(directory)
    if settings.store.startswith("postgresql://") and settings.keystore.startswith("postgresql://"):
        return open_postgres(settings.store, settings.keystore)
    problem = "the store is `sqlite`, or store and keystore are two `postgresql://` addresses"
    raise BadSettings(path=str(directory / SETTINGS), problem=problem)


def outside_of(directory: Path, settings: Settings) -> Path | None:
    """Return where the ledger is kept besides the house; None when nothing says so.

    Raises `BadSettings` where it is not there: what is not mounted would tell nothing of a rollback.
    """
    if settings.backup is None:
        return None
    place = directory / settings.backup.ledger
    if not place.is_dir():
        problem = f"`ledger` of `[backup]` is no directory: `{settings.backup.ledger}`"
        raise BadSettings(path=str(directory / SETTINGS), problem=problem)
    return place


def assemble(
    directory: Path, settings: Settings, filing: Filing, root: Root, clock: Clock, *, restoring: bool = False
) -> House:
    """Return the house of these parts; only a restore may have one that is in quarantine.

    Raises `Quarantined`, `WrongRoot`, `AgreementChanged`, `BadSettings`, `RowBroken`.
    """
    with keystore.looking(filing) as looking:
        kept = keystore.all_secrets(looking)
        epochs = {number: bytes(wrapped) for number, wrapped in keystore.all_epochs(looking)}
    if QUARANTINE in kept and not restoring:
        raise Quarantined(path=str(directory))
    if HOUSE_KEY not in kept or SIGNING not in kept:
        raise BadSettings(path=str(directory), problem="the keystore is empty")
    keyring = Keyring(root, kept[HOUSE_KEY], epochs)
    with unit(filing) as here:
        origin = registry.setting(here, ORIGIN) or ""
        versions = [(number, str(source)) for number, _, source in registry.adopted(here)]
    if not versions:
        raise BadSettings(path=str(directory), problem="the store is empty, and the keystore is not")
    books = {number: _authentic(keyring, kept, number, source, settings.place) for number, source in versions}
    *earlier, last = sorted(books)
    books[last] = books[last].following(books[number] for number in earlier)
    try:
        signer = Signer.from_seed(origin, keyring.unseal_secret(SIGNING, kept[SIGNING]))
    except BadVerifierKey:
        raise RowBroken(table="settings") from None
    return House(
        directory=directory,
        place=settings.place,
        book=books[last],
        books=books,
        filing=filing,
        keyring=keyring,
        blobs=BlobDirectory(directory / "blobs"),
        signer=signer,
        clock=clock,
        outside=outside_of(directory, settings),
        systems=gathered(directory, words_of(books[last]), clock),
    )
