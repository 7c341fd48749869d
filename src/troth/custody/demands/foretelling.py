"""Foretell: say what would become of a demand if it were filed now; nothing is filed.

It is decided as the filing would be: whoever may not file it is refused, and that is remembered.
"""

from dataclasses import dataclass, replace

from troth.custody.asking import refusal_of
from troth.custody.demands.filing import Demand, needed, same_open, strange_words
from troth.custody.desk import Desk
from troth.custody.systems.duties import concerned
from troth.errors import TrothError
from troth.rules.decision import ASSURANCES, ActorKind, Refusal, Why
from troth.rules.rights_cases import rule_of
from troth.terms.vocabulary import RightName


@dataclass(frozen=True, slots=True)
class Foretold:
    """Under which clause a demand would go, who has to do what first, and which systems would be told."""

    clause: str
    how: str  # `self`: at once; `review`: somebody decides it first
    needs: str  # how sure it must be who asks
    proven: bool  # it would be carried out, or decided, without another proof
    elsewhere: tuple[str, ...]


def foretell(desk: Desk, job: Demand) -> Foretold | TrothError:
    """Return what would become of a demand, or what would refuse it."""
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    right, by, subject = RightName(request.circumstance), request.by, desk.people[job.about]
    found = rule_of(desk.house.book, right, job.scope)
    strange = strange_words(desk, job.scope)
    same = same_open(desk, subject, right, job.scope)
    if found is None:
        return desk.refuse(request, refusal_of(Why.NO_CLAUSE, *decision.clauses, word=right.value), job.about)
    if same is not None:
        return desk.refuse(request, refusal_of(Why.ALREADY_OPEN, found[0], word=same.reference), job.about)
    if strange:
        return desk.refuse(request, Refusal(strange, decision.clauses), job.about)
    clause, rule = found
    needs = needed(desk.house.book, rule, by)
    level = by.assurance or needs if by.kind is ActorKind.SUBJECT else ""
    proven = bool(level) and ASSURANCES.index(level) >= ASSURANCES.index(needs)
    told = tuple(sorted(system.name for system in concerned(desk, subject, right.value)))
    return Foretold(clause, rule.how, needs, proven, told)
