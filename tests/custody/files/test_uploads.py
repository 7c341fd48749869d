"""What the agreement promises of uploads holds on the one path, whoever calls and however."""

import ast
import asyncio
import sys

import pytest

from tests.cast import JPEG, MIA, SUPPORT, joins, tells
from tests.drawing import GPS, HIDDEN, archive, calm, decoded, encoded, exif, face, letter, noise
from tests.house.source import dotted, trees
from tests.houses import MEMBER_TEXT
from tests.inside import blobs_of, expect_refusal, rows_of, shown
from troth.acts.collect import offering, taking
from troth.acts.correct import correcting
from troth.custody.files.uploads import Judged, prepare, promised
from troth.custody.serving import serve
from troth.custody.take_in import Taken
from troth.errors import PillowMissing, Refused
from troth.rules.decision import Why, member
from troth.store import schema
from troth.terms.agreement import FieldSpec

PHOTO = encoded(calm("beach", 64, 48), "JPEG", exif=exif(6), comment=HIDDEN) + archive()
PROMISE = "  uploads: [type, size, metadata]\n"
ALL = frozenset({"type", "size", "metadata"})
PICTURE, FILE = FieldSpec("front", "picture", limit=100_000), FieldSpec("letter", "file", limit=100_000)


def kept(house, category="camera.profile", name="picture"):
    return [values[name] for values in shown(house.access(about=MIA, category=category)) if name in values]


