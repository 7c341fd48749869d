"""Our own pages are tried for every promise of theirs; what is not done is found, and nobody is touched."""

import asyncio
import io
import json
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.houses import CLINIC_TEXT, MEMBER_TEXT
from tests.inside import count_of, ledger_of, rows_of
from troth.errors import HouseClosed
from troth.evidence import tried
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.evidence.tried import FOUND, UNTRIED, named
from troth.store import registry, schema
from troth.web import logs
from troth.web.accounts import activity
from troth.web.app import application
from troth.web.credentials.limits import Limits, Lockout, Rate
from troth.web.hall import hall_of
from troth.web.pages import MEMBER_COOKIE
from troth.web.probes import copying, door, entry, telling
from troth.web.probes.stage import Outcome, rehearsal, stand_in
from troth.web.probing import outcome, promises, try_pages

QUICK = MEMBER_TEXT.replace("rate_limit: 60/minute", "rate_limit: 12/minute")  # fewer attempts to make
COOKIE = (b"set-cookie", f"{MEMBER_COOKIE}=stolen; Path=/; Secure; HttpOnly".encode())


@pytest.fixture
def portal(new_portal):
    """A portal whose promises take fewer attempts to be tried."""
    return new_portal(text=QUICK)


@pytest.fixture
def stage(portal):
    with stand_in(portal.hall) as found:
        yield found


@pytest.fixture
def rehearsed(portal):
    with rehearsal(portal.hall) as found:
        yield found


def came_of(probe, stage, word):
    """Return what came of a probe; its code has a sentence."""
    found = asyncio.run(outcome(probe, stage, word))
    assert not found.detail or found.detail.partition(":")[0] in FOUND
    return found.detail


