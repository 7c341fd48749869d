"""Asking for a right, step by step: what is shown before it is sent, and what comes of it."""

import pytest

from tests.cast import AGENT, CONSENTS, EVERYTHING, IDENTITY
from tests.gates.counterparts import soon
from tests.web.markup import faults
from troth.custody import knowing
from troth.rules.channels import is_stopped


def ask(member, right, over=""):
    return member.get(f"/requests/new/{right}/check" + (f"?over={over}" if over else ""))


def offered(page):
    return [each.get("value") for each in page.tree.of("input") if each.get("type") == "radio"]


def test_every_step_has_an_address_and_offers_what_the_agreement_does(portal):
    mia = portal.register()

    first = mia.get("/requests/new")
    second = mia.get("/requests/new?right=restrict")
    third = mia.get("/requests/new/restrict/check?over=device")

    assert [page.status for page in (first, second, third)] == [200, 200, 200]
    assert [faults(page.tree) for page in (first, second, third)] == [[], [], []]
    assert "Keep my data without using it" in first.words
    assert second.path == "/requests/new/restrict"
    assert third.form("/requests/new/restrict")
    assert mia.get("/requests/new?right=").status == 422
    assert mia.get("/requests/new/restrict/check?over=nothing").path == "/requests/new/restrict"
    assert mia.get("/requests/new/everything").status == 404


def test_each_step_leads_back_to_the_one_before(portal):
    mia = portal.register()

    assert mia.get("/requests/new").links("/requests")
    assert mia.get("/requests/new/restrict").links("/requests/new")
    assert "/requests/new/restrict" in ask(mia, "restrict", "device").links("/requests/new")


def test_what_is_asked_for_is_carried_out_and_followed(portal):
    mia = portal.register()

    page = mia.send(ask(mia, "restrict", "device").form("/requests/new/restrict"))

    assert page.path.startswith("/requests/RE-")
    assert faults(page.tree) == []
    assert "Carried out" in page.words
    assert portal.house.demands(about=mia.subject)[0][0].state == "done"
    listed = mia.get("/requests")
    assert faults(listed.tree) == []
    assert listed.links(page.path)


def test_every_choice_that_is_offered_can_be_sent(portal):
    """By somebody new each time, as what one asks for may take the next away."""
    first, sent = portal.register(), []
    rights = [right for right in offered(first.get("/requests/new")) if right != "correct"]
    for right in rights:
        for over in offered(first.get(f"/requests/new/{right}")) or [""]:
            someone = portal.register(f"m{len(sent)}@example.org")
            form = ask(someone, right, over).form(f"/requests/new/{right}")
            form.fields |= {"text": "Nobody answered."} if right == "complain" else {}
            page = someone.send(form)
            assert page.status == 200, (right, over, page.words)
            sent.append((right, over))
    assert {("restrict", "*"), ("erase", "*"), ("leave", "")} <= set(sent)


@pytest.mark.parametrize(("right", "over"), [("erase", "*"), ("port", "own"), ("leave", "")])
def test_whoever_may_be_somebody_else_confirms_first(portal, right, over):
    mia = portal.register()
    portal.wait()

    page = ask(mia, right, over)

    assert "Confirm that it is you" in page.words
    assert not [form for form in page.forms if form.action.startswith("/requests")]


def test_an_erasure_is_shown_before_it_is_sent_and_followed_when_nobody_is_signed_in(portal):
    mia = portal.register()
    page = ask(mia, "erase", "*")
    assert faults(page.tree) == []
    assert page.links("/copy")
    assert page.words.index("Get a copy") < page.words.index("Erased now")

    after = mia.send(page.form("/requests/new/erase"))

    assert after.path.startswith("/requests/track/")
    assert "Carried out" in after.words
    assert mia.get("/home").path == "/sign-in"


def test_an_erasure_of_everything_can_be_put_off_and_of_a_part_it_cannot(portal):
    mia = portal.register()

    later = mia.send(ask(mia, "erase", "*").form("/leave/later"), days="9")
    part = ask(mia, "erase", "account")

    assert later.status == 200
    assert "Your recovery code" in later.words
    assert [form.action for form in part.forms if form.action == "/leave/later"] == []


def test_promotions_are_ended_by_one_way_and_stay_open_by_the_others(portal):
    mia = portal.register()
    page = mia.get("/requests/new/opt_out")
    assert faults(page.tree) == []
    assert offered(page) == ["contact.promotion", "contact.promotion~email", "contact.promotion~inbox"]

    after = mia.send(ask(mia, "opt_out", "contact.promotion~email").form("/requests/new/opt_out"))

    assert after.path.startswith("/requests/OP-")
    case = portal.house.demands(about=mia.subject)[0][0]
    assert (case.state, case.scope.purpose, case.scope.channel) == ("done", "contact.promotion", "email")
    standing = portal.house.teller.alone(lambda desk: knowing.know(desk, mia.subject).standing)
    assert is_stopped(standing, "contact.promotion", "email")
    assert not is_stopped(standing, "contact.promotion", "inbox")
    assert (
        mia.get("/requests/new/opt_out/check?over=contact.promotion~pigeon").path == "/requests/new/opt_out"
    )


def test_one_objects_to_each_use_that_the_clause_names_and_to_no_other(portal):
    mia = portal.register()

    page = mia.get("/requests/new/object")
    assert sorted(offered(page)) == ["analysis.improve", "service.upkeep", "support.quality"]
    after = mia.send(ask(mia, "object", "service.upkeep").form("/requests/new/object"))

    assert "Carried out" in after.words
    assert mia.get("/requests/new/object/check?over=contact.service").path == "/requests/new/object"


