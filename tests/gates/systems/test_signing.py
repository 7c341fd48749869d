"""Messages and receipts are judged as the vectors of the format say."""

from contextlib import suppress

import pytest

from tests.house.source import ROOT
from tests.vault.known import page
from troth.gates.systems.signing import Signing

VECTORS = page("systems.json")["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_whoever_has_the_keys_judges_a_message_as_the_vectors_say(vector):
    outcome = "refused"
    with suppress(ValueError):
        Signing(vector["keys"]).check(
            vector["id"],
            str(vector["timestamp"]),
            vector["body"].encode(),
            vector["signature"],
            vector["now"],
        )
        outcome = "taken"
    assert outcome == vector["expect"]


def test_the_page_of_the_format_shows_a_vector():
    shown = (ROOT / "docs/formats/systems.md").read_text("utf-8")
    first = VECTORS[0]
    assert all(first[part] in shown for part in ("id", "body"))
    assert f"Webhook-Timestamp: {first['timestamp']}\n" in shown