class Bent:
    """An application whose answers to some paths are changed: status, headers and body."""

    def __init__(self, app, bend, *paths):
        self.app, self.bend, self.paths = app, bend, paths

    async def __call__(self, scope, receive, send):
        if self.paths and scope["path"] not in self.paths:
            await self.app(scope, receive, send)
            return
        kept = []

        async def keep(message):
            kept.append(message)

        await self.app(scope, receive, keep)
        body = b"".join(m.get("body", b"") for m in kept)
        headers = [pair for pair in kept[0]["headers"] if pair[0] != b"content-length"]
        status, headers, body = self.bend(kept[0]["status"], headers, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def bent(stage, bend, *paths):
    stage.app = Bent(stage.app, bend, *paths)
    return stage


# ---- everything


def test_everything_that_the_pages_promise_is_tried_and_kept_and_nobody_is_touched(portal):
    house = portal.house
    size, letters = len(ledger_of(house)), len(portal.office.letters)

    found = {each.promise: each for each in try_pages(portal.hall)}

    assert {named(kind, word) for kind, word in promises(house.agreement)} <= set(found)
    assert [each for each in found.values() if not each.passed] == []
    untried = {name for name, each in found.items() if not each.sample}
    assert untried == {"transit:tls", "notice:collect.feedback"}
    assert found["transit:tls"].detail == "plain-loopback"
    assert len(ledger_of(house)) == size
    assert count_of(house, schema.subjects) == count_of(house, schema.records) == 0
    assert len(portal.office.letters) == letters
    assert {row.name: row.passed for row in rows_of(house, schema.probes)} == dict.fromkeys(found, 1)


def test_what_was_tried_is_evidence_of_its_clauses_for_two_hours(portal):
    clauses = ("collect.codes", "account.sign-in", "protect.passwords", "protect.reminders")
    before = {each.clause: each.status for each in verify(portal.house.teller).clauses}
    assert {before[clause] for clause in clauses} == {Status.UNPROVEN}

    try_pages(portal.hall)

    now = {each.clause: each for each in verify(portal.house.teller).clauses}
    assert {now[clause].status for clause in clauses} == {Status.KEPT}
    assert now["protect.encryption"].status is Status.UNPROVEN  # nothing travels by TLS here
    portal.clock.forward(2 * 3_600_000_000 + 1)
    later = {each.clause: each.status for each in verify(portal.house.teller).clauses}
    assert {later[clause] for clause in clauses} == {Status.UNPROVEN}


def test_nobody_who_comes_meanwhile_is_slowed_or_paused(portal):
    portal.hall.limits, portal.hall.lockout = Limits(Rate.of("9/minute")), Lockout(Rate.of("2/hour"))
    try_pages(portal.hall)

    assert portal.register("mia@example.org").get("/home").status == 200


def test_told_to_stop_it_stops_at_once_and_leaves_nothing(portal):
    place = Path(tempfile.gettempdir())
    before = set(place.glob("troth-rehearsal-*"))
    asked = iter(range(10_000))

    with pytest.raises(HouseClosed):
        try_pages(portal.hall, over=lambda: next(asked) > 120)  # in the middle of the rehearsal

    assert set(place.glob("troth-rehearsal-*")) <= before
    assert rows_of(portal.house, schema.probes) == []


def test_what_waits_at_the_end_of_a_rehearsal_goes_with_it_and_no_line_tells_of_it(portal):
    told = io.StringIO()

    async def trial():
        with rehearsal(portal.hall) as stage:
            one = await stage.join(stage.made_up(stage.identifiers()[0]))
            await activity.failed(stage.hall, one)
            assert stage.hall.gathered._offers

    logs.write_to(told)
    try:
        asyncio.run(trial())
        logs.log("end")  # writes what the loop left unwritten
    finally:
        logs.write_to(sys.stderr)
    assert [json.loads(line)["event"] for line in told.getvalue().splitlines()] == ["end"]


def test_a_promise_with_another_value_is_another_promise(new_portal):
    text = QUICK.replace("  violation: case\n", "  violation: case\n  password_length: 24\n")
    portal = new_portal(text=text)

    found = {each.promise: each for each in try_pages(portal.hall)}

    assert (found["password_length:15"].passed, found["password_length:24"].passed) == (True, False)
    words = {each.clause: each for each in verify(portal.house.teller).clauses}
    assert words["protect.passwords"].status is Status.KEPT
    assert words["protect.confidentiality"].status is Status.BROKEN


def test_an_application_that_fails_is_neither_kept_nor_broken(stage):
    bent(stage, lambda status, headers, body: (500, headers, b""))

    for probe, word in ((entry.password_length, "15"), (door.rate_limit, "60/minute")):
        assert came_of(probe, stage, word) == "page-unlike"
    assert Outcome(7, "page-unlike").of("x").sample == 0
    assert Outcome(7, "page-unlike").of("x").passed


def test_every_code_has_a_sentence_and_what_was_not_tried_is_no_fault():
    assert set(FOUND) >= UNTRIED
    assert Outcome(3, "short-taken").of("x").passed is False


# ---- on the house itself


@pytest.mark.parametrize(("promised", "detail"), [("15", ""), ("40", "short-taken"), ("12", "long-refused")])
def test_a_length_of_passwords_that_is_not_kept_is_found(stage, promised, detail):
    assert came_of(entry.password_length, stage, promised) == detail


def test_a_list_of_passwords_that_is_not_asked_is_found(new_portal):
    portal = new_portal(text=MEMBER_TEXT.replace("password_blocklist: true", "password_blocklist: false"))

    with stand_in(portal.hall) as stage:
        assert came_of(entry.password_blocklist, stage, "true") == "common-taken"
        assert came_of(entry.password_blocklist, stage, "false") == "no-page"


def test_another_agreement_is_tried_by_its_own_words(new_portal):
    portal = new_portal(text=CLINIC_TEXT)  # its patients are named by what a code can prove alone

    found = {each.promise: each for each in try_pages(portal.hall)}

    assert {named(kind, word) for kind, word in promises(portal.house.agreement)} <= set(found)
    assert [each for each in found.values() if not each.passed] == []
    with stand_in(portal.hall) as stage:
        assert came_of(entry.password_length, stage, "15") == "no-page"


def test_passkeys_that_are_not_offered_are_found(new_portal):
    portal = new_portal(
        text=MEMBER_TEXT.replace("methods: [passkey, code, password]", "methods: [code, password]")
    )

    with stand_in(portal.hall) as stage:
        assert came_of(entry.passkeys, stage, "offered") == "not-offered"


def test_a_challenge_that_is_always_the_same_is_found(stage):
    first = []

    def same(status, headers, body):
        first.append(body)
        return status, headers, first[0]

    assert came_of(entry.passkeys, bent(stage, same, "/sign-in"), "offered") == "not-offered"


def test_a_rate_that_is_not_kept_is_found(portal):
    portal.hall.limits = Limits(Rate.of("1000/minute"))

    with stand_in(portal.hall) as stage:
        assert came_of(door.rate_limit, stage, "9/minute") == "never-refused"
        assert came_of(door.rate_limit, stage, "100000/day") == "too-many"


def test_a_refusal_that_tells_no_wait_or_refuses_everybody_is_found(portal):
    portal.hall.limits = Limits(Rate.of("5/minute"))

    def silent(status, headers, body):
        return status, [pair for pair in headers if pair[0] != b"retry-after"], body

    with stand_in(portal.hall) as stage:
        assert came_of(door.rate_limit, stage, "5/minute") == ""
        assert came_of(door.rate_limit, bent(stage, silent), "5/minute") == "no-wait-told"
    with stand_in(portal.hall) as stage:
        everybody = [(b"retry-after", b"5")]
        bent(stage, lambda s, headers, body: (429, [*headers, *everybody], body), *door.COUNTED[1:])
        assert came_of(door.rate_limit, stage, "5/minute") == "others-refused"


@pytest.mark.parametrize(
    ("origin", "detail"),
    [
        ("https://members.example.org", ""),
        ("http://members.example.org", "in-the-clear"),
        ("http://localhost:8000", "plain-loopback"),
        ("http://127.0.0.1:8000", "plain-loopback"),
    ],
)
def test_pages_that_travel_in_the_clear_are_found(portal, origin, detail):
    hall = hall_of(portal.hall.teller, portal.hall.settings, portal.hall.courier, origin=origin)

    with stand_in(hall) as stage:
        assert came_of(door.transit, stage, "tls") == detail


def test_browsers_that_are_not_told_to_come_by_tls_alone_are_found(portal):
    origin = "https://members.example.org"
    hall = hall_of(portal.hall.teller, portal.hall.settings, portal.hall.courier, origin=origin)

    def silent(status, headers, body):
        return status, [pair for pair in headers if pair[0] != b"strict-transport-security"], body

    with stand_in(hall) as stage:
        assert came_of(door.transit, bent(stage, silent), "tls") == "not-by-tls-alone"


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        (b"privacy@example.org", "route-missing:email"),
        (b"1 Example Quay", "route-missing:post"),
        (b"Data Protection Commission, Ireland", "authority-missing"),
    ],
)
def test_a_contact_page_that_names_less_than_promised_is_found(stage, words, detail):
    bent(stage, lambda status, headers, body: (status, headers, body.replace(words, b"-")), "/contact")

    assert came_of(door.contact, stage, "contact.us") == detail


