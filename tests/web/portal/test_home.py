"""Home shows what is held, who looked, what goes next and what is open; to its member alone."""

import pytest

from tests.cast import AGENT, ENGINEER, PAYMENT
from tests.web.disclosing import paid_out
from tests.web.markup import faults
from troth.clock import DAY
from troth.rules.decision import program


def test_nobody_who_is_not_signed_in_sees_it(portal):
    page = portal.visitor().get("/home", follow=False)
    assert page.status == 303
    assert page.headers["location"] == "/sign-in?back=/home"


def test_a_new_member_sees_what_is_held_of_them(portal):
    page = portal.register("mia@example.org").get("/home")
    assert page.status == 200, page.text
    assert "Account data" in page.words
    assert "mia@example.org" not in page.text
    assert faults(page.tree) == []


def looked(page):
    """Return what the card of who looked says."""
    (card,) = [e for e in page.tree.of("section") if e.get("aria-labelledby") == "c-seen"]
    return card.text


def test_people_and_recipients_stand_before_what_programs_do_however_often(portal):
    mia = portal.register()
    portal.house.collect(about=mia.subject, category="payment", when="payment", values=PAYMENT)
    with portal.house.purpose("support.reply", by=AGENT, case="C-42") as context:
        context.read(about=mia.subject, category="account")
    paid_out(portal, mia)
    for _ in range(60):
        with portal.house.purpose("signin", by=program("portal")) as context:
            context.read(about=mia.subject, category="account")

    card = looked(mia.get("/home"))

    assert card.index("Example Payments Ltd") < card.index("support agent") < card.index("portal")


def test_what_is_alike_stands_there_once_and_another_is_not_crowded_out(portal):
    mia = portal.register()
    for times, (purpose, by, more) in enumerate(
        (("service.upkeep", ENGINEER, {"reason": "slow"}), ("support.reply", AGENT, {})), start=1
    ):
        for _ in range(60 * times):
            with portal.house.purpose(purpose, by=by, case="C-42", **more) as context:
                context.read(about=mia.subject, category="account" if by is AGENT else "device")

    card = looked(mia.get("/home"))

    assert card.count("support agent") == 1
    assert card.count("engineer") == 1


def test_the_agreement_stands_there_with_how_many_clauses_are_kept_as_its_page_counts_them(portal):
    mia = portal.register()

    def counted(page):
        return {
            href: link.text.split()[-1]
            for link in page.tree.of("a")
            if (href := link.get("href")).startswith("/agreement?status=")
        }

    assert counted(mia.get("/home")) == counted(mia.get("/agreement")) != {}
    portal.hall.watch.look(portal.house.teller)
    found = counted(mia.get("/home"))
    assert found == counted(mia.get("/agreement"))
    assert len(found) > 1
    portal.clock.forward(DAY)
    mia.sign_in("mia@example.org")
    assert counted(mia.get("/home")) == counted(mia.get("/agreement")) != found


@pytest.mark.parametrize(
    "path",
    ["/home", "/data", "/give", "/verification", "/support", "/copy", "/security", "/messages", "/leave"],
)
def test_every_page_says_how_it_is_proven(portal, path):
    page = portal.register().get(path)
    (way,) = [link for link in page.tree.of("footer")[0].of("a") if link.text == "How do we prove this?"]
    assert way.get("href") == "/agreement#verify"
    assert 'id="verify"' in portal.visitor().get("/agreement").text
