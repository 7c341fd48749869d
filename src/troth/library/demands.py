"""What people demand of their rights: file, prove, decide, take back; each carried out, and read back."""

from collections.abc import Iterable, Mapping
from typing import Any

from troth.acts import downstream, filing
from troth.custody.demands.filing import Lodged
from troth.custody.demands.following import START, Followed
from troth.custody.demands.hearing import Heard
from troth.custody.desk import About
from troth.custody.frameless import door
from troth.custody.systems.settling import Settled
from troth.library.serving import Serving, own
from troth.rules.decision import Actor
from troth.rules.rights_cases import Deadline, RightsCase
from troth.store.duties import Duty


@door
class Demands(Serving):
    """Rights cases: each has a reference, a state, a deadline and, in the end, an outcome."""

    def demand(
        self,
        *,
        about: About,
        right: str,
        category: str = "",
        classes: Iterable[str] = (),
        purpose: str = "",
        channel: str = "",
        values: Mapping[str, Any] | None = None,
        record: bytes | None = None,
        text: str = "",
        by: Actor | None = None,
    ) -> Lodged:
        """File a demand, and carry it out at once where nothing stands in the way.

        Raises `Refused` when nobody may demand that; a demand that is refused later says so in its state.
        """
        job = filing.demanding(
            by=own(by), about=about, right=right, category=category, classes=classes, purpose=purpose,
            channel=channel, values=values, record=record, text=text,
        )  # fmt: skip
        return self._went(self.teller.ask(job))

    def prove_demand(self, *, case: bytes, by: Actor | None = None) -> Lodged:
        """Say that it is the person themself who demands; it is carried out then, if it can be."""
        return self._went(self.teller.ask(filing.proving(by=own(by), case=case)))

    def decide_demand(self, *, case: bytes, decision: str, by: Actor, reasons: Iterable[str] = ()) -> Lodged:
        """Decide a demand, or a step towards it: `ask`, `review`, `grant`, `refuse` or `extend`."""
        return self._went(
            self.teller.ask(filing.deciding(by=by, case=case, decision=decision, reasons=reasons))
        )

    def hear_demand(self, *, case: bytes, by: Actor) -> Heard:
        """Return what the person told with a demand, to whoever may decide it; nothing once it ended."""
        heard: Heard = self.teller.ask(filing.hearing(by=by, case=case))
        return heard

    def cancel_demand(self, *, case: bytes, by: Actor | None = None) -> Lodged:
        """Take a demand back, as long as nothing was done that cannot be."""
        return self._went(self.teller.ask(filing.cancelling(by=own(by), case=case)))

    def demands(
        self, *, about: About, by: Actor | None = None
    ) -> tuple[tuple[RightsCase, Deadline | None], ...]:
        """Return the demands of a person, oldest first, each with when it is due; the look is remembered.

        Raises `Refused` for others than the person and whom the clauses of their rights name.
        """
        found: Followed = self.teller.ask(filing.following_of(by=own(by), about=about))
        return found.cases

    def demanded(self, *, reference: str, by: Actor | None = None) -> tuple[RightsCase, Deadline | None]:
        """Return a demand by its reference; the look is remembered.

        Raises `NothingThere`, for one that is not there as for one that they may not follow.
        """
        found: Followed = self.teller.ask(filing.following(by=own(by), reference=reference))
        return found.cases[0]

    def demands_in(
        self, *, state: str, by: Actor, right: str = "", after: tuple[int, bytes] = START, limit: int = 100
    ) -> tuple[tuple[RightsCase, Deadline | None], ...]:
        """Return up to `limit` demands in a state, oldest first, for whoever may follow them."""
        job = filing.waiting(by=by, state=state, right=right, after=after, limit=limit)
        found: Followed = self.teller.ask(job)
        return found.cases

    # ---- what other systems owe

    def open_duties(self, *, by: Actor, after: bytes = b"", limit: int = 1_000) -> tuple[Duty, ...]:
        """Return what other systems still have to do, one by one, for whoever may follow such rights."""
        return downstream.owed(self.teller, by=by, after=after, limit=limit)

    def settle_duty(self, *, duty: bytes, reason: str, by: Actor) -> Settled:
        """Settle by hand what a system will never say that it did; its demand ends as done in part.

        `reason` is one of `system-gone`, `nothing-there`, `done-by-hand` and `not-possible`.
        Raises `Refused`, `NothingThere` and `BadArgument`.
        """
        return downstream.settle(self.teller, duty=duty, reason=reason, by=by)

    def _went(self, lodged: Lodged) -> Lodged:
        return filing.carry_out(self.teller, lodged)
