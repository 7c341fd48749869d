"""A reader in plaintext that batches as a teller does: the same queue, and nothing kept or decided."""

from collections.abc import Sequence
from typing import Any, cast

from troth.bench.baseline import Plain
from troth.house import House
from troth.teller import Teller


class BatchedReader(Teller):
    """Whatever has queued up while the last batch was read becomes the next."""

    def __init__(self, plain: Plain) -> None:
        super().__init__(cast("House", None))
        self._plain = plain

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account, read together with those that others ask for."""
        found: Sequence[Any] = self.ask(cast("Any", about))
        return found

    def _serve(self, batch: Sequence[Any]) -> None:
        for ticket, found in zip(batch, self._plain.read_many([t.job for t in batch]), strict=True):
            ticket.outcome = found
