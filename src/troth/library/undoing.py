"""What can be called back: an erasure that comes some days later."""

from troth.acts import undo
from troth.custody.desk import About
from troth.custody.endings.grace import Away
from troth.custody.frameless import door
from troth.ledger.receipt import Receipt
from troth.library.serving import Serving, own
from troth.rules.decision import Actor


@door
class Undoing(Serving):
    """An erasure that its person may call back, with a code that nobody else has."""

    @staticmethod
    def recovery_code() -> str:
        """Return a new recovery code, to be given to the person before `erase_later`; no house keeps it."""
        return undo.new_code()

    def erase_later(
        self, *, about: About, days: int, code: str, by: Actor | None = None, case: str = ""
    ) -> Away:
        """Seal away what an erasure of everything would take; it is erased `days` (1 to 30) later.

        Nobody reads it from here on; whoever has the code brings it back before the end (`come_back`).
        Raises `BadArgument`, and `Refused`, `NotFound` or `InGrace` as `erase` does.
        """
        return undo.put_away(self.teller, by=own(by), about=about, days=days, code=code, case=case)

    def come_back(self, *, about: About, code: str, by: Actor | None = None) -> Receipt:
        """Bring everything back that was sealed away, as it was; raises `NotRestored`, which says not why."""
        return undo.come_back(self.teller, by=own(by), about=about, code=code)
