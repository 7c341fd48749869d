"""Cases of one person: open one, bring it from state to state, see where each stands; and their entries."""

from collections.abc import Iterable
from typing import Any

from troth.acts import cases
from troth.custody.cases import Filed
from troth.custody.desk import About
from troth.custody.endings.sweeping import recall
from troth.custody.frameless import door
from troth.ledger.entry import Entry
from troth.library.serving import Serving, own
from troth.rules import given
from troth.rules.cases import Case
from troth.rules.decision import Actor


@door
class Cases(Serving):
    """Matters that have states and an end."""

    def open_case(self, *, about: About, name: str, by: Actor | None = None) -> Filed:
        """Open a case; raises `Refused`, also while a verification of that name has not ended."""
        filed: Filed = self.teller.ask(cases.opening(by=own(by), about=about, name=name))
        return filed

    def move_case(
        self, *, about: About, case: bytes, to: str, reasons: Iterable[str] = (), by: Actor | None = None
    ) -> Filed:
        """Bring a case to another state; raises `Refused` where its state or its clause does not allow it."""
        job = cases.moving(by=own(by), about=about, case=case, to=to, reasons=reasons)
        filed: Filed = self.teller.ask(job)
        return filed

    def cases(self, *, about: About) -> tuple[Case, ...]:
        """Return the cases of a person, oldest first: where each stands, and nothing that they told."""
        return cases.cases_of(self.teller, about)

    def entries(self, *, about: About) -> list[tuple[int, Entry]]:
        """Return every ledger entry about a person, oldest first: who saw what, for which purpose."""
        given.about(about)

        def work(desk: Any) -> list[tuple[int, Entry]]:  # noqa: ANN401 - a Desk
            desk.find([about])
            subject = desk.people.get(about)
            return [] if subject is None else recall(desk, subject)

        return self.teller.alone(work)
