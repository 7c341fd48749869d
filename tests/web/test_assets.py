"""Static files stand at addresses that carry the hash of their content, and nothing else stands there."""

import gzip
import hashlib

import pytest

from tests.house.source import SOURCE
from troth.web.assets import Assets

PLACE = SOURCE / "web/static"


@pytest.fixture(scope="module")
def assets():
    return Assets()


def test_every_file_that_pages_use_has_an_address(assets):
    there = {
        path.relative_to(PLACE).as_posix()
        for path in PLACE.rglob("*")
        if path.suffix in (".css", ".js", ".svg")
    }
    assert assets.paths() == there


def test_an_address_carries_the_hash_of_the_content(assets):
    for path in assets.paths():
        digest = hashlib.sha256((PLACE / path).read_bytes()).hexdigest()[:16]
        assert assets.address(path) == f"/static/{digest}/{path}"


def test_the_file_is_found_at_its_address_with_its_kind(assets):
    found = assets.at(assets.address("tokens.css"))
    assert found.content == (PLACE / "tokens.css").read_bytes()
    assert found.media_type == "text/css; charset=utf-8"
    assert gzip.decompress(found.zipped) == found.content


@pytest.mark.parametrize(
    "address",
    [
        "/static/0000000000000000/tokens.css",
        "/static/tokens.css",
        "/static/../templates/base.html",
        "/static/%2e%2e/assets.py",
        "/static/",
        "",
    ],
)
def test_nothing_else_stands_anywhere(assets, address):
    assert assets.at(address) is None


def test_no_style_sheet_of_ours_fetches_anything():
    for name in ("tokens.css", "site.css"):
        text = (PLACE / name).read_text(encoding="utf-8")
        assert "url(" not in text
        assert "@import" not in text


def test_no_script_of_ours_evaluates_text_or_keeps_anything_in_the_browser():
    scripts = sorted(PLACE.glob("*.js"))
    assert 0 < len(scripts) <= 6
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        for banned in (
            "eval(",
            "new Function",
            "innerHTML",
            "document.write",
            "localStorage",
            "sessionStorage",
        ):
            assert banned not in text, f"{path.name}: {banned}"


def test_the_usage_script_is_silent_when_the_browser_asks_for_it():
    assert "navigator.globalPrivacyControl !== true" in (PLACE / "usage.js").read_text(encoding="utf-8")
