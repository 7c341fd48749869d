"""Match approvals to disclosures: each serves once, and its line does not name the request it approves."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field

from troth.terms.vocabulary import Role


@dataclass(slots=True)
class Approvals:
    """Everything approved of one person's category for one recipient, and what was disclosed on it.

    When several disclosures wait together, the ledger does not tell which of them an approval was meant
    for. It tells whether there are enough: each disclosure needs so many approvers, and each of them
    once for it. So an honest ledger is never found short, whatever the order, and no approval serves twice.
    """

    _given: Counter[tuple[str, str]] = field(default_factory=Counter)  # (role, name): how often
    _served: Counter[str] = field(default_factory=Counter)  # clause: disclosures that needed any
    _spent: Counter[str] = field(default_factory=Counter)  # clause: approvals that they needed

    def give(self, actor: str) -> None:
        """Note an approval by an actor, as the ledger names one."""
        self._given[_named(actor)] += 1

    def left(self, clause: str, approvers: Set[Role], asker: str) -> int:
        """Return how many approvers one more disclosure under a clause may count; never its own asker.

        An empty `approvers` admits every role.
        """
        _, asks = _named(asker)
        able = {n for role, n in self._given if n != asks and (not approvers or role in approvers)}
        each: Counter[str] = Counter()
        for (_, name), times in self._given.items():
            each[name] += times
        most = sum(min(times, self._served[clause] + 1) for times in each.values())
        return min(len(able), most - self._spent[clause])

    def spend(self, clause: str, needed: int) -> None:
        """Note a disclosure under a clause, and how many approvals it needed."""
        self._served[clause] += needed > 0
        self._spent[clause] += needed


def _named(actor: str) -> tuple[str, str]:
    """Return the role and the name of an actor of the ledger (`staff:role:name`); a program has no role."""
    kind, _, rest = actor.partition(":")
    role, _, name = rest.partition(":")
    return (role, name) if kind == "staff" else ("", rest)
