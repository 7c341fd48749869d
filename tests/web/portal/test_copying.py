"""A copy holds everything that is held, says what it leaves out, and goes to its person alone."""

import csv
import json
from base64 import b64decode
from io import StringIO

import pytest

from tests import cast
from tests.inside import ledger_of
from tests.web.disclosing import PAYMENTS, paid_out
from tests.web.markup import faults
from troth.clock import iso
from troth.web.disclosures import STEP


def everything(portal, member):
    for purpose in cast.CONSENTS:
        portal.house.consent(about=member.subject, purpose=purpose)
    for category, when, values, by in cast.EVERYTHING:
        if category != "account":
            portal.house.collect(
                about=member.subject, category=category, when=when, values=values, by=by, age=36
            )


def copied(member, kind):
    return member.send(member.get("/copy").form(f"/copy/{kind}"))


# ---- refused


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_no_copy_is_given_before_its_person_confirmed(portal, kind):
    mia = portal.register()
    portal.wait()

    page = copied(mia, kind)

    assert page.path == "/confirm"
    assert "mia@example.org" not in page.text


def test_no_copy_is_given_to_an_address_alone_or_to_nobody(portal):
    assert portal.register().get("/copy/json").path == "/copy"
    assert portal.visitor().get("/copy").path == "/sign-in"


# ---- given


def test_everything_that_is_held_stands_in_it_with_source_purpose_clause_and_end(portal):
    mia = portal.register()
    everything(portal, mia)

    page = copied(mia, "json")

    assert page.status == 200
    assert page.headers["content-disposition"] == 'attachment; filename="copy.json"'
    assert page.headers["cache-control"] == "no-store"
    said = json.loads(page.text)
    kinds = {each["category"]: each["records"] for each in said["kinds"]}
    assert {each[0] for each in cast.EVERYTHING} <= kinds.keys()
    (account,) = kinds["account"]
    assert account["values"]["email"] == "mia@example.org"
    assert account["clause"] == "collect.account"
    assert account["source"] == "subject"
    assert account["basis"] == "contract"
    assert "service" in account["purposes"]
    assert account["expires"] > account["collected"]
    (picture,) = kinds["camera.profile"]
    assert picture["values"]["picture"]["media_type"] == "image/jpeg"
    assert b64decode(picture["values"]["picture"]["base64"]).startswith(b"\xff\xd8")
    assert {each["purpose"] for each in said["choices"]["consents"]} == set(cast.CONSENTS)
    looks = [each for each in ledger_of(portal.house) if each.kind == "record.accessed"]
    assert {each.category for each in looks} >= kinds.keys()


def test_what_verifies_somebody_is_left_out_and_said_to_be(portal):
    mia = portal.register()
    form = mia.get("/security/password").form("/security/password")
    mia.send(form, password="seven horses dance on blue ice")

    said = json.loads(copied(mia, "json").text)

    (credential,) = next(e for e in said["kinds"] if e["category"] == "signin.credentials")["records"]
    assert "secret" not in credential["values"]
    assert {"category": "signin.credentials", "field": "secret"}.items() <= said["withheld"][0].items()
    assert "argon2" not in json.dumps(said)


def test_a_table_has_a_line_for_each_value_and_nothing_that_a_spreadsheet_runs(portal):
    mia = portal.register()
    portal.house.collect(
        about=mia.subject, category="support", when="customer_service",
        values={"topic": "=HYPERLINK(\"http://evil.test\")", "message": "Hello, \"you\"\nthere"},
    )  # fmt: skip

    page = copied(mia, "csv")

    assert page.headers["content-disposition"] == 'attachment; filename="copy.csv"'
    rows = list(csv.DictReader(StringIO(page.text)))
    values = {(row["category"], row["field"]): row["value"] for row in rows}
    assert values["account", "email"] == "mia@example.org"
    assert values["support", "topic"] == '\'=HYPERLINK("http://evil.test")'
    assert values["support", "message"] == 'Hello, "you"\nthere'


def test_who_got_what_stands_in_both_copies(portal):
    mia = portal.register()
    everything(portal, mia)
    paid_out(portal, mia)

    said = json.loads(copied(mia, "json").text)
    rows = list(csv.DictReader(StringIO(copied(mia, "csv").text)))

    number, entry = next(
        pair for pair in portal.house.entries(about=mia.subject) if pair[1].kind == "record.disclosed"
    )
    disclosed = {each["category"]: each["disclosed"] for each in said["kinds"]}
    (passed,) = disclosed.pop("payment")
    assert set(map(str, disclosed.values())) == {"[]"}
    assert passed == {
        "recipient": PAYMENTS, "name": "Example Payments Ltd, Dublin", "at": iso(entry.at),
        "fields": ["holder", "iban"], "purpose": "service.payments", "clause": entry.clauses[0],
        "clause_number": passed["clause_number"], "receipt": passed["receipt"],
    }  # fmt: skip
    assert passed["receipt"].startswith(f"{number}-")
    (row,) = [each for each in rows if each["recipient"]]
    assert (row["category"], row["field"], row["recipient"]) == ("payment", "holder iban", passed["name"])
    assert (row["disclosed"], row["receipt"]) == (passed["at"], passed["receipt"])


def test_more_disclosures_than_are_read_at_once_are_all_in_it_each_once(portal):
    mia = portal.register()
    everything(portal, mia)
    paid_out(portal, mia, times=2 * STEP + 3)

    said = json.loads(copied(mia, "json").text)

    (payment,) = [each for each in said["kinds"] if each["category"] == "payment"]
    assert len({each["receipt"] for each in payment["disclosed"]}) == 2 * STEP + 3


def test_a_disclosure_stands_in_it_though_nothing_of_its_kind_is_held(portal):
    mia = portal.register()
    paid_out(portal, mia)

    said = json.loads(copied(mia, "json").text)

    (payment,) = [each for each in said["kinds"] if each["category"] == "payment"]
    assert (payment["records"], len(payment["disclosed"]), payment["receipt"]) == ([], 1, "")


def test_the_page_tells_what_is_in_it_and_what_is_not_there_yet(portal):
    page = portal.register().get("/copy")

    assert "Account data" in page.words
    assert "come with a later version" in page.words
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
