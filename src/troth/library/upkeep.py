"""What keeps a house in order: instruments of recipients, what time demands, the signed state."""

from collections.abc import Iterable
from pathlib import Path

from troth.acts import backup as backing
from troth.acts import disclose, kept, tally
from troth.acts import sweep as sweeping
from troth.clock import Instant
from troth.custody.desk import About
from troth.custody.endings.foretelling import Going, Keeping, foretell
from troth.custody.frameless import door
from troth.custody.publishing import publish_everywhere
from troth.custody.totals import Totals
from troth.ledger.checkpoint import Checkpoint
from troth.ledger.receipt import Receipt
from troth.library.serving import Serving, own
from troth.rules.decision import Actor


@door
class Upkeep(Serving):
    """Acts that are about the house and not about one person."""

    def record_instrument(
        self, *, by: Actor, recipient: str, kind: str, reference: str, until: Instant
    ) -> Receipt:
        """Record a contract, a duty of confidentiality or a safeguard of a recipient."""
        return disclose.record_instrument(
            self.teller, by=by, recipient=recipient, kind=kind, reference=reference, until=until
        )

    # ---- time

    def forecast(self) -> tuple[Going, ...]:
        """Return what a sweep would remove now, and on each of the next 30 days; nothing is done."""
        return self.teller.alone(foretell)

    def why_kept(self, *, about: About, category: str = "", by: Actor | None = None) -> tuple[Keeping, ...]:
        """Return why what is held of a person is kept: class, clause, clock, end, holds, the time chosen.

        Decided as access to it, by the person when nobody is named; the look is remembered. Raises `Refused`,
        `NotFound`, `Erased` or `InGrace`.
        """
        work = kept.explaining(by=own(by), about=about, category=category)
        return self.teller.alone(work).keepings  # type: ignore[union-attr]

    def tallies(
        self,
        *,
        by: Actor,
        category: str,
        purpose: str,
        fields: Iterable[str] = (),
        case: str = "",
        reason: str = "",
    ) -> Totals:
        """Return what was counted of one category whose time is over (`then: anonymise`), by month.

        Only for a purpose whose `use` says `leaves: aggregates`; months that are not entirely over are left
        out. No fields means all that the purpose may have. Raises `Refused`.
        """
        job = tally.tallying(
            by=by, category=category, purpose=purpose, fields=fields, case=case, reason=reason
        )
        found: Totals = self.teller.ask(job)
        return found

    def sweep(self, *, pause: float = 0.0, vacuum: bool = False) -> sweeping.Swept:
        """Do what time demands: expire, resume, sign a checkpoint.

        Others are served for `pause` seconds at least after each chunk of what expired. With `vacuum` both
        databases are written anew, so that nothing that was deleted stays in their files; nobody else
        writes meanwhile. Which could not be is in `unvacuumed`, and why in `stuck`, unless somebody was
        reading.
        """
        return sweeping.sweep(self.teller, pause=pause, vacuum=vacuum)

    def backup(
        self, *, content: str | Path, keys: str | Path, keep: int = backing.KEPT, keep_content: int = 0
    ) -> backing.Backup:
        """Copy the house into two places, data and keys apart, and read both copies back.

        Raises `PlacesOverlap`, `PlaceTaken`, `CopyBroken`, `NoRoom`; then nothing of the copies is left.
        """
        return backing.back_up(
            self.teller, content=Path(content), keys=Path(keys), keep=keep, keep_content=keep_content
        )

    def checkpoint(self) -> Checkpoint:
        """Sign the ledger's present state."""
        return self.teller.alone(publish_everywhere)
