"""One demand, followed by whom it is of: proven, taken back, and nobody else's."""

from tests.web.drp.test_routes import link_in
from tests.web.markup import faults
from troth.rules.decision import staff
from troth.web.news import telling


def complaint(portal, member):
    return portal.house.demand(about=member.subject, right="complain", text="You called me twice.").case


def test_a_demand_of_somebody_else_and_none_are_answered_alike(portal):
    mia, ben = portal.register(), portal.register("ben@example.org")
    case = complaint(portal, mia)

    others, none = ben.get(f"/requests/{case.reference}"), ben.get("/requests/CO-AAAA-AAAA")

    assert mia.get(f"/requests/{case.reference}").status == 200
    assert (others.status, others.words) == (none.status, none.words)
    assert others.status == 404


def test_a_demand_is_taken_back_while_nothing_was_begun(portal):
    mia = portal.register()
    case = complaint(portal, mia)
    page = mia.get(f"/requests/{case.reference}")
    assert faults(page.tree) == []

    after = mia.send(page.form(f"/requests/{case.reference}/cancellation"))

    assert "Taken back" in after.words
    assert not [form for form in after.forms if "cancellation" in form.action]
    assert portal.house.demanded(reference=case.reference)[0].state == "cancelled"


def test_what_staff_filed_waits_for_the_member_to_say_that_it_was_them(portal):
    mia = portal.register()
    by = staff("anna", "support-agent")
    case = portal.house.demand(about=mia.subject, right="restrict", category="device", by=by).case
    page = mia.get(f"/requests/{case.reference}")
    assert faults(page.tree) == []
    assert "It waits for you" in page.words
    assert "it waits for you" in mia.get("/requests").words

    after = mia.send(page.form(f"/requests/{case.reference}/proof"))

    assert "Carried out" in after.words
    assert portal.house.demanded(reference=case.reference)[0].state == "done"


def test_who_is_asked_for_another_proof_finds_it_on_the_page_and_in_a_letter(portal):
    mia, by = portal.register(), staff("anna", "support-agent")
    case = complaint(portal, mia)
    telling.run(portal.hall)
    portal.letter("mia@example.org")  # it was received
    for decision in ("review", "ask"):
        portal.house.decide_demand(case=case.id, decision=decision, by=by)
    page = mia.get(f"/requests/{case.reference}")
    assert "It waits for you" in page.words
    telling.run(portal.hall)
    asked = portal.visitor().get(link_in(portal, "mia@example.org"))
    assert "By whomyou" in asked.words

    after = mia.send(page.form(f"/requests/{case.reference}/proof"))

    assert "It waits for you" not in after.words
    assert portal.house.demanded(reference=case.reference)[0].state == "received"
