"""The slow, obvious reading of an agreement: walk every rule, for every field, for every request.

It shares nothing with the engine but the values that go in. Where the two differ, one of them is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from troth.rules.decision import Act, ActorKind, Facts, Request, Why, program
from troth.rules.standing import Choice, Standing
from troth.terms.agreement import (
    Agreement,
    CaseRule,
    Collect,
    Disclose,
    FieldSpec,
    Keep,
    Never,
    Protect,
    RightRule,
    Scope,
    SignIn,
    Store,
    Target,
    Transfer,
    Use,
    Who,
)
from troth.terms.vocabulary import Basis, RightName

STRICTEST_FIRST = ["before", "at_once", "after", "unless_forbidden", "on_change", "record"]
Ground = tuple[Why, str]

# Who brings a case where: the (f)eeding or the (d)eciding side; `!` with a reason, `*` no program.
WAYS = {
    "verification": """consented collecting f, collecting submitted f, needs_more submitted f,
        submitted in_review d, in_review needs_more d!, in_review verified d, in_review rejected d!*,
        rejected in_review f, verified expired d, consented withdrawn f, collecting withdrawn f,
        submitted withdrawn f, in_review withdrawn f, needs_more withdrawn f""",
    "conversation": "open answered d, answered open f, open closed fd, answered closed fd, closed open f",
}


@dataclass
class Offer:
    """One rule that would allow one field (or an act without fields), and what it still lacks."""

    clause: str
    field: str | None
    lacks: set[Ground]
    cites: set[str]
    masked: bool = False
    tell: str = ""


@dataclass
class Verdict:
    allowed: bool
    fields: set[str]
    mask: set[str]
    cites: set[str]
    tell: str
    grounds: set[Ground]


def under(word: str, top: str) -> bool:
    """Whether `word` is `top` or below it, name by name."""
    names, tops = word.split("."), top.split(".")
    return names[: len(tops)] == tops


def hit(targets: tuple[Target, ...], category: str, field: str) -> bool:
    for target in targets:
        if target.category == "*":
            return True
        if target.field is None and under(category, target.category):
            return True
        if target.field is not None and (target.category, target.field) == (category, field):
            return True
    return False


def judge(agreement: Agreement, request: Request, standing: Standing, facts: Facts) -> Verdict:
    """Return what the agreement says of a request in a house at the organisation's place."""
    reading = Reading(agreement, request, standing, facts)
    offers = list(reading.offers())
    grounds = reading.whatever_the_clauses_say()
    wanted = set(request.fields)
    spoken = {o.field for o in offers if o.field is not None}
    denied = {name for name in reading.fields_of(request.category) if reading.forbidden_by(name)}
    given = {o.field for o in offers if not o.lacks and o.field is not None}
    allowed = given - denied
    some_open = any(not o.lacks for o in offers)
    enough = wanted <= allowed if wanted or spoken else some_open
    if not wanted and spoken:
        enough = bool(allowed)
    if offers and enough and not grounds:
        fields = wanted or allowed
        used = [o for o in offers if not o.lacks and (o.field in fields if o.field else not spoken)]
        mask = {f for f in fields if all(o.masked for o in used if o.field == f)}
        tells = [o.tell for o in used if o.tell]
        tell = min(tells, key=STRICTEST_FIRST.index) if tells else ""
        return Verdict(True, fields, mask, {c for o in used for c in o.cites}, tell, set())
    if not offers:
        grounds |= reading.nobody_speaks_of_it() or {(Why.NO_CLAUSE, reading.subject_matter())}
    elif not enough:
        wanted = wanted or spoken - denied or spoken
        for name in wanted:
            if name not in reading.fields_of(request.category):
                grounds.add((Why.UNKNOWN_FIELD, name))
            elif name in denied:
                grounds.add((Why.DENIED, name))
            elif name not in spoken:
                grounds.add((Why.FIELD_NOT_COVERED, name))
        for offer in offers:
            if offer.field is None or (offer.field in wanted and offer.field not in given):
                grounds |= offer.lacks
    return Verdict(False, set(), set(), set(), "", grounds)


