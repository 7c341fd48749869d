"""A message shows nothing of itself, and nothing in it becomes a header of its own."""

import copy
import json
import pickle

import pytest

from troth.errors import BadMessage, LeakRefused
from troth.gates.message import MOST, Message

WHOLE = Message("mia@example.org", "Your code", "It is 418205.", "<p>418205</p>", (("List-Id", "<codes>"),))
BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\v",
    "\f",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\0",
    "\x1b",
    "\x7f",
]


def test_no_rendering_tells_anything_of_it():
    assert {repr(WHOLE), str(WHOLE), f"{WHOLE}", f"{WHOLE!r}"} == {"<message>"}
    assert repr([WHOLE]) == "[<message>]"


def test_it_is_copied_as_itself_and_never_stored():
    assert copy.copy(WHOLE) is WHOLE
    assert copy.deepcopy([WHOLE])[0] is WHOLE
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(LeakRefused):
            pickle.dumps(WHOLE, protocol)
    with pytest.raises(LeakRefused):
        WHOLE.__getstate__()
    with pytest.raises(TypeError):
        json.dumps(WHOLE)


def test_it_is_equal_to_itself_alone_and_each_has_its_own_number():
    twins = [Message("mia@example.org", "s", "t") for _ in range(2)]
    assert twins[0] == twins[0]
    assert twins[0] != twins[1]
    assert twins[0].id != twins[1].id
    assert len(bytes.fromhex(twins[0].id)) == 16


@pytest.mark.parametrize("mark", BREAKS, ids=repr)
@pytest.mark.parametrize("part", ["to", "subject", "headers"])
def test_a_line_break_in_a_header_is_refused_and_not_repeated(part, mark):
    lines = {"to": "mia@example.org", "subject": "Your code", "text": "t"}
    evil = f"canary{mark}Bcc: evil@example.org"
    with pytest.raises(BadMessage) as refused:
        Message(**{**lines, part: (("List-Id", evil),) if part == "headers" else evil})
    assert refused.value.part == part
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\x85", "\u2028"], ids=repr)
def test_a_line_break_at_the_end_is_one_too(mark):
    with pytest.raises(BadMessage):
        Message("mia@example.org", f"Your code{mark}", "t")


@pytest.mark.parametrize("name", ["", "Bad Name", "Bad:", "List-Id\n", "Ünique", "X" * 901])
def test_a_header_has_the_name_of_one(name):
    with pytest.raises(BadMessage):
        Message("mia@example.org", "s", "t", None, ((name, "x"),))


@pytest.mark.parametrize(
    "name",
    ["From", "TO", "Cc", "bcc", "Date", "Subject", "Message-ID", "Resent-To", "Content-Type", "MIME-Version"],
)
def test_what_the_gate_writes_and_where_a_message_goes_is_no_further_header(name):
    with pytest.raises(BadMessage):
        Message("mia@example.org", "s", "t", None, ((name, "x@example.org"),))


@pytest.mark.parametrize("line", ["", " ", "ünique", "\t", "x" * 900])
def test_a_further_header_is_one_line_of_ascii(line):
    with pytest.raises(BadMessage):
        Message("mia@example.org", "s", "t", None, (("List-Id", line),))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("to", ""), ("to", " mia@example.org"), ("text", ""), ("text", " \n"), ("text", "nul\0"),
        ("html", "nul\0"),
        ("text", "\ud800"), ("html", "\ud800"), ("subject", "\ud800"), ("subject", "x" * 901),
        ("text", "x" * (MOST + 1)), ("html", "x" * MOST),
    ],
)  # fmt: skip
def test_what_no_gate_sends_is_refused(part, said):
    lines = {"to": "mia@example.org", "subject": "s", "text": "t"}
    with pytest.raises(BadMessage) as refused:
        Message(**{**lines, part: said})
    assert refused.value.part in {part, "text"}


def test_a_text_message_has_no_subject_and_any_script():
    assert Message("+6561234567", "", "رمزك 418205\n🔑").html is None
