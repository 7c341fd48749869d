"""Each entry about a member has a page that proves it, and a file to be checked; no other entry has."""

from itertools import pairwise

import pytest

from tests.cast import AGENT
from tests.web.markup import faults
from troth.ledger.proof import parse_proof, verify_proof
from troth.web.portal.proofs import climbed


def last_entry(portal, member) -> int:
    return portal.house.entries(about=member.subject)[-1][0]


@pytest.mark.parametrize("path", ["/seen/{}", "/seen/{}/proof", "/choices/receipts/{}"])
def test_an_entry_about_somebody_else_is_as_one_that_is_not_there(portal, path):
    member, other = portal.register("mia@example.org"), portal.register("noor@example.org")
    portal.house.consent(about=other.subject, purpose="contact.promotion")
    theirs = member.get(path.format(last_entry(portal, other)))
    nobodys = member.get(path.format(10**9))
    assert theirs.status == nobodys.status == 404


@pytest.mark.parametrize("said", ["-1", "x", "٣", "9" * 30, "0x1", "1e3"])
def test_what_is_no_number_is_not_there(portal, said):
    assert portal.register("mia@example.org").get(f"/seen/{said}").status == 404


def test_an_entry_that_no_checkpoint_reaches_yet_says_so_and_has_no_file(portal):
    member = portal.register("mia@example.org")
    number = last_entry(portal, member)
    assert "Not signed yet" in member.get(f"/seen/{number}").words
    assert member.get(f"/seen/{number}/proof").status == 404


def test_the_file_is_a_proof_that_verifies_with_the_published_key(portal):
    member = portal.register("mia@example.org")
    with portal.house.purpose("support.reply", by=AGENT, case="C-1") as context:
        context.read(about=member.subject, category="account")
    number = last_entry(portal, member)
    portal.house.checkpoint()
    page = member.get(f"/seen/{number}")
    assert faults(page.tree) == []
    given = member.get(f"/seen/{number}/proof")
    proof = parse_proof(given.body)
    signed = verify_proof(proof, proof.extra, portal.house.teller.house.signer.verifier)
    assert proof.index == number
    assert b'"record.used"' in proof.extra
    assert signed.root.hex()[:10] in page.words


def test_the_climb_that_is_drawn_reaches_the_root_from_every_entry(portal):
    member = portal.register("mia@example.org")
    for n in range(5):
        with portal.house.purpose("support.reply", by=AGENT, case=f"C-{n}") as context:
            context.read(about=member.subject, category="account")
    portal.house.checkpoint()
    for number, _entry in portal.house.entries(about=member.subject):
        proof = parse_proof(member.get(f"/seen/{number}/proof").body)
        signed = verify_proof(proof, proof.extra, portal.house.teller.house.signer.verifier)
        assert climbed(proof, proof.extra, signed.size)[-1].together == signed.root.hex()


def test_what_the_script_needs_stands_in_the_page(portal):
    member = portal.register("mia@example.org")
    number = last_entry(portal, member)
    portal.house.checkpoint()
    (place,) = [e for e in member.get(f"/seen/{number}").tree.of("div") if "data-verify" in e.attributes]
    proof = parse_proof(member.get(f"/seen/{number}/proof").body)
    assert place["data-leaf"].encode() == proof.extra
    assert place["data-checkpoint"].encode() == proof.signed
    assert place["data-key"] == portal.house.teller.house.signer.verifier.vkey
    assert len(place["data-path"].split()) == len(proof.path)


def test_the_headings_of_an_entry_leave_out_no_level(portal):
    member = portal.register("mia@example.org")
    page = member.get(member.get("/seen?who=all").links("/seen/")[0])
    levels = [int(each.name[1]) for each in page.tree.of("h1", "h2", "h3", "h4")]
    main = levels[levels.index(1) :]
    assert all(after - before <= 1 for before, after in pairwise(main))


def test_to_ask_about_an_entry_begins_a_message_about_it(portal):
    member = portal.register("mia@example.org")
    asking = member.get("/seen?who=all").links("/support/new?entry=")[0]
    number = asking.rpartition("=")[2]
    page = member.get(asking)
    assert f"About entry {number} of the log" in page.text
