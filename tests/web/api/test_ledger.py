from tests.cast import MIA, joins
from troth.ledger.checkpoint import open_checkpoint
from troth.ledger.proof import parse_proof
from troth.ledger.tree import verify_inclusion

HERE = {"accept": "text/plain"}


def test_the_signed_state_is_open_to_everybody(api):
    answer = api.ask("GET", "/ledger/checkpoint")
    verifier = api.house.teller.house.signer.verifier
    assert open_checkpoint(answer.content, verifier).size == 1
    assert answer.headers["content-type"].startswith("text/plain")


def test_whoever_has_a_receipt_proves_its_entry_without_seeing_any(api):
    portal = api.program("portal", "service")
    joins(api.house, MIA)
    taken = portal.post(
        "/records",
        {
            "about": {"reference": MIA},
            "category": "activity",
            "when": "service_use",
            "values": {"time": "2027-06-01T08:50:00Z", "action": "order", "succeeded": True},
        },
    ).json()
    receipt = taken["receipt"]
    early = api.ask("GET", f"/ledger/entries/{receipt['entry']}/proof", headers=HERE)
    assert (early.status_code, early.json()["code"]) == (404, "ledger.no-such-entry")
    api.house.sweep()
    answer = api.ask("GET", f"/ledger/entries/{receipt['entry']}/proof", headers=HERE)
    proof = parse_proof(answer.content)
    signed = open_checkpoint(proof.signed, api.house.teller.house.signer.verifier)
    verify_inclusion(
        bytes.fromhex(receipt["leaf_hash"]),
        proof.path,
        index=receipt["entry"],
        size=signed.size,
        root=signed.root,
    )
    assert proof.extra is None
    assert b"program:portal" not in answer.content


def test_a_proof_in_another_form_does_not_exist(api):
    answer = api.ask("GET", "/ledger/checkpoint", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (406, "api.not-acceptable")


def test_proofs_are_limited_from_one_place(api):
    answers = [api.ask("GET", "/ledger/checkpoint") for _ in range(61)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
