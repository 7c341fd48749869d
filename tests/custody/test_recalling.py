"""What the ledger says of one person is found newest first, swept or not, and of nobody else."""

import pytest

from tests.cast import AGENT, MIA, joins
from troth.custody.endings.sweeping import note_sightings
from troth.custody.recalling import Recalled, entry_about, first_entry, recall_some


def recalled(house, subject, **how) -> Recalled:
    def work(desk):
        desk.find([subject])
        return recall_some(desk, subject, **how)

    return house.teller.alone(work)


def numbers(found: Recalled) -> list[int]:
    return [number for number, _ in found.entries]


def looks(house, who, times: int) -> None:
    for n in range(times):
        with house.purpose("support.reply", by=AGENT, case=f"C-{n}") as context:
            context.read(about=who, category="account")


def test_an_entry_about_somebody_else_is_none(house):
    mia, noor = joins(house, MIA), joins(house, "Noor")
    looks(house, "Noor", 1)
    last = house.entries(about=noor)[-1][0]

    def work(desk):
        desk.find([mia, noor])
        return entry_about(desk, mia, last), entry_about(desk, noor, last), entry_about(desk, mia, 10**12)

    mine, theirs, none = house.teller.alone(work)
    assert mine is None
    assert theirs is not None
    assert none is None


def test_nobody_who_was_erased_is_found(house):
    mia = joins(house, MIA)
    house.erase(about=mia)
    assert recalled(house, mia) == Recalled((), None)


@pytest.mark.parametrize("swept", ["nothing", "a part", "everything"])
def test_it_finds_what_the_whole_ledger_says_whatever_was_swept(house, swept):
    mia, _noor = joins(house, MIA), joins(house, "Noor")
    looks(house, MIA, 3)
    looks(house, "Noor", 2)
    if swept != "nothing":
        house.teller.alone(lambda desk: note_sightings(desk, 5 if swept == "a part" else 10_000))
    looks(house, MIA, 2)
    whole = [number for number, _ in house.entries(about=mia)]
    assert numbers(recalled(house, mia)) == whole[::-1]
    looks(house, MIA, 1)  # followed as it is written
    assert numbers(recalled(house, mia))[1:] == whole[::-1]


def test_it_is_found_after_a_sweep_overtook_what_is_in_memory(house):
    mia = joins(house, MIA)
    looks(house, MIA, 3)
    before = numbers(recalled(house, mia))
    house.teller.alone(note_sightings)
    assert numbers(recalled(house, mia)) == before
    looks(house, MIA, 3)
    house.teller.alone(lambda desk: note_sightings(desk, 2))
    assert numbers(recalled(house, mia))[3:] == before


def test_pages_follow_each_other_without_gap_and_end(house):
    mia = joins(house, MIA)
    looks(house, MIA, 7)
    whole, found, before = numbers(recalled(house, mia)), [], None
    while True:
        page = recalled(house, mia, before=before, limit=2)
        found += numbers(page)
        before = page.older
        if before is None:
            break
    assert found == whole


def test_only_what_is_wanted_is_found_and_no_more_is_looked_at_than_allowed(house):
    mia = joins(house, MIA)
    looks(house, MIA, 6)
    uses = recalled(house, mia, wanted=lambda entry: entry.kind == "record.used")
    assert {entry.kind for _, entry in uses.entries} == {"record.used"}
    none = recalled(house, mia, wanted=lambda _: False, most=3)
    assert none.entries == ()
    assert none.older == numbers(recalled(house, mia))[2]


def test_what_is_older_than_an_instant_is_not_looked_for(house, clock):
    mia = joins(house, MIA)
    clock.forward(1_000_000)
    start = clock()
    looks(house, MIA, 2)
    assert len(recalled(house, mia, since=start).entries) == 2


def test_the_first_entry_about_somebody_is_how_far_the_log_goes_back(house):
    mia = joins(house, MIA)
    looks(house, MIA, 2)
    first = house.entries(about=mia)[0][0]

    def work(desk):
        desk.find([mia])
        return first_entry(desk, mia)

    assert house.teller.alone(work) == first
    house.teller.alone(note_sightings)
    assert house.teller.alone(work) == first


def test_what_does_not_hold_some_bytes_is_passed_over(house):
    mia = joins(house, MIA)
    house.consent(about=mia, purpose="contact.promotion")
    looks(house, MIA, 4)
    found = recalled(house, mia, having=b'"kind":"consent.')
    assert [entry.kind for _, entry in found.entries] == ["consent.given"]
    assert found.older is None
