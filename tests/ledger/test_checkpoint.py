from base64 import b64decode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.logs import SIGNER, STRANGER, grown, leaves, signed, vectors
from troth.errors import BadCheckpoint, BadNote, BadVerifierKey, ForkRefused
from troth.ledger.checkpoint import (
    Checkpoint,
    Signer,
    Verifier,
    advance,
    format_checkpoint,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    sign_checkpoint,
    sign_note,
    verify_continues,
)
from troth.ledger.tree import EMPTY, EMPTY_ROOT

GO = vectors("ledger-note.json")
OURS = vectors("ledger-entries.json")
PETER, ENOCH = Verifier.from_vkey(GO["peter"]), Verifier.from_vkey(GO["enoch"])
LOG = leaves(600)


def test_the_published_note_is_signed_byte_for_byte():
    peter = Signer.from_seed("PeterNeumann", b64decode(GO["seed_base64"]))
    assert peter.verifier.vkey == GO["peter"]
    assert sign_note(GO["text"], peter).decode() == GO["text"] + "\n" + GO["peter_line"]


def test_a_verifier_key_is_written_as_it_was_read():
    assert (PETER.vkey, ENOCH.vkey) == (GO["peter"], GO["enoch"])


def test_signatures_of_unknown_keys_are_ignored_beside_a_known_one():
    note = (GO["text"] + "\n" + GO["peter_line"] + GO["enoch_line"]).encode()
    assert open_note(note, PETER).text == GO["text"]
    assert open_note(note, PETER).by == (PETER,)
    assert open_note(note, ENOCH, PETER).by == (PETER, ENOCH)


def test_a_known_key_that_fails_rejects_the_note_whatever_else_signed_it():
    spoilt = GO["enoch_line"][:40] + "A" + GO["enoch_line"][41:]
    note = (GO["text"] + "\n" + GO["peter_line"] + spoilt).encode()
    assert open_note(note, PETER).by == (PETER,)
    with pytest.raises(BadNote, match="`EnochRoot` does not fit"):
        open_note(note, PETER, ENOCH)


def test_a_key_is_known_by_name_and_id_together():
    renamed = (GO["text"] + "\n" + GO["peter_line"].replace("PeterNeumann", "Peter")).encode()
    with pytest.raises(BadNote, match="no known key"):
        open_note(renamed, PETER)


def test_sixteen_signatures_of_five_kilobytes_are_read():
    line = "\u2014 witness.example " + "A" * 6800 + "\n"
    note = (GO["text"] + "\n" + line * 15 + GO["peter_line"]).encode()
    assert open_note(note, PETER).by == (PETER,)


def test_the_last_empty_line_divides_text_from_signatures():
    text = "one\n\ntwo\n"
    assert open_note(sign_note(text, SIGNER), SIGNER.verifier).text == text


@pytest.mark.parametrize("vector", GO["bad_notes"], ids=lambda v: v["why"])
def test_a_note_that_is_not_exactly_one_is_refused(vector):
    with pytest.raises(BadNote):
        open_note(vector["note"].encode(), PETER)


def test_a_note_that_is_not_utf8_is_refused():
    with pytest.raises(BadNote, match="not UTF-8"):
        open_note(b"\xff" + (GO["text"] + "\n" + GO["peter_line"]).encode(), PETER)


@pytest.mark.parametrize("text", ["", "no end", "a\rb\n", "a\tb\n", "\ud800\n"])
def test_a_text_that_no_note_holds_is_not_signed(text):
    with pytest.raises(BadNote):
        sign_note(text, SIGNER)


@pytest.mark.parametrize("text", GO["bad_keys"])
def test_a_key_that_is_not_exactly_one_is_refused(text):
    with pytest.raises(BadVerifierKey):
        Verifier.from_vkey(text)


