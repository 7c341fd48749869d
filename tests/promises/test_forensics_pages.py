"""The forensic test through the pages: what a member does there, the server's own log, and its letters."""

import io
import sys
import tempfile

import pytest

from tests.inside import rows_of
from tests.privacy.canaries import forms, search, sightings
from tests.privacy.opening import keys_of, opened, things_of
from tests.privacy.test_canaries import everything_in
from troth.clock import DAY
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
