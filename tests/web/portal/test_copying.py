"""A package holds everything that is held, says what it leaves out, and goes to its person alone, once."""

import json

import pytest

from tests import cast
from tests.inside import ledger_of
from tests.web.disclosing import PAYMENTS, paid_out
from tests.web.markup import faults
from troth.acts import packages
from troth.clock import DAY, iso
from troth.custody.packages.making import made
from troth.rules.decision import member


def everything(portal, member):
    for purpose in cast.CONSENTS:
        portal.house.consent(about=member.subject, purpose=purpose)
    for category, when, values, by in cast.EVERYTHING:
        if category != "account":
            portal.house.collect(
                about=member.subject, category=category, when=when, values=values, by=by, age=36
            )


def ready(portal, who):
    """A package that stands ready on the page."""
    job = packages.packing_of(by=member("portal", "step_up"), about=who.subject)
    return made(portal.hall.teller, packages.order(portal.hall.teller, job))


def records(package, category):
    return json.loads(package.read(f"data/{category}.json"))["records"]


# ---- refused


@pytest.mark.parametrize("form", ["/copy/make", "/copy/fetch"])
def test_none_is_made_or_fetched_before_its_person_confirmed(portal, form):
    mia = portal.register()
    ready(portal, mia)
    portal.wait()

    page = mia.send(mia.get("/copy").form(form))

    assert page.path == "/confirm"
    assert b"PK\x03\x04" not in page.body  # the head of a zip; "PK" alone may stand in a random token


def test_none_is_given_to_an_address_alone_or_to_nobody(portal):
    assert portal.register().get("/copy/fetch").path == "/copy"
    assert portal.visitor().get("/copy").path == "/sign-in"


def test_nobody_fetches_the_package_of_somebody_else(portal):
    mia, leo = portal.register(), portal.register("leo@example.org")
    package = ready(portal, mia)
    ready(portal, leo)

    page = leo.send(leo.get("/copy").form("/copy/fetch"), package=package.id.hex())

    assert page.status == 404
    assert "There is no such package any more" in page.words


# ---- given


def test_everything_that_is_held_stands_in_it_with_source_purpose_clause_and_end(portal):
    mia = portal.register()
    everything(portal, mia)

    package = mia.package()

    (account,) = records(package, "account")
    assert account["values"]["email"] == "mia@example.org"
    assert (account["clause"], account["source"], account["basis"]) == (
        "collect.account",
        "subject",
        "contract",
    )
    assert account["kept"][0]["until"] > account["collected"]
    (picture,) = records(package, "camera.profile")
    assert package.read(picture["values"]["picture"]["file"]).startswith(b"\xff\xd8")
    consents = json.loads(package.read("choices.json"))["consents"]
    assert {each["purpose"] for each in consents} == set(cast.CONSENTS)
    kinds = {name.split("/")[1].removesuffix(".json") for name in package.namelist() if "data/" in name}
    looks = [each for each in ledger_of(portal.house) if each.kind == "record.accessed"]
    assert {each.category for each in looks} >= {kind for kind in kinds if not kind.endswith("csv")}


def test_it_is_told_of_in_the_inbox_and_fetched_once(portal):
    mia = portal.register()

    mia.package()

    assert "Your data is ready to be fetched" in mia.get("/messages").words
    page = mia.get("/copy")
    assert "Your last package was fetched" in page.words
    assert not [form for form in page.forms if form.action == "/copy/fetch"]
    assert faults(page.tree) == []


def test_one_whose_time_is_over_is_said_to_be_gone(portal):
    mia = portal.register()
    package = ready(portal, mia)
    form = mia.get("/copy").form("/copy/fetch")
    portal.clock.at += 8 * DAY

    mia = portal.visitor().sign_in("mia@example.org")
    page = mia.get("/copy")

    assert package.id.hex() in form.fields.values()
    assert "The time of your last package is over" in page.words
    assert not [each for each in page.forms if each.action == "/copy/fetch"]


def test_while_one_is_made_the_page_says_so_and_no_second_one_is_begun(portal):
    mia = portal.register()
    job = packages.packing_of(by=member("portal", "step_up"), about=mia.subject)
    packages.order(portal.hall.teller, job)

    page = mia.send(mia.get("/copy").form("/copy/make", right="access"))

    assert "Your package is being made" in page.words
    assert len(portal.house.packages(about=mia.subject)) == 1
    assert faults(page.tree) == []


def test_what_verifies_somebody_is_left_out_and_said_to_be(portal):
    mia = portal.register()
    form = mia.get("/security/password").form("/security/password")
    mia.send(form, password="seven horses dance on blue ice")

    package = mia.package()

    (credential,) = records(package, "signin.credentials")
    assert "secret" not in credential["values"]
    gaps = json.loads(package.read("withheld.json"))["withheld"]
    assert ("signin.credentials", "secret") in [(gap["category"], gap["field"]) for gap in gaps]
    assert b"argon2" not in b"".join(package.read(name) for name in package.namelist())


def test_who_got_what_stands_in_it_though_nothing_of_its_kind_is_held(portal):
    mia = portal.register()
    paid_out(portal, mia, times=3)

    package = mia.package()

    passed = json.loads(package.read("disclosures.json"))["disclosures"]
    assert len({each["entry"] for each in passed}) == 3
    number, entry = next(
        pair for pair in portal.house.entries(about=mia.subject) if pair[1].kind == "record.disclosed"
    )
    (first,) = [each for each in passed if each["entry"] == number]
    assert (first["recipient"], first["recipient_words"]) == (PAYMENTS, "Example Payments Ltd, Dublin")
    assert (first["at"], first["fields"]) == (iso(entry.at), ["holder", "iban"])
    assert f"ledger/{number}.tlog-proof" in package.namelist()


def test_its_pages_are_in_the_language_of_whoever_asked(portal):
    mia = portal.register()
    mia.headers["accept-language"] = "ar"

    first = mia.package().read("index.html").decode()

    assert 'lang="ar" dir="rtl"' in first
    assert "Kinds of data" not in first


def test_the_page_tells_what_is_in_it(portal):
    page = portal.register().get("/copy")

    assert "Account data" in page.words
    assert "Make a package to move with" in page.words
    assert faults(page.tree) == []


# ---- beside it: requests, and the agreement that was accepted


def test_requests_stand_with_their_reference_and_none_of_anybody_else(portal):
    mia, leo = portal.register(), portal.register("leo@example.org")
    portal.house.restrict(about=mia.subject, category="support")

    page = mia.get("/requests")

    last = [n for n, each in enumerate(ledger_of(portal.house)) if each.kind == "restriction.set"][-1]
    assert f"{last}-" in page.words
    assert page.links(f"/seen/{last}")
    assert faults(page.tree) == []
    assert "You have asked for nothing so far." in leo.get("/requests").words
    assert page.links("/support/new?clause=right.complain")


def test_changes_of_how_one_signs_in_are_no_requests(portal):
    mia = portal.register()
    form = mia.get("/security/password").form("/security/password")
    mia.send(form, password="seven horses dance on blue ice")
    mia.send(mia.get("/security").form("/security/password/remove"))

    assert "You have asked for nothing so far." in mia.get("/requests").words


def test_the_version_that_was_accepted_is_shown_with_its_entry(portal):
    page = portal.register().get("/accepted")

    joined = next(n for n, each in enumerate(ledger_of(portal.house)) if each.kind == "member.joined")
    assert page.links(f"/seen/{joined}")
    assert portal.hall.agreement.hash in page.words
    assert "the hashes are the same" in page.words
    assert "nothing to compare" in page.words
    assert faults(page.tree) == []
