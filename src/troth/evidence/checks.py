"""The checks of each kind of rule: what the ledger and the live store say of a clause, now.

A clause is as good as the worst of them, and `later` adds one for every part that is not built.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from troth.clock import Instant
from troth.evidence.anonymous import of_anonymised
from troth.evidence.casechecks import clocks_of, of_case
from troth.evidence.casework import Seen
from troth.evidence.contacting import of_contact
from troth.evidence.demands import Demanded
from troth.evidence.history import History
from troth.evidence.later import later
from troth.evidence.protection import of_ends, of_pages, of_protect
from troth.evidence.rightchecks import of_right
from troth.evidence.status import CheckResult, Status, judged
from troth.evidence.tried import Tried
from troth.house import House
from troth.rules.forbidding import near
from troth.rules.rulebook import class_of
from troth.store.tallies import Tally
from troth.terms.agreement import (
    CaseRule,
    Collect,
    Contact,
    Disclose,
    Keep,
    Never,
    Protect,
    RightRule,
    Rule,
    SignIn,
    Store,
    Transfer,
    Use,
)
from troth.terms.vocabulary import Category, ClauseId, RetentionClass, covers

_PRACTISED = {
    "collect": "record.collected",
    "use": "record.used",
    "disclose": "record.disclosed",
    "transfer": "record.disclosed",
}
_TRADE, _TRADES = frozenset({"sell", "rent"}), ("sale", "rent")  # practices, and kinds of line: none exists
_DISCLOSURE_LIMIT = "what the recipient does; until when an instrument was valid: deciding looked at that"
_LEDGER_LIMIT = "acts outside of this house, and what a reader did with values afterwards"


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in the store under one clause and retention class."""

    clause: str
    category: Category
    kept: RetentionClass
    version: int
    records: int
    malformed: int  # of a sample: not sealed as they should be
    lost: int  # of a sample: people whose key is missing
    first: Instant
    last: Instant


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything the checks look at: the house, the ledger's history, what is held."""

    house: House
    now: Instant
    history: History
    held: tuple[Held, ...]
    overdue: dict[
        RetentionClass, Instant
    ]  # retention class -> expiry of its oldest record that is still there
    held_back: dict[str, tuple[int, int]]  # class -> how often it is held; how often nothing tells why
    chosen: dict[str, tuple[int, int]]  # class -> records under a shorter time chosen; how many outlive it
    cases: dict[str, Seen]  # by name
    demanded: Demanded
    under_way: int  # erasures begun and not ended
    checkpoint_at: Instant  # when the last checkpoint was signed; 0 when none was
    ledger_fault: str  # empty when the ledger continues the last checkpoint and its leaves make its root
    probes: Mapping[str, Tried]  # what came of trying the pages, by promise
    copied: Instant  # when a copy was last verified; 0: never
    epochs: int  # how many there are keys of
    tallies: tuple[Tally, ...]  # what was counted of data that was made anonymous
    timelines: tuple[list[str], int]  # what is wrong with people's lists of the ledger; lines compared


def check_clause(clause: str, rules: Iterable[Rule], sight: Sight) -> tuple[CheckResult, ...]:
    """Return the results of all checks of a clause; a line that cites it wrongly always breaks it.

    What the ledger shows is worth nothing when it is not whole: then no clause is kept.
    """
    found = [result for rule in rules for result in check_rule(clause, rule, sight)]
    stray = sight.history.faults.get(clause, [])
    if stray and not any(result.status is Status.BROKEN for result in found):
        found.append(judged("cited", "no line cites it wrongly", _LEDGER_LIMIT, stray, len(stray), ""))
    if found and sight.ledger_fault:
        measures, limits = "the ledger that its checks read is whole", "what the ledger was before"
        detail = f"the ledger is broken: {sight.ledger_fault}"
        found.append(
            CheckResult("ledger-whole", measures, limits, Status.UNPROVEN, sight.history.entries, detail)
        )
    return tuple(found)


def check_rule(clause: str, rule: Rule, sight: Sight) -> tuple[CheckResult, ...]:
    """Return the results of all checks that a rule brings, with its parts that are not built yet."""
    check = _CHECKS.get(type(rule))
    started = frozenset(case.event for _, case in sight.house.book.cases.values() if case.event)
    return (*(check(clause, rule, sight) if check else ()), *later(rule, started))


def _collect(clause: str, rule: Collect, sight: Sight) -> tuple[CheckResult, ...]:
    mine = [held for held in sight.held if held.clause == clause]
    count = sum(held.records for held in mine)
    taken = sight.history.cited.get((clause, "record.collected"), 0)
    faults = [f"{held.malformed} records are not sealed" for held in mine if held.malformed]
    faults += [f"the keys of {held.lost} people are missing" for held in mine if held.lost]
    faults += [f"a record is of version {h.version}" for h in mine if h.version not in sight.house.books]
    faults += sight.history.faults.get(clause, [])
    parts: dict[str, int] = {}  # one act files a record in each part of the clause, so each part counts alone
    for held in mine:
        parts[held.kept] = parts.get(held.kept, 0) + held.records
    most = max(parts.values(), default=0)
    if most > taken and not faults:
        faults = [f"{most} records are held and only {taken} were remembered"]
    measures = "every record held maps to this clause, was remembered when it came, and is sealed"
    limits = "what the database's own tools wrote around the door and removed again"
    nothing = "nothing was collected under it yet"
    mapped = judged("records-map", measures, limits, faults, count or taken, nothing)
    return (mapped, of_pages("notice", clause, sight)) if rule.notice else (mapped,)


