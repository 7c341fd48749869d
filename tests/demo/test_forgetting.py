"""The story's search for the erased can fail: whatever is left of them somewhere is found and told."""

import base64
import shutil
from datetime import datetime
from io import StringIO

import pytest

from troth import library
from troth.cli.agreements import MEMBER
from troth.clock import DAY, SECOND, Settable, iso
from troth.demo import collecting
from troth.demo.forgetting import erasure_scene
from troth.demo.page import Page
from troth.demo.people import Crowd
from troth.demo.stage import Stage
from troth.terms.parse import parse

AGREEMENT = MEMBER.read_text("utf-8")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The house of a story in which everybody has told everything and nobody is erased yet; closed."""
    directory = tmp_path_factory.mktemp("forgetting") / "house"
    clock = Settable(parse(AGREEMENT, "agreement.md").effective + 400 * DAY)
    crowd = Crowd(7, datetime.fromisoformat(iso(clock())).date())
    people = [crowd.person("GR", "female"), crowd.person("JP", "male"), *crowd.people(8)]
    with library.init(directory, AGREEMENT, clock=clock) as house:
        stage = Stage(Page.on(StringIO()), directory, clock, crowd, people, house, directory.parent)
        collecting.collecting_scene(stage)
    return stage


@pytest.fixture
def told(collected, tmp_path):
    """A function that lets something leak, tells the scene of the erasure, and returns its page."""

    def telling(leak):
        directory = tmp_path / "house"
        shutil.copytree(collected.directory, directory)
        out = StringIO()
        clock = Settable(collected.clock() + 60 * SECOND)
        with library.open(directory, clock=clock) as house:
            stage = Stage(Page.on(out), directory, clock, collected.crowd, collected.people, house, tmp_path)
            stage.needles.update(collected.needles)
            leak(stage)
            erasure_scene(stage)
        return stage.page, out.getvalue()

    return telling


def values_of(stage, person):
    """Return every value that somebody told, as it is."""
    return [needle.content for needle in stage.needles[person.reference] if needle.form == "as it is"]


def nothing(_stage):
    """Leak nothing."""


def a_log(stage):
    (stage.directory / "debug.log").write_bytes(b"read: " + values_of(stage, stage.visitor)[0])


def a_log_of_hers(stage):
    (stage.directory / "debug.log").write_bytes(b"read: " + values_of(stage, stage.heroine)[-1] + b"\n")


def a_dump(stage):
    told = b'{"value": "' + values_of(stage, stage.visitor)[0] + b'"}'
    (stage.directory / "blobs" / "dump").write_bytes(base64.b64encode(told))


def a_copy_of_the_keys(stage):
    stage.house.teller.chore(lambda inner: inner.filing.fold())
    shutil.copy(stage.directory / "keys" / "keystore.db", stage.directory / "keystore.bak")


def a_copy_of_the_store(stage):
    stage.house.teller.chore(lambda inner: inner.filing.fold())
    shutil.copy(stage.directory / "store.db", stage.directory / "store.bak")


def test_where_nothing_leaked_nothing_is_found(told):
    page, _ = told(nothing)
    assert page.figures["scan_found_of_erased"] == page.figures["scan_keys_after"] == 0
    assert page.figures["scan_keys_before"] > 10
    assert page.figures["erased_whole"]


@pytest.mark.parametrize("leak", [a_log, a_log_of_hers, a_dump], ids=lambda leak: leak.__name__)
def test_a_value_that_is_left_anywhere_in_the_directory_is_found_and_counted(told, leak):
    page, text = told(leak)
    assert page.figures["scan_found_of_erased"] == 1
    row = next(line for line in text.splitlines() if "values that the two told" in line)
    assert "1 of" in row


def test_keys_that_somebody_kept_a_copy_of_are_found(told):
    page, _ = told(a_copy_of_the_keys)
    assert page.figures["scan_keys_after"] == page.figures["scan_keys_before"] > 10
    assert page.figures["scan_found_of_erased"] >= page.figures["scan_keys_after"]


def test_sealed_records_that_somebody_kept_a_copy_of_are_found(told):
    page, _ = told(a_copy_of_the_store)
    assert page.figures["scan_keys_after"] == 0
    assert page.figures["scan_found_of_erased"] > 0


def test_what_is_looked_for_is_what_the_two_told(collected):
    she, he = collected.heroine, collected.visitor
    hers, his = (b"\n".join(values_of(collected, person)).decode("utf-8", "replace") for person in (she, he))
    for value in (she.name, she.email, she.phone, she.username, she.account, she.device):
        assert value in hers
    for value in (he.email, he.phone, he.username, he.device):
        assert value in his
    assert min(map(len, values_of(collected, she) + values_of(collected, he))) > 5
