"""Sessions: what is ended stays ended, and tokens that open nothing are not looked for without end."""

import secrets

import pytest

from tests.inside import count_of, kinds_since
from tests.web.portal.test_security import PASSWORD, set_password
from troth.store import schema
from troth.web.accounts import sessions
from troth.web.accounts.sign_ins import AGAIN, SignedIn, SignIns
from troth.web.pages import MEMBER_COOKIE

MIA, NOA = 1, 2


def session(subject, key, *, seen=0):
    return SignedIn(subject, b"0" * 16, key, "code", 0, seen, seen)


def entries(portal):
    return count_of(portal.house, schema.entries)


def guessing(portal, times, path="/"):
    """Ask for a page with tokens that were never given; return the answers."""
    visitor = portal.visitor()
    pages = []
    for _ in range(times):
        visitor.cookies[MEMBER_COOKIE] = secrets.token_urlsafe(32)
        pages.append(visitor.ask("POST", path, content=b"{}") if path == "/usage" else visitor.get(path))
    return pages


# ---- a browser that calls itself something strange


@pytest.mark.parametrize(
    "called", ["A\tbrowser", "\u00a0", "Browser \u0080", "x" * 511 + "\u00a0 and more", "\t"]
)
def test_no_name_of_a_browser_keeps_anybody_from_registering_or_signing_in(portal, called):
    said = called.encode("latin-1")
    portal.register("mia@example.org", **{"user-agent": said})
    mia = portal.visitor(**{"user-agent": said}).sign_in("mia@example.org")

    assert mia.get("/security").path == "/security"


def test_what_a_browser_calls_itself_is_kept_where_it_fits(portal):
    mia = portal.register("mia@example.org", **{"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/130.0"})

    assert "Firefox" in mia.get("/security").words


# ---- an ended session


def test_a_session_that_is_ended_while_its_member_confirms_stays_ended(portal):
    mia = portal.register("mia@example.org")
    set_password(mia)
    portal.letter("mia@example.org")  # which tells of the password
    thief = portal.visitor()
    thief.sign_in("mia@example.org")
    portal.wait()
    confirming = thief.get("/confirm?back=/home").form("/confirm/password")
    ending = mia.get("/security").form("/security/sessions/end-others")

    confirmed, _ = portal.at_once((thief, confirming, {"password": PASSWORD}), (mia, ending, {}))

    assert confirmed.response.headers["location"].startswith("/sign-in")
    assert thief.get("/data").path == "/sign-in"
    assert mia.get("/data").path == "/data"


def test_a_session_that_was_being_looked_for_while_it_ended_is_not_put_back():
    known = SignIns()
    since = known.mark()
    known.drop_all_of(MIA)

    assert known.put(session(MIA, "a"), since=since) is None
    assert known.get("a") is None
    assert known.put(session(NOA, "b"), since=since)
    assert known.put(session(MIA, "c"), since=known.mark())


def test_nobody_confirms_a_session_that_is_not_known_any_more(portal):
    mia = portal.register()
    known = portal.hall.sign_ins
    mine = known.get(sessions.key_of(mia.cookies[MEMBER_COOKIE]))
    known.drop(mine)

    with pytest.raises(sessions.NotSignedIn):
        sessions.confirm(known, mine, at=portal.clock())
    assert known.get(mine.key) is None


def test_what_is_found_again_stays_as_confirmed_as_it_was():
    known = SignIns()
    known.put(session(MIA, "a"), since=known.mark())
    known.renew("a", lambda held: SignedIn(held.subject, held.record, "a", "code", 5, 5, 5))

    assert known.put(session(MIA, "a", seen=7), since=known.mark()).confirmed == 5


# ---- tokens that open nothing


def test_tokens_that_nobody_was_given_are_looked_for_as_often_as_a_place_may_try(portal):
    before = entries(portal)

    assert {page.status for page in guessing(portal, 100)} == {200}

    assert entries(portal) == before + 60


def test_the_same_token_is_looked_for_once_a_minute(portal):
    visitor, before = portal.visitor(), entries(portal)
    for _ in range(5):
        visitor.cookies[MEMBER_COOKIE] = "the-same"
        assert visitor.get("/home").path == "/sign-in"
        assert MEMBER_COOKIE not in visitor.cookies
    assert entries(portal) == before + 1

    portal.clock.forward(AGAIN + 1)
    visitor.cookies[MEMBER_COOKIE] = "the-same"
    visitor.get("/home")
    assert kinds_since(portal.house, before) == ["record.searched"] * 2


def test_reports_of_pages_with_such_tokens_are_told_to_wait(portal):
    before = entries(portal)

    answers = guessing(portal, 61, "/usage")

    assert [page.status for page in answers] == [204] * 60 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert entries(portal) == before + 60


def test_a_member_beside_somebody_who_guesses_stays_signed_in(portal):
    mia, noa = portal.register("mia@example.org"), portal.register("noa@example.org")
    portal.hall.sign_ins.drop(
        portal.hall.sign_ins.get(sessions.key_of(noa.cookies[MEMBER_COOKIE]))
    )  # as after a restart
    guessing(portal, 60)

    assert mia.get("/home").path == "/home"
    assert noa.get("/home").path == "/sign-in"
    portal.clock.forward(AGAIN)
    assert noa.get("/home").path == "/home"


def test_members_whom_memory_lost_are_found_again_however_many_share_a_place(portal):
    mia = portal.register()
    for _ in range(70):
        portal.hall.sign_ins = SignIns()
        assert mia.get("/home").path == "/home"
