"""Covering: what a right to see or to take along gives of all that is held, decided for each category."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from troth.custody.asking import of_act
from troth.custody.desk import About, Desk
from troth.errors import TrothError
from troth.ledger.entry import Entry
from troth.rules.decision import Act, Actor, ActorKind, Permit, Refusal, Request, Why
from troth.terms.vocabulary import Category, Program, Role

RIGHTS = {Act.ACCESS: "access", Act.PORT: "port"}


@dataclass(frozen=True, slots=True)
class Pack:
    """A request for a package of everything that a right covers (ACCESS or PORT)."""

    request: Request
    about: About = field(repr=False)
    language: str = ""
    case_id: bytes = b""  # of the demand that it answers, if any

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.ACCESS, Act.PORT)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not in a package, and why: the code of the reason, and the clause it rests on."""

    category: str
    field: str
    why: str
    clause: str


def covered(desk: Desk, request: Request, about: About) -> tuple[dict[Category, Permit], list[Refusal]]:
    """Return what a right gives of each category, and the refusals of the others.

    It is decided for each category the agreement in force knows.
    """
    permits: dict[Category, Permit] = {}
    refusals = []
    for category in desk.house.book.fields:
        decision = desk.admit(replace(request, category=category, known=about in desk.people), about)
        if isinstance(decision, Permit):
            permits[category] = decision
        else:
            refusals.append(replace(decision, considered=(category, *decision.considered)))  # type: ignore[arg-type]
    return permits, refusals


def gaps(desk: Desk, permits: Mapping[Category, Permit], refusals: Iterable[Refusal]) -> tuple[Gap, ...]:
    """Return what is left out: categories that are refused, and fields that nobody is shown."""
    book = desk.house.book
    found = [
        Gap(str(each.considered[0]), "", each.reasons[0].why.value, next(iter(each.reasons[0].clauses), ""))
        for each in refusals
        if each.reasons
    ]
    for category, permit in permits.items():
        for name, spec in book.fields[category].items():
            if name not in permit.fields:
                why = "secret" if spec.type == "secret" else Why.FIELD_NOT_COVERED.value
                found.append(Gap(category, name, why, next(iter(permit.clauses), "")))
    return tuple(found)


def stopping(
    desk: Desk, job: Pack, permits: Mapping[Category, Permit], refusals: list[Refusal]
) -> TrothError | None:
    """Return what stops a package as a whole: nothing may be in it, or it is not sure enough who asks."""
    unsure = [r for r in refusals if any(reason.why is Why.ASSURANCE_MISSING for reason in r.reasons)]
    if permits and not unsure:
        return None
    refusal = (unsure or refusals)[0]
    category, considered = Category(refusal.considered[0]), refusal.considered[1:]
    request = replace(job.request, category=category, known=job.about in desk.people)
    return desk.refuse(request, replace(refusal, considered=considered), job.about)


def line(
    desk: Desk, kind: str, request: Request, subject: int, clauses: tuple[str, ...], count: int
) -> Entry:
    """Return the line of what was done with a package."""
    actor, behalf = desk.actor(request.by)
    return Entry(
        at=desk.now, kind=kind, actor=actor, on_behalf_of=behalf, act=request.act.value, outcome="permitted",
        subject=desk.pseudonym(subject), clauses=clauses, agreement=desk.house.book.agreement.version,
        count=count, case=request.case or None,
    )  # fmt: skip


def asked(job: Pack) -> bytes:
    """Return who asks for a package, so that one that was interrupted is decided anew for them."""
    by = job.request.by
    said = {
        "kind": by.kind.value, "name": by.name, "role": by.role, "through": by.through,
        "assurance": by.assurance, "case": job.request.case, "language": job.language,
    }  # fmt: skip
    return json.dumps(said).encode("utf-8")  # not hashed


def job_of(right: str, subject: int, said_then: bytes) -> Pack:
    """Return the demand for a package as it was when it was begun."""
    said = json.loads(said_then)
    by = Actor(
        ActorKind(said["kind"]), said["name"], Role(said["role"]) if said["role"] else None,
        Program(said["through"]) if said["through"] else None, said["assurance"],
    )  # fmt: skip
    act = next(act for act, name in RIGHTS.items() if name == right)
    return Pack(Request(act, by, case=said["case"]), subject, said["language"])
