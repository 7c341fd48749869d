"""Compile an agreement into its rulebook; done once per version."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from troth.rules import cases, channels, exercising, tallying
from troth.rules.decision import NO_CATEGORY, Act
from troth.rules.forbidding import denials, near, reaches
from troth.rules.rulebook import NOTHING, Cell, Grant, Intake, Part, Rulebook, delivery
from troth.rules.signing_in import SURELY, adds_credential, grants_of
from troth.terms.agreement import (
    Agreement,
    CaseRule,
    Collect,
    Disclose,
    FieldSpec,
    Keep,
    Never,
    Party,
    Protect,
    RightRule,
    Rule,
    SignIn,
    Store,
    Target,
    Transfer,
    Use,
    Who,
)
from troth.terms.vocabulary import (
    Basis,
    Category,
    Circumstance,
    ClauseId,
    FieldName,
    Place,
    Purpose,
    Recipient,
    RetentionClass,
    covers,
)

R = TypeVar("R")
Key = tuple[Act, Category, str]
_CARRIED = frozenset({"case", "reason"})  # what the request itself must carry
_PRACTICES = {
    Act.COLLECT: ("collect",),
    Act.USE: ("use",),
    Act.FIND: ("use",),
    Act.COUNT: ("use",),
    Act.TALLY: ("use",),
    Act.DISCLOSE: ("disclose",),
}
_ABROAD = ("disclose", "transfer")


def compile_rules(agreement: Agreement, at: Place | None = None) -> Rulebook:
    """Return the tables of an agreement that parsed and checked without an error.

    `at` is the place where this house stands (default: the organisation's); a disclosure to a
    recipient outside of it is a transfer.
    """
    return _Compiler(agreement, at or agreement.organisation.place).book()


class _Compiler:
    """The tables while they are being filled."""

    def __init__(self, agreement: Agreement, at: Place) -> None:
        self.agreement, self.at = agreement, at
        self.pairs: list[tuple[ClauseId, Rule]] = [(c.id, r) for c, r in agreement.rules()]
        self.fields: dict[Category, dict[FieldName, FieldSpec]] = defaultdict(dict)
        for _, rule in self.all(Collect):
            for spec in rule.fields:
                self.fields[rule.category].setdefault(spec.name, spec)
        self.purposes = frozenset(
            {r.purpose for _, r in self.all(Use)} | {p for _, r in self.all(Disclose) for p in r.purposes}
        )
        self.parties = {
            (name := Recipient(f"{r.name}.{p.name}")): Party(name, p.place, p.relationship, p.words)
            for _, r in self.all(Disclose)
            for p in r.parties
        }
        self.keeps = {r.name: (clause, r) for clause, r in self.all(Keep)}
        self.transfers = [(c, r) for c, r in self.all(Transfer) if covers(r.origin, at)]
        self.grants: dict[Key, list[Grant]] = defaultdict(list)
        self.consentable: dict[Purpose, list[ClauseId]] = defaultdict(list)
        self.objectable: dict[Purpose, list[ClauseId]] = defaultdict(list)
        self.intakes: dict[tuple[Category, Circumstance], Intake] = {}
        self.nevers = {
            practices: [(c, r) for c, r in self.all(Never) if not set(practices).isdisjoint(r.practices)]
            for practices in ((), *_PRACTICES.values(), _ABROAD)
        }

    def all(self, kind: type[R]) -> list[tuple[ClauseId, R]]:
        return [(clause, rule) for clause, rule in self.pairs if isinstance(rule, kind)]

    def covered(self, targets: Iterable[Target], category: Category) -> frozenset[FieldName]:
        close = [t for t in targets if t.category == "*" or covers(t.category, category)]
        return frozenset(name for name in self.fields[category] if close and reaches(close, category, name))

    def book(self) -> Rulebook:
        self._collect()
        self._use()
        self._tallies()
        self._disclose()
        self._rights()
        self._holds()
        self._sign_in()
        self._cases()
        store, rights = self.all(Store), self.all(RightRule)
        grants = [grant for some in self.grants.values() for grant in some]
        return Rulebook(
            agreement=self.agreement,
            cells={key: self._cell(key, tuple(grants)) for key, grants in self.grants.items()},
            intakes=self.intakes,
            fields=dict(self.fields),
            purposes=self.purposes,
            circumstances=frozenset(w for _, r in self.all(Collect) for w in r.circumstances),
            recipients=self.parties,
            keeps=self.keeps,
            consentable={p: tuple(c) for p, c in self.consentable.items()},
            objectable={p: tuple(c) for p, c in self.objectable.items()},
            rights={of.right: tuple(c for c, r in rights if r.right is of.right) for _, of in rights},
            places=tuple((place, clause) for clause, rule in store for place in rule.places),
            residency=self._residency(store),
            programs=frozenset(name for grant in grants for name in grant.by.programs),
            roles=frozenset(role for g in grants for role in (*g.by.roles, *g.approvers)),
            sign_in=next(iter(self.all(SignIn)), None),
            cases={rule.name: (clause, rule) for clause, rule in self.all(CaseRule)},
            home=min((clause for clause, rule in store if rule.home), default=None),
            everything=tuple(dict.fromkeys(clause for clause, _ in self.pairs)),
            nevers={
                (act, category): tuple(near(self.nevers[practices], category))
                for act, practices in _PRACTICES.items()
                for category in (NO_CATEGORY, *self.fields)
            },
        )

    # ---- what allows

    def _collect(self) -> None:
        for clause, rule in self.all(Collect):
            names = frozenset(spec.name for spec in rule.fields)
            grant = Grant(
                clause,
                names,
                rule.by,
                purposes=rule.purposes,
                consent=rule.consent,
                minimum_age=rule.minimum_age,
            )
            for when in rule.circumstances:
                self.grants[Act.COLLECT, rule.category, when].append(grant)
                self.intakes.setdefault((rule.category, when), self._intake(clause, rule))
                if rule.opens:
                    self.grants[Act.JOIN, NO_CATEGORY, when].append(Grant(clause, frozenset(), rule.by))
            if rule.consent:
                self._consentable(rule.consent, clause, rule.by)

    def _consentable(self, purpose: Purpose, clause: ClauseId, by: Who) -> None:
        _once(self.consentable[purpose], clause)
        asking = Who(roles=by.roles, subject=True)  # a program says it in the person's session, or not at all
        for act in (Act.CONSENT, Act.DECLINE):
            self.grants[act, NO_CATEGORY, purpose].append(Grant(clause, frozenset(), asking))

    def _intake(self, clause: ClauseId, rule: Collect) -> Intake:
        specs = {spec.name: spec for spec in rule.fields}
        marked = tuple(spec.name for spec in rule.fields if spec.required)
        needed = rule.need if isinstance(rule.need, tuple) else ()
        if rule.need == "all":
            needed = marked or tuple(specs)
        return Intake(clause, rule, specs, needed, rule.need == "any", self._parts(rule))

    def _parts(self, rule: Collect) -> tuple[Part, ...]:
        _, keep = self.keeps[rule.keep]
        left = [spec.name for spec in rule.fields]
        parts: list[Part] = []
        for n, longer in enumerate(keep.longer):
            names = tuple(name for name in left if reaches(longer.of, rule.category, name))
            if names:
                left = [name for name in left if name not in names]
                kept = RetentionClass(f"{keep.name}:{longer.why}")
                parts.append(Part(kept, names, keep, only_for=longer.why, longer=n))
        if left:
            parts.insert(0, Part(keep.name, tuple(left), keep))
        return tuple(parts)

    def _use(self) -> None:
        for clause, rule in self.all(Use):
            if rule.consent:
                self._consentable(rule.purpose, clause, Who())
            if rule.objection:
                _once(self.objectable[rule.purpose], clause)
            served = [p for p in self.purposes if covers(rule.purpose, p)]
            for key, sending in channels.sends(clause, rule, served):
                self.grants[key].append(sending)
            for category in self.fields:
                names = self.covered(rule.of, category)
                if not names:
                    continue
                grant = Grant(
                    clause,
                    names,
                    rule.by,
                    consent=rule.purpose if rule.consent else None,
                    objection=rule.purpose if rule.objection else None,
                    needs=tuple(n for n in rule.needs if n in _CARRIED),
                    mask=self.covered(rule.mask, category),
                    aggregates=rule.leaves == "aggregates",
                )
                findable = frozenset(name for name in names if self.fields[category][name].find)
                # Who is meant is found before anything is known of them; values are read by a use alone.
                finding = replace(grant, fields=findable, mask=NOTHING, consent=None, objection=None)
                for purpose in served:
                    self.grants[Act.USE, category, purpose].append(grant)
                    if findable:
                        self.grants[Act.FIND, category, purpose].append(finding)

    def _tallies(self) -> None:
        taken = [(rule.category, self._intake(clause, rule)) for clause, rule in self.all(Collect)]
        for key, grant in tallying.grants_of(self.agreement, taken, self.covered, self.purposes):
            self.grants[key].append(grant)

    def _disclose(self) -> None:
        contested = [rule.purpose for _, rule in self.all(Use) if rule.objection]
        for clause, rule in self.all(Disclose):
            served = [p for p in self.purposes if any(covers(q, p) for q in rule.purposes)]
            on_consent = rule.basis is Basis.CONSENT
            for short, targets in rule.of:
                party = self.parties[Recipient(f"{rule.name}.{short}")]
                for category in self.fields:
                    names = self.covered(targets, category)
                    for safeguards, some in self._safeguards(party, category, names).items():
                        grant = Grant(
                            clause,
                            frozenset(some),
                            rule.by,
                            purposes=rule.purposes,
                            needs=tuple(n for n in rule.needs if n in _CARRIED),
                            instruments=tuple(n for n in rule.needs if n not in _CARRIED),
                            approvals=rule.approvals,
                            approvers=rule.approvers,
                            safeguards=safeguards,
                            tell=rule.tell,
                        )
                        for purpose in served:
                            governed = replace(
                                grant,
                                consent=purpose if on_consent else None,
                                objection=purpose if any(covers(q, purpose) for q in contested) else None,
                            )
                            self.grants[Act.DISCLOSE, category, delivery(party.name, purpose)].append(
                                governed
                            )

    def _abroad(self, party: Party) -> bool:
        return not (covers(self.at, party.place) or covers(party.place, self.at))

    def _safeguards(
        self, party: Party, category: Category, names: frozenset[FieldName]
    ) -> dict[tuple[ClauseId, ...] | None, list[FieldName]]:
        """Return the fields by the transfer clauses that cover them; None when there is no transfer."""
        if not self._abroad(party):
            return {None: list(names)} if names else {}
        found: dict[tuple[ClauseId, ...] | None, list[FieldName]] = defaultdict(list)
        for name in sorted(names):
            over = (
                clause
                for clause, rule in self.transfers
                if covers(rule.destination, party.place) and (not rule.of or reaches(rule.of, category, name))
            )
            found[tuple(dict.fromkeys(over))].append(name)
        return found

    def _rights(self) -> None:
        uses = [use for _, use in self.all(Use)]
        measures = dict(pair for _, protect in self.all(Protect) for pair in protect.measures)
        for clause, rule in self.all(RightRule):
            for key, grant in exercising.grants_of(
                clause,
                rule,
                self.fields,
                self.covered,
                uses=uses,
                objectable=self.objectable,
                consentable=self.consentable,
                proven=measures.get("filed_by_staff", ""),
            ):
                self.grants[key].append(grant)

    def _sign_in(self) -> None:
        for clause, rule in self.all(SignIn):
            for key, grant in grants_of(clause, rule, self.fields):
                self.grants[key].append(grant)
            for key in [key for key in self.grants if adds_credential(key, rule)]:
                self.grants[key] = [replace(grant, assurance=SURELY) for grant in self.grants[key]]

    def _cases(self) -> None:
        for clause, rule in self.all(CaseRule):
            for key, grant in cases.grants_of(clause, rule):
                self.grants[key].append(grant)

    def _holds(self) -> None:
        for clause, rule in self.all(Keep):
            for act in (Act.SHORTEN, Act.LENGTHEN) if rule.shorter else ():
                self.grants[act, NO_CATEGORY, rule.name].append(Grant(clause, frozenset(), Who(subject=True)))
            for reason in rule.holds:
                for act in (Act.HOLD, Act.RELEASE, Act.RETIME):
                    grant = Grant(clause, frozenset(), rule.held_by, needs=("case",))
                    self.grants[act, NO_CATEGORY, reason].append(grant)

    # ---- what forbids

    def _residency(
        self, store: list[tuple[ClauseId, Store]]
    ) -> dict[Category, tuple[tuple[tuple[Place, ...], ClauseId], ...]]:
        limits = [(cat, places, clause) for clause, rule in store for cat, places in rule.residency]
        return {
            category: found
            for category in self.fields
            if (found := tuple((places, c) for cat, places, c in limits if covers(cat, category)))
        }

    def _cell(self, key: Key, grants: tuple[Grant, ...]) -> Cell:
        act, category, word = key
        practices: tuple[str, ...] = _PRACTICES.get(act, ())
        party, purpose = None, word
        if act is Act.DISCLOSE:
            recipient, purpose = word.split(" for ")
            party = self.parties[Recipient(recipient)]
            practices = _ABROAD if self._abroad(party) else practices
        nevers = self.nevers[practices]
        serving = dict.fromkeys(self.fields.get(category, ()), frozenset({Purpose(purpose)}))
        if act is Act.COLLECT:
            serving = {name: _served(grants, name) for name in serving}
        considered = dict.fromkeys([*(g.clause for g in grants), *(clause for clause, _ in nevers)])
        return Cell(grants, denials(nevers, category, serving, party), tuple(considered))


def _served(grants: Iterable[Grant], name: FieldName) -> frozenset[Purpose]:
    """Return what a collected field serves; for one that none collects, what the collection serves."""
    takers = [g for g in grants if name in g.fields] or grants
    return frozenset(p for g in takers for p in g.purposes) or frozenset({Purpose("")})


def _once(found: list[R], value: R) -> None:
    if value not in found:
        found.append(value)
