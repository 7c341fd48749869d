"""What deciding allowed, evidence never calls broken; what is forbidden, it reads as deciding does."""

from collections import defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.agreements import (
    ABROAD,
    EFFECTIVE,
    HOUSE,
    INSTRUMENTS,
    KINDS,
    WHO,
    agreement_of,
    agreements,
    drawn,
)
from troth.evidence.history import Reader
from troth.ledger.entry import Entry
from troth.rules.cases import MACHINES
from troth.rules.compiling import compile_rules
from troth.rules.decide import decide
from troth.rules.decision import ENTRY_KIND, Act, ActorKind, Facts, Permit, Request, program
from troth.rules.standing import NEWCOMER, Choice, Consent
from troth.terms.agreement import Disclose, Never, RightRule, SignIn, Target, Use
from troth.terms.vocabulary import Basis, RightName

PEOPLE = ["m" * 22, "n" * 22]
STAFF = [("r1", "ann"), ("r1", "eve"), ("r2", "bob"), ("r2", "dan")]
SIGN_IN = SignIn("g", "a", "a", "a", "p", ("code",))
RESTRICT = RightRule(RightName.RESTRICT, (), "self", WHO[0], "signed_in")
CHOICES = {Act.CONSENT: Choice.GIVEN, Act.DECLINE: Choice.REFUSED, Act.WITHDRAW: Choice.WITHDRAWN}


def named(actor):
    if actor.kind is ActorKind.STAFF:
        return f"staff:{actor.role}:{actor.name}"
    return f"program:{actor.name}" if actor.kind is ActorKind.PROGRAM else actor.kind.value


class Run:
    """A house without a store: it decides, remembers what it allowed, and lets that be true from then on."""

    def __init__(self, agreement):
        self.agreement, self.book = agreement, compile_rules(agreement)
        self.now, self.lines, self.allowed = EFFECTIVE, [], []
        self.standings = dict.fromkeys(PEOPLE, NEWCOMER)
        self.instruments, self.approvals, self.waiting = set(), defaultdict(set), []
        self.cases = []  # dicts: who, name, state, how often it was taken up again

    def remember(self, kind, **more):
        given = {"at": self.now, "actor": "program:g", "act": "act", "outcome": "permitted"}
        self.lines.append(Entry(**{**given, "kind": kind, "agreement": 1, **more}))

    def live(self, choices, steps):
        for recipient in ABROAD:
            for name in INSTRUMENTS[: choices.one([2, 2, 1, 0])]:
                self.instruments.add((recipient, name))
                self.remember("instrument.recorded", recipient=recipient, fields=(name,))
        for _ in range(steps):
            self.now += choices.upto(2)
            kind = choices.one([Disclose, Disclose, *KINDS])
            who, request = choices.one(PEOPLE), choices.request(self.agreement, kind)
            if request.act is Act.DISCLOSE:
                self.approve(who, request, choices.some(STAFF, choices.one([3, 3, 0]), 4))
                self.waiting.append((who, request))
                if choices.upto(2):
                    continue
                who, request = self.waiting.pop(choices.upto(len(self.waiting)))
            self.act(who, request)
        for who, request in self.waiting:
            self.act(who, request)

    def approve(self, who, request, staff):
        for role, name in staff:
            self.approvals[who, request].add((role, name))
            self.remember(
                "disclosure.approved",
                actor=f"staff:{role}:{name}",
                subject=who,
                category=request.category or None,
                recipient=request.recipient if request.recipient in self.book.recipients else None,
            )

    def act(self, who: str, request: Request):
        if request.act in (Act.OPEN, Act.MOVE):
            self.casework(who, request)
            return
        given = frozenset(self.approvals[who, request])
        facts = Facts(self.now, HOUSE, frozenset(self.instruments), given)
        permit = decide(self.book, request, self.standings[who], facts)
        if not isinstance(permit, Permit):
            return
        self.allowed.append(request.act)
        self.change(who, request)
        if request.act is Act.DISCLOSE:
            del self.approvals[who, request]
        self.remember(
            ENTRY_KIND[request.act],
            actor=named(request.by),
            act=request.act.value,
            subject=who,
            category=request.category if request.category in self.book.fields else None,
            fields=tuple(sorted(permit.fields)),
            purpose=request.purpose or None,
            circumstance=request.circumstance or None,
            recipient=request.recipient or None,
            case=request.case or None,
            clauses=permit.clauses,
        )

    def casework(self, who, request):
        """Open a case, or move the latest one of the name that may go where it is asked to."""
        _, rule = self.book.cases.get(request.circumstance, (None, None))
        machine = rule and MACHINES[rule.kind]
        mine = [case for case in self.cases if (case["who"], case["name"]) == (who, request.circumstance)]
        busy = machine and machine.alone and any(case["state"] not in machine.ended for case in mine)
        if request.act is Act.MOVE:
            near = [case for case in mine if machine.step(case["state"], request.states[1])]
            case = near[-1] if near else {"state": ""}
            request = replace(request, states=(case["state"], request.states[1]))
        permit = decide(self.book, request, self.standings[who], Facts(self.now, HOUSE))
        if not isinstance(permit, Permit):
            return
        again = request.act is Act.MOVE and machine.takes_up(*request.states)
        if busy and (again or request.act is Act.OPEN):
            return
        if request.act is Act.OPEN:
            case = {"who": who, "name": rule.name, "again": 0, "case": f"C-{len(self.cases)}"}
            self.cases.append(case)
        elif again and machine.resumes is not None and case["again"] >= machine.resumes:
            return
        case["state"] = request.states[1] if request.act is Act.MOVE else machine.first
        case["again"] += again
        self.allowed.append(request.act)
        self.remember(
            ENTRY_KIND[request.act],
            actor=named(request.by),
            subject=who,
            circumstance=rule.name,
            fields=(case["state"],),
            case=case["case"],
            reasons=tuple(dict.fromkeys(request.reason.split())) if request.act is Act.MOVE else (),
            clauses=permit.clauses,
        )

    def change(self, who, request):
        before, area = self.standings[who], {request.category or "*"}
        match request.act:
            case Act.CONSENT | Act.DECLINE | Act.WITHDRAW:
                choice = Consent(request.purpose, CHOICES[request.act], 1, self.now)
                self.standings[who] = before.choosing(choice)
            case Act.OBJECT:
                self.standings[who] = replace(before, objections=before.objections | {request.purpose})
            case Act.YIELD:
                self.standings[who] = replace(before, objections=before.objections - {request.purpose})
            case Act.RESTRICT:
                self.standings[who] = replace(before, restrictions=before.restrictions | area)
            case Act.LIFT:
                self.standings[who] = replace(before, restrictions=before.restrictions - area)

    def restrict(self, who):
        self.standings[who] = replace(self.standings[who], restrictions=frozenset({"*"}))
        self.remember("restriction.set", actor="self", subject=who)


