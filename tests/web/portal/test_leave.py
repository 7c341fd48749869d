"""Leaving: shown before it is done, refused to whoever may be somebody else, ended by a receipt."""

import re

import pytest

from tests import cast
from tests.inside import ledger_of
from tests.web.markup import faults
from troth.clock import DAY, iso
from troth.errors import Refused
from troth.terms.vocabulary import Period

IDENTITY = next(each for each in cast.EVERYTHING if each[0] == "identity")


def give_identity(portal, member):
    category, when, values, by = IDENTITY
    portal.house.collect(about=member.subject, category=category, when=when, values=values, by=by, age=36)


def reference(page):
    return next(each.text for each in page.tree.of("strong") if "reference" in each.get("class", ""))


# ---- refused


def test_whoever_may_be_somebody_else_sees_no_outlook_and_does_nothing(portal):
    mia = portal.register()
    sure = mia.get("/leave")
    portal.wait()

    page = mia.get("/leave")

    assert "Confirm that it is you" in page.words
    assert not [form for form in page.forms if form.action.startswith("/leave")]
    for way in ("/leave/close", "/leave/erase"):
        assert mia.send(sure.form(way)).path == "/confirm"
    assert not {"member.left", "erasure.begun"} & {each.kind for each in ledger_of(portal.house)}
    assert mia.get("/home").path == "/home"


def test_nobody_leaves_by_an_address_alone(portal):
    mia = portal.register()

    assert mia.get("/leave/erase").path == "/leave"
    assert mia.post("/leave/erase", {"back": "/leave"}).status == 403
    assert mia.post("/leave/erase", {"csrf": "x"}, sec_fetch_site="cross-site").status == 403
    assert mia.get("/home").path == "/home"


# ---- shown before


def test_a_copy_comes_first_and_every_part_is_shown_with_what_keeps_it(portal):
    mia = portal.register()
    give_identity(portal, mia)

    page = mia.get("/leave")

    assert page.links("/copy")
    assert "Identity data" in page.words
    assert "clause 8.2" in page.words
    assert "Account data" in page.words
    assert faults(page.tree) == []


# ---- done


def test_an_account_is_closed_its_periods_begin_and_every_session_ends(portal):
    mia = portal.register()
    other = portal.visitor().sign_in("mia@example.org")
    subject = mia.subject

    page = mia.send(mia.get("/leave").form("/leave/close"))

    assert page.title == "Your account is closed"
    assert page.headers["clear-site-data"]
    assert faults(page.tree) == []
    number = int(reference(page).partition("-")[0])
    entry = ledger_of(portal.house)[number]
    assert (entry.kind, entry.clauses) == ("member.left", ("right.leave",))
    assert "Account data" in page.words
    assert mia.get("/home").path == "/sign-in"
    assert other.get("/home").path == "/sign-in"
    assert portal.house.access(about=subject, category="account").records


def test_a_closed_account_can_be_looked_at_until_it_goes(portal):
    mia = portal.register()
    mia.send(mia.get("/leave").form("/leave/close"))

    again = portal.visitor().sign_in("mia@example.org")

    assert "You closed your account" in again.get("/leave").words
    assert not [form for form in again.get("/leave").forms if form.action == "/leave/close"]


def test_everything_is_erased_and_nobody_is_signed_in_any_more(portal):
    mia = portal.register()
    other = portal.visitor().sign_in("mia@example.org")
    page = mia.get("/leave")
    assert "Nothing of you stays" in page.words
    form = page.form("/leave/erase")

    done = mia.send(form)

    assert done.title == "Erased"
    assert "Nothing is held of you any more" in done.words
    assert "we no longer know who you are" in done.words
    assert "mia@example.org" not in done.text
    assert faults(done.tree) == []
    number = int(reference(done).partition("-")[0])
    assert ledger_of(portal.house)[number].kind == "erasure.done"
    assert "__Host-troth-member" not in mia.cookies
    assert mia.get("/home").path == "/sign-in"
    assert other.get("/home").path == "/sign-in"
    assert mia.send(form).status in (303, 403, 200)
    assert [each.kind for each in ledger_of(portal.house)].count("erasure.begun") == 1


