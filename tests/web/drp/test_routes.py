"""The protocol from an agent's side: keys, requests, proofs by their person, and what is never told."""

import re
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from tests.web.browsing import Browser, Portal
from tests.web.drp.agents import BACK, BUSINESS, Client
from tests.web.portal.test_choices import SHARED
from troth.acts.agents import agents_of, end_agent, lodging
from troth.clock import DAY
from troth.errors import TokenRefused
from troth.settings import Server
from troth.web.drp.calls import PACE

LINK = re.compile(r"http://localhost:8000(/requests/\S+)")


def link_in(portal: Portal, to: str) -> str:
    while not (found := LINK.search(portal.letter(to))):
        pass
    return found[1]


def proven(portal: Portal, to: str, answer: str = "yes") -> Browser:
    visitor = portal.visitor()
    proof = link_in(portal, to)
    visitor.send(visitor.get(proof).form(proof), answer=answer)
    return visitor


def settled(portal: Portal) -> None:
    for each in portal.hall.making:
        each.join()


# ---- keys


def test_a_key_is_set_up_and_the_token_says_so(portal: Portal, agent: Client) -> None:
    assert agent.send("GET", "agent/GOOD_AGENT").json() == {}
    assert agent.send("GET", "agent/OTHER_AGENT").status_code == 403
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", agent.token)


def test_a_new_token_takes_the_place_of_the_one_before(portal: Portal, agent: Client) -> None:
    before = agent.token
    portal.clock.forward(1)
    agent.token = agent.set_up().json()["token"]
    assert agent.send("GET", "agent/GOOD_AGENT").status_code == 200
    answer = agent.send("GET", "agent/GOOD_AGENT", authorization=f"Bearer {before}")
    assert answer.status_code == 401


def test_what_is_wrong_with_setting_up_a_key_is_refused_without_a_word(portal: Portal) -> None:
    agent = Client(portal).register()
    stranger = Client(portal, "NO_AGENT", seed=b"\2" * 32)
    forged = Client(portal, seed=b"\3" * 32)
    for answer in (
        stranger.set_up(),
        forged.set_up(),
        agent.set_up(**{"agent-id": "OTHER_AGENT"}),
        agent.set_up(**{"business-id": "OTHER"}),
        agent.send("POST", "agent/GOOD_AGENT", b"nothing"),
    ):
        assert (answer.status_code, answer.content) == (403, b"")


def test_a_token_is_nowhere_in_the_house(portal: Portal, agent: Client) -> None:
    (kept,) = agents_of(portal.house.teller)
    assert agent.token.encode() not in kept.token
    assert len(kept.token) == 32


def test_an_agent_that_is_trusted_no_more_reaches_nothing(portal: Portal, agent: Client) -> None:
    request = agent.ask().json()["request_id"]
    end_agent(portal.house.teller, agent="GOOD_AGENT")
    assert agent.ask().status_code == 401
    assert agent.send("GET", f"data-rights-request/{request}").status_code == 401
    assert agent.set_up().status_code == 403


# ---- requests


