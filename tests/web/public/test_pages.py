"""What everybody may ask: whether the server answers, and whether it is ready; never how much it does."""


def test_ready_says_that_it_is_and_nothing_that_grows(portal):
    before = portal.fetch("GET", "/ready")
    portal.register("mia@example.org")
    after = portal.fetch("GET", "/ready")

    assert before.json() == after.json() == {"status": "ready"}


def test_ready_names_what_is_not(portal):
    portal.hall.stopping = True
    answer = portal.fetch("GET", "/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "web.stopping")
