"""What happened to a request is told once in the inbox, once by a letter, and to the organisation."""

import re
from email import message_from_bytes, policy

from tests.cast import AGENT, PAYMENT
from tests.houses import MEMBER_TEXT
from tests.inside import rows_of
from tests.web.markup import faults
from tests.web.public.test_without_account import with_second_factor
from troth.acts.filing import proving
from troth.clock import DAY
from troth.rules.decision import member
from troth.store import schema_rights
from troth.web import carrying
from troth.web.news import telling

MIA = "mia@example.org"
LINK = re.compile(r"http://localhost:8000(/requests/\S+)")


def told(portal):
    """Let the server tell what is due; return the letters that went out: to whom, and their text."""
    before = len(portal.office.letters)
    telling.run(portal.hall)
    letters = [(each.rcpt_tos[0], each.content) for each in portal.office.letters[before:]]
    return [(to, message_from_bytes(letter, policy=policy.default).get_content()) for to, letter in letters]


def inbox(member_):
    """The titles of a member's messages, oldest first."""
    links = dict.fromkeys(member_.get("/messages").links("/messages/"))
    return [member_.get(link).words for link in reversed(links)]


def complaint(portal, member_):
    return portal.house.demand(
        about=member_.subject, right="complain", text="You never answered.", by=member("portal", "signed_in")
    ).case