@pytest.fixture
def mia(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    return house


def portrait(picture):
    return offering(
        by=member(), about=MIA, category="camera.profile", when="camera", values={"picture": picture}
    )


WAYS = {
    "collect": lambda house: tells(house, MIA, "camera.profile", picture=PHOTO),
    "soon": lambda house: asyncio.run(
        house.collect_soon(about=MIA, category="camera.profile", when="camera", values={"picture": PHOTO})
    ),
    "many": lambda house: house.collect_many([portrait(PHOTO)]),
    "correct": lambda house: (
        tells(house, MIA, "camera.profile", picture=JPEG),
        house.correct(about=MIA, category="camera.profile", values={"picture": PHOTO}),
    ),
    "unready": lambda house: house.teller.chore(lambda inner: serve(inner, [taking([portrait(PHOTO)])])),
    "unready correction": lambda house: (
        tells(house, MIA, "camera.profile", picture=JPEG),
        house.teller.chore(
            lambda inner: serve(
                inner,
                [correcting(by=member(), about=MIA, category="camera.profile", values={"picture": PHOTO})],
            )
        ),
    ),
    "forged": lambda house: house.collect_many([portrait(Judged(PHOTO, "image/jpeg", "picture", ALL))]),
    "forged correction": lambda house: (
        tells(house, MIA, "camera.profile", picture=JPEG),
        house.correct(
            about=MIA,
            category="camera.profile",
            values={"picture": Judged(PHOTO, "image/jpeg", "picture", ALL)},
        ),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_where_a_picture_was_taken_is_not_kept_however_it_comes_in(mia, way):
    assert decoded(PHOTO).getexif().get_ifd(GPS)

    WAYS[way](mia)

    (content,) = kept(mia)
    assert not decoded(content).getexif()
    assert HIDDEN not in content
    assert b"PK" not in content
    assert decoded(content).size == (48, 64)  # upright
    (blob,) = [row.blob for row in rows_of(mia, schema.blobs)][-1:]
    assert blob in blobs_of(mia)


def test_a_picture_that_comes_as_a_file_loses_the_same(house):
    joins(house)
    tells(house, MIA, "support", attachment=PHOTO)
    (content,) = kept(house, "support", "attachment")
    assert not decoded(content).getexif()
    assert HIDDEN not in content


@pytest.mark.parametrize("content", [letter("my payout"), "Grüße\n".encode(), b"a;b\n1;2\n"])
def test_a_letter_is_kept_byte_for_byte(house, content):
    joins(house)
    tells(house, MIA, "support", attachment=content)
    assert kept(house, "support", "attachment") == [content]


REFUSED = {
    "not-an-accepted-file": archive(),
    "active-content": letter("x").replace(b"trailer", b"9 0 obj<</S/JavaScript>>endobj trailer"),
    "locked": letter("x").replace(b"/Root", b"/Encrypt 9 0 R/Root"),
    "damaged": PHOTO[:300],
    "too-large": b"a" * 10_000_001,
    "malformed": "text",
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_file_that_is_not_taken_is_refused_by_its_field_with_a_way_on(house, why):
    joins(house)
    with expect_refusal(house, why, at=("collect.support",), leaving=(schema.records, schema.blobs)) as told:
        tells(house, MIA, "support", attachment=REFUSED[why])
    assert told().words == ("attachment",)
    assert told().fix
    assert blobs_of(house) == []


def test_everything_that_is_wrong_is_told_at_once(house):
    joins(house)
    with expect_refusal(house, "malformed", "not-an-accepted-file"):
        tells(house, MIA, "support", attachment=archive(), message=7)


def test_who_may_not_send_a_picture_is_not_told_what_is_wrong_with_it(house):
    joins(house)
    for sent in (PHOTO, b"no picture"):
        with expect_refusal(house, "consent-missing"):
            tells(house, MIA, "camera.profile", picture=sent)


def test_a_bad_picture_fails_no_neighbour(mia):
    told = {**SUPPORT, "attachment": PHOTO}
    letters = offering(by=member(), about=MIA, category="support", when="customer_service", values=told)
    first, second = mia.collect_many([portrait(PHOTO[:200]), letters], together=False)
    assert first.codes == ("damaged",)
    assert isinstance(second, Taken)


# ---- other promises


@pytest.mark.parametrize("promise", ["", "  uploads: [size]\n", "  uploads: [type, size]\n"])
def test_without_the_promise_a_picture_is_judged_and_kept_as_it_is(new_house, promise):
    house = new_house(MEMBER_TEXT.replace(PROMISE, promise))
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")

    tells(house, MIA, "camera.profile", picture=PHOTO)
    with expect_refusal(house, "not-a-picture"):
        house.correct(about=MIA, category="camera.profile", values={"picture": b"GIF89a"})
    with expect_refusal(house, "too-large"):
        house.correct(about=MIA, category="camera.profile", values={"picture": PHOTO.ljust(5_000_001)})

    assert kept(house) == [PHOTO]


def test_without_the_promise_of_types_any_file_is_taken_up_to_its_limit(sqlite_house):
    house = sqlite_house(MEMBER_TEXT.replace(PROMISE, "  uploads: [size]\n"))
    joins(house)
    tells(house, MIA, "support", attachment=archive())
    with expect_refusal(house, "too-large"):
        tells(house, MIA, "support", attachment=b"a" * 10_000_001)
    assert kept(house, "support", "attachment") == [archive()]


def test_what_is_promised_is_read_from_the_agreement_in_force(house, sqlite_house):
    assert promised(house.teller.house.book) == ALL
    assert promised(sqlite_house(MEMBER_TEXT.replace(PROMISE, "")).teller.house.book) == frozenset()


def test_what_was_prepared_for_another_promise_field_or_limit_is_prepared_again():
    loose = prepare(PHOTO, PICTURE, frozenset())
    assert (loose.content, loose.media) == (PHOTO, "image/jpeg")
    strict = prepare(loose, PICTURE, ALL)
    assert HIDDEN not in strict.content
    assert prepare(strict, PICTURE, ALL) is strict
    assert prepare(strict, PICTURE, frozenset()) is strict
    assert prepare(strict, FILE, ALL).kind == "file"
    assert prepare(strict, FieldSpec("front", "picture", limit=99), ALL) is Why.TOO_LARGE
    assert prepare(prepare(archive(), FILE, frozenset()), FILE, ALL) is Why.NOT_A_FILE


def test_a_prepared_upload_does_not_show_itself():
    assert "content" not in repr(prepare(PHOTO, PICTURE, ALL))


# ---- who makes one


def test_nothing_but_prepare_makes_a_prepared_upload():
    made = [
        f"{path}:{parent.name}"
        for path, tree in trees("src")
        for parent in ast.walk(tree)
        if isinstance(parent, ast.FunctionDef)
        for node in ast.walk(parent)
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Judged"
    ]
    assert made == ["src/troth/custody/files/uploads.py:prepare"]


# ---- without Pillow


@pytest.mark.parametrize("way", ["collect", "soon", "many", "unready"])
def test_without_pillow_no_picture_is_taken_in_and_nothing_is_half_written(mia, monkeypatch, way):
    before = rows_of(mia, schema.records)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "PIL.JpegImagePlugin", None)
        if way == "unready":
            (outcome,) = WAYS[way](mia)
            assert isinstance(outcome, PillowMissing)
        else:
            with pytest.raises(PillowMissing, match=r"pip install 'troth\[serve\]'"):
                WAYS[way](mia)
        with pytest.raises(PillowMissing):
            tells(mia, MIA, "support", attachment=PHOTO)
        tells(mia, MIA, "support", attachment=letter("a letter needs none"))
        with pytest.raises(Refused):
            tells(mia, MIA, "camera.profile", picture=b"no picture")
        assert blobs_of(mia) == sorted(row.blob for row in rows_of(mia, schema.blobs))
        assert len(rows_of(mia, schema.records)) == len(before) + 1
    tells(mia, MIA, "camera.profile", picture=face("later"))
    assert kept(mia) == [face("later")]


def test_without_pillow_pictures_are_taken_where_nothing_is_promised_of_them(sqlite_house, monkeypatch):
    house = sqlite_house(MEMBER_TEXT.replace(PROMISE, "  uploads: [type, size]\n"))
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    monkeypatch.setitem(sys.modules, "PIL.JpegImagePlugin", None)
    tells(house, MIA, "camera.profile", picture=PHOTO)
    assert kept(house) == [PHOTO]


def test_a_noisy_picture_of_a_telephone_fits_where_it_fitted_before(mia):
    sent = encoded(noise("noisy", 1_200, 900), "JPEG", quality=80)
    padded = sent + bytes(5_000_000 - len(sent))
    tells(mia, MIA, "camera.profile", picture=padded)
    assert len(kept(mia)[0]) <= 5_000_000
