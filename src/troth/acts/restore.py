"""Restore: copies become a house again, in quarantine until it knows what happened after they were taken.

Quarantine, replay, verify, open. Whatever moment it stops at, what was built does not open, and the same
restore begins anew.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from shutil import rmtree

from troth import clock as clocks
from troth.assembling import HOUSE_KEY, QUARANTINED, SIGNING, assemble, filing_of
from troth.clock import Clock, instant
from troth.custody.copies import drilling, quarantine
from troth.custody.copies.backing import epochs_in, to_oneself, usable
from troth.custody.copies.manifests import Manifest, unverified, verified
from troth.custody.copies.outliving import Known, known_of
from troth.custody.copies.reading_back import Keys, check_files, check_keys, secrets_in
from troth.custody.copies.replaying import NOES, Replay, withdraw_keys
from troth.custody.copies.replaying_demands import go_on
from troth.custody.copies.restored import REPORT, Restored, remember, reported
from troth.custody.publishing import publish_everywhere
from troth.custody.serving import in_unit
from troth.errors import CopiesUnfit, HouseExists
from troth.gates.systems.gathering import SYSTEMS
from troth.ledger.checkpoint import Signer, Verifier
from troth.ledger.entry import parse
from troth.settings import SETTINGS, Backup, Settings, read_settings, written
from troth.store import copying
from troth.teller import Teller
from troth.vault.files import sync_folder, whole, write_secret
from troth.vault.keyring import Keyring
from troth.vault.roots import KeyFileRoot, PassphraseRoot, Root

DONE = b"done\n"  # in the mark of quarantine: all is replayed and verified, and the house may open
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Copies:
    """Two copies that belong together, verified: what is needed to build a house of them."""

    content: Path
    keys: Path
    said: Manifest
    held: Manifest
    settings: Settings
    root: Root
    epochs: dict[int, bytes]
    verifier: Verifier
    found: Keys

    @property
    def mark(self) -> str:
        """What a house that is built of them is marked with."""
        return f"{self.said.copy}-{self.held.copy}"


def judge(content: Path, keys: Path, root: Root, progress: Progress = lambda _: None) -> Copies:
    """Read two copies in full, and return them when they belong together and every file is as it was.

    The key that signed them comes out of the copy of keys, under the root: nobody else can have signed.
    Raises `CopyBroken`, `CopiesUnfit`, `WrongRoot`, `RowBroken`, `FileUnusable`.
    """
    said, held = unverified(content), unverified(keys)
    if (said.kind, held.kind) != ("data", "keys"):
        raise CopiesUnfit(problem="one is to be of data, the other of keys")
    if said.origin != held.origin:
        raise CopiesUnfit(problem="they are of two houses")
    if held.size < said.size:
        raise CopiesUnfit(problem="the keys were copied before the data")
    with usable(keys):
        check_files(keys, held)
        kept, epochs = secrets_in(keys, held), epochs_in(keys.parent)
    if HOUSE_KEY not in kept or SIGNING not in kept:
        raise CopiesUnfit(problem="the copy of keys holds no key of the house")
    keyring = Keyring(root, kept[HOUSE_KEY], epochs)
    signer = Signer.from_seed(held.origin, keyring.unseal_secret(SIGNING, kept[SIGNING]))
    said, held = verified(content, signer.verifier), verified(keys, signer.verifier)
    with usable(content):
        check_files(content, said, progress)
        settings = read_settings(content)
        found = check_keys(keys, held, keyring)
    if found.count and len(found.broken) == found.count:
        raise CopiesUnfit(problem="no key opens: the keys of their epochs were destroyed")
    return Copies(content, keys, said, held, settings, root, epochs, signer.verifier, found)


def restore(
    *,
    content: Path,
    keys: Path,
    root: Path,
    into: Path,
    ledger: Path | None = None,
    checkpoint: Path | None = None,
    accept_loss: bool = False,
    store: str = "sqlite",
    keystore: str = "",
    passphrase: str | None = None,
    clock: Clock = clocks.now,
    progress: Progress = lambda _: None,
) -> Restored:
    """Build a house of two copies, replay what came after them, and let it open.

    `root` is the file of the root key, which is in no copy. `ledger` is the directory in which the ledger
    was kept outside, `checkpoint` the newest signed state that anybody kept. Copies of either kind of
    database are restored into either kind.

    Raises `HouseExists` for a directory or databases that hold anything, `LossNotAccepted`, and what
    reading copies, replaying and verifying raise; then the house does not open.
    """
    into = into.absolute()
    copies = judge(content, keys, _root(content, root, passphrase), progress)
    settings = _settings(copies, ledger, store, keystore)
    look = partial(
        known_of,
        copies.content,
        copies.said.size,
        copies.verifier,
        ledger,
        checkpoint,
        accept_loss=accept_loss,
        progress=progress,
    )
    known = None if _finished(into, copies.mark, settings) else look()
    with to_oneself(into):
        if not _finished(into, copies.mark, settings):
            with usable(into):
                _furnish(into, copies, root, settings)
            _rebuild(into, copies, known or look(), settings, clock, progress)
        return _finish(into, settings)


def preview(
    *,
    content: Path,
    keys: Path,
    root: Path,
    ledger: Path | None = None,
    checkpoint: Path | None = None,
    accept_loss: bool = False,
    passphrase: str | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, int]:
    """Return how many lines came after two copies, and how many of them a restore would replay.

    Copies and ledger are read and judged as a restore does, and raise as it does; nothing is built.
    """
    copies = judge(content, keys, _root(content, root, passphrase), progress)
    known = known_of(
        copies.content,
        copies.said.size,
        copies.verifier,
        ledger,
        checkpoint,
        accept_loss=accept_loss,
        progress=progress,
    )
    kinds = Counter[str]()
    if known.log is not None and known.last is not None:
        for leaf in known.log.leaves(known.last.size, copies.said.size):
            entry = parse(leaf)
            kinds[entry.kind] += entry.outcome != "refused"
    return {
        "lines": kinds.total(),
        "erasures": kinds["erasure.begun"] + kinds["grace.begun"],
        "noes": sum(kinds[kind] for kind in NOES),
    }


def drill(teller: Teller, *, content: Path, keys: Path, progress: Progress = lambda _: None) -> Restored:
    """Restore two copies into a temporary house, verify it, throw it away, and remember that it went well.

    The ledger kept outside is what is replayed, where there is one. Raises as `restore` does.
    """
    house = teller.house
    copies = judge(content, keys, house.keyring.root, progress)
    known = known_of(
        copies.content,
        copies.said.size,
        copies.verifier,
        house.outside,
        None,
        accept_loss=house.outside is None,
        progress=progress,
    )
    with drilling.place(house.directory) as place:
        settings = _settings(copies, None, "sqlite", "")
        _furnish(place, copies, None, settings)
        _rebuild(place, copies, known, settings, house.clock, progress)
        report = reported(place)
    teller.alone(lambda desk: remember(desk, report, "restore.drilled"))
    return report


def _root(content: Path, root: Path, passphrase: str | None) -> Root:
    """Return the root of copies, as their data says what it is; raises `CopiesUnfit` where that is none."""
    if unverified(content).kind != "data":
        raise CopiesUnfit(problem="one is to be of data, the other of keys")
    if read_settings(content).root == "passphrase":
        return PassphraseRoot(root, passphrase or "")
    return KeyFileRoot(root)


def _settings(copies: Copies, ledger: Path | None, store: str, keystore: str) -> Settings:
    outside = Backup(str(ledger.absolute())) if ledger is not None else None
    return replace(copies.settings, root_file="keys/root", store=store, keystore=keystore, backup=outside)


def _finished(into: Path, mark: str, settings: Settings) -> bool:
    """Whether this restore, of these copies with this ledger, came to its end here, but for the last step.

    Raises `HouseExists` for a directory that holds anything but an unfinished restore of them.
    """
    if not into.exists() or not any(into.iterdir()):
        return False
    with suppress(OSError):
        said = (into / QUARANTINED).read_bytes()
        if said in (mark.encode() + b"\n", mark.encode() + b"\n" + DONE):
            return said.endswith(DONE) and (into / SETTINGS).read_text("utf-8") == written(settings)
    raise HouseExists(path=str(into))


def _furnish(into: Path, copies: Copies, root: Path | None, settings: Settings) -> None:
    """Make the directory anew, with the mark of quarantine before anything else, and its settings."""
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole(into / QUARANTINED) as file:
        file.write(copies.mark.encode() + b"\n")
    for left in into.iterdir():
        if left.name != QUARANTINED:
            rmtree(left) if left.is_dir() else left.unlink()
    (into / "keys").mkdir(mode=0o700)
    if root is not None:
        write_secret(into / "keys/root", root.read_bytes())
    (into / "log.vkey").write_text(copies.verifier.vkey + "\n", "utf-8")
    if SYSTEMS in copies.said.files:
        shutil.copyfile(copies.content / SYSTEMS, into / SYSTEMS)
    (into / SETTINGS).write_text(written(settings), "utf-8")
    sync_folder(into)


def _rebuild(
    into: Path, copies: Copies, known: Known, settings: Settings, clock: Clock, progress: Progress
) -> None:
    """Fill the databases, continue the ledger, replay, verify; then note that all is done."""
    filing = filing_of(into, settings)
    try:
        at = instant(copies.held.at)
        quarantine.fill(
            filing, copies.mark, (copies.content, copies.said), (copies.keys, copies.held), copies.epochs, at
        )
        house = assemble(into, settings, filing, copies.root, clock, restoring=True)
        quarantine.continue_ledger(house, copies.said, known.log, known.last)
        found = quarantine.replay_all(house, copies.said.size, house.tree.size, progress)
        ended, approvals = in_unit(house, withdraw_keys)
        missing = quarantine.copy_files(house, copies.content, progress)
        if all(kind != "hold.placed" for _, kind in found.aside):  # otherwise what is held might go
            quarantine.let_time_pass(house)
        in_unit(house, go_on)
        in_unit(house, lambda desk: quarantine.must_be_gone(desk, found.gone))
        broken = frozenset(subject for subject, _ in copies.found.broken)
        opened = in_unit(house, lambda desk: quarantine.must_open(desk, broken))
        report = _report(copies, known, found, (ended, approvals, missing, opened))
        in_unit(house, lambda desk: remember(desk, report))
        in_unit(house, publish_everywhere)
        filing.fold()
    finally:
        filing.close()
    with usable(into):
        with whole(into / REPORT) as file:
            file.write(json.dumps(asdict(report), indent=2).encode())  # not hashed
        with whole(into / QUARANTINED) as file:
            file.write(copies.mark.encode() + b"\n" + DONE)


def _report(copies: Copies, known: Known, found: Replay, counts: tuple[int, int, int, int]) -> Restored:
    ended, approvals, missing, opened = counts
    settings, said = copies.settings, copies.said
    mail = settings.mail.password_file if settings.mail else ""
    sms = settings.sms.secret_file if settings.sms else ""
    return Restored(
        copy=said.copy,
        taken_at=said.at,
        entries=said.size,
        continued=max(0, known.last.size - said.size) if known.last else 0,
        erased=found.erased,
        noes=found.noes,
        left=found.left,
        removed=found.removed,
        opened=opened,
        missing=missing,
        broken=len(copies.found.broken),
        aside=tuple(found.aside),
        widened=dict(found.widened),
        lost=dict(found.lost),
        keys=ended,
        approvals=approvals,
        loss_accepted=known.loss_accepted,
        secrets=tuple(name for name in (mail, sms) if name),
    )


def _finish(into: Path, settings: Settings) -> Restored:
    """Take the marks of quarantine away, the directory's last."""
    filing = filing_of(into, settings)
    try:
        copying.release(filing)
    finally:
        filing.close()
    report = reported(into)
    with usable(into):
        (into / QUARANTINED).unlink()
        sync_folder(into)
    return report