def _use(clause: str, rule: Use, sight: Sight) -> tuple[CheckResult, ...]:
    if rule.leaves == "aggregates":
        return ()
    count = sight.history.cited.get((clause, "record.used"), 0)
    measures = "every read under it named its purpose, and consent, objection and restriction were heeded"
    faults = sight.history.faults.get(clause, [])
    return (judged("reads-cite", measures, _LEDGER_LIMIT, faults, count, "nothing was read under it yet"),)


def _disclose(clause: str, _: Disclose, sight: Sight) -> tuple[CheckResult, ...]:
    count = sight.history.cited.get((clause, "record.disclosed"), 0)
    faults = sight.history.faults.get(clause, [])
    measures = "every disclosure went to a listed recipient, with its approvals and instruments"
    nothing = "nothing was disclosed under it yet"
    return (judged("disclosures-cite", measures, _DISCLOSURE_LIMIT, faults, count, nothing),)


def _never(clause: str, rule: Never, sight: Sight) -> tuple[CheckResult, ...]:
    history = sight.history
    faults = history.faults.get(clause, [])
    kinds = {_PRACTISED[practice] for practice in rule.practices if practice in _PRACTISED}
    reached = (
        times
        for (kind, category), times in history.touched.items()
        if kind in kinds and any(near([(ClauseId(clause), rule)], Category(category)))
    )
    count, nothing = sum(reached), "nothing put it to the test yet"
    measures = f"no entry of the ledger performs {', '.join(rule.practices)} within its reach"
    if _TRADE & set(rule.practices):
        faults = [*faults, *(f"{kind} was recorded" for kind in history.kinds if kind.startswith(_TRADES))]
    if not kinds:
        measures += "; no act of the engine can"
        count, nothing = history.entries, "the ledger is empty"
    return (judged("never-done", measures, _LEDGER_LIMIT, faults, count, nothing),)


def _keep(clause: str, rule: Keep, sight: Sight) -> tuple[CheckResult, ...]:
    mine = [held for held in sight.held if class_of(held.kept) == rule.name]
    expired = sight.history.cited.get((clause, "record.expired"), 0)
    count = sum(held.records for held in mine) + expired
    late = [sight.overdue[kept] for kept in sight.overdue if class_of(kept) == rule.name]
    result = of_ends("gone-in-time", rule.gone_within, late, count, sight)
    book = sight.house.book
    ends = {name for name, (_, case) in book.cases.items() if rule.event and case.event == rule.event}
    clocks = (
        *clocks_of(ends, sight.cases, rule),
        *_shorter(rule, sight),
        *of_anonymised(rule, book, sight.tallies, expired),
    )
    if rule.name not in sight.held_back:
        return (result, *clocks)
    held, untold = sight.held_back[rule.name]
    measures = "every hold that keeps something from going is told by the person's standing and the ledger"
    limits = "whether a matter is what it is said to be"
    faults = [f"of {held} holds, no line of the ledger tells of {untold}"] if untold else []
    return result, *clocks, judged("holds-told", measures, limits, faults, held, "")


def _shorter(rule: Keep, sight: Sight) -> tuple[CheckResult, ...]:
    """Return whether the shorter times that people chose are heeded, where somebody chose one."""
    count, late = sight.chosen.get(rule.name, (0, 0))
    if not rule.shorter or not count:
        return ()
    measures = "nothing of somebody who chose a shorter time may be read for longer than that"
    limits = "a choice that was taken out of the standing; what was read too late and is over by now"
    faults = [f"{late} records are to stay longer than was chosen"] if late else []
    return (judged("shorter", measures, limits, faults, count, ""),)


def _case(clause: str, rule: CaseRule, sight: Sight) -> tuple[CheckResult, ...]:
    return of_case(clause, rule, sight.history, sight.cases)


def _store(_: str, rule: Store, sight: Sight) -> tuple[CheckResult, ...]:
    place, places = sight.house.place, sight.house.book.places  # of all such clauses together
    count = sum(held.records for held in sight.held)
    inside = not places or any(covers(p, place) for p, _ in places)
    faults = [] if inside else [f"this house stands in `{place}`"]
    for category, limits in rule.residency:
        here = any(held.records for held in sight.held if covers(category, held.category))
        if here and not any(covers(p, place) for p in limits):
            faults.append(f"`{category}` is held in `{place}`")
    measures = "this house stands in a place where data may stand, and holds what may stand there"
    blind = "where the disk and its copies are: the place is what the house was founded with"
    return (judged("stands-in", measures, blind, faults, count, "nothing is held yet"),)


def _transfer(clause: str, _: Transfer, sight: Sight) -> tuple[CheckResult, ...]:
    count = sight.history.cited.get((clause, "record.disclosed"), 0)
    measures = "every disclosure that went to that place from here had a safeguard on record before it"
    faults, nothing = sight.history.faults.get(clause, []), "nothing was transferred there yet"
    limits = "whether the safeguard is honoured there, and until when it was valid: deciding looked at that"
    return (judged("safeguarded", measures, limits, faults, count, nothing),)


def _protect(_: str, rule: Protect, sight: Sight) -> tuple[CheckResult, ...]:
    return of_protect(rule, sight)


def _sign_in(_: str, rule: SignIn, sight: Sight) -> tuple[CheckResult, ...]:
    return (of_pages("sign_in", " ".join(rule.methods), sight),)


def _contact(clause: str, _: Contact, sight: Sight) -> tuple[CheckResult, ...]:
    return of_contact(clause, sight)


_CHECKS: dict[type, Callable[[str, Any, Sight], tuple[CheckResult, ...]]] = {
    Collect: _collect,
    Use: _use,
    Disclose: _disclose,
    Never: _never,
    Keep: _keep,
    Store: _store,
    Transfer: _transfer,
    Protect: _protect,
    RightRule: of_right,
    CaseRule: _case,
    SignIn: _sign_in,
    Contact: _contact,
}
