"""Addresses that machines know: right for machines, without a cookie, and nothing where nothing should be."""

import json
from urllib.parse import urlsplit

import pytest

from tests.inside import ledger_of
from tests.web.browsing import ORIGIN
from troth.clock import DAY, instant
from troth.ledger import entry as ledger
from troth.ledger.checkpoint import Verifier, open_checkpoint
from troth.ledger.proof import parse_proof, verify_proof
from troth.ledger.tree import HASH, leaf_hash, root_of
from troth.store import entries
from troth.web.public.machines import SCHEMA

KNOWN = ("troth.json", "gpc.json", "passkey-endpoints", "security.txt")


def swept(portal):
    portal.register()
    portal.house.sweep()
    return portal


# ---- refused


def test_nothing_stands_where_nothing_should_be(portal):
    """W3C change-password: a server that says yes to everything is not to be believed."""
    path = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"

    assert portal.visitor().get(path).status == 404
    assert portal.visitor().get(path, accept="*/*").status == 404


@pytest.mark.parametrize(
    "name", [*(f".well-known/{each}" for each in KNOWN), "schemas/troth.json", "ledger/log.vkey"]
)
def test_machines_get_no_cookie(portal, name):
    page = portal.visitor().get(f"/{name}")

    assert page.status == 200
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    "path",
    ["tile/entries/000", "tile/entries/000.p/5", "tile/0/000", "tile/0/000.p/255", "tile/0/999.p/1",
     "tile/64/000.p/1", "tile/0/0.p/1", "tile/0/../../troth.toml", "tile/0/000.p/0", "tile/", "tile/x"],
)  # fmt: skip
def test_what_is_no_tile_of_the_signed_ledger_is_not_there(portal, path):
    assert swept(portal).visitor().get(f"/ledger/{path}").status == 404


@pytest.mark.parametrize("number", ["999999", "-1", "x", "1" * 40])
def test_there_is_no_proof_of_an_entry_that_no_state_reaches(portal, number):
    assert swept(portal).visitor().get(f"/ledger/proof/{number}").status == 404


# ---- known


def test_the_state_of_every_clause_is_told_as_its_schema_says(portal):
    swept(portal)
    portal.hall.watch.look(portal.house.teller)
    browser = portal.visitor()

    said = json.loads(browser.get("/.well-known/troth.json").text)
    schema = json.loads(browser.get("/schemas/troth.json").text)

    assert {**schema, "$id": None} == {**SCHEMA, "$id": None}
    assert said["$schema"] == schema["$id"]
    assert set(schema["required"]) <= said.keys() <= {"$schema", *schema["properties"]}
    words = schema["properties"]["clauses"]["items"]["properties"]["status"]["enum"]
    for clause in said["clauses"]:
        assert clause["status"] in words
        assert (clause["status"] is None) == (clause["since"] is None)
    assert [clause["id"] for clause in said["clauses"]] == [c.id for c in portal.hall.agreement.clauses]
    assert said["hash"] == portal.hall.agreement.hash
    by = Verifier.from_vkey(said["ledger"]["verifier_key"])
    assert open_checkpoint(said["ledger"]["checkpoint"].encode(), by).size > 0
    assert said["fresh"] is True


def test_before_the_first_check_no_clause_is_kept(portal):
    said = json.loads(portal.visitor().get("/.well-known/troth.json").text)

    assert {clause["status"] for clause in said["clauses"]} == {"unproven", None}
    assert said["checked"] is None
    assert said["fresh"] is False


def test_a_password_keeper_finds_the_page(portal):
    page = portal.visitor().get("/.well-known/change-password", follow=False)

    assert page.status == 302
    assert page.headers["location"] == "/security"


def test_passkey_pages_and_signals_are_told(portal):
    browser = portal.visitor()

    assert json.loads(browser.get("/.well-known/gpc.json").text) == {"gpc": True, "lastUpdate": "2026-01-01"}
    found = json.loads(browser.get("/.well-known/passkey-endpoints").text)
    assert found == {"enroll": f"{ORIGIN}/security/passkeys", "manage": f"{ORIGIN}/security"}
    mia = portal.register()
    assert all(mia.get(urlsplit(address).path).status == 200 for address in found.values())


def test_whom_to_tell_of_a_hole_is_told_and_ends_within_a_year(portal):
    page = portal.visitor().get("/.well-known/security.txt")

    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in page.text.splitlines())
    assert said["Contact"] == "mailto:privacy@example.org"
    assert said["Canonical"] == f"{ORIGIN}/.well-known/security.txt"
    assert portal.clock() < instant(said["Expires"]) < portal.clock() + 365 * DAY
    assert said["Preferred-Languages"] == "en"  # that of the agreement, whatever the pages are offered in


# ---- the ledger


def test_anybody_recomputes_the_signed_root_from_the_tiles(portal):
    swept(portal)
    browser = portal.visitor()
    by = Verifier.from_vkey(browser.get("/ledger/log.vkey").text.strip())

    page = browser.get("/ledger/checkpoint")
    signed = open_checkpoint(page.body, by)
    tile = browser.get(f"/ledger/tile/0/000.p/{signed.size}")

    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert tile.headers["cache-control"].endswith("immutable")
    hashes = [tile.body[at : at + HASH] for at in range(0, len(tile.body), HASH)]
    assert root_of(hashes) == signed.root


def test_a_smaller_tile_stays_what_it_was_while_the_ledger_grows(portal):
    mia = swept(portal).register("leo@example.org")
    before = portal.visitor().get("/ledger/tile/0/000.p/5").body
    for _ in range(300):
        portal.house.access(about=mia.subject, category="account")
    portal.house.sweep()

    browser = portal.visitor()
    full = browser.get("/ledger/tile/0/000").body
    assert len(full) == 256 * HASH
    assert browser.get("/ledger/tile/0/000.p/5").body == before == full[: 5 * HASH]
    assert len(browser.get("/ledger/tile/1/000.p/1").body) == HASH


def test_a_proof_convinces_whoever_has_the_entry(portal):
    swept(portal)
    (leaf,) = portal.house.teller.alone(lambda desk: list(entries.leaves(desk.unit, 1, 2)))
    by = portal.house.teller.house.signer.verifier

    proof = parse_proof(portal.visitor().get("/ledger/proof/1").body)

    assert proof.extra is None
    assert verify_proof(proof, leaf, by).size > 1
    assert leaf_hash(leaf) == leaf_hash(ledger.encode(ledger_of(portal.house)[1]))
