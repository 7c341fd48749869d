"""What keeps a house in order: instruments of recipients, what time demands, the signed state."""

from pathlib import Path

from troth.acts import backup as backing
from troth.acts import disclose
from troth.acts import sweep as sweeping
from troth.clock import Instant
from troth.custody.frameless import door
from troth.custody.publishing import publish_everywhere
from troth.ledger.checkpoint import Checkpoint
from troth.ledger.receipt import Receipt
from troth.library.serving import Serving
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

    def sweep(self) -> sweeping.Swept:
        """Do what time demands: expire, resume, sign a checkpoint."""
        return sweeping.sweep(self.teller)

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