def test_what_a_law_keeps_stays_and_is_named_with_its_date(portal):
    mia = portal.register()
    give_identity(portal, mia)
    subject = mia.subject

    done = mia.send(mia.get("/leave").form("/leave/erase"))

    assert "What is left is kept for its clause alone" in done.words
    assert "clause 8.2" in done.words
    assert re.search(r"\b20[0-9]{2}\b", done.words)
    assert mia.get("/home").path == "/sign-in"
    assert portal.house.access(about=subject, category="identity").records


def test_what_stays_of_an_erasure_stays_as_long_as_after_closing_the_account(portal):
    mia = portal.register()
    for category, when, values, by in cast.EVERYTHING:
        if category in ("identity", "payment"):
            portal.house.collect(
                about=mia.subject, category=category, when=when, values=values, by=by, age=36
            )
    subject, page = mia.subject, mia.get("/leave")
    last = Period(months=7 * 12).after(portal.clock.at)
    assert "What can go, goes now, and your account is closed" in page.words
    assert f" {iso(last)[:4]} " in f"{page.words} "

    done = mia.send(page.form("/leave/erase"))

    (payment,) = portal.house.access(about=subject, category="payment").records
    assert abs(payment.expires_at - last) < DAY
    assert "Your account is closed" in done.words
    assert "we cannot show it again." in done.words
    assert "we no longer know who you are" not in done.words
    assert "member.left" in [each.kind for each in ledger_of(portal.house)]


def test_the_receipt_of_an_erasure_can_be_proven_to_anybody(portal):
    mia = portal.register()
    done = mia.send(mia.get("/leave").form("/leave/erase"))
    (address,) = done.links("/ledger/proof/")
    portal.house.sweep()

    proof = portal.visitor().get(address)

    assert proof.text.startswith("c2sp.org/tlog-proof@v1\n")


# ---- coming back


def test_whoever_closed_their_account_opens_it_again_under_their_proven_name(portal):
    mia = portal.register("mia@example.org")
    mia.send(mia.get("/leave").form("/leave/close"))
    mia.sign_in("mia@example.org")
    page = mia.get("/leave")
    assert "You closed your account" in page.words

    back = mia.send(page.form("/leave/return"))

    assert "You closed your account" not in back.words
    assert faults(back.tree) == []
    assert "yes, by a code" in mia.get("/identifiers").words
    portal.clock.forward(60 * DAY)
    portal.house.sweep()
    assert portal.visitor().sign_in("mia@example.org").get("/home").path == "/home"


def test_nobody_comes_back_who_is_here(portal):
    mia = portal.register("mia@example.org")
    csrf = mia.get("/leave").form("/leave/close").fields["csrf"]

    assert all(form.action != "/leave/return" for form in mia.get("/leave").forms)
    assert mia.post("/leave/return", {"csrf": csrf}).status == 409


# ---- only resting


def test_an_account_rests_with_one_press_and_is_used_again_with_one(portal):
    mia = portal.register()
    other = portal.visitor().sign_in("mia@example.org")

    page = mia.send(mia.get("/leave").form("/leave/rest"), choice="unused")

    assert page.path == "/leave"
    assert faults(page.tree) == []
    assert other.get("/home").path == "/sign-in"
    assert portal.visitor().sign_in("mia@example.org").get("/home").path == "/home"
    with pytest.raises(Refused):
        portal.house.purpose("support.reply", by=cast.AGENT, case="C-1").read(
            about=mia.subject, category="account"
        )

    mia.send(mia.get("/leave").form("/leave/rest"), choice="used")

    assert portal.house.purpose("support.reply", by=cast.AGENT, case="C-1").read(
        about=mia.subject, category="account"
    )
