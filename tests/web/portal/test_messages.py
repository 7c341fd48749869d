"""Messages: an inbox is its member's alone, newest first, and a mail of it holds no value."""

from tests.inside import ledger_of
from tests.web.browsing import ORIGIN
from tests.web.markup import faults
from troth.web.accounts import telling
from troth.web.languages import Reader

GERMAN = "<b>Bold</b> & plain"


def tell(portal, member, title="Something happened", text="It was this.", **how):
    portal.run(telling.tell(portal.hall, member.subject, title, text, reader=Reader(), **how))


# ---- refused


def test_nobody_reads_messages_without_being_signed_in(portal):
    assert portal.visitor().get("/messages").path == "/sign-in"
    assert portal.visitor().get("/messages/00").path == "/sign-in"


def test_a_message_of_somebody_else_is_not_there(portal):
    mia, leo = portal.register(), portal.register("leo@example.org")
    tell(portal, mia)
    (address,) = mia.get("/messages").links("/messages/")

    assert leo.get(address).status == 404
    assert leo.get("/messages/nothing").status == 404
    assert leo.get("/messages").links("/messages/") == []


# ---- read


def test_an_empty_inbox_says_so(portal):
    page = portal.register().get("/messages")

    assert "There is no message for you." in page.words
    assert faults(page.tree) == []


def test_messages_stand_newest_first_and_a_page_at_a_time(portal):
    mia = portal.register()
    for number in range(27):
        portal.wait(1)
        tell(portal, mia, f"Message {number}", mail=False)

    page = mia.get("/messages")

    found = [each.text for each in page.tree.of("a") if each.get("href").startswith("/messages/")]
    assert found == [f"Message {number}" for number in range(26, 1, -1)]
    older = mia.get("/messages?page=2")
    assert "Message 1" in older.words
    assert "Message 2" not in older.words
    assert mia.get("/messages?page=nonsense").status == 200


def test_a_message_is_read_as_text_and_the_reading_is_remembered(portal):
    mia = portal.register()
    tell(portal, mia, text=GERMAN)
    (address,) = mia.get("/messages").links("/messages/")

    page = mia.get(address)

    assert GERMAN in page.words
    assert faults(page.tree) == []
    inbox = portal.hall.house.book.sign_in[1].messages
    last = [each for each in ledger_of(portal.house) if each.category == inbox][-1]
    assert (last.kind, last.on_behalf_of, last.clauses) == ("record.used", "self", ("use.account",))


def test_whoever_restricted_everything_still_reads_them_once_it_is_surely_them(portal):
    mia = portal.register()
    tell(portal, mia)
    portal.house.restrict(about=mia.subject)

    assert "Something happened" in mia.get("/messages").words
    portal.wait()
    assert mia.get("/messages").path == "/confirm"


# ---- told


def test_a_mail_says_where_to_look_and_holds_no_value(portal):
    mia = portal.register()

    tell(portal, mia, text="with a text of its own")

    letter = portal.letter("mia@example.org")
    assert "Something happened." in letter
    assert f"{ORIGIN}/messages" in letter
    assert "with a text of its own" not in letter
    assert "mia" not in letter


def test_an_address_that_was_not_proven_gets_no_mail(portal):
    mia = portal.register()
    portal.house.correct(about=mia.subject, category="account", values={"email": "else@example.org"})
    before = len(portal.office.letters)

    tell(portal, mia)

    assert "Something happened" in mia.get("/messages").words
    assert portal.hall.courier.counts()["mail"].waiting == 0
    assert len(portal.office.letters) == before


def test_telling_somebody_who_is_gone_changes_nothing(portal):
    mia = portal.register()
    subject = mia.subject
    portal.house.erase(about=subject)

    portal.run(telling.tell(portal.hall, subject, "Something happened", "It was this.", reader=Reader()))

    portal.wait(2)
    assert mia.get("/home").path == "/sign-in"
