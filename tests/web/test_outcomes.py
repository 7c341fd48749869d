"""What came of a demand, as its page says it: kinds of data, other systems, its time, what comes next."""

import pytest

from tests.cast import AGENT, IDENTITY, LAWYER
from tests.houses import MEMBER_TEXT
from tests.web.markup import faults
from troth.clock import DAY
from troth.store import duties
from troth.store.duties import DONE, PUT_OFF, STUCK, WAITING, Duty

OURS, EUROPE, BRAZIL = ("regimes: [sg-pdpa, eu-gdpr]", "regimes: [eu-gdpr]", "regimes: [br-lgpd]")
assert OURS in MEMBER_TEXT


@pytest.fixture
def portal(new_portal):
    """A portal whose agreement names one regime."""
    return new_portal(text=MEMBER_TEXT.replace(OURS, EUROPE))


def complaint(portal, member):
    return portal.house.demand(about=member.subject, right="complain", text="You called me twice.").case


def page_of(member, case):
    page = member.get(f"/requests/{case.reference}")
    assert page.status == 200
    assert faults(page.tree) == []
    return page


def test_the_end_is_told_by_how_far_away_it_is(portal):
    mia = portal.register()
    case = complaint(portal, mia)
    due = portal.house.demands(about=mia.subject)[0][1]

    portal.clock.forward(due.at - portal.clock() - 5 * DAY)
    for ahead, said in (
        (0, "in 5 days"),
        (5 * DAY - 1, "due today"),
        (1, "overdue since today"),
        (2 * DAY, "overdue by 2 days"),
    ):
        portal.clock.forward(ahead)
        mia.cookies.clear()
        mia.sign_in("mia@example.org")
        assert said in page_of(mia, case).words


def test_more_time_is_told_with_how_much_why_and_by_which_law(portal):
    mia = portal.register()
    case = complaint(portal, mia)

    portal.house.decide_demand(case=case.id, decision="extend", reasons=["complex"], by=AGENT)

    words = page_of(mia, case).words
    assert "More time was taken: 2 months." in words
    assert "It takes long to find and check all that belongs to it." in words
    assert "GDPR Art. 12(3)" in words


def test_more_time_that_the_law_does_not_give_is_told_as_that(new_portal):
    portal = new_portal(text=MEMBER_TEXT.replace(OURS, BRAZIL))
    mia = portal.register()
    case = complaint(portal, mia)

    portal.house.decide_demand(case=case.id, decision="extend", reasons=["many"], by=AGENT)

    words = page_of(mia, case).words
    assert "The law that counts here gives none: the day stays." in words
    assert "LGPD Art. 19" in words


def test_a_pause_is_told_with_its_days_and_its_reason(portal):
    mia = portal.register()
    case = portal.house.demand(about=mia.subject, right="restrict", category="device", by=AGENT).case
    portal.house.decide_demand(case=case.id, decision="ask", by=AGENT)
    assert "The time stands still until you prove that it is you." in page_of(mia, case).words
    assert "You: prove that it is you, or take it back." in page_of(mia, case).words

    portal.wait()
    portal.house.prove_demand(case=case.id)

    assert "The time stood still, because you had to prove that it is you." in page_of(mia, case).words


def test_what_stays_is_told_with_its_date_its_reason_its_clause_and_where_to_complain(portal):
    mia = portal.register()
    tells(portal, mia)

    form = mia.get("/requests/new/erase/check?over=*").form("/requests/new/erase")
    page = mia.send(form)

    assert page.path.startswith("/requests/track/")
    assert faults(page.tree) == []
    assert "as far as the law and the agreement let it" in page.words
    assert "the law against money laundering" in page.words
    assert "then it is erased" in page.words
    assert page.links("/agreement#keep.identity")
    assert page.links("/contact")


def tells(portal, member):
    portal.house.collect(
        about=member.subject, category="identity", when="identity_verification", values=IDENTITY, age=36
    )


def test_a_hold_is_told_without_the_matter(portal):
    mia = portal.register()
    portal.house.hold(about=mia.subject, matter="moon-against-example", reason="litigation", by=LAWYER)

    form = mia.get("/requests/new/erase/check?over=*").form("/requests/new/erase")
    page = mia.send(form)

    assert "It is kept for a legal reason." in page.words
    assert "as long as a legal reason keeps it" in page.words
    assert "moon-against-example" not in page.text


def test_each_other_system_is_told_with_how_far_it_is_and_under_which_clause_it_keeps(portal):
    mia = portal.register()
    case = complaint(portal, mia)
    some = {
        "crm": {"state": DONE, "kept": {"invoices": ("keep.transactions", 3)}},
        "press": {"state": WAITING},
        "mailing": {"state": WAITING, "tries": 2, "code": "unreachable"},
        "billing": {"state": WAITING, "tries": 1, "asked": True},
        "archive": {"state": STUCK, "tries": 1, "code": "schema"},
        "depot": {"state": PUT_OFF},
    }
    fixed = {
        "case_id": case.id,
        "subject": mia.subject,
        "act": "erase",
        "due_at": 0,
        "sealed": b"",
        "tries": 0,
    }
    rows = [
        Duty(**{**fixed, "id": name.encode().ljust(16), "system": name, "since": portal.clock(), **how})
        for name, how in some.items()
    ]
    portal.house.teller.alone(lambda desk: duties.add(desk.unit, rows))

    page = page_of(mia, case)

    for words in (
        "crm: confirmed, and read back",
        "press: is told next",
        "mailing: told, and asked again until it is done",
        "billing: told, and it has begun",
        "archive: not done: somebody of ours looks into it",
        "depot: is told when the days are over",
        "since 1 June 2027",
    ):
        assert words in page.words
    assert page.links("/agreement#keep.transactions")
    assert "invoices" not in page.text
    assert "unreachable" not in page.text


def test_what_a_request_is_over_and_how_it_is_proven_stand_on_its_page(portal):
    mia = portal.register()
    restricted = portal.house.demand(about=mia.subject, right="restrict", category="device").case
    stopped = portal.house.demand(
        about=mia.subject, right="opt_out", purpose="contact.promotion", channel="email"
    ).case

    assert "Keep my data without using it: Device data" in page_of(mia, restricted).words
    words = page_of(mia, stopped).words
    assert "No more promotions: To send you promotions · by e-mail" in words
    (proof,) = page_of(mia, restricted).links("/seen/")
    assert mia.get(proof).status == 200