def with_sign_in(agreement):
    """The same agreement, where the program that signs in may read all, and data may be restricted."""
    rules = [rule for _, rule in agreement.rules()]
    sign_in = next((rule for rule in rules if isinstance(rule, SignIn)), SIGN_IN)
    reading = Use(sign_in.purpose, (Target("*"),), WHO[0], Basis.CONTRACT)
    return agreement_of([*rules, SIGN_IN, reading, RESTRICT])


def in_few_clauses(agreement, count):
    """The same rules, several of them in one clause."""
    clauses = [replace(clause, id=f"clause{n % count}") for n, clause in enumerate(agreement.clauses)]
    return replace(agreement, clauses=tuple(clauses))


@given(agreements(), st.integers(1, 6), drawn(1000, lambda choices: choices))
def test_an_honest_run_makes_no_clause_broken(agreement, count, choices):
    run = Run(in_few_clauses(agreement, count))
    run.live(choices, 25)

    found = Reader(run.book).read(enumerate(run.lines))

    assert {clause: faults for clause, faults in found.faults.items() if faults} == {}


@given(agreements(), drawn(400, lambda choices: choices))
def test_nor_does_one_in_which_people_restricted_everything_and_sign_in(agreement, choices):
    run = Run(with_sign_in(agreement))
    run.restrict(PEOPLE[0])
    run.live(choices, 10)
    sign_in = run.book.sign_in[1]
    for category in run.book.fields:
        run.act(PEOPLE[0], Request(Act.USE, program(sign_in.program), category, purpose=sign_in.purpose))

    found = Reader(run.book).read(enumerate(run.lines))

    assert {clause: faults for clause, faults in found.faults.items() if faults} == {}


@given(agreements())
def test_what_is_forbidden_is_blamed_on_exactly_the_clauses_that_forbid_it(agreement):
    book = compile_rules(agreement)
    nevers = {clause.id for clause, rule in agreement.rules() if isinstance(rule, Never)}

    for (act, category, word), cell in book.cells.items():
        if act not in (Act.COLLECT, Act.USE, Act.DISCLOSE):
            continue
        more = {"circumstance": word} if act is Act.COLLECT else {"purpose": word}
        if act is Act.DISCLOSE:
            more = dict(zip(("recipient", "purpose"), word.split(" for "), strict=True))
        for name in book.fields[category]:
            line = Entry(
                at=EFFECTIVE, kind=ENTRY_KIND[act], actor="self", act=act.value, outcome="permitted",
                category=category, fields=(name,), **more,
            )  # fmt: skip
            blamed = {c for c, faults in Reader(book).read([(0, line)]).faults.items() if faults}
            assert blamed & nevers == set(cell.denied.get(name, ()))