def test_whoever_is_known_and_whoever_is_not_are_answered_alike(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    mine, nobodys = agent.ask().json(), agent.ask(email="max@example.org").json()
    assert mine["status"] == nobodys["status"] == "in_progress"
    assert mine["reason"] == nobodys["reason"] == "need_user_verification"
    assert mine.keys() == nobodys.keys()
    assert len(mine["user_verification_url"]) == len(nobodys["user_verification_url"])
    assert mine["expected_by"][:10] == nobodys["expected_by"][:10]
    known, unknown = (
        portal.visitor().get(each["user_verification_url"].removeprefix("http://localhost:8000"))
        for each in (mine, nobodys)
    )
    assert known.words == unknown.words
    portal.clock.forward(8 * DAY)
    portal.house.sweep()
    assert agent.status(mine["request_id"])["status"] == "expired"
    assert agent.status(nobodys["request_id"])["status"] == "expired"


def test_a_deletion_that_its_person_proved_is_carried_out(portal: Portal, agent: Client) -> None:
    mia = portal.register("mia@example.org")
    subject = mia.subject
    asked = agent.ask("deletion", **{"agent-request-id": "A-17"}).json()
    assert asked["agent_request_id"] == "A-17"
    ((case, _),) = portal.house.demands(about=subject)
    assert (case.events[0].by, case.state) == ("agent:GOOD_AGENT", "verifying")
    proven(portal, "mia@example.org")
    assert agent.status(asked["request_id"])["status"] == "fulfilled"
    assert mia.get("/home").path == "/sign-in"


@pytest.mark.parametrize("exercise", ["access", "access:categories", "access:specific"])
def test_access_goes_to_the_person_and_never_to_the_agent(
    portal: Portal, agent: Client, exercise: str
) -> None:
    portal.register("mia@example.org")
    asked = agent.ask(exercise).json()
    proven(portal, "mia@example.org")
    settled(portal)
    status = agent.status(asked["request_id"])
    assert status["status"] == "fulfilled"
    page = portal.visitor().get(status["results_url"].removeprefix("http://localhost:8000"))
    assert "mia@example.org" not in page.text
    assert link_in(portal, "mia@example.org").startswith("/requests/package/")


def test_an_agent_learns_nothing_of_a_request_before_its_person_proved_it(
    portal: Portal, agent: Client
) -> None:
    portal.register("mia@example.org")
    asked = agent.ask().json()
    proven(portal, "mia@example.org", "no")
    assert agent.status(asked["request_id"])["reason"] == "need_user_verification"


def test_what_the_person_has_open_themself_is_theirs(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    visitor = portal.visitor()
    path = "/requests/without-account"
    visitor.send(visitor.get(path).form(path), right="erase", identifier="mia@example.org")
    link_in(portal, "mia@example.org")
    asked = agent.ask().json()
    assert asked["reason"] == "need_user_verification"


def test_only_what_the_agent_verified_leads_to_anybody(portal: Portal, agent: Client) -> None:
    subject = portal.register("mia@example.org").subject
    assert agent.ask(email_verified=False).status_code == 200
    assert portal.house.demands(about=subject) == ()


def test_an_opt_out_of_sale_needs_no_proof_and_cites_its_clause(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    mine, nobodys = agent.ask("sale:opt-out").json(), agent.ask("sale:opt-out", "max@example.org").json()
    assert mine["status"] == nobodys["status"] == "fulfilled"
    assert "never.sell" in mine["processing_details"]
    assert mine["processing_details"] == nobodys["processing_details"]
    assert agent.ask("sale:opt-in").json()["status"] == "denied"


def test_an_opt_out_of_sale_stands_as_an_objection_to_whatever_passes_data_on(new_portal: Any) -> None:
    portal = new_portal(text=SHARED)
    portal.hall.settings = replace(portal.hall.settings, server=Server(drp_business=BUSINESS))
    agent = Client(portal).ready()
    subject = portal.register("mia@example.org").subject
    mine, nobodys = agent.ask("sale:opt-out").json(), agent.ask("sale:opt-out", "max@example.org").json()
    assert mine["processing_details"] == nobodys["processing_details"]
    settled(portal)
    ((case, _),) = portal.house.demands(about=subject)
    assert (case.right, case.state, case.scope.purpose) == ("object", "done", "service.upkeep")
    assert case.events[0].by == "agent:GOOD_AGENT"


def test_two_people_behind_the_claims_of_one_request_are_nobody(portal: Portal, agent: Client) -> None:
    people = [portal.register(f"{name}@example.org").subject for name in ("mia", "max")]
    asked = agent.ask(email="mia@example.org, max@example.org")
    assert asked.json()["reason"] == "need_user_verification"
    assert [portal.house.demands(about=each) for each in people] == [(), ()]


def test_an_answer_takes_its_time_whoever_it_is_about(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    for email in ("mia@example.org", "max@example.org"):
        begun = monotonic()
        agent.ask(email=email)
        assert monotonic() - begun >= PACE


def test_a_request_is_taken_back_and_its_demand_with_it(portal: Portal, agent: Client) -> None:
    subject = portal.register("mia@example.org").subject
    asked = agent.ask().json()["request_id"]
    assert agent.revoke(asked).json()["status"] == "revoked"
    ((case, _),) = portal.house.demands(about=subject)
    assert (case.state, case.events[-1].by) == ("cancelled", "agent:GOOD_AGENT")
    nobodys = agent.ask(email="max@example.org").json()["request_id"]
    assert agent.revoke(nobodys).json()["status"] == "revoked"


def test_a_request_of_another_agent_is_like_none(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    request = agent.ask().json()["request_id"]
    other = Client(portal, "OTHER_AGENT", seed=b"\4" * 32).ready()
    for path in (request, "00000000-0000-4000-8000-000000000000", "no-number"):
        assert other.send("GET", f"data-rights-request/{path}").status_code == 403
        assert other.revoke(path).status_code == 403
    assert agent.status(request)["status"] == "in_progress"


def test_a_signed_call_counts_once(portal: Portal, agent: Client) -> None:
    body = agent.sign(agent.envelope(exercise="deletion", email="mia@example.org", email_verified=True))
    assert agent.send("POST", "data-rights-request", body).status_code == 200
    again = agent.send("POST", "data-rights-request", body)
    assert (again.status_code, again.json()["fatal"]) == (403, True)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"agent-id": "OTHER_AGENT"}, "agent-id"),
        ({"business-id": "OTHER"}, "business-id"),
        ({"drp.version": "0.9"}, "drp.version"),
        ({"exercise": "correction"}, "exercise"),
        ({"regime": "gdpr"}, "regime"),
        ({"status_callback": "http://agent.example.org/x"}, "status_callback"),
        ({"status_callback": "https://u:p@agent.example.org/x"}, "status_callback"),
        ({"email": ["mia@example.org"]}, "email"),
        ({"email_verified": "true"}, "email_verified"),
        ({"agent-request-id": "x" * 129}, "agent-request-id"),
    ],
)
def test_what_is_not_as_the_protocol_has_it_is_refused_for_good(
    portal: Portal, agent: Client, said: dict[str, object], problem: str
) -> None:
    answer = agent.ask(**said)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["fatal"]) == ("400", True)
    assert problem in answer.json()["message"]


