"""Holds of the library's door: place one, end it, move the end of its matter, list the matters."""

from troth.acts import holds
from troth.clock import Instant
from troth.custody.desk import About
from troth.custody.frameless import door
from troth.custody.matters import Foreseen
from troth.ledger.receipt import Receipt
from troth.library.serving import Serving
from troth.rules.decision import Actor
from troth.store.matters import Matter


@door
class Holding(Serving):
    """Acts on what keeps data from going; none of them permits a use."""

    def hold(
        self,
        *,
        about: About,
        matter: str,
        reason: str,
        by: Actor,
        until: Instant | None = None,
        owner: str = "",
        untold: str = "",
        dry_run: bool = False,
    ) -> Receipt | Foreseen:
        """Hold what is kept for as long as a matter lasts: nothing of it is erased or removed.

        The first hold opens the matter, with its end, the role that may end it (the caller's, unless another
        is named), and a legal ground not to tell people of it before it ends, which requires an end. Raises
        `Refused`, `NotFound`, `Erased`, `BadArgument`, and `MatterUnlike` where the matter is open with other
        words. A dry run returns what it would do, and does nothing.
        """
        job = holds.holding(
            by=by, about=about, matter=matter, reason=reason, until=until, owner=owner, untold=untold
        )
        return self.teller.alone(holds.foreseeing(job)) if dry_run else self._settle(job)  # type: ignore[return-value]

    def end_hold(
        self, *, about: About, matter: str, reason: str, by: Actor, dry_run: bool = False
    ) -> Receipt | Foreseen:
        """End the hold of a matter on one person; raises `Refused` for everybody but its owner."""
        job = holds.releasing(by=by, about=about, matter=matter, reason=reason)
        return self.teller.alone(holds.foreseeing(job)) if dry_run else self._settle(job)  # type: ignore[return-value]

    def move_matter(
        self, *, matter: str, reason: str, until: Instant, by: Actor, dry_run: bool = False
    ) -> Receipt | Foreseen:
        """Move the end of a matter for everybody whom it holds; raises `Refused` or `MatterUnlike`."""
        job = holds.retiming(by=by, matter=matter, reason=reason, until=until)
        return self.teller.alone(holds.foreseeing_end(job)) if dry_run else self._settle(job)  # type: ignore[return-value]

    def end_matter(self, *, matter: str, reason: str, by: Actor, dry_run: bool = False) -> Receipt | Foreseen:
        """End a matter now for everybody whom it holds; the next sweep writes each hold's end down."""
        job = holds.retiming(by=by, matter=matter, reason=reason, until=None)
        return self.teller.alone(holds.foreseeing_end(job)) if dry_run else self._settle(job)  # type: ignore[return-value]

    def matters(self, *, by: Actor) -> tuple[Matter, ...]:
        """Return the open matters of reasons for which `by` may hold, with how many people each holds.

        It names nobody. Raises `Refused` for whoever may hold for no reason.
        """
        return self.teller.alone(holds.listing(by=by))  # type: ignore[arg-type]
