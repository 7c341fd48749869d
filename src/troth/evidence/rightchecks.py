"""The checks of a `right` rule: it was exercised and ended, and nobody less sure may exercise it."""

from typing import TYPE_CHECKING

from troth.clock import Instant
from troth.evidence.demands import of_demands
from troth.evidence.history import History
from troth.evidence.protection import of_pages
from troth.evidence.status import CheckResult, Status, judged
from troth.rules.decide import decide
from troth.rules.decision import ASSURANCES, Act, Facts, Permit, Request, member
from troth.rules.rulebook import Rulebook
from troth.rules.standing import NEWCOMER
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import Place, Purpose, RightName

if TYPE_CHECKING:
    from troth.evidence.checks import Sight

_KINDS = {
    RightName.ACCESS: ("record.accessed",),
    RightName.CORRECT: ("record.corrected",),
    RightName.RESTRICT: ("restriction.set", "restriction.lifted"),
    RightName.OBJECT: ("objection.made",),
    RightName.OPT_OUT: ("objection.made", "consent.withdrawn", "channel.stopped"),
    RightName.WITHDRAW: ("consent.withdrawn",),
    RightName.LEAVE: ("member.left",),
    RightName.PORT: ("record.ported",),
}
# What each right lets somebody ask for.
_ACTS = {
    RightName.ACCESS: (Act.ACCESS,),
    RightName.CORRECT: (Act.CORRECT,),
    RightName.ERASE: (Act.ERASE, Act.REMOVE),
    RightName.RESTRICT: (Act.RESTRICT, Act.LIFT),
    RightName.OBJECT: (Act.OBJECT, Act.YIELD),
    RightName.OPT_OUT: (Act.OBJECT, Act.YIELD, Act.WITHDRAW, Act.STOP, Act.START),
    RightName.WITHDRAW: (Act.WITHDRAW,),
    RightName.LEAVE: (Act.LEAVE,),
    RightName.PORT: (Act.PORT,),
}


def of_right(clause: str, rule: RightRule, sight: "Sight") -> tuple[CheckResult, ...]:
    """Return what shows that a right is carried out, and for whoever surely has it alone."""
    found = []
    if rule.right is RightName.ERASE:
        found.append(_erasures(clause, sight.history, sight.under_way))
    elif rule.right in _KINDS:
        count = sum(sight.history.cited.get((clause, kind), 0) for kind in _KINDS[rule.right])
        measures = f"the right to {rule.right.value} was exercised, at once, and remembered"
        limits = "wishes that were never entered; whether it was them who asked: the caller vouches for that"
        faults = sight.history.faults.get(clause, [])
        name = f"right-{rule.right.value}"
        found.append(judged(name, measures, limits, faults, count, "nobody exercised it yet"))
    found += of_demands(rule, sight.demanded)
    if rule.assurance != ASSURANCES[0]:
        found.append(_assurance(clause, rule, sight))
    if gives_copies(rule) and sight.house.book.sign_in is not None:
        found.append(of_pages("copy", "", sight))
    return tuple(found)


def gives_copies(rule: RightRule) -> bool:
    """Whether a right is one to see and download everything oneself."""
    return rule.right is RightName.ACCESS and rule.how == "self"


def _erasures(clause: str, history: History, under_way: int) -> CheckResult:
    waiting = history.begun - history.done
    count = history.cited.get((clause, "erasure.done"), 0)
    measures = "every erasure that was begun was read back and ended"
    limits = "copies outside of this house; backups, which the check of restores looks at"
    faults = ["more erasures ended than were begun"] if waiting < 0 else []
    if waiting > under_way:
        faults = ["an erasure was begun that is neither ended nor noted, so nothing will finish it"]
        count = history.begun
    elif waiting > 0:
        detail = f"{waiting} under way"
        return CheckResult("erasures-end", measures, limits, Status.AT_RISK, history.begun, detail)
    return judged("erasures-end", measures, limits, faults, count, "nobody was erased yet")


def _assurance(clause: str, rule: RightRule, sight: "Sight") -> CheckResult:
    book = sight.house.book
    measures = f"asked for with less than `{rule.assurance}`, deciding refuses it, whatever data it is about"
    limits = "whether a confirmation is sound; programs that call the library vouch for who asks"
    if book.sign_in is None:
        nothing = "no clause says how members sign in: whoever calls says how sure it is that it is them"
        return judged("assurance", measures, limits, [], 0, nothing)
    faults, count = unassured(book, clause, rule, now=sight.now, at=sight.house.place)
    return judged("assurance", measures, limits, faults, count, "there is nothing to ask for under it")


def unassured(
    book: Rulebook, clause: str, rule: RightRule, *, now: Instant, at: Place
) -> tuple[list[str], int]:
    """Ask for all that a right of a clause gives, less sure than it demands.

    Return what deciding permits, and how often it was asked. Of several rules of one right in a clause
    the one that demands least counts.
    """
    assert book.sign_in is not None  # noqa: S101 - the caller looked
    program, facts = book.sign_in[1].program, Facts(now, at)
    whole = book.agreement.clause(clause)
    same = [r for r in (whole.rules if whole else ()) if isinstance(r, RightRule) and r.right is rule.right]
    least = min(ASSURANCES.index(each.assurance) for each in (rule, *same))
    faults, count = list[str](), 0
    for weaker in ASSURANCES[:least]:
        for (act, category, word), cell in book.cells.items():
            if act not in _ACTS.get(rule.right, ()) or not any(g.clause == clause for g in cell.grants):
                continue
            asked = Request(act, member(program, weaker), category, purpose=Purpose(word))
            count += 1
            decision = decide(book, asked, NEWCOMER, facts)
            if isinstance(decision, Permit) and clause in decision.clauses:
                faults.append(
                    f"`{act.value}` of `{category or word or 'everything'}` is permitted with `{weaker}`"
                )
    return faults, count