def test_no_token_and_a_wrong_one_are_refused(portal: Portal, agent: Client) -> None:
    for said in (
        "",
        "Bearer",
        "Bearer nobody",
        "Basic eDp5",
        f"Bearer {agent.token}x",
        "Bearer " + "a" * 999,
    ):
        answer = agent.send("POST", "data-rights-request", b"", authorization=said)
        assert answer.status_code == 401
        assert answer.json()["code"] == "401"


def test_where_no_id_is_set_there_are_no_agents(new_portal: object) -> None:
    portal = new_portal()  # type: ignore[operator]
    agent = Client(portal).register()
    assert agent.set_up().status_code == 403
    assert agent.send("POST", "data-rights-request", b"").status_code == 404


def test_a_body_that_is_too_long_is_not_read(portal: Portal, agent: Client) -> None:
    assert agent.send("POST", "data-rights-request", b"A" * 70_000).status_code == 413


def test_nothing_that_an_agent_said_stands_in_any_file(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    for email in ("mia@example.org", "kanari@example.org"):
        agent.ask(
            email=email,
            phone_number="+6591234567",
            phone_number_verified=True,
            name="Kanari Vogel",
            status_callback="https://127.0.0.1:9/kanari-told",
            **{"agent-request-id": "kanari-number"},
        )
    settled(portal)
    here = portal.house.teller.house.directory
    files = [each for each in here.rglob("*") if each.is_file()]
    assert len(files) > 3
    for needle in (b"kanari", b"Kanari", b"mia@example.org", b"91234567", agent.token.encode()):
        assert [each.name for each in files if needle in each.read_bytes()] == []


# ---- the page to which the agent sends its person


def test_after_the_proof_there_is_a_way_back_to_what_the_agent_registered(
    portal: Portal, agent: Client
) -> None:
    portal.register("mia@example.org")
    asked = agent.ask("deletion").json()
    link_in(portal, "mia@example.org")
    visitor = portal.visitor()
    path = asked["user_verification_url"].removeprefix("http://localhost:8000")
    page = visitor.get(f"{path}?redirect_to={BACK}&request_id={asked['request_id']}")
    visitor.send(page.form(path))
    proof = link_in(portal, "mia@example.org")
    done = visitor.send(visitor.get(proof).form(proof), answer="yes")
    assert done.links(BACK) == [BACK]


@pytest.mark.parametrize(
    ("to", "number"), [("https://evil.example.org/", ""), (BACK + "/x", ""), (BACK, "other")]
)
def test_no_way_leads_to_what_was_not_registered_or_to_another_request(
    portal: Portal, agent: Client, to: str, number: str
) -> None:
    portal.register("mia@example.org")
    asked = agent.ask("deletion").json()
    path = asked["user_verification_url"].removeprefix("http://localhost:8000")
    page = portal.visitor().get(f"{path}?redirect_to={to}&request_id={number or asked['request_id']}")
    assert "redirect_to" not in page.form(path).fields
    assert to not in page.text


def test_the_directory_id_is_told_to_nobody_who_asks_in_its_place(portal: Portal, agent: Client) -> None:
    answer = agent.send("POST", "data-rights-request", agent.sign(agent.envelope(**{"business-id": "X"})))
    assert BUSINESS not in answer.text


@pytest.mark.parametrize("exercise", ["deletion", "access"])
def test_what_was_carried_out_is_never_told_as_taken_back(
    portal: Portal, agent: Client, exercise: str
) -> None:
    portal.register("mia@example.org")
    request = agent.ask(exercise).json()["request_id"]
    proven(portal, "mia@example.org")
    settled(portal)
    before = agent.status(request)
    assert before["status"] == "fulfilled"
    answer = agent.revoke(request)
    assert (answer.status_code, answer.json()["status"]) == (200, "fulfilled")
    assert agent.status(request)["status"] == "fulfilled"


def test_an_objection_stands_and_is_told_as_that_also_when_its_request_is_taken_back(
    portal: Portal, agent: Client
) -> None:
    for email in ("mia@example.org", "max@example.org"):
        portal.clock.forward(1)
        asked = agent.ask("sale:opt-out", email=email).json()["request_id"]
        assert agent.revoke(asked).json()["status"] == "fulfilled"


def test_what_was_signed_to_take_a_request_back_counts_once(portal: Portal, agent: Client) -> None:
    asked = agent.ask().json()["request_id"]
    signed = agent.sign(agent.envelope())
    answers = [agent.send("DELETE", f"data-rights-request/{asked}", signed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 403]


def test_an_agent_whose_trust_ends_while_a_request_is_on_its_way_files_nothing(
    portal: Portal, agent: Client
) -> None:
    (known,) = agents_of(portal.house.teller)
    end_agent(portal.house.teller, agent=agent.id)
    late = lodging(known, "deletion", None, (), {}, "", call=(bytes(32), portal.clock() + DAY))
    with pytest.raises(TokenRefused):
        portal.house.teller.alone(late)
