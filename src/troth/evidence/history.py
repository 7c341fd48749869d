"""One pass over the ledger: what was done under each clause, and whatever contradicts one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from troth.clock import Instant
from troth.ledger.entry import Entry
from troth.rules.rulebook import Rulebook
from troth.terms.agreement import Disclose, Never, Scope, Target, Transfer, Use
from troth.terms.vocabulary import Basis, Category, FieldName, covers

CONSENTS = {"consent.given": True, "consent.refused": False, "consent.withdrawn": False}
_OBJECTIONS = {"objection.made": True, "objection.ended": False}


@dataclass(slots=True)
class History:
    """What the ledger tells: counts by kind and by clause, and faults by clause."""

    entries: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cited: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # (clause, kind)
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: int = 0
    done: int = 0
    last_at: Instant = 0

    def blame(self, clause: str, number: int, what: str) -> None:
        """Note that one entry contradicts a clause; the first hundred are kept."""
        if len(self.faults[clause]) < 100:
            self.faults[clause].append(f"entry {number} {what}")


class Reader:
    """Reads entries in order and keeps what the next ones must be judged by."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.found = History()
        self._given: dict[tuple[str, str], bool] = {}
        self._objected: dict[str, dict[str, bool]] = defaultdict(dict)
        self._restricted: dict[str, dict[str, bool]] = defaultdict(dict)
        self._approvals: dict[tuple[str | None, str | None, str | None], set[str]] = defaultdict(set)
        self._safeguarded: set[str | None] = set()
        self._uses = [(c.id, r) for c, r in book.agreement.rules() if isinstance(r, Use)]
        self._disclosures = [(c.id, r) for c, r in book.agreement.rules() if isinstance(r, Disclose)]
        self._transfers = frozenset(c.id for c, r in book.agreement.rules() if isinstance(r, Transfer))
        self._nevers = [(c.id, r) for c, r in book.agreement.rules() if isinstance(r, Never)]

    def read(self, entries: Iterable[tuple[int, Entry]]) -> History:
        """Read all entries and return what they tell."""
        for number, entry in entries:
            self._one(number, entry)
        return self.found

    def _one(self, number: int, entry: Entry) -> None:
        found = self.found
        found.entries += 1
        found.kinds[entry.kind] += entry.count or 1
        found.last_at = max(found.last_at, entry.at)
        if entry.outcome == "refused":
            found.cited["", "request.refused"] += entry.count or 1
            return
        for clause in entry.clauses:
            found.cited[clause, entry.kind] += entry.count or 1
        found.begun += entry.kind == "erasure.begun"
        found.done += entry.kind == "erasure.done"
        self._standing(entry)
        if entry.kind == "record.used":
            self._used(number, entry)
        elif entry.kind == "record.disclosed":
            self._disclosed(number, entry)
        elif entry.kind == "disclosure.approved":
            self._approvals[entry.subject, entry.category, entry.recipient].add(entry.actor)
        elif entry.kind == "instrument.recorded" and "safeguard" in entry.fields:
            self._safeguarded.add(entry.recipient)
        if entry.kind in ("record.used", "record.disclosed", "record.collected"):
            self._forbidden(number, entry)

    def _standing(self, entry: Entry) -> None:
        if entry.subject is None:
            return
        if entry.kind in CONSENTS and entry.purpose:
            self._given[entry.subject, entry.purpose] = CONSENTS[entry.kind]
        if entry.kind in _OBJECTIONS and entry.purpose:
            self._objected[entry.subject][entry.purpose] = _OBJECTIONS[entry.kind]
        if entry.kind in ("restriction.set", "restriction.lifted"):
            what = entry.category or "*"
            self._restricted[entry.subject][what] = entry.kind == "restriction.set"

    def _used(self, number: int, entry: Entry) -> None:
        for clause in entry.clauses:
            rules = [rule for cited, rule in self._uses if cited == clause]
            if not rules:
                self.found.blame(clause, number, "cites it for a use that it does not allow")
                continue
            rule = next((r for r in rules if covers(r.purpose, entry.purpose or "")), None)
            if rule is None:
                self.found.blame(clause, number, f"used it for `{entry.purpose}`")
                continue
            if rule.consent and not self._chose(entry.subject, rule.purpose):
                self.found.blame(clause, number, "read without a consent that stood")
            if rule.objection and self._does_object(entry.subject, rule.purpose, entry.purpose or ""):
                self.found.blame(clause, number, "read against an objection")
        self._was_restricted(number, entry)

    def _was_restricted(self, number: int, entry: Entry) -> None:
        for what, is_set in self._restricted.get(entry.subject or "", {}).items():
            if is_set and (what == "*" or covers(what, entry.category or "")):
                for clause in self.book.rights.get("restrict", ()):  # type: ignore[call-overload]
                    self.found.blame(clause, number, "touched data whose processing is restricted")

    def _chose(self, subject: str | None, purpose: str) -> bool:
        word: str = purpose
        while word:
            if (subject or "", word) in self._given:
                return self._given[subject or "", word]
            word = word.rpartition(".")[0]
        return False

    def _does_object(self, subject: str | None, *purposes: str) -> bool:
        return any(
            made and any(covers(to, purpose) for purpose in purposes)
            for to, made in self._objected.get(subject or "", {}).items()
        )

    def _disclosed(self, number: int, entry: Entry) -> None:
        party = self.book.recipients.get(entry.recipient or "")  # type: ignore[call-overload]
        approved = self._approvals.pop((entry.subject, entry.category, entry.recipient), set())
        for clause in entry.clauses:
            if clause in self._transfers:  # cited beside the clause of a disclosure that goes abroad
                if entry.recipient not in self._safeguarded:
                    self.found.blame(clause, number, "went abroad with no safeguard ever on record")
                continue
            rules = [rule for cited, rule in self._disclosures if cited == clause]
            rule = next((r for r in rules if party and covers(r.name, party.name)), None)
            if rule is None:
                self.found.blame(clause, number, "disclosed to somebody whom it does not list")
            elif len(approved) < rule.approvals:
                self.found.blame(
                    clause, number, f"disclosed with {len(approved)} of {rule.approvals} approvals"
                )
            elif rule.basis is Basis.CONSENT and not self._chose(entry.subject, entry.purpose or ""):
                self.found.blame(clause, number, "disclosed without a consent that stood")
        self._was_restricted(number, entry)

    def _forbidden(self, number: int, entry: Entry) -> None:
        practice = {"record.used": "use", "record.disclosed": "disclose", "record.collected": "collect"}
        for clause, rule in self._nevers:
            if practice[entry.kind] in rule.practices and self._meets(rule.scope, entry):
                self.found.blame(clause, number, "did what it forbids")

    def _meets(self, scope: Scope, entry: Entry) -> bool:
        """Whether an act in the ledger lies within a prohibition (an obvious reading of its own)."""
        if entry.kind == "record.collected" and scope.purposes:
            return False  # the entry does not name purposes; deciding looked at the clause's
        inside = (
            (not scope.of or any(_within(t, entry.category or "", entry.fields) for t in scope.of))
            and (not scope.purposes or any(covers(p, entry.purpose or "") for p in scope.purposes))
            and (not scope.recipients or any(covers(r, entry.recipient or "") for r in scope.recipients))
            and (not scope.places or self._placed(scope, entry))
        )
        return inside and not any(self._meets(inner, entry) for inner in scope.excepts)

    def _placed(self, scope: Scope, entry: Entry) -> bool:
        party = self.book.recipients.get(entry.recipient or "")  # type: ignore[call-overload]
        return party is not None and any(covers(p, party.place) for p in scope.places)


def _within(target: Target, category: str, fields: tuple[str, ...]) -> bool:
    if target.category == "*":
        return True
    if target.field:
        return target.category == Category(category) and FieldName(target.field) in fields
    return covers(target.category, category)
