"""The whole story is true: every scene happens, every refusal cites its clause, and the erased are gone."""

import re
import shutil
from io import StringIO

import pytest

from troth import library
from troth.cli.agreements import MEMBER
from troth.demo.forgetting import PUBLISHED
from troth.demo.page import Page
from troth.demo.proving import spoil, verified
from troth.demo.story import SCENES, tell
from troth.errors import HouseExists

AGREEMENT = MEMBER.read_text("utf-8")
CIRCUMSTANCES = {
    "registration", "identity_verification", "service_use", "payment", "customer_service", "usage_log",
    "camera",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The page of a story of 25 people, its text, and where its house is."""
    directory = tmp_path_factory.mktemp("demo") / "house"
    out = StringIO()
    page = tell(Page.on(out), AGREEMENT, directory=directory, members=25)
    return page, out.getvalue(), directory


def scene(page, word):
    return next(each for each in page.told if word in each["scene"])


def test_every_scene_is_told(told):
    page, text, _ = told
    assert len(page.told) == len(SCENES) + 3  # the agreement and the house before them, the close after
    assert all(each["scene"] in text for each in page.told)
    assert all(each["says"] or each["tables"] for each in page.told)


def test_nothing_in_it_failed(told):
    page, text, _ = told
    assert "NOT refused" not in text
    assert "lost" not in text
    assert page.figures["check_errors"] == 0
    assert not re.search(r"^✗ (?! )", text, re.MULTILINE), (
        "a cross before a sentence says that something failed"
    )


def test_all_seven_circumstances_were_collected_from(told):
    page, _, _ = told
    rows = scene(page, "circumstances")["tables"][0]["rows"]
    assert {row[0] for row in rows} == CIRCUMSTANCES
    assert all(int(row[3].replace(",", "")) > 0 for row in rows)
    assert sum(int(row[3].replace(",", "")) for row in rows) == page.figures["records"]
    assert page.figures["camera_refused_without_consent"]


def test_every_attempt_was_refused_and_what_a_clause_speaks_of_is_cited(told):
    page, _, _ = told
    assert page.figures["refused"] == page.figures["attempts"]
    cited = {row[0]: row[2] for row in scene(page, "Refused")["tables"][0]["rows"]}
    silent = {what for what, clause in cited.items() if clause == "—"}
    assert silent == {
        "support, without a purpose", "support, out of curiosity", "a person nobody knows",
        "to a data broker",
    }  # fmt: skip
    assert cited["an engineer reads a phone number"] == "2.7"
    assert cited["support reads a bank account"] == "2.5"
    assert cited["the ID picture as profile picture"] == "2.13"
    assert cited["somebody's religion"] == "1.20"
    assert cited["a shoe size, at registration"] == "1.1"
    assert cited["a promotion without consent"] == "2.16"


def test_a_change_of_mind_is_felt_by_the_next_read(told):
    page, _, _ = told
    outcomes = [each.partition(":")[0] for each in page.figures["mind_changes"]]
    assert outcomes == ["read", "refused", "refused", "read", "read", "refused"]


def test_what_expired_was_refused_at_the_instant_and_is_gone_after_the_sweep(told):
    page, _, _ = told
    assert page.figures["expired_refused"]
    assert page.figures["expired"] > 0
    assert page.figures["expired_left"] == 0


def test_of_the_erased_nothing_is_found_and_before_that_their_keys_were(told):
    page, _, _ = told
    assert page.figures["erased_whole"]
    assert page.figures["erased_read_refused"]
    assert page.figures["kept_classes"] == 3
    assert page.figures["scan_keys_before"] > 10
    assert page.figures["scan_keys_after"] == 0
    assert page.figures["scan_found_of_erased"] == 0
    assert page.figures["scan_control"] == 6


def test_the_house_comes_back_from_an_older_copy_without_the_erased(told):
    page, _, _ = told
    assert page.figures["copy_verified"]
    assert page.figures["copy_found"] == 0
    assert page.figures["returned_erasures"] == 2
    assert page.figures["returned_refused"]
    assert page.figures["returned_found"] == 0
    assert page.figures["returned_others"] == 1


def test_no_clause_is_broken(told):
    page, _, _ = told
    assert "broken" not in page.figures["evidence"]
    assert page.figures["evidence"]["kept"] >= 30


def test_a_stranger_verified_the_ledger_and_found_the_flipped_bit(told, tmp_path):
    page, _, directory = told
    assert page.figures["ledger_verified"]
    assert page.figures["tampering_found"]
    copy = tmp_path / "copy"
    shutil.copytree(directory / PUBLISHED, copy)
    assert verified(copy)[0]
    spoil(copy)
    good, said = verified(copy)
    assert not good
    assert "entry-broken" in said


def test_the_house_is_left_usable(told):
    _, _, directory = told
    with library.open(directory) as house:
        assert house.sweep().expired == 0


def test_a_story_of_the_fewest_people_is_whole_too(tmp_path):
    page = tell(Page.on(StringIO()), AGREEMENT, directory=tmp_path / "house", members=1)
    assert page.figures["refused"] == page.figures["attempts"]
    assert page.figures["scan_found_of_erased"] == 0


def test_a_directory_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(HouseExists):
        tell(Page.on(StringIO()), AGREEMENT, directory=tmp_path, members=10)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