def test_no_part_of_a_verifier_key_and_no_neighbour_of_it_is_a_key():
    vkey = GO["peter"]
    parts = {vkey[i:j] for i in range(len(vkey)) for j in range(i, len(vkey) + 1)} - {vkey}
    near = {vkey[:i] + chr(ord(vkey[i]) + 1) + vkey[i + 1 :] for i in range(len(vkey))}
    for text in parts | near:
        with pytest.raises(BadVerifierKey):
            Verifier.from_vkey(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_a_name_that_no_key_has_is_refused(name):
    with pytest.raises(BadVerifierKey):
        Signer.from_seed(name, bytes(32))


def test_a_seed_of_another_length_is_refused():
    with pytest.raises(BadVerifierKey, match="32 bytes"):
        Signer.from_seed("a", bytes(31))


def test_a_signer_does_not_show_its_key():
    assert "Private" not in repr(SIGNER)


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.text("abc/.é", min_size=1))
def test_a_checkpoint_comes_back_from_its_text(size, root, origin):
    checkpoint = Checkpoint(origin, size, root)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_extension_lines_are_kept():
    checkpoint = Checkpoint("a", 1, bytes(32), ("more", "lines"))
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n1\n{ROOT}",
        f"a\n1\n{ROOT}\n\n",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n+1\n{ROOT}\n",
        f"a\n1.0\n{ROOT}\n",
        f"a\n\u0661\n{ROOT}\n",
        f"a\n 1\n{ROOT}\n",
        f"a\n{2**63}\n{ROOT}\n",
        "a\n1\nAAAA\n",
        f"a\n1\n{ROOT[:-2]}B=\n",
        f"a\n1\n{ROOT} \n",
        f"a\n0\n{ROOT}\n",
    ],
)
def test_a_text_that_is_not_exactly_a_checkpoint_is_refused(text):
    with pytest.raises(BadCheckpoint):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "checkpoint",
    [Checkpoint("a\nb", 1, bytes(32)), Checkpoint("", 1, bytes(32)), Checkpoint("a", -1, bytes(32)),
     Checkpoint("a", 1, bytes(31)), Checkpoint("a", 0, bytes(32)), Checkpoint("a", 1, bytes(32), ("",))],
)  # fmt: skip
def test_a_checkpoint_without_a_text_is_not_written(checkpoint):
    with pytest.raises(BadCheckpoint):
        format_checkpoint(checkpoint)


def test_our_published_checkpoint_is_signed_byte_for_byte():
    log = [vector["leaf"].encode() for vector in OURS["entries"]]
    checkpoint, text = signed(log)
    assert (text.decode(), checkpoint.root.hex()) == (OURS["checkpoint"], OURS["root"])
    assert SIGNER.verifier.vkey == OURS["vkey"]
    assert open_checkpoint(text, Verifier.from_vkey(OURS["vkey"])) == checkpoint


def test_a_checkpoint_of_another_log_or_another_key_is_refused():
    checkpoint, text = signed(LOG)
    with pytest.raises(BadNote, match="no known key"):
        open_checkpoint(text, STRANGER.verifier)
    with pytest.raises(BadCheckpoint, match=r"it is of `ledger\.example\.org`"):
        open_checkpoint(text, SIGNER.verifier, origin="other.example.org")
    elsewhere = sign_checkpoint(replace(checkpoint, origin="other.example.org"), SIGNER)
    with pytest.raises(BadCheckpoint):
        open_checkpoint(elsewhere, SIGNER.verifier)
    assert open_checkpoint(elsewhere, SIGNER.verifier, origin="other.example.org").size == 600


@pytest.mark.parametrize("size", [0, 1, 256, 300, 599, 600])
def test_a_log_signs_what_continues_its_last_checkpoint(size):
    previous, _ = signed(LOG[:size])
    tree, reader = grown(LOG)
    checkpoint, text = advance(previous, tree, reader, by=SIGNER)
    assert open_checkpoint(text, SIGNER.verifier) == checkpoint == Checkpoint(SIGNER.name, 600, tree.root())


def test_the_first_checkpoint_may_be_of_an_empty_log():
    assert signed([])[0] == Checkpoint(SIGNER.name, 0, EMPTY_ROOT)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 599])
def test_a_log_that_was_rolled_back_is_not_signed(size):
    previous, _ = signed(LOG)
    tree, reader = grown(LOG[:size])
    with pytest.raises(ForkRefused) as refused:
        advance(previous, tree, reader, by=SIGNER)
    assert (refused.value.kept, refused.value.size) == (600, size)


@pytest.mark.parametrize("place", [0, 255, 256, 511, 512, 599])
@pytest.mark.parametrize("more", [0, 1, 300])
def test_a_log_changed_before_its_last_checkpoint_is_not_signed(place, more):
    previous, _ = signed(LOG)
    forged = leaves(600 + more)
    forged[place] = leaves(1, of="payment")[0]
    tree, reader = grown(forged)
    with pytest.raises(ForkRefused):
        advance(previous, tree, reader, by=SIGNER)


def test_a_log_does_not_continue_one_of_another_name():
    checkpoint, _ = signed(LOG)
    with pytest.raises(ForkRefused):
        verify_continues(replace(checkpoint, origin="other.example.org"), checkpoint, grown(LOG)[1])


def test_any_log_continues_an_empty_one():
    checkpoint, _ = signed(LOG)
    verify_continues(Checkpoint(SIGNER.name, 0, EMPTY.root()), checkpoint, grown(LOG)[1])