def test_a_contact_page_that_asks_for_an_account_is_found(stage):
    assert came_of(door.contact, stage, "contact.us") == ""
    bent(stage, lambda status, headers, body: (303, headers, b""), "/contact")

    assert came_of(door.contact, stage, "contact.us") == "closed"


# ---- in a rehearsal


def admits(status, headers, body):
    return 303, [*headers, COOKIE, (b"location", b"/home")], body


def refuses(status, headers, body):
    return 422, [pair for pair in headers if pair[0] != b"set-cookie"], body


def takes(status, headers, body):
    return (200 if status == 403 else status), headers, body


def test_codes_that_are_not_compared_are_found(rehearsed):
    assert came_of(entry.codes, rehearsed, "phone, email") == ""
    assert came_of(entry.codes, rehearsed, "carrier") == "no-page"
    bent(rehearsed, admits, "/register/code")

    assert came_of(entry.codes, rehearsed, "phone, email") == "wrong-code-taken"


def test_codes_that_nobody_can_use_are_found(rehearsed):
    bent(rehearsed, refuses, "/register/code")

    assert came_of(entry.codes, rehearsed, "email") == "right-code-refused"


@pytest.mark.parametrize("how", ["a header", "a word", "a status"])
def test_an_answer_that_tells_who_is_known_is_found(rehearsed, how):
    asked = []

    def tells(status, headers, body):
        asked.append(body)
        first = len(asked) == 1  # the first walk is that of a known one
        if how == "a header":
            return status, [*headers, (b"x-known", b"yes")] if first else headers, body
        return (409 if first and how == "a status" else status), headers, body + (b" " if first else b"")

    bent(rehearsed, tells, "/sign-in/code")

    assert came_of(entry.same_answer, rehearsed, "true") == "answers-differ"


