"""Agents and what they asked for, kept and read back, on both databases."""

from dataclasses import replace

from troth.store import agents
from troth.store.agents import Agent, AgentCase

GOOD = Agent("GOOD", "Good", bytes(32), ("https://a.example.org/",), b"", 1, 0)
ASKED = AgentCase(bytes(16), b"", "GOOD", "deletion", 5, 0, "open", 0, 7, b"sealed")


def alone(house, work):
    return house.teller.alone(lambda desk: work(desk.unit))


def test_an_agent_is_kept_with_its_token_and_its_end(new_house):
    house = new_house()
    alone(house, lambda unit: agents.add(unit, GOOD))
    assert alone(house, agents.every) == [GOOD]
    alone(house, lambda unit: agents.set_token(unit, "GOOD", b"\1" * 32))
    assert alone(house, agents.every) == [replace(GOOD, token=b"\1" * 32)]
    alone(house, lambda unit: agents.end(unit, "GOOD", 9))
    assert alone(house, agents.every) == [replace(GOOD, token=b"", ended_at=9)]
    assert alone(house, agents.drop_every) == 1
    assert alone(house, agents.every) == []


def test_a_request_is_kept_told_revoked_and_forgotten(new_house):
    house = new_house()
    alone(house, lambda unit: agents.add_case(unit, ASKED))
    assert alone(house, lambda unit: agents.due(unit, 6, 10)) == []
    assert alone(house, lambda unit: agents.due(unit, 7, 10)) == [ASKED]
    alone(house, lambda unit: agents.told(unit, ASKED.request, "expired", tries=2, due_at=20))
    alone(house, lambda unit: agents.revoke(unit, ASKED.request, 8))
    after = replace(ASKED, told="expired", tries=2, due_at=20, revoked_at=8)
    assert alone(house, lambda unit: agents.case_of(unit, ASKED.request)) == after
    alone(house, lambda unit: agents.look(unit, b"", 3))
    assert alone(house, lambda unit: agents.due(unit, 3, 10)) == [replace(after, due_at=3)]
    alone(house, lambda unit: agents.remove(unit, ASKED.request))
    assert alone(house, lambda unit: agents.case_of(unit, ASKED.request)) is None


def test_a_signature_counts_once_until_it_is_over(new_house):
    house = new_house()
    assert alone(house, lambda unit: agents.use(unit, bytes(32), 10))
    assert not alone(house, lambda unit: agents.use(unit, bytes(32), 10))
    alone(house, lambda unit: agents.forget_used(unit, 9))
    assert not alone(house, lambda unit: agents.use(unit, bytes(32), 10))
    alone(house, lambda unit: agents.forget_used(unit, 10))
    assert alone(house, lambda unit: agents.use(unit, bytes(32), 10))
