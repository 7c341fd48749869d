from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.logs import SIGNER, STRANGER, grown, leaves, published, signed, vectors
from troth.errors import BadCheckpoint, BadHash, BadNote, BadProof
from troth.ledger.checkpoint import Verifier
from troth.ledger.proof import Proof, format_proof, parse_proof, prove, verify_proof
from troth.ledger.tiles import Published

OURS = vectors("ledger-entries.json")
LOG = leaves(600)
CHECKPOINT, SIGNED = signed(LOG)
READER = grown(LOG)[1]
PROOF = prove(300, CHECKPOINT, SIGNED, READER)
hashes = st.binary(min_size=32, max_size=32)


@given(st.integers(0, 599))
def test_a_proof_is_written_read_and_believed(index):
    proof = parse_proof(format_proof(prove(index, CHECKPOINT, SIGNED, READER)))
    assert verify_proof(proof, LOG[index], SIGNER.verifier) == CHECKPOINT


@given(st.integers(0, 2**63), st.lists(hashes, max_size=63), st.none() | st.binary(), st.binary(min_size=1))
def test_any_proof_comes_back_from_its_file(index, path, extra, text):
    proof = Proof(index, tuple(path), text, extra)
    assert parse_proof(format_proof(proof)) == proof


def test_our_published_proof_is_written_byte_for_byte():
    log = [vector["leaf"].encode() for vector in OURS["entries"]]
    checkpoint, text = signed(log)
    proof = prove(2, checkpoint, text, grown(log)[1])
    assert format_proof(proof).decode() == OURS["proof"]
    assert (
        verify_proof(parse_proof(OURS["proof"].encode()), log[2], Verifier.from_vkey(OURS["vkey"]))
        == checkpoint
    )


def test_a_proof_is_made_from_a_published_ledger(tmp_path):
    log = Published(published(tmp_path, LOG))
    assert prove(300, CHECKPOINT, log.unverified_checkpoint(), log.reader(600)) == PROOF


def test_extra_lines_travel_and_prove_nothing():
    proof = parse_proof(format_proof(replace(PROOF, extra=b"anything")))
    assert proof.extra == b"anything"
    assert verify_proof(proof, LOG[300], SIGNER.verifier) == CHECKPOINT


@pytest.mark.parametrize("change", [
    {"index": 301}, {"index": 600}, {"path": PROOF.path[:-1]}, {"path": PROOF.path[::-1]},
    {"path": (bytes(32), *PROOF.path[1:])}, {"path": (*PROOF.path, bytes(32))},
])  # fmt: skip
def test_a_changed_proof_is_not_believed(change):
    with pytest.raises(BadProof):
        verify_proof(replace(PROOF, **change), LOG[300], SIGNER.verifier)


def test_a_proof_of_one_entry_proves_no_other():
    with pytest.raises(BadProof, match="another root"):
        verify_proof(PROOF, LOG[299], SIGNER.verifier)


def test_a_proof_under_a_stranger_s_checkpoint_is_not_believed():
    forged = replace(PROOF, signed=signed(LOG, by=STRANGER)[1])
    with pytest.raises(BadNote, match="no known key"):
        verify_proof(forged, LOG[300], SIGNER.verifier)
    with pytest.raises(BadCheckpoint):
        verify_proof(PROOF, LOG[300], SIGNER.verifier, origin="other.example.org")


def test_a_short_hash_in_a_path_is_refused():
    with pytest.raises(BadHash):
        verify_proof(replace(PROOF, path=(b"x", *PROOF.path[1:])), LOG[300], SIGNER.verifier)


def test_there_is_no_proof_of_an_entry_that_is_not_there():
    with pytest.raises(BadProof, match="there is no leaf 600"):
        prove(600, CHECKPOINT, SIGNED, READER)


HEAD, STEP = "c2sp.org/tlog-proof@v1\n", "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        f"{HEAD}index 0\n",
        f"{HEAD}index 0\n\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
        f"{HEAD}\nx\n",
        f"{HEAD}index 00\n\nx\n",
        f"{HEAD}index -1\n\nx\n",
        f"{HEAD}index\n\nx\n",
        f"{HEAD}index 0 \n\nx\n",
        f"{HEAD}index 0\nAAAA\n\nx\n",
        f"{HEAD}index 0\n{STEP[:-2]}B=\n\nx\n",
        f"{HEAD}index 0\n{STEP}\r\n\nx\n",
        f"{HEAD}extra !\nindex 0\n\nx\n",
        f"{HEAD}index 0\nextra AAAA\n\nx\n",
        f"{HEAD}extra AAAA\nextra AAAA\nindex 0\n\nx\n",
        f"{HEAD}index 0\n" + f"{STEP}\n" * 64 + "\nx\n",
        f"{HEAD}index 0\u00a0\n\nx\n",
    ],
)
def test_a_file_that_is_not_exactly_a_proof_is_refused(text):
    with pytest.raises(BadProof):
        parse_proof(text.encode())
