"""Each declared system stands behind its gate, with secrets from files that nobody else can read."""

import pytest

from tests.gates.counterparts import SECRET, a_clock
from tests.shops import WORDS
from troth.errors import NotDoneThere, SystemsFaulty
from troth.gates.systems.databases.database import DatabaseGate
from troth.gates.systems.gathering import declared_in, gathered, secret
from troth.gates.systems.opendsr import OpenDsrGate
from troth.gates.systems.webhook import WebHookGate

ALL = """
[systems.shop]
kind = "database"
url = "postgresql://troth@127.0.0.1:1/shop"
password_file = "shop.password"

[systems.shop.tables.customers]
person = {column = "member", by = "number"}
erase = "delete"

[systems.crm]
kind = "webhook"
url = "http://127.0.0.1:1/troth"
secret_file = "crm.key"

[systems.ads]
kind = "opendsr"
url = "https://ads.example.com/v2"
certificate_file = "ads.pem"
domain = "ads.example.com"
identities = {"account.email" = "email"}
"""


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "systems.toml").write_text(ALL, "utf-8")
    return tmp_path


def test_every_kind_has_its_gate_and_says_what_it_can_be_asked(directory):
    found = gathered(directory, WORDS, a_clock())
    assert [type(each) for each in found.values()] == [DatabaseGate, WebHookGate, OpenDsrGate]
    assert found["shop"].acts == {"erase", "correct"}
    assert found["ads"].acts == {"erase"}
    assert found["ads"].wants == {"account.email"}


def test_without_the_file_there_are_no_systems(tmp_path):
    assert gathered(tmp_path, WORDS, a_clock()) == {}


@pytest.mark.parametrize("text", ["systems = 1", "not toml", "[house]\nplace = 1", "[systems.Shop]"])
def test_a_file_that_is_none_is_refused_by_its_path(tmp_path, text):
    (tmp_path / "systems.toml").write_text(text, "utf-8")
    with pytest.raises(SystemsFaulty, match=r"systems\.toml"):
        declared_in(tmp_path, WORDS)


def test_a_secret_is_one_line_of_a_file_that_nobody_else_can_read(directory):
    path = directory / "crm.key"
    path.write_text(SECRET + "\n", "utf-8")
    path.chmod(0o644)
    with pytest.raises(NotDoneThere) as told:
        secret("crm", directory, "crm.key")
    assert (told.value.problem, told.value.stuck) == ("secret-file", True)
    path.chmod(0o600)
    assert secret("crm", directory, "crm.key") == SECRET


def test_a_password_of_the_environment_goes_before_the_file(directory, monkeypatch):
    from troth.gates.systems.gathering import _password

    (shop, *_) = declared_in(directory, WORDS)
    (directory / "shop.password").write_text("of the file\n", "utf-8")
    (directory / "shop.password").chmod(0o600)
    assert _password(shop, directory)() == "of the file"
    monkeypatch.setenv("TROTH_SYSTEM_SHOP_PASSWORD", "of the environment")
    assert _password(shop, directory)() == "of the environment"
