"""What is noted of a person for the scan is what would give them away."""

from datetime import date

from troth.demo import lives
from troth.demo.people import Crowd


def test_what_somebody_told_is_noted_by_field_and_what_everybody_tells_is_not():
    crowd = Crowd(1, date(2026, 6, 1))
    person = crowd.person("GR")
    told = dict(lives.told(lives.identity(person, 1_780_000_000_000_000)))
    assert told["identity.name"] == person.name
    assert told["identity.id_number"] == person.id_number
    seen = dict(lives.told(lives.transaction(person, 1_780_000_000_000_000, crowd.rng)))
    assert set(seen) == {"transactions.reference"}