def test_answers_that_are_alike_are_found_alike(rehearsed):
    assert came_of(entry.same_answer, rehearsed, "true") == ""
    known = rehearsed.hall.teller.alone(lambda desk: registry.count(desk.unit))
    assert known == 3  # one for each kind of identifier


def test_an_account_that_does_not_pause_is_found(portal):
    portal.hall.lockout = Lockout(Rate.of("90/hour"))

    with rehearsal(portal.hall) as stage:
        assert came_of(entry.lockout, stage, "3/hour") == "never-paused"
        assert came_of(entry.lockout, stage, "9000/hour") == "too-many"


def test_a_pause_of_everybody_is_found(portal):
    portal.hall.lockout = Lockout(Rate.of("3/hour"))

    with rehearsal(portal.hall) as stage:
        assert came_of(entry.lockout, stage, "3/hour") == ""
        bent(stage, lambda status, headers, body: (429, headers, body), "/sign-in/code/check")
        assert came_of(entry.lockout, stage, "3/hour") == "others-paused"


@pytest.mark.parametrize(
    ("promised", "detail"),
    [
        ("passkey code password", ""),
        ("passkey code", "way-unnamed:password"),
        ("code password", "way-unnamed:passkey"),
    ],
)
def test_a_way_in_that_no_clause_names_is_found(rehearsed, promised, detail):
    assert came_of(entry.sign_in, rehearsed, promised) == detail


def test_a_way_in_that_is_promised_and_missing_is_found(new_portal):
    portal = new_portal(text=MEMBER_TEXT.replace("methods: [passkey, code, password]", "methods: [code]"))

    with rehearsal(portal.hall) as stage:
        assert came_of(entry.sign_in, stage, "code") == ""
        assert came_of(entry.sign_in, stage, "passkey code") == "way-missing:passkey"
        assert came_of(entry.sign_in, stage, "code password") == "way-missing:password"


@pytest.mark.parametrize(
    ("bend", "path", "detail"),
    [
        (admits, "/sign-in/passkey", "wrong-taken:passkey"),
        (admits, "/sign-in/password", "wrong-taken:password"),
        (admits, "/sign-in/code/check", "wrong-taken:code"),
        (lambda status, headers, body: (200, headers, b"<main>all of it</main>"), "/choices", "page-open"),
        (takes, "/sign-in", "form-taken"),
    ],
    ids=["passkey", "password", "code", "page", "form"],
)  # fmt: skip
def test_a_door_that_something_wrong_opens_is_found(rehearsed, bend, path, detail):
    assert came_of(entry.sign_in, bent(rehearsed, bend, path), "passkey code password") == detail


# ---- copies, in a rehearsal


def test_a_package_that_holds_everything_and_who_got_it_is_found_so(rehearsed):
    assert came_of(copying.copy, rehearsed, "") == ""


def repacked(change):
    """Answer with the package as it is, but for one document that a change bends."""

    def bending(status, headers, body):
        out = io.BytesIO()
        with ZipFile(io.BytesIO(body)) as before, ZipFile(out, "w") as after:
            for name in before.namelist():
                content = before.read(name)
                after.writestr(name, change(name, content) if name.endswith(".json") else content)
        return status, headers, out.getvalue()

    return bending


def bends(file, change):
    def bend(name, content):
        if name != file:
            return content
        said = json.loads(content)
        change(said)
        return json.dumps(said).encode()

    return repacked(bend)


@pytest.mark.parametrize(
    ("detail", "file", "change"),
    [
        ("not-in-copy:values", "data/account.json", lambda said: said["records"].clear()),
        (
            "not-in-copy:source",
            "data/account.json",
            lambda said: [each.pop("source") for each in said["records"]],
        ),
        ("not-in-copy:disclosed", "disclosures.json", lambda said: said["disclosures"].clear()),
        (
            "not-in-copy:recipient",
            "disclosures.json",
            lambda said: [each.pop("recipient_words") for each in said["disclosures"]],
        ),
    ],
    ids=["values", "source", "disclosed", "recipient"],
)
def test_a_package_without_what_is_held_or_who_got_it_is_found(rehearsed, detail, file, change):
    assert came_of(copying.copy, bent(rehearsed, bends(file, change), "/copy/fetch"), "") == detail
    assert Outcome(3, detail).of("copy").passed is False


