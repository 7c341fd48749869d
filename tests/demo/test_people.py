"""People who do not exist are believable, repeatable, and nobody's."""

import sys
from datetime import date

import pytest

from troth.clock import instant
from troth.demo import lives
from troth.demo.people import COUNTRIES, Crowd
from troth.errors import FakerMissing
from troth.terms.agreement import Collect
from troth.terms.kinds import KINDS
from troth.terms.parse import parse

TODAY = date(2026, 6, 1)
NOW = instant("2026-06-01T12:00:00Z")


@pytest.fixture(scope="module")
def people():
    return list(Crowd(1, TODAY).people(6 * len(COUNTRIES)))


@pytest.fixture(scope="module")
def collections(member_agreement):
    return {rule.category: rule for _, rule in member_agreement.rules() if isinstance(rule, Collect)}


@pytest.fixture(scope="module")
def member_agreement():
    from troth.cli.agreements import MEMBER

    return parse(MEMBER.read_text("utf-8"), "agreement.md")


def test_the_same_seed_makes_the_same_people(people):
    assert list(Crowd(1, TODAY).people(20)) == people[:20]
    assert list(Crowd(2, TODAY).people(20)) != people[:20]


def test_they_come_from_every_country_in_turn(people):
    assert {person.country for person in people[: len(COUNTRIES)]} == set(COUNTRIES)


def test_no_two_share_what_must_be_unique(people):
    for name in ("reference", "phone", "email", "username", "device"):
        values = [getattr(person, name) for person in people]
        assert len(set(values)) == len(values), name


def test_names_are_written_in_the_script_of_the_country(people):
    for country, letter in (("GR", "Ͱ"), ("UA", "Ѐ"), ("JP", "぀"), ("SG", "一")):
        names = "".join(person.name for person in people if person.country == country)
        assert max(names) > letter
        assert not any("a" <= c.lower() <= "z" for c in names)


def test_they_are_of_age_and_alive(people):
    assert all(18 <= person.age(TODAY) <= 76 for person in people)


def test_a_birthday_makes_somebody_older_on_the_day(people):
    person = people[0]
    birthday = person.born.replace(year=2026, day=min(person.born.day, 28))
    assert person.age(birthday.replace(year=2027)) == person.age(birthday) + 1


def test_their_mail_and_addresses_are_reserved_for_examples(people):
    assert {person.email.rpartition("@")[2] for person in people} <= {
        "example.org",
        "example.com",
        "example.net",
    }
    assert {person.address.rpartition(".")[0] for person in people} <= {"192.0.2", "198.51.100", "203.0.113"}


def test_every_value_of_every_category_is_taken_by_its_field(people, collections):
    rng = Crowd(3, TODAY).rng
    for person in people:
        offers = (
            lives.account(person), lives.identity(person, NOW), lives.payment(person),
            lives.message(person, rng, reply_to=person.email), lives.rating(person, rng),
            lives.transaction(person, NOW, rng), lives.activity(person, NOW, rng),
            lives.device(person, rng), lives.network(person, NOW, rng), lives.visit(person, NOW, rng),
        )  # fmt: skip
        for offer in offers:
            rule = collections[offer.request.category]
            specs = {spec.name: spec for spec in rule.fields}
            assert {name for name, spec in specs.items() if spec.required} <= set(offer.values)
            for name, value in offer.values.items():
                KINDS[specs[name].type].accepts(value, specs[name])


def test_without_faker_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faker.factory", None)
    with pytest.raises(FakerMissing, match=r"troth\[demo\]"):
        Crowd(1, TODAY)
