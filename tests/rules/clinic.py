"""A clinic's agreement, as values: unlike the shipped one in every word, and on the same engine."""

from troth.clock import DAY
from troth.rules.compiling import compile_rules
from troth.rules.decide import decide
from troth.rules.decision import Act, Facts, Permit, Refusal, Request, member, program, staff
from troth.rules.rulebook import Rulebook
from troth.rules.standing import NEWCOMER, Choice, Consent, Standing
from troth.terms.agreement import (
    Agreement,
    Clause,
    Collect,
    Disclose,
    FieldSpec,
    Keep,
    Longer,
    Never,
    Organisation,
    Party,
    RightRule,
    Rule,
    Scope,
    Spot,
    Store,
    Target,
    Transfer,
    Use,
    Who,
)
from troth.terms.vocabulary import Basis, Period, Relationship, RightName

OPENING = 100 * DAY
NURSE, DOCTOR, STATISTICS = staff("nia", "nurse"), staff("dov", "doctor"), program("statistics")
PATIENT = member()
WARD = Who(frozenset({"nurse", "doctor"}), subject=True)
DOCTORS = Who(frozenset({"doctor"}))


def fields(*names: str) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, "text") for name in names)


def of(*words: str) -> tuple[Target, ...]:
    """Targets, a field after a colon: `chart`, `chart:weight`."""
    return tuple(Target(word.partition(":")[0], word.partition(":")[2] or None) for word in words)


def collect(category: str, *names: str, at: str = "visit", serving=("care",), keep: str = "file", **more):
    more = {"by": WARD, **more}
    return Collect(category, (at,), fields(*names), Basis.CONTRACT, tuple(serving), keep, **more)


def use(purpose: str, *targets: str, by: Who = WARD, **more) -> Use:
    return Use(purpose, of(*targets), by, Basis.CONTRACT, **more)


def disclose(name: str, places: dict[str, str], *targets: str, serving=("care",), **more) -> Disclose:
    parties = tuple(Party(short, place, Relationship.PROCESSOR) for short, place in places.items())
    more = {"by": DOCTORS, **more}
    given = tuple((short, of(*targets)) for short in places)
    return Disclose(name, parties, given, tuple(serving), basis=Basis.CONTRACT, **more)


def never(*practices: str, targets: tuple[str, ...] = (), **scope) -> Never:
    return Never(practices, Scope(of(*targets), **scope))


def agreement(**rules: Rule | tuple[Rule, ...]) -> Agreement:
    """An agreement of clauses by their ids."""
    clauses = tuple(
        Clause(name, "1", "t", "t", rule if isinstance(rule, tuple) else (rule,), Spot("clinic.md", 1))
        for name, rule in rules.items()
    )
    clinic = Organisation("Clinic", "privacy@example.org", "HILL.TOWN", ())
    return Agreement("patients", "t", clinic, 1, OPENING, "en", clauses, "00", "")


def book(**rules: Rule | tuple[Rule, ...]) -> Rulebook:
    rules.setdefault("keeping", Keep("file", ("chart", "patient"), Period(months=120)))
    return compile_rules(agreement(**rules))


CLINIC = {
    "arrival": collect("patient", "name", "phone", at="arrival", opens=True),
    "chart": collect("chart", "weight", "note"),
    "scans": collect("chart.scan", "picture", consent="imaging", minimum_age=18),
    "caring": use("care", "patient", "chart"),
    "imaging": use("imaging", "chart.scan", consent=True),
    "outreach": use("outreach", "patient", by=DOCTORS, objection=True, mask=of("patient:phone")),
    "counting": use("counting", "chart", by=Who(programs=frozenset({"statistics"})), leaves="aggregates"),
    "review": use("audit", "chart", needs=("case", "reason")),
    "labs": disclose("labs", {"north": "HILL"}, "chart", needs=("contract",), tell="after"),
    "far-labs": disclose(
        "labs", {"south": "SEA"}, "chart:weight", approvals=2, approvers=frozenset({"nurse"})
    ),
    "abroad": Transfer("HILL", "SEA", "clauses"),
    "no-notes": never("use", "disclose", targets=("chart:note",), excepts=(Scope(purposes=("care",)),)),
    "reading": RightRule(RightName.ACCESS),
    "mending": RightRule(RightName.CORRECT, of("patient"), how="review", by=WARD),
    "leaving": RightRule(RightName.LEAVE),
    "objecting": RightRule(RightName.OBJECT),
    "withdrawing": RightRule(RightName.WITHDRAW, purposes=("imaging",)),
    "standing": Store(("HILL", "PEAK"), home=True, residency=(("chart", ("HILL.TOWN", "HILL.PEAK")),)),
    "keeping": Keep(
        "file",
        ("patient", "chart"),
        Period(months=120),
        longer=(Longer("research", of("chart"), Period(months=240)),),
    ),
}
BOOK = compile_rules(agreement(**CLINIC))
FACTS = Facts(
    OPENING,
    "HILL.TOWN",
    frozenset({("labs.north", "contract"), ("labs.north", "safeguard"), ("labs.south", "safeguard")}),
    frozenset({("nurse", "nia"), ("nurse", "noa")}),
)


def said(purpose: str, choice: Choice = Choice.GIVEN) -> Consent:
    return Consent(purpose, choice, 1, 0)


def ask(act: Act, by=DOCTOR, category: str = "", *names: str, **more) -> Request:
    return Request(act, by, category, frozenset(names), **more)


def answer(
    request: Request, standing: Standing = NEWCOMER, facts: Facts = FACTS, book: Rulebook = BOOK
) -> Permit | Refusal:
    return decide(book, request, standing, facts)


def grounds(refusal: Permit | Refusal) -> set[tuple[str, str]]:
    """What a refusal says: every reason with its word; nothing else has any."""
    assert isinstance(refusal, Refusal), refusal
    return {(reason.why.value, reason.word) for reason in refusal.reasons}