def test_a_page_that_does_not_name_who_got_it_is_found(rehearsed):
    def silent(status, headers, body):
        assert b"Example Text Pte Ltd" in body
        return status, headers, body.replace(b"Example Text Pte Ltd", b"nobody")

    assert came_of(copying.copy, bent(rehearsed, silent, "/data/account"), "") == "not-told:recipient"


def test_what_is_no_package_is_neither_kept_nor_broken(rehearsed):
    bent(
        rehearsed,
        lambda status, headers, body: (status, headers, b"{"),
        "/copy/fetch",
    )

    assert came_of(copying.copy, rehearsed, "") == "page-unlike"


def test_a_right_to_copies_is_kept_while_they_were_tried_and_broken_where_something_is_missing(portal):
    portal.house.access(about=portal.register().subject, category="account")
    stands = {each.clause: each for each in verify(portal.house.teller).clauses}["right.access"]
    assert stands.status is Status.UNPROVEN

    try_pages(portal.hall)

    stands = {each.clause: each for each in verify(portal.house.teller).clauses}["right.access"]
    assert stands.status is Status.KEPT
    missing = [Outcome(3, "not-in-copy:disclosed").of("copy")]
    portal.house.teller.alone(lambda desk: tried.note(desk, missing))
    stands = {each.clause: each for each in verify(portal.house.teller).clauses}["right.access"]
    assert stands.status is Status.BROKEN
    assert "does not hold `disclosed`" in {each.name: each for each in stands.checks}["copy"].detail


class Familiar:
    """An application to which every browser is the first that was known to somebody."""

    def __init__(self, app):
        self.app, self.device = app, b""

    async def __call__(self, scope, receive, send):
        async def keep(message):
            for name, line in message.get("headers", ()):
                if name == b"set-cookie" and line.startswith(b"__Host-troth-device="):
                    self.device = self.device or line.partition(b";")[0]
            await send(message)

        before = [line for name, line in scope["headers"] if name == b"cookie"]
        kept = [pair for pair in scope["headers"] if pair[0] != b"cookie"]
        cookies = b"; ".join(line for line in (*before, self.device) if line)
        await self.app({**scope, "headers": [*kept, (b"cookie", cookies)]}, receive, keep)


def test_a_house_that_does_not_tell_of_a_new_browser_is_found(rehearsed):
    rehearsed.app = Familiar(rehearsed.app)

    assert came_of(entry.sign_in, rehearsed, "passkey code password") == "untold"


# ---- what is told


@pytest.fixture
def walked(rehearsed):
    return rehearsed.hall.house.book, asyncio.run(telling.walk(rehearsed))


def test_each_notice_and_each_reminder_stands_where_it_matters(walked):
    book, pages = walked

    told = telling.notices(book, pages)

    assert {clause for clause, each in told.items() if each.detail} == {"collect.feedback"}  # no page yet
    assert told["collect.camera.identity"].sample >= 2  # where consent is asked, and where the pictures are
    every = "purpose_at_collection, email_not_encrypted, long_password"
    assert telling.reminders(every, book, pages).detail == ""
    assert telling.reminders("drink_water", book, pages).detail == "reminder-missing:drink_water"


@pytest.mark.parametrize(
    ("words", "clause", "reminder"),
    [
        ("What it is for: ", "collect.payment", "purpose_at_collection"),
        ('data-reminder="long_password"', None, "long_password"),
        ('data-reminder="email_not_encrypted"', None, "email_not_encrypted"),
    ],
)
def test_a_notice_or_a_reminder_that_is_missing_is_found(rehearsed, words, clause, reminder):
    bent(rehearsed, lambda status, headers, body: (status, headers, body.replace(words.encode(), b"")))

    pages = asyncio.run(telling.walk(rehearsed))

    book = rehearsed.hall.house.book
    if clause:
        assert telling.notices(book, pages)[clause].detail == "notice-missing"
    assert telling.reminders(reminder, book, pages).detail == f"reminder-missing:{reminder}"


def test_a_stand_in_serves_the_same_pages_under_keys_of_its_own(portal):
    with stand_in(portal.hall) as stage:
        assert type(stage.app) is type(application(portal.hall))
        mark = asyncio.run(stage.stranger().get("/sign-in")).form("/sign-in").fields["csrf"]

    answer = portal.visitor().post("/sign-in", {"csrf": mark, "identifier": "mia@example.org"})

    assert answer.status == 403
