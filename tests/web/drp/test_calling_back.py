"""An agent is told each change, once; what fails is tried again, and given up in the end."""

import json

from tests.web.browsing import Portal
from tests.web.drp.agents import Client
from tests.web.drp.test_routes import proven, settled
from troth.acts.agents import end_agent
from troth.clock import DAY, SECOND
from troth.errors import TransferFailed
from troth.web.drp import calling_back

CALLBACK = "https://127.0.0.1:9/told"


class Post:
    """The other side: what it was told; it refuses as often as it is asked to."""

    def __init__(self, refuses: int = 0) -> None:
        self.told: list[dict[str, str]] = []
        self.asked, self._refuses = 0, refuses

    def __call__(self, address: str, body: bytes) -> None:
        assert address == CALLBACK
        self.asked += 1
        if self.asked <= self._refuses:
            raise TransferFailed(problem="the other side answered 500")
        self.told.append(json.loads(body))


def look(portal: Portal, post: Post, minutes: int = 6) -> int:
    portal.clock.forward(minutes * 60 * SECOND)
    return calling_back.run(portal.hall, post)


def test_what_the_answer_said_is_not_told_again(portal: Portal, agent: Client) -> None:
    agent.ask(status_callback=CALLBACK)
    post = Post()
    assert look(portal, post) == 0
    assert post.asked == 0


def test_each_change_is_told_once(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    agent.ask(status_callback=CALLBACK)
    proven(portal, "mia@example.org")
    post = Post()
    assert look(portal, post, 60) == 1
    assert look(portal, post, 60) == 0
    assert [each["status"] for each in post.told] == ["fulfilled"]


def test_what_nobody_proved_is_told_as_expired(portal: Portal, agent: Client) -> None:
    agent.ask(email="max@example.org", status_callback=CALLBACK)
    post = Post()
    portal.clock.forward(8 * DAY)
    assert look(portal, post) == 1
    assert post.told[0]["status"] == "expired"


def test_a_side_that_refuses_is_asked_again_and_given_up_in_the_end(portal: Portal, agent: Client) -> None:
    agent.ask(email="max@example.org", status_callback=CALLBACK)
    portal.clock.forward(8 * DAY)
    post = Post(refuses=2)
    assert [look(portal, post, 60) for _ in range(3)] == [0, 0, 1]
    agent.ask(email="ann@example.org", status_callback=CALLBACK)
    portal.clock.forward(8 * DAY)
    never = Post(refuses=99)
    for _ in range(15):
        look(portal, never, 24 * 60)
    assert never.asked == calling_back.TRIES


def test_who_is_trusted_no_more_is_told_nothing_any_more(portal: Portal, agent: Client) -> None:
    portal.register("mia@example.org")
    agent.ask("access", status_callback=CALLBACK)
    end_agent(portal.house.teller, agent="GOOD_AGENT")
    proven(portal, "mia@example.org")
    settled(portal)
    post = Post()
    assert look(portal, post, 60) == 0
    assert (post.asked, post.told) == (0, [])


def test_what_ended_long_ago_is_forgotten(portal: Portal, agent: Client) -> None:
    request = agent.ask(email="max@example.org").json()["request_id"]
    portal.clock.forward(8 * DAY)
    look(portal, Post())
    assert agent.status(request)["status"] == "expired"
    portal.clock.forward(61 * DAY)
    look(portal, Post())
    answer = agent.send("GET", f"data-rights-request/{request}")
    assert answer.status_code == 403
