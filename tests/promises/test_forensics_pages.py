"""The forensic test through the pages: what a member does there, the server's own log, and its letters."""

import io
import sys
import tempfile

import pytest

import troth
from tests.inside import rows_of
from tests.privacy.canaries import forms, search, sightings
from tests.privacy.opening import keys_in, keys_of, opened, things_in, things_of
from tests.privacy.test_canaries import everything_in
from troth.acts.backup import back_up
from troth.acts.restore import restore
from troth.clock import DAY
from troth.custody import publishing
from troth.store import schema
from troth.web import logs

WORD = "qx9pagescanary"
MAIL, OTHER = f"{WORD}@example.org", f"{WORD}.two@example.org"
COUNTERPARTS = ("httpx", "httpcore", "mail")  # the browser and the mail server of the test log for themselves
NEEDLES = dict.fromkeys(forms(WORD), WORD)


@pytest.fixture
def log():
    """What the server writes to its log."""
    here = io.StringIO()
    logs.write_to(here)
    yield here
    logs.write_to(sys.stderr)


@pytest.fixture
def temp(tmp_path):
    """A directory of the test's own for temporary files."""
    before, place = tempfile.tempdir, tmp_path / "temp"
    place.mkdir()
    tempfile.tempdir = str(place)
    yield place
    tempfile.tempdir = before


def test_of_a_member_of_the_pages_nothing_is_left_in_house_log_letters_that_wait_or_temporary_files(
    portal, log, temp, capfd, caplog
):
    caplog.set_level("DEBUG")
    house = portal.house
    browser = portal.register(MAIL)
    browser.get(f"/data/account?q={WORD}")
    browser.get(f"/nowhere/{WORD}", follow=False)
    page = browser.get("/identifiers/email")
    coded = browser.send(page.form("/identifiers/email"), value=OTHER)
    browser.send(coded.form("/identifiers/email/code"), code=portal.code(OTHER))
    stranger = portal.visitor(**{"user-agent": f"{WORD}/1.0", "referer": f"https://example.org/{WORD}"})
    stranger.get(f"/?ref={WORD}")
    form = browser.get("/support/new").form("/support/new")
    browser.send(form, topic=WORD, message=f"{WORD}: please help")
    taken = browser.package()
    assert taken.namelist()
    subject, root = browser.subject, house.teller.house.directory / "keys/root"
    found = [e for e in opened([things_of(house)], [keys_of(house)], root) if e.subject == subject]
    assert sightings(b"".join(each.content for each in found), NEEDLES)
    assert any(MAIL in letter.rcpt_tos for letter in portal.office.letters)
    assert "request" in log.getvalue()

    done = browser.send(browser.get("/leave").form("/leave/erase"))

    assert done.title == "Erased"
    portal.clock.forward(2 * DAY)
    house.sweep()
    found = [e for e in opened([things_of(house)], [keys_of(house)], root) if e.subject == subject]
    assert {each.kept for each in found} == set()
    assert rows_of(house, schema.packages) == []
    ours = [each for each in caplog.records if each.name.partition(".")[0] not in COUNTERPARTS]
    said = log.getvalue() + "".join(f"{each.name} {each.getMessage()}\n" for each in ours)
    said += "".join(capfd.readouterr())
    assert sightings(said.encode(), NEEDLES) == []
    assert sightings((said + WORD).encode(), NEEDLES) == [WORD]
    assert sightings(everything_in(house), NEEDLES) == []
    assert search(house.teller.house.directory, NEEDLES) == search(temp, NEEDLES) == {}
    assert all(not counts.waiting for counts in portal.hall.courier.counts().values())


def test_sessions_letters_and_packages_of_whoever_was_erased_do_not_come_back_with_a_restore(
    portal, log, temp, tmp_path
):
    house, root = portal.house, portal.house.teller.house.directory / "keys/root"
    browser = portal.register(MAIL)
    form = browser.get("/support/new").form("/support/new")
    browser.send(form, topic=WORD, message=f"{WORD}: please help")
    packed = house.package(about=browser.subject)
    subject = browser.subject
    made = back_up(house.teller, content=tmp_path / "data", keys=tmp_path / "keys")
    content, keys = things_in(made.content, "copy"), keys_in(made.keys, "copy", tmp_path / "keys")
    mine = [each for each in opened([content], [keys], root) if each.subject == subject]
    sessions = house.teller.house.book.sign_in[1].sessions
    assert sealed_of(house, subject, sessions)
    assert {":self", "support"} <= {each.kept for each in mine}  # packages begin anew, and are in no copy
    assert ":packages" in {row.kept for row in rows_of(house, schema.keys)}
    assert sightings(b"".join(each.content for each in mine), NEEDLES)
    assert packed.size

    browser.send(browser.get("/leave").form("/leave/erase"))
    portal.clock.forward(DAY)
    house.teller.alone(lambda desk: publishing.export(desk, tmp_path / "log"))
    at = {"content": made.content, "keys": made.keys, "root": root, "ledger": tmp_path / "log"}
    report = restore(**at, into=tmp_path / "again", clock=portal.clock)

    assert report.erased == 1
    with troth.open(tmp_path / "again", clock=portal.clock) as again:
        again.sweep()
        found = opened([things_of(again)], [keys_of(again)], root)
        assert [each for each in found if each.subject == subject] == []
        assert not sealed_of(again, subject, sessions)
        assert rows_of(again, schema.packages) == []
        assert sightings(everything_in(again), NEEDLES) == []
        assert search(tmp_path / "again", NEEDLES) == {}
    for place in (tmp_path / "data", tmp_path / "keys", tmp_path / "log", temp):
        (place / "planted").write_text(f"before {WORD} after")
        assert search(place, NEEDLES) == {"planted": [WORD]}
        (place / "planted").unlink()


def sealed_of(house, subject, category):
    """The sealed records of somebody in a category, in whichever table it stands."""
    origins = {row.origin for row in rows_of(house, schema.origins) if row.category == category}
    return [row for row in rows_of(house, schema.records) if row.subject == subject and row.origin in origins]
