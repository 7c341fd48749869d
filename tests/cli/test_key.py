import pytest

PORTAL = ("--program", "portal", "--purpose", "service", "--purpose", "support.reply")


@pytest.fixture
def made(troth_json):
    return troth_json("key", "make", *PORTAL)
