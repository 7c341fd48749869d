"""What others wrote is what the lock says, to the byte."""

import pytest

from scripts.vendor import PAGES, TESTS, WANTED, findings, lock, sprite
from tests.house.source import ROOT
from troth.web.rendering import VENDOR


@pytest.mark.parametrize("place", [PAGES, TESTS], ids=["pages", "tests"])
def test_every_file_has_the_hash_that_the_lock_names(place):
    assert findings(place) == []


@pytest.mark.parametrize("place", [PAGES, TESTS], ids=["pages", "tests"])
def test_each_package_is_pinned_and_has_its_licence_beside_it(place):
    for each in lock(place).values():
        assert len(each["sha512"]) == 128
        assert each["licence"] in ("MIT", "0BSD", "MPL-2.0")
        assert "LICENSE" in each["files"]
        assert each["directory"].endswith(f"-{each['version']}")


def test_an_altered_missing_or_added_file_is_found(tmp_path):
    for path in PAGES.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(PAGES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    script = next(tmp_path.glob("htmx-*/htmx.min.js"))
    script.write_bytes(script.read_bytes() + b" ")
    next(tmp_path.glob("tabler-icons-*/LICENSE")).unlink()
    (tmp_path / "extra.js").write_text("")
    said = findings(tmp_path)
    assert sum(each.endswith("was altered") for each in said) == 1
    assert sum(each.endswith("listed and not there") for each in said) == 1
    assert sum(each.endswith("there and not listed") for each in said) == 1


def test_the_pages_use_the_files_that_are_kept():
    assert {path for path in VENDOR.values() if not (PAGES.parent / path).exists()} == set()


def test_the_bundle_with_the_history_cache_is_not_shipped():
    kept = {name for each in lock(PAGES).values() for name in each["files"]}
    assert {"htmx.min.js"} == {name for name in kept if name.endswith(".js")}
    script = next(PAGES.glob("htmx-*/htmx.min.js")).read_text(encoding="utf-8")
    assert "sessionStorage" not in script
    assert "localStorage" not in script


def test_vendored_files_are_marked_for_readers_of_changes():
    marked = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    for place in (PAGES, TESTS):
        assert f"{place.relative_to(ROOT).as_posix()}/** -diff linguist-vendored" in marked


def test_a_sprite_holds_each_icon_under_its_name_without_its_frame():
    drawn = sprite({"lock": '<svg width="24">\n<path d="M0 0h24v24H0z" />\n<path d="M1 1h2" />\n</svg>'})
    assert '<symbol id="lock"' in drawn
    assert '<path d="M1 1h2"/>' in drawn
    assert "M0 0h24v24H0z" not in drawn


def test_no_two_packages_share_a_place():
    places = [each.directory for each in WANTED]
    assert len(places) == len(set(places))
