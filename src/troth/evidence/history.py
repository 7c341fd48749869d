"""One pass over the ledger: what was done under each clause, and whatever contradicts one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from troth.clock import Instant
from troth.custody.copies.replaying_holds import told_by
from troth.evidence.approving import Approvals
from troth.evidence.casework import Steps, Told
from troth.evidence.demands import KINDS, Lines, follow, no_lines
from troth.evidence.figures import Figures
from troth.evidence.telling import Telling
from troth.ledger.entry import Entry
from troth.rules.channels import is_stopped
from troth.rules.forbidding import matches, reaches
from troth.rules.rulebook import Rulebook
from troth.rules.signing_in import signs_in
from troth.rules.standing import NEWCOMER, Choice, Consent, Standing
from troth.store.matters import Matter
from troth.terms.agreement import Collect, Disclose, Never, Party, Target, Transfer, Use
from troth.terms.grammar import INSTRUMENTS
from troth.terms.vocabulary import (
    Basis,
    Category,
    FieldName,
    Place,
    Purpose,
    Recipient,
    Relationship,
    RightName,
    covers,
)

_CHOICES = {
    "consent.given": Choice.GIVEN,
    "consent.refused": Choice.REFUSED,
    "consent.withdrawn": Choice.WITHDRAWN,
}
_PRACTICE = {"record.used": "use", "record.disclosed": "disclose", "record.collected": "collect"}


@dataclass(slots=True)
class History:
    """What the ledger tells: counts by kind and by clause, and faults by clause."""

    entries: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cited: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # (clause, kind)
    touched: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # (kind, category)
    holds: set[tuple[str | None, str | None, str]] = field(
        default_factory=set
    )  # placed last: who, matter, reason
    matters: dict[tuple[str | None, str], Matter] = field(default_factory=dict)  # as the last line has each
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    cases: dict[str, Told] = field(default_factory=dict)  # by reference: how each stands
    demands: Lines = field(default_factory=no_lines)
    figures: Figures = field(default_factory=Figures)
    telling: Telling = field(default_factory=Telling)
    restricted: dict[str, list[tuple[Instant, Standing]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # by person: what was true of them from when on, at each change of what they restrict
    begun: int = 0
    done: int = 0
    last_at: Instant = 0

    def blame(self, clause: str, number: int, what: str) -> None:
        """Note that one entry contradicts a clause; the first hundred are kept."""
        if len(self.faults[clause]) < 100:
            self.faults[clause].append(f"entry {number} {what}")


class Reader:
    """Reads entries in order and keeps what the next ones must be judged by.

    An act is as its clause says when any rule of the clause allows it; what forbids is read as deciding
    reads it. `at` is the place where the house stands (default: the organisation's).
    """

    def __init__(self, book: Rulebook, at: Place | None = None) -> None:
        self.book = book
        self.found = History()
        self._steps = Steps(book)
        self.found.cases = self._steps.told
        self._at = at or book.agreement.organisation.place
        self._standings: dict[str, Standing] = {}
        self._approvals: dict[tuple[str | None, str | None, str | None], Approvals] = defaultdict(Approvals)
        self._instruments: set[tuple[str | None, str]] = set()
        self._uses: dict[str, list[Use]] = defaultdict(list)
        self._disclosures: dict[str, list[Disclose]] = defaultdict(list)
        self._transfers: dict[str, list[Transfer]] = defaultdict(list)
        self._collects: dict[tuple[str, str], list[Collect]] = defaultdict(list)
        self._nevers: list[tuple[str, Never]] = []
        for clause, rule in book.agreement.rules():
            if isinstance(rule, Use):
                self._uses[clause.id].append(rule)
            elif isinstance(rule, Disclose):
                self._disclosures[clause.id].append(rule)
            elif isinstance(rule, Transfer):
                self._transfers[clause.id].append(rule)
            elif isinstance(rule, Never):
                self._nevers.append((clause.id, rule))
            elif isinstance(rule, Collect):
                for when in rule.circumstances:
                    self._collects[rule.category, when].append(rule)
        self._contested = [r.purpose for some in self._uses.values() for r in some if r.objection]
        self._forbidding = lru_cache(maxsize=4096)(self._forbidden_by)

    def read(self, entries: Iterable[tuple[int, Entry]]) -> History:
        """Read all entries and return what they tell."""
        for number, entry in entries:
            self._one(number, entry)
        return self.found

    def _one(self, number: int, entry: Entry) -> None:
        found, kind = self.found, entry.kind
        found.entries += 1
        found.kinds[kind] += entry.count or 1
        found.figures.read(entry)
        found.last_at = max(found.last_at, entry.at)
        if entry.outcome == "refused":
            found.cited["", "request.refused"] += entry.count or 1
            return
        found.telling.read(entry)
        for clause in entry.clauses:
            found.cited[clause, kind] += entry.count or 1
        found.begun += kind == "erasure.begun"
        found.done += kind == "erasure.done"
        if kind == "record.used":
            self._used(number, entry)
        elif kind == "record.disclosed":
            self._disclosed(number, entry)
        elif kind == "disclosure.approved":
            self._approvals[entry.subject, entry.category, entry.recipient].give(entry.actor)
        elif kind == "instrument.recorded":
            self._instruments.update((entry.recipient, name) for name in entry.fields)
        elif kind == "message.sent":
            self._sent(number, entry)
        elif kind in ("hold.placed", "hold.ended", "matter.moved"):
            self._held(entry)
        elif kind in ("case.opened", "case.moved"):
            fault = self._steps.read(entry)
            for clause in entry.clauses if fault else ():
                found.blame(clause, number, fault)
        elif kind in KINDS:
            follow(found.demands, entry)
        elif kind != "record.collected":
            self._stand(entry)
        if kind in _PRACTICE:
            found.touched[kind, entry.category or ""] += entry.count or 1
            asked = (kind, entry.category, entry.circumstance, entry.purpose, entry.recipient, entry.fields)
            for clause in self._forbidding(*asked):
                found.blame(clause, number, "did what it forbids")

    def _held(self, entry: Entry) -> None:
        """Keep who is held by which matter, and what a line says of the matter."""
        found, reason = self.found, next(iter(entry.reasons), "")
        one = entry.subject, entry.case, reason
        if entry.kind == "hold.ended":
            found.holds.discard(one)
            return
        if entry.kind == "hold.placed":
            found.holds.add(one)
        it = told_by(entry)
        if it is not None:
            found.matters[entry.case, reason] = it

    # ---- what is true of a person, as the ledger tells it

    def _stand(self, entry: Entry) -> None:
        """Keep what a line changes of a person's standing."""
        who, kind = entry.subject, entry.kind
        if who is None:
            return
        before, purpose = self._standings.get(who, NEWCOMER), Purpose(entry.purpose or "")
        area = frozenset({Category(entry.category or "*")})
        if kind in _CHOICES:
            after = before.choosing(Consent(purpose, _CHOICES[kind], entry.agreement or 0, entry.at))
        elif kind == "objection.made":
            after = replace(before, objections=before.objections | {purpose})
        elif kind == "objection.ended":
            after = replace(before, objections=before.objections - {purpose})
        elif kind == "channel.stopped":
            after = replace(before, stopped=before.stopped | {(purpose, way) for way in entry.fields})
        elif kind == "channel.opened":
            after = replace(before, stopped=before.stopped - {(purpose, way) for way in entry.fields})
        elif kind == "restriction.set":
            after = replace(before, restrictions=before.restrictions | area)
        elif kind == "restriction.lifted":
            after = replace(before, restrictions=before.restrictions - area)
        else:
            return
        self._standings[who] = after
        if kind.startswith("restriction."):
            self.found.restricted[who].append((entry.at, after))

    def _was_restricted(self, number: int, entry: Entry, standing: Standing) -> None:
        program = "" if entry.on_behalf_of else entry.actor.removeprefix("program:")
        if signs_in(self.book, entry.act, program, Purpose(entry.purpose or "")):
            return
        if standing.restrictions and standing.restricted(Category(entry.category or "")):
            for clause in self.book.rights.get(RightName.RESTRICT, ()):
                self.found.blame(clause, number, "touched data whose processing is restricted")

    # ---- what was allowed

    def _sent(self, number: int, entry: Entry) -> None:
        """Blame whoever reached somebody by a way that they had stopped."""
        standing, purpose = self._standings.get(entry.subject or "", NEWCOMER), Purpose(entry.purpose or "")
        if any(is_stopped(standing, purpose, way) for way in entry.fields):
            for clause in (*entry.clauses, *self.book.rights.get(RightName.OPT_OUT, ())):
                self.found.blame(clause, number, "reached somebody by a way that they had stopped")

    def _used(self, number: int, entry: Entry) -> None:
        standing = self._standings.get(entry.subject or "", NEWCOMER)
        for clause in entry.clauses:
            rules = self._uses.get(clause, ())
            near = [rule for rule in rules if _speaks_of_use(rule, entry)]
            faults = [_use_fault(rule, entry, standing) for rule in near]
            if not rules:
                self.found.blame(clause, number, "cites it for a use that it does not allow")
            elif not near:
                self.found.blame(clause, number, f"used `{entry.category}` for `{entry.purpose}`")
            elif all(faults):
                self.found.blame(clause, number, faults[0])
        self._was_restricted(number, entry, standing)

    def _disclosed(self, number: int, entry: Entry) -> None:
        standing = self._standings.get(entry.subject or "", NEWCOMER)
        approvals = self._approvals[entry.subject, entry.category, entry.recipient]
        for clause in entry.clauses:
            rules, transfers = self._disclosures.get(clause, ()), self._transfers.get(clause, ())
            crosses = any(not rules or self._crosses(rule, entry) for rule in transfers)
            if crosses and (entry.recipient, "safeguard") not in self._instruments:
                self.found.blame(clause, number, "went abroad with no safeguard ever on record")
            near = [rule for rule in rules if _speaks_of_disclosure(rule, entry)]
            faults = []
            for rule in near:
                approved = approvals.left(clause, rule.approvers, entry.actor)
                faults.append(self._disclosure_fault(rule, entry, standing, approved))
            if "" in faults:
                spent = [rule.approvals for rule, fault in zip(near, faults, strict=True) if not fault]
                approvals.spend(clause, min(spent))
            elif not crosses:  # otherwise it is cited for where the data went
                other = "disclosed what, for what or to whom it does not say"
                self.found.blame(clause, number, faults[0] if faults else other)
        self._was_restricted(number, entry, standing)

    def _disclosure_fault(self, rule: Disclose, entry: Entry, standing: Standing, approved: int) -> str:
        """Return what a disclosure lacks under one rule, with so many approvals; empty when nothing."""
        purpose = Purpose(entry.purpose or "")
        if approved < rule.approvals:
            return f"disclosed with {approved} of {rule.approvals} approvals"
        for name in rule.needs:
            if name in INSTRUMENTS and (entry.recipient, name) not in self._instruments:
                return f"disclosed with no `{name}` ever on record"
        if "case" in rule.needs and not entry.case:
            return "disclosed without a case"
        if rule.basis is Basis.CONSENT and standing.choice(purpose) is not Choice.GIVEN:
            return "disclosed without a consent that stood"
        if standing.objected(purpose) and any(covers(word, purpose) for word in self._contested):
            return "disclosed against an objection"
        return ""

    # ---- what is forbidden

    def _forbidden_by(
        self,
        kind: str,
        category: str | None,
        when: str | None,
        purpose: str | None,
        recipient: str | None,
        fields: tuple[str, ...],
    ) -> tuple[str, ...]:
        """Return the clauses that forbid an act, of any of its fields for any purpose that it serves."""
        of, practices = Category(category or ""), {_PRACTICE[kind]}
        party = self._party(recipient) if kind == "record.disclosed" else None
        if self._abroad(party):
            practices.add("transfer")
        here = [(clause, rule.scope) for clause, rule in self._nevers if practices & set(rule.practices)]
        found: dict[str, None] = {}
        for name in map(FieldName, fields or ("",)):
            purposes: Iterable[Purpose] = (Purpose(purpose or ""),)
            if kind == "record.collected":
                purposes = self._served(of, when or "", name)
            for clause, scope in here:
                if any(matches(scope, of, name, serving, party) for serving in purposes):
                    found[clause] = None
        return tuple(found)

    def _served(self, category: Category, when: str, name: FieldName) -> Iterable[Purpose]:
        """Return what a collected field serves: the line names no purpose, the rules do."""
        rules = self._collects.get((category, when), [])
        takers = [rule for rule in rules if any(spec.name == name for spec in rule.fields)]
        return frozenset(p for rule in takers or rules for p in rule.purposes) or (Purpose(""),)

    def _party(self, recipient: str | None) -> Party | None:
        """Return a recipient; one that no clause lists stands in no place that is known."""
        if recipient is None:
            return None
        name = Recipient(recipient)
        return self.book.recipients.get(name) or Party(name, Place(""), Relationship.INDEPENDENT)

    def _abroad(self, party: Party | None) -> bool:
        return party is not None and not covers(self._at, party.place) and not covers(party.place, self._at)

    def _crosses(self, rule: Transfer, entry: Entry) -> bool:
        """Whether a disclosure goes the way of a transfer, so that its clause may be cited for that."""
        party = self._party(entry.recipient)
        return party is not None and self._abroad(party) and covers(rule.destination, party.place)


def _speaks_of_use(rule: Use, entry: Entry) -> bool:
    return covers(rule.purpose, entry.purpose or "") and _touches(rule.of, entry)


def _use_fault(rule: Use, entry: Entry, standing: Standing) -> str:
    """Return what a use lacks under one rule that speaks of it; empty when nothing."""
    if rule.leaves == "aggregates":
        return "read rows where only aggregates may leave"
    if "case" in rule.needs and not entry.case:
        return "read without a case"
    if rule.consent and standing.choice(rule.purpose) is not Choice.GIVEN:
        return "read without a consent that stood"
    if rule.objection and any(
        standing.objected(word) for word in (rule.purpose, Purpose(entry.purpose or ""))
    ):
        return "read against an objection"
    return ""


def _speaks_of_disclosure(rule: Disclose, entry: Entry) -> bool:
    """Whether a rule gives some of it, to its recipient, for its purpose."""
    given = (targets for short, targets in rule.of if entry.recipient == f"{rule.name}.{short}")
    serves = any(covers(word, entry.purpose or "") for word in rule.purposes)
    return serves and any(_touches(targets, entry) for targets in given)


def _touches(targets: tuple[Target, ...], entry: Entry) -> bool:
    """Whether targets reach any of a line's fields; a line that names none is not judged by them."""
    category = Category(entry.category or "")
    return not entry.fields or any(reaches(targets, category, FieldName(name)) for name in entry.fields)
