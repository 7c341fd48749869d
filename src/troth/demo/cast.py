"""The cast: a few people inside a house that is served, each at another point of membership."""

from dataclasses import dataclass, replace

from troth.acts import collect, membership
from troth.custody.take_in import Taken
from troth.demo import lives
from troth.demo.people import Crowd, Person
from troth.demo.pictures import picture
from troth.demo.stage import AGENT, REVIEWER
from troth.library import Troth
from troth.rules.decision import member, program

PORTAL = program("portal")
SELF = member("portal", "step_up")


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody of the cast: how they are called, where they stand, and their number in the house."""

    name: str
    stands: str
    email: str
    subject: int


def cast_of(house: Troth, crowd: Crowd) -> tuple[Role, ...]:
    """Let the cast into a house, each by the same acts as everybody; return who is there."""
    return (
        _newcomer(house, crowd.person("IE", "female")),
        _under_review(house, crowd.person("SG", "male")),
        _settled(house, crowd.person("DE", "female")),
        _careful(house, crowd.person("JP", "male")),
    )


def _joined(house: Troth, person: Person) -> int:
    (taken,) = house.collect_many([lives.account(person)], together=False)
    if not isinstance(taken, Taken):
        raise taken
    house.teller.ask(membership.proving(by=PORTAL, about=taken.subject, field="account.email"))
    return taken.subject


def _newcomer(house: Troth, person: Person) -> Role:
    return Role(person.name, "registered, and gave nothing else yet", person.email, _joined(house, person))


def _under_review(house: Troth, person: Person) -> Role:
    subject = _joined(house, person)
    house.consent(about=subject, purpose="camera.identity", by=SELF)
    case = house.open_case(about=subject, name="identity-check", by=SELF).case
    house.move_case(about=subject, case=case.id, to="collecting", by=SELF)
    told = lives.identity(person, house.teller.house.clock())
    shots = {name: picture(f"{person.reference}-{name}") for name in ("front", "back", "selfie")}
    offers = [
        collect.offering(
            by=SELF,
            about=subject,
            category="identity",
            when="identity_verification",
            values={str(name): value for name, value in told.values.items()},
            age=told.request.age,
            within=case.id,
        ),
        collect.offering(
            by=SELF, about=subject, category="camera.identity", when="camera", values=shots, within=case.id
        ),
    ]
    for outcome in house.collect_many(offers, together=False):
        if not isinstance(outcome, Taken):
            raise outcome
    house.move_case(about=subject, case=case.id, to="submitted", by=SELF)
    house.purpose("identity.verify", by=REVIEWER, case=case.reference).read(
        about=subject, category="identity"
    )
    return Role(person.name, "sent documents, and a reviewer has looked", person.email, subject)


def _settled(house: Troth, person: Person) -> Role:
    subject = _joined(house, person)
    rng = house_rng = Crowd(11, person.born).rng
    at = house.teller.house.clock()
    given = [
        lives.payment(person),
        *(lives.transaction(person, at, house_rng) for _ in range(6)),
        *(lives.activity(person, at, rng) for _ in range(4)),
        lives.device(person, rng),
        lives.network(person, at, rng),
        replace(lives.message(person, rng), within="conversation"),
    ]
    for outcome in house.collect_many(given):
        if not isinstance(outcome, Taken):
            raise outcome
    (case,) = house.cases(about=subject)
    house.purpose("support.reply", by=AGENT, case=case.reference).read(about=subject, category="transactions")
    answer = {"message": "We looked into it. It is done."}
    house.collect(
        about=subject, category="support", when="customer_service", values=answer, by=AGENT, within=case.id
    )
    house.move_case(about=subject, case=case.id, to="answered", by=AGENT)
    house.consent(about=subject, purpose="contact.promotion", by=SELF)
    return Role(person.name, "a member for a while, with accounts and talks", person.email, subject)


def _careful(house: Troth, person: Person) -> Role:
    subject = _joined(house, person)
    house.refuse(about=subject, purpose="contact.promotion", by=SELF)
    house.object(about=subject, purpose="analysis.improve", by=SELF)
    house.restrict(about=subject, by=SELF)
    return Role(person.name, "objected, and has everything stored without use", person.email, subject)
