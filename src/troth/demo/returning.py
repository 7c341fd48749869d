"""The house is copied, lost, and comes back from its copies: who was erased meanwhile stays erased."""

import shutil
from pathlib import Path

from troth import library
from troth.acts.backup import Backup
from troth.custody.copies.restored import Restored
from troth.demo.forgetting import PUBLISHED
from troth.demo.scan import scan
from troth.demo.stage import Stage, attempt, because, timed
from troth.settings import read_settings

CONTENT, KEYS, BACK = "copies-of-data", "copies-of-keys", "restored"


def copy_scene(stage: Stage) -> None:
    """Copy the house, data and keys apart, and read both copies back."""
    page = stage.page
    page.scene("A copy is taken, keys apart from data")
    beside = stage.beside
    copy, seconds = timed(lambda: stage.house.backup(content=beside / CONTENT, keys=beside / KEYS))
    told = [needle for needles in stage.needles.values() for needle in needles]
    found = scan(beside, told)
    page.say(
        f"{copy.bytes / 1e6:.1f} MB with {copy.files} sealed files, of {copy.entries} ledger entries, in "
        f"{seconds * 1000:.0f} ms. Every file was read back by its digest, and every key row opened.",
        good=copy.verified,
    )
    page.say(f"What the two whom we follow told stands in neither: {len(found.found)} of {found.needles}.")
    page.figure("copy_verified", copy.verified)
    page.figure("copy_found", len(found.found))
    stage.copy = copy


def return_scene(stage: Stage) -> None:
    """Restore the house from a copy that is older than the erasures, and look for the erased in it."""
    page, copy = stage.page, stage.copy
    page.scene("The house burns down, and comes back from that copy")
    if copy is None:
        raise ValueError("no copy was taken")
    back = stage.beside / BACK
    report, seconds = timed(lambda: _restored(stage, copy, back))
    page.say(
        f"The copy is older than both erasures. In quarantine {report.continued} lines are read of the "
        f"ledger that outlived the house, {report.erased} erasures and {report.noes} other limits done "
        f"again, {report.opened} records opened to see that they can be. It opens after {seconds:.1f} s.",
        good=report.erased >= 2,
    )
    told = stage.needles[stage.visitor.reference]
    with library.open(back, clock=stage.clock) as house:
        his = attempt(lambda: house.access(about=stage.visitor.reference, category="account"))
        hers = attempt(lambda: house.access(about=stage.heroine.reference, category="account"))
        others = house.access(about=stage.people[2].reference, category="account").records
        entries = house.checkpoint().size
        found = scan(back, told)
    page.say(
        f"Of him there: {because(his)}. Her account there: {because(hers) if hers else 'nothing is held'}. "
        f"Somebody who stayed still has {len(others)} account record(s). The ledger goes on, with {entries} "
        "entries.",
        good=his is not None and bool(others),
    )
    page.say(
        "The copy itself opens to whoever has it, the root key and the key of its epoch, until a verified "
        "backup two epochs later destroys that one."
    )
    page.figure("returned_erasures", report.erased)
    page.figure("returned_refused", his is not None)
    page.figure("returned_found", len(found.found))
    page.figure("returned_others", len(others))


def _restored(stage: Stage, copy: Backup, into: Path) -> Restored:
    kept = shutil.copytree(stage.directory / PUBLISHED, stage.beside / PUBLISHED)
    return library.restore(
        content=copy.content,
        keys=copy.keys,
        root=stage.directory / read_settings(stage.directory).root_file,
        into=into,
        ledger=kept,  # a copy: what is restored goes on with it
        clock=stage.clock,
    )