class Reading:
    """One request read against one agreement."""

    def __init__(self, agreement: Agreement, request: Request, standing: Standing, facts: Facts) -> None:
        self.agreement, self.request, self.standing, self.facts = agreement, request, standing, facts
        self.here = agreement.organisation.place
        self.rules = [(c.id, rule) for c in agreement.clauses for rule in c.rules]

    # ---- the words of the agreement

    def fields_of(self, category: str) -> set[str]:
        return {
            spec.name
            for _, rule in self.rules
            if isinstance(rule, Collect) and rule.category == category
            for spec in rule.fields
        }

    def spec_of(self, category: str, name: str) -> FieldSpec:
        for _, rule in self.rules:
            if isinstance(rule, Collect) and rule.category == category:
                for spec in rule.fields:
                    if spec.name == name:
                        return spec
        raise KeyError(name)

    def declared(self) -> set[str]:
        uses = {rule.purpose for _, rule in self.rules if isinstance(rule, Use)}
        return uses | {p for _, rule in self.rules if isinstance(rule, Disclose) for p in rule.purposes}

    def place_of(self, recipient: str) -> str | None:
        for _, rule in self.rules:
            if isinstance(rule, Disclose):
                for party in rule.parties:
                    if f"{rule.name}.{party.name}" == recipient:
                        return party.place
        return None

    def abroad(self) -> bool:
        place = self.place_of(self.request.recipient)
        return place is not None and not under(place, self.here) and not under(self.here, place)

    def governed_by_consent(self) -> Iterator[tuple[str, Who, str]]:
        for clause, rule in self.rules:
            if isinstance(rule, Collect) and rule.consent:
                yield rule.consent, rule.by, clause
            if isinstance(rule, Use) and rule.consent:
                yield rule.purpose, Who(), clause

    def open_to_objection(self) -> set[str]:
        return {rule.purpose for _, rule in self.rules if isinstance(rule, Use) and rule.objection}

    # ---- what allows

    def offers(self) -> Iterator[Offer]:
        for clause, rule in self.rules:
            match rule:
                case Collect():
                    yield from self.taking(clause, rule)
                case Use():
                    yield from self.reading(clause, rule)
                    yield from self.reaching(clause, rule)
                case Disclose():
                    yield from self.disclosing(clause, rule)
                case RightRule():
                    yield from self.right(clause, rule)
                case Keep():
                    yield from self.holding(clause, rule)
                case SignIn():
                    yield from self.signing_in(clause, rule)
                case CaseRule():
                    yield from self.casework(clause, rule)
        request = self.request
        if request.act in (Act.CONSENT, Act.DECLINE) and not request.category:
            for purpose, by, clause in self.governed_by_consent():
                if purpose == request.purpose:
                    asking = Who(by.roles, subject=True)
                    yield Offer(clause, None, self.asking(asking), {clause})

    def taking(self, clause: str, rule: Collect) -> Iterator[Offer]:
        request = self.request
        if request.circumstance not in rule.circumstances:
            return
        if request.act is Act.COLLECT and request.category == rule.category:
            proves = any(isinstance(r, SignIn) and r.credentials == rule.category for _, r in self.rules)
            lacks = self.collecting(rule) | (self.sure("step_up") if proves else set())
            for spec in rule.fields:
                yield Offer(clause, spec.name, lacks, {clause})
        if request.act is Act.JOIN and rule.opens and not request.category:
            yield Offer(clause, None, self.asking(rule.by), {clause})

    def reading(self, clause: str, rule: Use) -> Iterator[Offer]:
        request = self.request
        if request.act in (Act.COUNT, Act.TALLY) and under(request.purpose, rule.purpose):
            yield from self.counting(clause, rule)
        if request.act not in (Act.USE, Act.FIND) or request.purpose not in self.declared():
            return
        for name in self.fields_of(request.category) if under(request.purpose, rule.purpose) else ():
            if not hit(rule.of, request.category, name):
                continue
            if request.act is Act.USE:
                masked = request.masked or hit(rule.mask, request.category, name)
                yield Offer(clause, name, self.using(rule), {clause}, masked)
            elif self.spec_of(request.category, name).find:
                lacks = self.asking(rule.by) | self.carrying(rule.needs)
                if rule.leaves == "aggregates":
                    lacks.add((Why.ONLY_AGGREGATES, ""))
                yield Offer(clause, name, lacks, {clause})

    def counting(self, clause: str, rule: Use) -> Iterator[Offer]:
        """What lets time count of a field at its end, and who may read that; totals alone."""
        request = self.request
        if rule.leaves != "aggregates" or request.purpose not in self.declared():
            return
        taking = [r for _, r in self.rules if isinstance(r, Collect) and r.category == request.category]
        consents = {r.consent for r in taking if r.consent} | ({rule.purpose} if rule.consent else set())
        for name in self.fields_of(request.category):
            if not hit(rule.of, request.category, name) or not self.is_counted(taking, name):
                continue
            if request.act is Act.TALLY:
                lacks = self.asking(rule.by) | self.carrying(rule.needs)
                measures = {m for _, r in self.rules if isinstance(r, Protect) for m, _ in r.measures}
                lacks |= {(Why.NOISE_MISSING, "")} if "epsilon" in measures else set()
            elif len(consents) > 1:
                continue
            else:
                lacks = set() if request.by.kind is ActorKind.TIME else self.asking(Who())
                lacks |= set().union(*(self.consenting(purpose) for purpose in consents))
                lacks |= self.objecting(rule)
            yield Offer(clause, name, lacks, {clause})

    def is_counted(self, taking: list[Collect], name: str) -> bool:
        """Whether a field is of a type that is counted, in a class that is, and not kept longer than that."""
        countable = {"choice", "gender", "country", "language", "integer", "boolean", "money", "date", "time"}
        for rule in taking:
            keep = next(r for _, r in self.rules if isinstance(r, Keep) and r.name == rule.keep)
            longer = any(hit(each.of, rule.category, name) for each in keep.longer)
            types = {spec.type for spec in rule.fields if spec.name == name}
            if keep.then == "anonymise" and not longer and types & countable:
                return True
        return False

    def reaching(self, clause: str, rule: Use) -> Iterator[Offer]:
        """What lets somebody be reached: by whoever may use the data, by a channel of the clause."""
        request = self.request
        mine = under(request.purpose, rule.purpose) and request.purpose in self.declared()
        if request.act is Act.SEND and mine and request.channel in rule.channels and not request.category:
            yield Offer(clause, None, self.using(rule), {clause})

    def stopping(self, clause: str, rule: RightRule, lacks: set[Ground]) -> Iterator[Offer]:
        request = self.request
        if request.act not in (Act.STOP, Act.START) or rule.right not in (
            RightName.OPT_OUT,
            RightName.OBJECT,
        ):
            return
        for _, use in self.rules:
            if isinstance(use, Use) and use.purpose == request.purpose and request.channel in use.channels:
                named = any(under(use.purpose, word) for word in rule.purposes)
                if named or (not rule.purposes and (use.consent or use.objection)):
                    yield Offer(clause, None, lacks, {clause})

    def signing_in(self, clause: str, rule: SignIn) -> Iterator[Offer]:
        request = self.request
        program = Who(programs=frozenset({rule.program}))
        anyone = Who(programs=frozenset({rule.program}), subject=True)
        for name in self.fields_of(request.category):
            offer = None
            if request.act is Act.PROVE and request.category == rule.identifiers:
                if self.spec_of(request.category, name).type in ("email", "phone"):
                    offer = self.asking(program)
            elif request.act is Act.CORRECT and request.category == rule.credentials:
                offer = self.asking(program)
            elif request.act is Act.REMOVE and request.category == rule.credentials:
                offer = self.asking(anyone) | self.sure("step_up")
            elif request.act is Act.REMOVE and request.category == rule.sessions:
                offer = self.asking(anyone) | self.sure("signed_in")
            if offer is not None:
                yield Offer(clause, name, offer, {clause})

    def disclosing(self, clause: str, rule: Disclose) -> Iterator[Offer]:
        request = self.request
        if request.act is not Act.DISCLOSE or request.purpose not in self.declared():
            return
        if not any(under(request.purpose, purpose) for purpose in rule.purposes):
            return
        for short, targets in rule.of:
            if f"{rule.name}.{short}" != request.recipient:
                continue
            for name in self.fields_of(request.category):
                if hit(targets, request.category, name):
                    lacks, transfers = self.delivering(rule, name)
                    yield Offer(clause, name, lacks, {clause} | transfers, tell=rule.tell)

    def holding(self, clause: str, rule: Keep) -> Iterator[Offer]:
        request = self.request
        chosen = request.act in (Act.SHORTEN, Act.LENGTHEN) and request.circumstance == rule.name
        if chosen and rule.shorter and not request.category:
            yield Offer(clause, None, self.asking(Who(subject=True)), {clause})
        if (
            request.act in (Act.HOLD, Act.RELEASE, Act.RETIME)
            and request.reason in rule.holds
            and not request.category
        ):
            yield Offer(clause, None, self.asking(rule.held_by) | self.carrying(("case",)), {clause})

    def way(self, rule: CaseRule) -> str | None:
        """Who may bring a case of a rule where it is asked to go; None when nobody may."""
        ways = {tuple(said.split()[:2]): said.split()[2] for said in WAYS[rule.kind].split(",")}
        return ways.get(self.request.states) if rule.name == self.request.circumstance else None

    def casework(self, clause: str, rule: CaseRule) -> Iterator[Offer]:
        request, way = self.request, self.way(rule)
        if request.category:
            return
        if request.act is Act.OPEN and rule.name == request.circumstance:
            yield Offer(clause, None, self.asking(rule.by), {clause})
        if request.act is Act.MOVE and way is not None:
            sides = [by for mark, by in (("f", rule.by), ("d", rule.decided_by)) if mark in way]
            free = not any(self.asking(by) == set() for by in sides)
            by_rote = "*" in way and request.by.kind is ActorKind.PROGRAM
            lacks = self.asking(Who()) if free or by_rote else set()
            if "!" in way:
                lacks |= self.carrying(("reason",))
            lacks |= {(Why.UNKNOWN_REASON, code) for code in set(request.reason.split()) - set(rule.reasons)}
            yield Offer(clause, None, lacks, {clause})

    def right(self, clause: str, rule: RightRule) -> Iterator[Offer]:
        request = self.request
        lacks = self.asking(rule.by) | self.sure(rule.assurance)
        by_staff = request.by.kind is ActorKind.STAFF and not self.asking(rule.by)
        if by_staff and request.act not in (Act.ACCESS, Act.CORRECT, Act.PORT):
            measures = dict(m for _, r in self.rules if isinstance(r, Protect) for m in r.measures)
            lacks |= {(Why.ASSURANCE_MISSING, measures[m]) for m in measures if m == "filed_by_staff"}
        if rule.how == "review" and request.by.kind is ActorKind.SUBJECT and not request.reviewed:
            lacks.add((Why.NEEDS_REVIEW, ""))
        over_data = {
            Act.ACCESS: RightName.ACCESS,
            Act.CORRECT: RightName.CORRECT,
            Act.ERASE: RightName.ERASE,
            Act.REMOVE: RightName.ERASE,
            Act.RESTRICT: RightName.RESTRICT,
            Act.LIFT: RightName.RESTRICT,
            Act.PORT: RightName.PORT,
        }
        if over_data.get(request.act) is rule.right:
            for name in self.fields_of(request.category):
                shows = request.act in (Act.ACCESS, Act.PORT)
                if shows and self.spec_of(request.category, name).type == "secret":
                    continue
                if not rule.of or hit(rule.of, request.category, name):
                    masked = request.masked and request.act is Act.ACCESS
                    yield Offer(clause, name, lacks, {clause}, masked)
            if request.category == "*" and (not rule.of or any(t.category == "*" for t in rule.of)):
                yield Offer(clause, None, lacks, {clause})
        calls_back = (request.act, rule.right, request.category) == (Act.RESTORE, RightName.ERASE, "*")
        if calls_back and (not rule.of or any(target.category == "*" for target in rule.of)):
            yield Offer(clause, None, self.asking(Who(subject=True)), {clause})
        if request.category:
            return
        if request.act is Act.LEAVE and rule.right is RightName.LEAVE:
            yield Offer(clause, None, lacks, {clause})
        yield from self.demanding(clause, rule)
        yield from self.stopping(clause, rule, lacks)
        if rule.purposes and not any(under(request.purpose, word) for word in rule.purposes):
            return
        consents = {purpose for purpose, _, _ in self.governed_by_consent()}
        governed = {
            Act.OBJECT: (RightName.OBJECT, self.open_to_objection()),
            Act.YIELD: (RightName.OBJECT, self.open_to_objection()),
            Act.WITHDRAW: (RightName.WITHDRAW, consents),
        }
        right, purposes = governed.get(request.act, (None, set()))
        if rule.right in (right, RightName.OPT_OUT) and request.purpose in purposes:
            yield Offer(clause, None, lacks, {clause})

    def demanding(self, clause: str, rule: RightRule) -> Iterator[Offer]:
        asking = {
            Act.FILE: rule.by,
            Act.CANCEL: rule.by,
            Act.VOUCH: Who(subject=True),
            Act.HEAR: Who(roles=rule.by.roles),
            Act.DETERMINE: Who(roles=rule.by.roles, programs=rule.by.programs),
            Act.FOLLOW: Who(roles=rule.by.roles, programs=rule.by.programs, subject=True),
            Act.SETTLE: Who(roles=rule.by.roles),
        }.get(self.request.act)
        nobody = asking is not None and not (asking.roles or asking.programs or asking.subject)
        if self.request.circumstance == rule.right.value and asking is not None and not nobody:
            yield Offer(clause, None, self.asking(asking), {clause})

    # ---- what each demands

    def sure(self, needed: str) -> set[Ground]:
        given = self.request.by.assurance
        if self.request.masked and self.request.act is Act.ACCESS:
            needed = "signed_in"
        order = ["signed_in", "step_up", "verified"]
        if not given or not needed or order.index(given) >= order.index(needed):
            return set()
        return {(Why.ASSURANCE_MISSING, needed)}

    def asking(self, by: Who) -> set[Ground]:
        asker = self.request.by
        if asker.kind is ActorKind.SUBJECT:
            return set() if by.subject else {(Why.NOT_BY, "self")}
        if asker.kind is ActorKind.STAFF:
            return set() if asker.role in by.roles else {(Why.NOT_BY, f"role {asker.role}")}
        if asker.kind is ActorKind.PROGRAM:
            return set() if asker.name in by.programs else {(Why.NOT_BY, f"program {asker.name}")}
        return {(Why.NOT_BY, asker.kind.value)}

    def consenting(self, purpose: str) -> set[Ground]:
        names = purpose.split(".")
        words = [".".join(names[:length]) for length in range(len(names), 0, -1)]
        said = [c for word in words for c in self.standing.consents if c.purpose == word]
        if not said:
            return {(Why.CONSENT_MISSING, purpose)}
        nearest, above = said[0], said[1:]
        stops = [c for c in above if c.choice is not Choice.GIVEN and c.at > nearest.at]
        decisive = nearest if nearest.choice is not Choice.GIVEN or not stops else stops[0]
        if decisive.choice is Choice.GIVEN:
            return set()
        if decisive.choice is Choice.REFUSED:
            return {(Why.CONSENT_REFUSED, purpose)}
        return {(Why.CONSENT_WITHDRAWN, purpose)}

    def collecting(self, rule: Collect) -> set[Ground]:
        lacks = self.asking(rule.by)
        if rule.consent:
            lacks |= self.consenting(rule.consent)
        if rule.minimum_age is not None:
            age = self.request.age
            if age is None or age < rule.minimum_age:
                lacks.add((Why.TOO_YOUNG, ""))
        return lacks

    def carrying(self, needs: tuple[str, ...]) -> set[Ground]:
        lacks: set[Ground] = set()
        if "case" in needs and not self.request.case:
            lacks.add((Why.CASE_MISSING, ""))
        if "reason" in needs and not self.request.reason:
            lacks.add((Why.REASON_MISSING, ""))
        return lacks

    def using(self, rule: Use) -> set[Ground]:
        lacks = self.asking(rule.by) | self.carrying(rule.needs)
        if rule.consent:
            lacks |= self.consenting(rule.purpose)
        lacks |= self.objecting(rule)
        if rule.leaves == "aggregates":
            lacks.add((Why.ONLY_AGGREGATES, ""))
        return lacks

    def objecting(self, rule: Use) -> set[Ground]:
        for word in (rule.purpose, self.request.purpose) if rule.objection else ():
            if any(under(word, said) for said in self.standing.objections):
                return {(Why.OBJECTED, word)}
        return set()

    def delivering(self, rule: Disclose, name: str) -> tuple[set[Ground], set[str]]:
        """Return what a disclosure of one field lacks, and the transfer clauses it rests on."""
        request, facts = self.request, self.facts
        lacks = self.asking(rule.by) | self.carrying(rule.needs)
        if rule.basis is Basis.CONSENT:
            lacks |= self.consenting(request.purpose)
        contested = any(
            isinstance(other, Use) and other.objection and under(request.purpose, other.purpose)
            for _, other in self.rules
        )
        if contested and any(under(request.purpose, said) for said in self.standing.objections):
            lacks.add((Why.OBJECTED, request.purpose))
        needed = {need for need in rule.needs if need not in ("case", "reason")}
        transfers: set[str] = set()
        if self.abroad():
            transfers = {
                clause
                for clause, other in self.rules
                if isinstance(other, Transfer)
                and under(self.here, other.origin)
                and under(self.place_of(request.recipient) or "", other.destination)
                and (not other.of or hit(other.of, request.category, name))
            }
            if transfers:
                needed.add("safeguard")
            else:
                lacks.add((Why.TRANSFER_MISSING, request.recipient))
        for need in needed:
            if (request.recipient, need) not in facts.instruments:
                lacks.add((Why.INSTRUMENT_MISSING, need))
        others = {who for role, who in facts.approvals if not rule.approvers or role in rule.approvers}
        short = rule.approvals - len(others - {request.by.name})
        if short > 0:
            lacks.add((Why.APPROVAL_MISSING, str(short)))
        return lacks, transfers

    # ---- what forbids

    def forbidden_by(self, name: str) -> set[str]:
        practices = {self.request.act.value} & {"collect", "use", "disclose"}
        if self.request.act in (Act.FIND, Act.COUNT, Act.TALLY):
            practices = {"use"}
        if self.request.act is Act.DISCLOSE and self.abroad():
            practices.add("transfer")
        return {
            clause
            for clause, rule in self.rules
            if isinstance(rule, Never)
            and practices & set(rule.practices)
            and any(self.meets(rule.scope, name, purpose) for purpose in self.serving(name))
        }

    def serving(self, name: str) -> set[str]:
        request = self.request
        if request.act is not Act.COLLECT:
            return {request.purpose}
        here = [
            rule
            for _, rule in self.rules
            if isinstance(rule, Collect)
            and rule.category == request.category
            and request.circumstance in rule.circumstances
        ]
        takers = [rule for rule in here if any(spec.name == name for spec in rule.fields)]
        return {purpose for rule in takers or here for purpose in rule.purposes}

    def meets(self, scope: Scope, name: str, purpose: str) -> bool:
        recipient = self.request.recipient if self.request.act is Act.DISCLOSE else ""
        place = self.place_of(recipient) if recipient else None
        if scope.of and not hit(scope.of, self.request.category, name):
            return False
        if scope.purposes and not any(under(purpose, word) for word in scope.purposes):
            return False
        if scope.recipients and not any(under(recipient, word) for word in scope.recipients):
            return False
        if scope.places and not (place and any(under(place, word) for word in scope.places)):
            return False
        return not any(self.meets(inner, name, purpose) for inner in scope.excepts)

    # ---- what stands in the way of everything

    def whatever_the_clauses_say(self) -> set[Ground]:
        request, facts, standing = self.request, self.facts, self.standing
        grounds: set[Ground] = set()
        if facts.now < self.agreement.effective:
            grounds.add((Why.NOT_IN_FORCE, ""))
        if not request.known and request.act is not Act.JOIN:
            grounds.add((Why.UNKNOWN_PERSON, ""))
        restricted = any(word == "*" or under(request.category, word) for word in standing.restrictions)
        serves = request.act in (Act.USE, Act.DISCLOSE, Act.SEND, Act.COUNT)
        stopped = any(way == request.channel and under(request.purpose, p) for p, way in standing.stopped)
        if stopped and request.act is Act.SEND:
            grounds.add((Why.STOPPED, request.channel))
        if restricted and serves and not self.signs_in():
            grounds.add((Why.RESTRICTED, request.category))
        if serves:
            for consent in standing.consents:
                if consent.purpose == request.purpose and consent.choice is not Choice.GIVEN:
                    refused = consent.choice is Choice.REFUSED
                    why = Why.CONSENT_REFUSED if refused else Why.CONSENT_WITHDRAWN
                    grounds.add((why, request.purpose))
            if request.purpose in standing.objections:
                grounds.add((Why.OBJECTED, request.purpose))
        goes_on = {Act.USE, Act.FIND, Act.DISCLOSE, Act.HOLD, Act.RELEASE, Act.RESTORE}
        if standing.grace is not None and request.act not in goes_on:
            grounds.add((Why.IN_GRACE, ""))
        if request.act is Act.COLLECT and not self.may_stand_here():
            grounds.add((Why.WRONG_PLACE, facts.place))
        return grounds

    def signs_in(self) -> bool:
        """Whether the program that signs members in asks for just that."""
        first = next((rule for _, rule in self.rules if isinstance(rule, SignIn)), None)
        asked = (self.request.act, self.request.by, self.request.purpose)
        return first is not None and asked == (Act.USE, program(first.program), first.purpose)

    def may_stand_here(self) -> bool:
        place, home = self.facts.place, self.standing.home
        stores = [rule for _, rule in self.rules if isinstance(rule, Store)]
        places = [word for rule in stores for word in rule.places]
        if places and not any(under(place, word) for word in places):
            return False
        if home and any(rule.home for rule in stores) and not under(place, home):
            return False
        known = self.fields_of(self.request.category)
        limits = [pair for rule in stores for pair in rule.residency if known]
        return all(
            any(under(place, word) for word in places)
            for category, places in limits
            if under(self.request.category, category)
        )

    # ---- what nobody speaks of

    def nobody_speaks_of_it(self) -> set[Ground]:
        request = self.request
        act = request.act
        grounds: set[Ground] = set()
        known = self.fields_of(request.category)
        if request.category not in ("", "*") and not known:
            grounds.add((Why.UNKNOWN_CATEGORY, request.category))
        if known:
            grounds |= {(Why.UNKNOWN_FIELD, name) for name in request.fields - known}
        choices = (Act.CONSENT, Act.DECLINE, Act.WITHDRAW, Act.OBJECT, Act.YIELD)
        choices = (*choices, Act.SEND, Act.STOP, Act.START, Act.COUNT, Act.TALLY)
        if act in (Act.USE, Act.FIND, Act.DISCLOSE, *choices):
            words = self.declared() | {purpose for purpose, _, _ in self.governed_by_consent()}
            if not request.purpose:
                grounds.add((Why.NO_PURPOSE, ""))
            elif request.purpose not in words:
                grounds.add((Why.UNKNOWN_PURPOSE, request.purpose))
        occasions = {w for _, rule in self.rules if isinstance(rule, Collect) for w in rule.circumstances}
        if act in (Act.COLLECT, Act.JOIN) and request.circumstance not in occasions:
            grounds.add((Why.UNKNOWN_CIRCUMSTANCE, request.circumstance))
        if act in (Act.OPEN, Act.MOVE):
            mine = [r for _, r in self.rules if isinstance(r, CaseRule) and r.name == request.circumstance]
            if not mine:
                grounds.add((Why.UNKNOWN_CASE, request.circumstance))
            elif act is Act.MOVE and all(self.way(rule) is None for rule in mine):
                grounds.add((Why.WRONG_STATE, request.states[0]))
        if act is Act.DISCLOSE and self.place_of(request.recipient) is None:
            grounds.add((Why.UNKNOWN_RECIPIENT, request.recipient))
        return grounds

    def subject_matter(self) -> str:
        request = self.request
        match request.act:
            case (
                Act.COUNT
                | Act.TALLY
                | Act.USE
                | Act.FIND
                | Act.CONSENT
                | Act.DECLINE
                | Act.WITHDRAW
                | Act.OBJECT
                | Act.YIELD
            ):
                word: str = request.purpose
            case Act.COLLECT | Act.JOIN | Act.OPEN:
                word = request.circumstance
            case Act.FILE | Act.VOUCH | Act.DETERMINE | Act.CANCEL | Act.HEAR | Act.FOLLOW | Act.SETTLE:
                word = request.circumstance
            case Act.SHORTEN | Act.LENGTHEN:
                word = request.circumstance
            case Act.MOVE:
                word = ":".join([request.circumstance, *request.states])
            case Act.SEND | Act.STOP | Act.START:
                word = f"{request.purpose} by {request.channel}"
            case Act.DISCLOSE:
                word = f"{request.recipient} for {request.purpose}"
            case _:
                word = ""
        return word or request.category or request.act.value
