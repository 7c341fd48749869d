"""Found a house, and open it: settings, roots, databases, keys, agreement, continuity, recovery.

A house is a directory. What is in it:

    troth.toml     where it stands, its root, its databases      checkpoint   the last one published
    store.db       sealed records, choices, the ledger           log.vkey     the ledger's public key
    keys/          the keystore, and the root's file             blobs/       sealed pictures and files

Opening is recovery: a founding or erasures that were interrupted are finished before anything is served.
"""

import secrets
import shutil
from pathlib import Path

from troth import clock as clocks
from troth.assembling import (
    HOUSE_KEY,
    ORIGIN,
    QUARANTINED,
    SIGNING,
    adopted_as,
    assemble,
    filing_of,
    root_of,
)
from troth.clock import FOREVER, Clock
from troth.custody.copies import drilling
from troth.custody.desk import Desk
from troth.custody.endings import grace_over
from troth.custody.publishing import catch_up, check_continuity, publish
from troth.errors import (
    AgreementUnsound,
    BadArgument,
    FileUnusable,
    HouseExists,
    Quarantined,
)
from troth.ledger.entry import Entry
from troth.settings import PLACE, SETTINGS, Settings, is_place, read_settings, written
from troth.store import founding, keystore, registry
from troth.store.unit import unit
from troth.teller import Teller
from troth.terms.agreement import Agreement
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.vocabulary import Place
from troth.vault.keyring import Keyring
from troth.vault.roots import KeyFileRoot, PassphraseRoot, Root


def found(
    directory: Path,
    agreement: str,
    *,
    file: str = "agreement.md",
    passphrase: str | None = None,
    store: str = "sqlite",
    keystore_url: str = "",
    place: str = "",
    clock: Clock = clocks.now,
) -> Teller:
    """Make a new house under an agreement and open it; it is whole in the end, or never was.

    Cut off halfway, it is begun again by calling this again: databases that a founding left unfinished
    are taken as empty. Raises `HouseExists`; `AgreementFaulty` and `AgreementUnsound` for a text that
    does not load; `BadArgument` for a place that is no word and a clock that is none; `FileUnusable` for
    a directory that cannot be made; and what roots and databases raise.
    """
    directory = directory.absolute()
    promised = sound(agreement, file)
    settings = Settings(
        Place(place or promised.organisation.place),
        "key-file" if passphrase is None else "passphrase",
        store=store,
        keystore=keystore_url,
    )
    if not is_place(settings.place):
        raise BadArgument(name="place", wanted=PLACE)
    _tells_time(clock)
    try:
        if (directory / SETTINGS).exists() or (directory.exists() and any(directory.iterdir())):
            raise HouseExists(path=str(directory))
        _build(directory, settings, promised, passphrase, clock)
    except OSError as problem:
        why = problem.strerror or "it cannot be made"
        raise FileUnusable(path=str(directory), problem=why) from None
    return open_house(directory, passphrase=passphrase, clock=clock)


def sound(text: str, file: str) -> Agreement:
    """Return an agreement that may be adopted: it parses, and `check` finds no error in it."""
    agreement = parse(text, file)
    faults = tuple(finding for finding in check(agreement) if finding.level == "error")
    if faults:
        lines = (f"{f.spot.file}:{f.spot.line}: {f.code}: {f.sentence}; {f.fix}" for f in faults)
        raise AgreementUnsound(count=len(faults), findings="\n".join(lines))
    return agreement


def open_house(directory: Path, *, passphrase: str | None = None, clock: Clock = clocks.now) -> Teller:
    """Open a house and finish what was interrupted in it.

    Raises `NoHouse`, `BadSettings`, `WrongPassphrase` and its kin, `DatabaseNewer`, `WrongRoot`,
    `ForkRefused` when the store is older than the last checkpoint published, `BadArgument` for a clock
    that is none.
    """
    _tells_time(clock)
    if (directory / QUARANTINED).exists():
        raise Quarantined(path=str(directory))
    drilling.clear(directory)
    settings = read_settings(directory)
    root = root_of(directory, settings, passphrase)
    filing = filing_of(directory, settings)
    try:
        filing.upgrade()
        house = assemble(directory, settings, filing, root, clock)
        with unit(filing) as here:
            catch_up(house, here)
            check_continuity(house, here)
    except BaseException:
        filing.close()
        raise
    teller = Teller(house)
    try:
        if founding.is_unfinished(filing):
            _begin_ledger(teller)
        teller.chore(grace_over.look)
        teller.resume()
    except BaseException:
        teller.close()
        raise
    return teller


def _tells_time(clock: Clock) -> None:
    """Raise `BadArgument` unless a clock gives an instant such as the ledger can write."""
    wanted = "a clock: a function that returns whole microseconds since 1970"
    try:
        now: object = clock()
    except TypeError:
        raise BadArgument(name="clock", wanted=wanted) from None
    if type(now) is not int or not 0 <= now <= FOREVER:
        raise BadArgument(name="clock", wanted=wanted)


# ---- making


def _build(
    directory: Path, settings: Settings, promised: Agreement, passphrase: str | None, clock: Clock
) -> None:
    """Make a house beside its directory, and move it there when it is whole."""
    building = directory.with_name(f"{directory.name}.new-{secrets.token_hex(4)}")
    building.mkdir(mode=0o700, parents=True)
    try:
        _furnish(building, settings, promised, passphrase, clock)
        building.replace(directory)  # from here on opening finishes it
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _furnish(
    directory: Path, settings: Settings, promised: Agreement, passphrase: str | None, clock: Clock
) -> None:
    keys = directory / "keys"
    keys.mkdir(mode=0o700)
    root: Root
    if passphrase is None:
        root = KeyFileRoot.create(directory / settings.root_file)
    else:
        root = PassphraseRoot.create(directory / settings.root_file, passphrase)
    filing = filing_of(directory, settings)
    try:
        filing.upgrade()
        founding.free(filing)
        keyring, house_key, epoch = Keyring.create(root)
        with keystore.keeping(filing) as keeping:
            keystore.add_secret(keeping, founding.UNFINISHED, b"")
            keystore.add_secret(keeping, HOUSE_KEY, house_key)
            seed = keyring.seal_secret(SIGNING, secrets.token_bytes(32))
            keystore.add_secret(keeping, SIGNING, seed)
            name = adopted_as(promised.version)
            keystore.add_secret(keeping, name, keyring.seal_secret(name, promised.hash.encode("ascii")))
            keystore.add_epoch(keeping, epoch.number, epoch.wrapped, clock())
        with unit(filing) as here:
            origin = f"troth.invalid/{secrets.token_hex(8)}"
            registry.set_setting(here, ORIGIN, origin)
            registry.adopt(
                here, promised.version, promised.hash, promised.effective, clock(), promised.source
            )
        house = assemble(directory, settings, filing, root, clock)
        (directory / "log.vkey").write_text(house.signer.verifier.vkey + "\n", "utf-8")
        (directory / SETTINGS).write_text(written(settings), "utf-8")
    finally:
        filing.close()


def _begin_ledger(teller: Teller) -> None:
    """Finish a founding: the ledger's first line, its first checkpoint; then the mark of it goes."""
    teller.alone(_remember_adoption)
    teller.alone(publish)
    teller.chore(lambda house: founding.finish(house.filing))


def _remember_adoption(desk: Desk) -> None:
    if desk.unit.size:
        return
    promised = desk.house.book.agreement
    desk.remember(
        Entry(
            at=desk.now,
            kind="agreement.adopted",
            actor="time",
            act="adopt",
            outcome="done",
            agreement=promised.version,
            commitment=promised.hash,
        )
    )
