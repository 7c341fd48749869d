"""Tell the story from beginning to end: a house on an agreement, a crowd of people, everything in turn."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from troth import clock as clocks
from troth import library
from troth.clock import DAY, SECOND, Settable, iso
from troth.demo import collecting, ending, forgetting, giving, proving, returning, using
from troth.demo.page import Page
from troth.demo.people import Crowd, Person
from troth.demo.stage import Stage, timed
from troth.terms.agreement import Finding
from troth.terms.check import check
from troth.terms.parse import parse

LEAST = 10  # people; fewer leave some circumstance empty
SCENES = (
    collecting.collecting_scene,
    using.reading_scene,
    using.refusing_scene,
    giving.disclosing_scene,
    giving.withdrawing_scene,
    ending.expiry_scene,
    ending.ledger_scene,
    returning.copy_scene,
    forgetting.erasure_scene,
    returning.return_scene,
    proving.evidence_scene,
    proving.offline_scene,
)


def tell(page: Page, agreement: str, *, directory: Path, members: int, seed: int = 7) -> Page:
    """Found a house in an empty directory, let `members` people live in it, and show it all on the page.

    The clock of the house starts 91 days and an hour ago (but not before the agreement is in force), so
    that the story ends about now. Raises `FakerMissing`, and `HouseExists` for a directory with
    something in it.
    """
    begun = perf_counter()
    promised, reading = timed(lambda: parse(agreement, "agreement.md"))
    findings: tuple[Finding, ...]
    findings, checking = timed(lambda: check(promised))
    start = max(clocks.now() - ending.LONG - DAY // 24, promised.effective + DAY)
    clock = Settable(start - start % SECOND)
    crowd = Crowd(seed, datetime.fromisoformat(iso(clock())).date())
    people = _cast(crowd, max(members, LEAST))
    house, founding = timed(lambda: library.init(directory, agreement, clock=clock))
    with house, TemporaryDirectory() as beside:
        stage = Stage(page, directory, clock, crowd, people, house, Path(beside))
        collecting.agreement_scene(stage, findings, reading + checking)
        collecting.founding_scene(stage, founding)
        for scene in SCENES:
            clock.forward(60 * SECOND)
            scene(stage)
    proving.closing_scene(stage, perf_counter() - begun)
    return page


def _cast(crowd: Crowd, members: int) -> list[Person]:
    """Return the two whom the story follows, then everybody else."""
    return [crowd.person("GR", "female"), crowd.person("JP", "male"), *crowd.people(members - 2)]
