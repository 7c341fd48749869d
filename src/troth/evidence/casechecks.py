"""The checks of a `case` rule, and of the clocks that the ends of cases start."""

from collections.abc import Mapping, Set

from troth.evidence.casework import Seen
from troth.evidence.history import History
from troth.evidence.status import CheckResult, judged
from troth.terms.agreement import CaseRule, Keep


def of_case(
    clause: str, rule: CaseRule, history: History, cases: Mapping[str, Seen]
) -> tuple[CheckResult, ...]:
    """Return what shows that cases of a rule go as their clause says: steps, states, and clocks."""
    seen = cases.get(rule.name, Seen())
    steps = sum(history.cited.get((clause, kind), 0) for kind in ("case.opened", "case.moved"))
    measures = "each case was opened, moved and decided by who may, step by step, with the reasons it needs"
    limits = "whether a decision was right; whether it was them: whoever calls vouches for that"
    nothing = "no case was opened yet"
    made = judged("steps-allowed", measures, limits, history.faults.get(clause, []), steps, nothing)
    untold = [f"{seen.untold} cases are not as the ledger tells"] if seen.untold else []
    measures = "each case stands, and ended, as the last line of the ledger about it says"
    limits = "cases that were taken out of the store; what a person's standing says is proven"
    told = judged("states-told", measures, limits, untold, seen.rows or steps, nothing)
    return (made, told, *clocks_of({rule.name} if rule.event else set(), cases))


def clocks_of(
    names: Set[str], cases: Mapping[str, Seen], only: Keep | None = None
) -> tuple[CheckResult, ...]:
    """Return the check of the clocks that the ends of some cases start, of one class or of all; or none."""
    if not names:
        return ()
    every = [cases[name].clocks for name in sorted(names & cases.keys())]
    mine = [found for clocks in every for kept, found in clocks.items() if only is None or kept == only.name]
    late = sum(after for _, after in mine)
    faults = [f"{late} records are kept as if their case had not ended"] if late else []
    measures = "the time of what belongs to a case that ended runs from its end"
    limits = "what was taken in without naming its case; of each name a thousand cases are looked at"
    nothing = "no case with anything of this class has ended yet"
    return (judged("clocks-run", measures, limits, faults, sum(count for count, _ in mine), nothing),)