def test_each_event_is_told_once_in_the_inbox_and_by_one_letter(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    letters = told(portal)
    assert [to for to, _ in letters] == [MIA]
    assert case.reference in letters[0][1]
    assert "We received your request." in letters[0][1]
    assert len(inbox(mia)) == 1
    assert case.reference in inbox(mia)[0]
    assert told(portal) == []
    portal.house.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    letters = told(portal)
    assert len(letters) == 1
    assert "Your request was refused." in letters[0][1]
    assert any("no ground that can be seen" in each and "/contact" in each for each in inbox(mia))
    assert told(portal) == []
    assert len(inbox(mia)) == 2


def test_a_letter_holds_a_reference_a_sentence_and_a_link_and_neither_right_nor_words_of_anybody(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    ((_, letter),) = told(portal)
    assert LINK.search(letter)[1] == f"/requests/{case.reference}"
    for word in ("complain", "Complain", "never answered", "mia"):
        assert word not in letter


def test_an_end_that_comes_near_and_one_that_passed_are_told_to_the_organisation_once_each(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    told(portal)
    portal.clock.forward(25 * DAY)
    portal.house.sweep()
    letters = told(portal)
    assert [to for to, _ in letters] == ["privacy@example.org"]
    assert case.reference in letters[0][1]
    assert "mia" not in letters[0][1].lower()
    portal.clock.forward(10 * DAY)
    portal.house.sweep()
    letters = told(portal)
    assert [to for to, _ in letters] == ["privacy@example.org"]
    assert "passed" in letters[0][1]
    assert told(portal) == []


# ---- filed for somebody by staff


def filed(portal, member_, right="erase", **what):
    return portal.house.demand(about=member_.subject, right=right, by=AGENT, **what).case


def state(portal, case):
    return portal.house.demanded(reference=case.reference)[0]


def link_in(letters, to=MIA):
    found = [LINK.search(text) for address, text in letters if address == to]
    return next(each[1] for each in found if each)


def test_what_staff_file_for_somebody_is_proven_by_the_link_of_one_letter(portal):
    mia = portal.register(MIA)
    case = filed(portal, mia)
    letters = told(portal)
    assert [to for to, _ in letters] == [MIA]
    path = link_in(letters)
    assert path.startswith("/requests/proof/")
    assert len(inbox(mia)) == 2  # that it was filed, and that a proof is wanted
    stranger = portal.visitor()
    page = stranger.get(path)
    assert faults(page.tree) == []
    assert "somebody of ours" in page.words
    assert MIA not in page.text
    assert state(portal, case).state == "verifying"  # to look does nothing
    done = stranger.send(page.form(path), answer="yes")
    assert done.path.startswith("/requests/track/")
    assert state(portal, case).state in ("done", "partly")


def test_nobody_says_that_it_was_them_of_what_they_were_not_shown(portal):
    mia = portal.register(MIA)
    portal.house.collect(
        about=mia.subject, category="payment", when="payment", values=PAYMENT, by=member("portal", "step_up")
    )
    values = {**PAYMENT, "iban": "FR1420041010050500013M02606"}
    case = filed(portal, mia, "correct", category="payment", values=values)
    path = link_in(told(portal))

    for page in (portal.visitor().get(path), mia.get(f"/requests/{case.reference}")):
        assert "FR1420041010050500013M02606" in page.words
        assert faults(page.tree) == []
    done = mia.send(mia.get(path).form(path), answer="yes")
    assert "FR1420041010050500013M02606" not in done.text  # what is done is followed without it
    second = filed(portal, mia, "erase", classes=["payment"])
    assert "bank account" in portal.visitor().get(link_in(told(portal))).words.lower()
    assert second.waits


def test_a_letter_alone_does_not_show_what_was_told_where_there_is_a_second_factor(portal):
    mia, _ = with_second_factor(portal)
    case = filed(portal, mia, "complain", text="They read my letters.")

    page = portal.visitor().get(link_in(told(portal)))

    assert "They read my letters." not in page.text
    assert page.links(f"/requests/{case.reference}")
    assert "They read my letters." in mia.get(f"/requests/{case.reference}").words


def test_whoever_says_that_it_was_not_them_ends_it_and_staff_are_told(portal):
    mia = portal.register(MIA)
    case = filed(portal, mia)
    path = link_in(told(portal))
    stranger = portal.visitor()
    stranger.send(stranger.get(path).form(path), answer="no")
    assert (state(portal, case).state, state(portal, case).events[-1].codes) == ("cancelled", ("not-me",))
    letters = told(portal)
    assert sorted(to for to, _ in letters) == [MIA, "privacy@example.org"]
    ours = next(text for to, text in letters if to == "privacy@example.org")
    assert case.reference in ours
    assert "was not them" in ours
    assert "mia" not in ours.lower()
    assert told(portal) == []


def test_the_link_of_a_letter_counts_for_a_day_and_a_person_can_still_sign_in_and_confirm(portal):
    mia = portal.register(MIA)
    case = filed(portal, mia, "restrict", category="device")
    path = link_in(told(portal))
    portal.wait(24 * 60 + 1)
    assert portal.visitor().get(path).status == 410
    mia = portal.visitor().sign_in(MIA)
    portal.wait()
    listed = mia.get("/requests")
    assert faults(listed.tree) == []
    assert "A request in your name waits for you" in listed.words
    page = mia.get(f"/requests/{case.reference}")
    assert faults(page.tree) == []
    asked = mia.send(page.form(f"/requests/{case.reference}/proof"))
    assert asked.path == "/confirm"  # as sure as the agreement wants where staff file
    assert state(portal, case).state == "verifying"
    page = mia.confirmed(asked)
    page = mia.send(page.form(f"/requests/{case.reference}/proof"))
    assert state(portal, case).state == "done"
    assert "A request in your name waits for you" not in mia.get("/requests").words


def test_who_signs_in_can_say_that_it_was_not_them(portal):
    mia = portal.register(MIA)
    case = filed(portal, mia)
    page = mia.get(f"/requests/{case.reference}")
    mia.send(page.form(f"/requests/{case.reference}/cancellation", answer="no"), answer="no")
    assert state(portal, case).events[-1].codes == ("not-me",)
    assert "privacy@example.org" in [to for to, _ in told(portal)]


def test_where_the_clause_wants_a_verified_identity_the_letter_is_not_enough(new_portal):
    text = MEMBER_TEXT.replace("filed_by_staff: step_up", "filed_by_staff: verified")
    portal = new_portal(text=text)
    mia = portal.register(MIA)
    case = filed(portal, mia)
    path = link_in(told(portal))
    stranger = portal.visitor()
    page = stranger.get(path)
    assert faults(page.tree) == []
    assert "A letter is not enough for this" in page.words
    assert stranger.send(page.form(path), answer="yes").status == 200
    assert state(portal, case).proven == ""
    assert stranger.send(page.form(path), answer="no").path.startswith("/requests/track/")
    assert state(portal, case).state == "cancelled"


# ---- the last letter


def test_whoever_is_erased_is_told_by_a_last_letter_and_its_address_is_held_no_more(portal):
    mia = portal.register(MIA)
    page = mia.get("/requests/new/erase/check?over=*")
    before = len(portal.office.letters)
    mia.send(page.form("/requests/new/erase"))
    text = portal.letter(MIA)
    assert len(portal.office.letters) == before + 1
    assert "last letter" in text
    assert portal.visitor().get(LINK.search(text)[1]).status == 200
    assert told(portal) == []  # nobody is left whom the rest could be told
    assert rows_of(portal.house, schema_rights.tellings) == []


def test_an_erasure_that_a_sweep_carries_out_is_told_by_its_last_letter_too(portal):
    mia = portal.register(MIA)
    case = filed(portal, mia)
    portal.house.teller.ask(proving(by=member("portal", "step_up"), case=case.id))
    carrying.resume(portal.hall)
    assert "last letter" in portal.letter(MIA)
    assert state(portal, case).state in ("done", "partly")


def test_whoever_keeps_the_address_after_an_erasure_is_told_as_of_everything(portal):
    mia = portal.register(MIA)
    by = member("portal", "step_up")
    case = portal.house.demand(about=mia.subject, right="erase", classes=["signin-sessions"], by=by).case
    assert case.state == "done", case.events
    letters = told(portal)
    assert {to for to, _ in letters} == {MIA}
    assert not any("last letter" in text for _, text in letters)
    assert any("carried out" in text for _, text in letters)


def test_whoever_closes_their_account_by_a_request_is_told_once_by_a_letter(portal):
    mia = portal.register(MIA)
    mia.send(mia.get("/requests/new/leave/check").form("/requests/new/leave"))
    told(portal)
    letters = [each for each in portal.office.letters if each.rcpt_tos == [MIA]]
    said = [message_from_bytes(each.content, policy=policy.default).get_content() for each in letters]
    assert len([text for text in said if "carried out" in text]) == 1


def test_people_are_told_in_the_language_they_asked_in_also_of_the_end(portal):
    mia = portal.register(MIA, **{"accept-language": "ja"})
    mia.send(mia.get("/requests/new/restrict/check?over=device").form("/requests/new/restrict"))
    letters = told(portal)
    assert len(letters) == 2
    assert "あなたの請求を受け取りました。" in letters[0][1]
    assert "あなたの請求は実行されました。" in letters[1][1]
    assert any("あなたの請求は実行されました。" in each for each in inbox(mia))


def test_a_package_that_is_ready_is_told_of(portal):
    mia = portal.register(MIA)
    case = portal.house.demand(about=mia.subject, right="access", by=member("portal", "step_up")).case
    assert case.state == "done"
    assert "Your data is ready to be fetched." in told(portal)[-1][1]
    assert any("ready to be fetched" in each for each in inbox(mia))


def test_more_time_is_told_with_its_reason_and_the_new_day(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    portal.house.decide_demand(case=case.id, decision="extend", reasons=["complex"], by=AGENT)
    told(portal)
    assert any("It takes long to find and check" in each and "Answer by: " in each for each in inbox(mia))


def test_a_letter_that_the_mail_server_does_not_take_now_goes_later_and_once(portal):
    mia = portal.register(MIA)
    complaint(portal, mia)
    portal.office._says.append("451 later")
    assert told(portal) == []
    assert len(inbox(mia)) == 1
    assert told(portal) == []  # not before its time
    portal.clock.forward(61_000_000)
    assert [to for to, _ in told(portal)] == [MIA]
    assert told(portal) == []
    assert len(inbox(mia)) == 1


def test_a_letter_that_goes_again_after_a_crash_is_known_as_the_same_one(portal):
    mia = portal.register(MIA)
    complaint(portal, mia)
    portal.office._says.append("451 taken, and the answer lost")
    marks = []
    take = portal.office.handle_DATA

    async def kept(server, session, envelope):
        marks.append(message_from_bytes(envelope.content, policy=policy.default)["message-id"])
        return await take(server, session, envelope)

    portal.office.handle_DATA = kept
    told(portal)
    portal.clock.forward(61_000_000)
    told(portal)
    del portal.office.handle_DATA
    assert len(marks) == 2
    assert len(set(marks)) == 1
