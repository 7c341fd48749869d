"""Pictures are judged and drawn anew before a job waits, so nobody waits for them."""

import threading
import time

import pytest

from tests.cast import MIA, NOOR, joins
from tests.drawing import HIDDEN, archive, calm, encoded, exif, face
from troth.acts.collect import offering, taking
from troth.acts.correct import correcting
from troth.acts.use import accessing
from troth.custody.files.readying import has_uploads, ready
from troth.custody.files.uploads import Judged
from troth.rules.decision import Why, member

PHOTO = encoded(calm("beach", 64, 48), "JPEG", exif=exif(), comment=HIDDEN)


def portrait(picture, **changes):
    told = {"by": member(), "about": MIA, "category": "camera.profile", "when": "camera"}
    return offering(**{**told, "values": {"picture": picture}, **changes})


@pytest.fixture
def book(house):
    return house.teller.house.book


def test_only_jobs_that_bring_bytes_have_uploads():
    account = offering(by=member(), about=MIA, category="account", when="registration", values={"email": "e"})
    assert has_uploads(taking([account, portrait(PHOTO)]))
    assert has_uploads(correcting(by=member(), about=MIA, category="camera.profile", values={"picture": b""}))
    assert has_uploads(taking([portrait(Judged(PHOTO, "image/jpeg", "picture", frozenset()))]))
    assert not has_uploads(taking([account]))
    assert not has_uploads(taking([portrait("text")]))
    assert not has_uploads(accessing(by=member(), about=MIA, category="account"))


def test_a_job_is_made_ready_without_a_unit(book):
    job = taking([portrait(PHOTO), portrait(archive()), portrait("text")])
    values = [offer.values["picture"] for offer in ready(book, job).offers]
    assert isinstance(values[0], Judged)
    assert HIDDEN not in values[0].content
    assert values[1:] == [Why.NOT_A_PICTURE, "text"]
    assert [offer.values["picture"] for offer in job.offers] == [PHOTO, archive(), "text"]


def test_a_correction_is_made_ready_alike(book):
    job = correcting(by=member(), about=MIA, category="camera.profile", values={"picture": PHOTO})
    assert HIDDEN not in ready(book, job).values["picture"].content


@pytest.mark.parametrize(
    "changes",
    [{"when": "registration"}, {"category": "religion"}, {"category": "account", "when": "registration"}],
)
def test_what_no_clause_takes_in_is_not_opened(book, changes):
    job = taking([portrait(PHOTO, **changes)])
    assert ready(book, job).offers[0].values == {"picture": PHOTO}


def test_what_calls_itself_prepared_is_not_believed(book):
    forged = Judged(PHOTO, "image/jpeg", "picture", frozenset({"type", "size", "metadata"}))
    for changes in ({}, {"category": "religion"}):
        (offer,) = ready(book, taking([portrait(forged, **changes)])).offers
        sent = offer.values["picture"]
        assert isinstance(sent, bytes) or HIDDEN not in sent.content


def test_a_job_without_uploads_stays_the_same(book):
    job = accessing(by=member(), about=MIA, category="account")
    assert ready(book, job) is job


def test_others_are_answered_while_a_large_picture_is_drawn(sqlite_house):
    house = sqlite_house()
    for who in (MIA, NOOR):
        joins(house, who)
    house.consent(about=MIA, purpose="camera.profile")
    large = encoded(calm("large", 4_000, 3_000), "JPEG", quality=90, progressive=True)
    done = threading.Event()

    def send():
        house.collect_many([portrait(large)])
        done.set()

    sending = threading.Thread(target=send)
    sending.start()
    answered, slowest = 0, 0.0
    while not done.is_set():
        began = time.perf_counter()
        house.access(about=NOOR, category="account")
        slowest = max(slowest, time.perf_counter() - began)
        answered += not done.is_set()
    sending.join()
    assert answered > 3
    assert slowest < 5


def test_several_callers_draw_their_pictures_and_all_are_kept(sqlite_house):
    house = sqlite_house()
    people = [f"M-{n}" for n in range(6)]
    for who in people:
        joins(house, who)
        house.consent(about=who, purpose="camera.profile")
    threads = [
        threading.Thread(target=lambda who=who: house.collect_many([portrait(face(who), about=who)]))
        for who in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for who in people:
        (held,) = house.access(about=who, category="camera.profile").records
        assert held.values["picture"].reveal() == face(who)