def test_whoever_takes_data_along_says_where_to(portal):
    mia = portal.register()
    page = mia.get("/requests/new/port")
    assert offered(page) == ["own", "other"]

    check = ask(mia, "port", "other")
    after = mia.send(check.form("/requests/new/port"))

    assert "see who is there" in check.words
    assert after.path.startswith("/requests/PO-")
    reference = after.path.rpartition("/")[2]
    ready = follow(portal, mia, reference, "?to=other")
    assert ready.links("/move")
    assert ready.links("/copy")


def follow(portal, member, reference, query=""):
    """Return the page of a request once it has ended."""
    assert soon(lambda: portal.house.demanded(reference=reference)[0].ended_at is not None)
    return member.get(f"/requests/{reference}{query}")


def test_a_complaint_says_what_it_is_about_and_is_looked_into(portal):
    mia = portal.register()
    page = ask(mia, "complain")
    assert mia.send(page.form("/requests/new/complain")).status == 422
    assert mia.send(page.form("/requests/new/complain"), text="x" * 4001).status == 422

    after = mia.send(page.form("/requests/new/complain"), text="You called me twice.")

    assert after.path.startswith("/requests/CO-")
    assert "called me" not in after.text
    assert "We have it" in after.words
    assert "Answer by" in after.words
    assert "somebody decides it" in after.words
    case = portal.house.demanded(reference=after.path.rpartition("/")[2])[0]
    assert portal.house.hear_demand(case=case.id, by=AGENT).text.reveal() == "You called me twice."
    portal.house.decide_demand(case=case.id, decision="review", by=AGENT)
    portal.house.decide_demand(case=case.id, decision="grant", by=AGENT)
    assert "Carried out" in mia.get(after.path).words


def test_the_same_form_sent_twice_files_one_demand(portal):
    mia = portal.register()
    form = ask(mia, "complain").form("/requests/new/complain")

    first = mia.send(form, text="You called me twice.")
    second = mia.send(form, text="You called me twice.")

    assert first.path == second.path
    assert len(portal.house.demands(about=mia.subject)) == 1


def test_the_same_form_sent_twice_at_once_files_one_demand(portal):
    mia = portal.register()
    form = ask(mia, "complain").form("/requests/new/complain")
    said = {"text": "You called me twice."}

    both = portal.at_once((mia, form, said), (mia, form, said))

    assert [page.status for page in both] == [303, 303]
    assert len({page.headers["location"] for page in both}) == 1
    assert len(portal.house.demands(about=mia.subject)) == 1


def test_a_demand_that_is_open_already_is_named_and_led_to(portal):
    mia = portal.register()
    case = portal.house.demand(about=mia.subject, right="leave", by=AGENT).case

    again = mia.send(ask(mia, "leave").form("/requests/new/leave"))

    assert again.status == 409
    assert faults(again.tree) == []
    assert case.reference in again.words
    assert again.links(f"/requests/{case.reference}")
    assert mia.get(f"/requests/{case.reference}").status == 200
    assert [each.reference for each, _ in portal.house.demands(about=mia.subject)] == [case.reference]


def test_what_an_open_demand_is_called_is_told_to_nobody_else(portal):
    mia, ben = portal.register(), portal.register("ben@example.org")
    case = portal.house.demand(about=mia.subject, right="leave", by=AGENT).case

    page = ben.send(ask(ben, "leave").form("/requests/new/leave"))

    assert page.status == 200
    assert case.reference not in page.text


def walked(member):
    """Return the pages behind everything that can be chosen, by their addresses."""
    found = {}
    for right in offered(member.get("/requests/new")):
        narrow = member.get(f"/requests/new/{right}")
        for over in offered(narrow) or [""]:
            page = found[right, over] = ask(member, right, over)
            for record in offered(page):
                found[right, over, record] = member.get(f"{page.path}?record={record}")
    return found


def test_whatever_is_offered_under_the_reference_agreement_is_a_page_from_which_it_is_sent(portal):
    mia = portal.register()
    for purpose in CONSENTS:
        portal.house.consent(about=mia.subject, purpose=purpose)
    for category, when, values, by in EVERYTHING[1:]:
        portal.house.collect(about=mia.subject, category=category, when=when, values=values, by=by, age=36)

    found = walked(mia)

    assert len({right for right, *_ in found}) == 10
    assert {over for right, over, *_ in found if right == "correct"} > {"identity", "transactions", "payment"}
    for where, page in found.items():
        assert page.status == 200, where
        assert faults(page.tree) == [], where
        assert [form for form in page.forms if form.action.startswith("/requests/new")] or offered(page), (
            where
        )


def test_where_a_law_keeps_all_of_it_that_is_said_with_its_clause_and_can_be_asked_for_all_the_same(portal):
    mia = portal.register()
    portal.house.collect(
        about=mia.subject, category="identity", when="identity_verification", values=IDENTITY, age=36
    )

    page = ask(mia, "erase", "identity")
    after = mia.send(page.form("/requests/new/erase"))

    assert "a legal duty or a matter keeps all of it" in page.words
    assert page.links("/agreement#keep.identity")
    assert "Erase now" not in page.words
    assert after.path.startswith("/requests/ER-")
    assert "Refused" in after.words
    assert "A law obliges us to keep it as it is." in after.words
    assert mia.get("/home").path == "/home"
