"""A right is asked for by an address alone: one answer for everybody, a letter for whoever proved it."""

import re

import pyotp
import pytest

from tests.gates.counterparts import soon
from tests.inside import rows_of
from tests.web.browsing import Browser, Page, Portal
from troth.acts import filing
from troth.clock import SECOND
from troth.rules.decision import member
from troth.store import schema_rights
from troth.web import asked
from troth.web.news import telling

PATH = "/requests/without-account"
LINK = re.compile(r"http://localhost:8000(/requests/\S+)")


def ask(browser: Browser, address: str, right: str = "erase") -> Page:
    return browser.send(browser.get(PATH).form(PATH), right=right, identifier=address)


def settled(portal: Portal) -> None:
    """Wait for what is done behind pages."""
    for each in portal.hall.making:
        each.join()


def link_in(portal: Portal, to: str) -> str:
    while not (found := LINK.search(portal.letter(to))):
        pass
    return found[1]


def answered(browser: Browser, path: str, answer: str = "yes", **more: str) -> Page:
    page = browser.get(path)
    return browser.send(page.form(path), answer=answer, **more)


def demands(portal: Portal, subject: int) -> list[str]:
    return [f"{case.right}:{case.state}" for case, _ in portal.house.demands(about=subject)]


def test_a_known_and_an_unknown_address_are_answered_alike(portal: Portal) -> None:
    portal.register("mia@example.org")
    known, unknown = portal.visitor(), portal.visitor()
    for_mia, for_max = ask(known, "mia@example.org"), ask(unknown, "max@example.org")
    assert (for_mia.status, for_max.status) == (200, 200)
    assert for_mia.words.replace("mia@", "max@") == for_max.words
    assert len(for_mia.body) == len(for_max.body)
    assert {k: v for k, v in for_mia.headers.items() if k != "set-cookie"}.keys() == {
        k: v for k, v in for_max.headers.items() if k != "set-cookie"
    }.keys()


def test_the_letter_proves_and_what_was_asked_for_is_done(portal: Portal) -> None:
    mia = portal.register("mia@example.org")
    subject = mia.subject
    stranger = portal.visitor()
    ask(stranger, "mia@example.org")
    proof = link_in(portal, "mia@example.org")
    assert demands(portal, subject) == ["erase:verifying"]
    asked = stranger.get(proof)
    assert "Was it you?" in asked.title
    done = answered(stranger, proof)
    assert done.path.startswith("/requests/track/")
    assert "Carried out" in done.words
    assert mia.get("/home").path == "/sign-in"
    assert portal.visitor().get(done.path).words == done.words  # also now that nothing is held of them
    assert b"mia" not in done.body


def test_two_presses_at_the_same_moment_do_it_once(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    visitor = portal.visitor()
    ask(visitor, "mia@example.org", "object analysis.improve")
    proof = link_in(portal, "mia@example.org")
    form = visitor.get(proof).form(proof)
    pages = portal.at_once(*((visitor, form, {"answer": "yes"}) for _ in range(4)))
    assert {page.status for page in pages} == {303}
    assert demands(portal, subject) == ["object:done"]
    made = [entry for entry in portal.house.entries(about=subject) if entry[1].kind == "objection.made"]
    assert len(made) == 1


def test_what_was_proven_and_cut_off_is_carried_out_by_the_next_sweep(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    ask(portal.visitor(), "mia@example.org")
    link_in(portal, "mia@example.org")
    ((case, _),) = portal.house.demands(about=subject)
    portal.house.teller.ask(filing.proving(by=member("portal", "step_up"), case=case.id))
    portal.house.sweep()
    assert demands(portal, subject)[0] in ("erase:done", "erase:partly")


def test_a_user_name_that_no_letter_reaches_is_said_to_be_none(portal: Portal) -> None:
    assert ask(portal.visitor(), "mia-moon").status == 422


def test_looking_at_the_link_changes_nothing(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    ask(portal.visitor(), "mia@example.org")
    proof = link_in(portal, "mia@example.org")
    portal.visitor().get(proof)
    portal.visitor().get(proof)
    assert demands(portal, subject) == ["erase:verifying"]


def test_a_link_counts_once_and_leads_to_its_request_then(portal: Portal) -> None:
    portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org", "object analysis.improve")
    proof = link_in(portal, "mia@example.org")
    form = visitor.get(proof).form(proof)
    assert visitor.send(form, answer="yes").path.startswith("/requests/track/")
    assert visitor.send(form, answer="yes").path.startswith("/requests/track/")
    assert visitor.get(proof).path.startswith("/requests/track/")


def test_whoever_was_not_asked_says_so_and_it_is_over(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    visitor = portal.visitor()
    ask(visitor, "mia@example.org")
    done = answered(visitor, link_in(portal, "mia@example.org"), "no")
    assert "Taken back" in done.words
    assert demands(portal, subject) == ["erase:cancelled"]


def test_a_link_is_over_after_a_day(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    visitor = portal.visitor()
    ask(visitor, "mia@example.org")
    proof = link_in(portal, "mia@example.org")
    form = visitor.get(proof).form(proof)
    portal.wait(24 * 60 + 1)
    assert visitor.get(proof).status == 410
    assert visitor.send(form, answer="yes").status == 410
    assert demands(portal, subject) == ["erase:verifying"]


def test_what_nobody_proves_in_time_ends_by_itself(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    ask(portal.visitor(), "mia@example.org")
    link_in(portal, "mia@example.org")
    portal.wait(7 * 24 * 60 + 1)
    portal.house.sweep()
    (found,) = portal.house.demands(about=subject)
    assert (found[0].state, found[0].events[-1].codes) == ("refused", ("not-proven",))


def test_asking_twice_sends_another_link_for_the_same_request(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    visitor = portal.visitor()
    ask(visitor, "mia@example.org")
    first = link_in(portal, "mia@example.org")
    ask(visitor, "mia@example.org")
    assert link_in(portal, "mia@example.org") != first
    assert demands(portal, subject) == ["erase:verifying"]


def test_an_address_that_nobody_proved_leads_nowhere(portal: Portal) -> None:
    taken = portal.house.collect(
        about="M-7", category="account", when="registration", values={"email": "ann@example.org"}
    )
    ask(portal.visitor(), "ann@example.org")
    assert "has proven it" in portal.letter("ann@example.org")
    assert demands(portal, taken.subject) == []


def test_an_address_that_is_theirs_no_more_proves_nothing(portal: Portal) -> None:
    mia = portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org")
    proof = link_in(portal, "mia@example.org")
    form = visitor.get(proof).form(proof)
    portal.house.correct(about=mia.subject, category="account", values={"email": "mia@example.net"})
    assert visitor.get(proof).status == 410
    assert visitor.send(form, answer="yes").status == 410
    assert demands(portal, mia.subject) == ["erase:verifying"]


def test_a_package_is_fetched_once_by_a_second_letter(portal: Portal) -> None:
    portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org", "access")
    answered(visitor, link_in(portal, "mia@example.org"))
    package = link_in(portal, "mia@example.org")
    assert package.startswith("/requests/package/")
    offered = visitor.get(package)
    got = visitor.send(offered.form(package))
    assert got.headers["content-type"] == "application/zip"
    assert visitor.send(offered.form(package)).status in (404, 409, 410)


def test_a_package_that_was_not_fetched_is_gone_with_its_time(portal: Portal) -> None:
    portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org", "access")
    answered(visitor, link_in(portal, "mia@example.org"))
    package = link_in(portal, "mia@example.org")
    portal.wait(8 * 24 * 60)
    assert visitor.get(package).status == 410


def test_the_link_to_a_package_is_sent_again_from_the_request(portal: Portal) -> None:
    portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org", "access")
    track = answered(visitor, link_in(portal, "mia@example.org")).path
    first = link_in(portal, "mia@example.org")
    page = visitor.get(track)
    assert visitor.send(page.form(track)).path == track
    assert link_in(portal, "mia@example.org") != first


@pytest.mark.parametrize("kind", ["proof", "track", "package"])
def test_a_link_of_one_kind_opens_no_other(portal: Portal, kind: str) -> None:
    portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org")
    token = link_in(portal, "mia@example.org").rpartition("/")[2]
    for bad in (token[:-2] + "AA", "x", "A" * 120, *([token] if kind != "proof" else [])):
        assert visitor.get(f"/requests/{kind}/{bad}").status == 404


def test_what_is_not_offered_or_no_address_is_said_at_once(portal: Portal) -> None:
    visitor = portal.visitor()
    assert ask(visitor, "mia@example.org", "correct").status == 422
    assert ask(visitor, "no address", "erase").status == 422


def with_second_factor(portal: Portal) -> tuple[Browser, pyotp.TOTP]:
    mia = portal.register("mia@example.org")
    mia.confirm()
    page = mia.get("/security/application")
    secret = pyotp.TOTP(next(each.text for each in page.tree.of("code") if each.get("dir") == "ltr"))
    mia.send(page.form("/security/application"), code=secret.at(portal.clock() // SECOND))
    return mia, secret


def test_an_account_with_a_second_factor_asks_for_it_beside_the_letter(portal: Portal) -> None:
    _, secret = with_second_factor(portal)
    visitor = portal.visitor()
    ask(visitor, "mia@example.org")
    proof = link_in(portal, "mia@example.org")
    assert answered(visitor, proof, code="000000").status == 422
    portal.wait(2)
    assert "Carried out" in answered(visitor, proof, code=secret.at(portal.clock() // SECOND)).words


def test_who_has_the_mailbox_alone_fetches_no_package_of_an_account_with_a_second_factor(
    portal: Portal,
) -> None:
    mia, secret = with_second_factor(portal)
    thief = portal.visitor()
    ask(thief, "mia@example.org", "access")
    proof = link_in(portal, "mia@example.org")
    ((case, _),) = portal.house.demands(about=mia.subject)
    mine = f"/requests/{case.reference}"
    mia.send(mia.get(mine).form(f"{mine}/proof"))
    settled(portal)
    portal.wait(2)
    track = thief.get(proof)
    thief.send(track.form(track.path))
    while "/package/" not in (package := link_in(portal, "mia@example.org")):
        pass
    form = thief.get(package).form(package)

    for code in ("", "000000"):
        refused = thief.send(form, code=code)
        assert (refused.status, refused.headers["content-type"]) == (422, "text/html; charset=utf-8")
    got = thief.send(form, code=secret.at(portal.clock() // SECOND))
    assert got.headers["content-type"] == "application/zip"


def test_a_package_is_not_fetched_by_the_way_of_an_address_that_is_theirs_no_more(portal: Portal) -> None:
    mia = portal.register("mia@example.org")
    visitor = portal.visitor()
    ask(visitor, "mia@example.org", "access")
    answered(visitor, link_in(portal, "mia@example.org"))
    package = link_in(portal, "mia@example.org")
    form = visitor.get(package).form(package)
    portal.house.correct(about=mia.subject, category="account", values={"email": "mia@example.net"})
    assert visitor.get(package).status == 410
    assert visitor.send(form).status == 410


def test_places_are_limited(portal: Portal) -> None:
    visitor = portal.visitor()
    statuses = [ask(visitor, f"m{n}@example.org").status for n in range(70)]
    assert 429 in statuses


def test_nothing_is_filed_for_a_form_that_comes_from_elsewhere(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    sent = portal.visitor().post(PATH, {"right": "erase", "identifier": "mia@example.org"})
    assert sent.status == 403
    settled(portal)
    assert demands(portal, subject) == []


def test_what_was_asked_just_before_the_server_died_is_filed_after_it_is_back(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    portal.hall.stopping = True  # whatever is done behind pages is not begun any more
    assert ask(portal.visitor(), "mia@example.org").status == 200
    assert ask(portal.visitor(), "max@example.org").status == 200
    assert demands(portal, subject) == []
    portal.hall.stopping = False
    asked.run(portal.hall)
    telling.run(portal.hall)
    assert demands(portal, subject) == ["erase:verifying"]
    assert link_in(portal, "mia@example.org").startswith("/requests/proof/")
    assert soon(lambda: any("max@example.org" in each.rcpt_tos for each in portal.office.letters))
    assert asked.run(portal.hall) == 0
    assert rows_of(portal.house, schema_rights.askings) == []


def test_the_same_form_sent_twice_before_it_is_filed_files_once(portal: Portal) -> None:
    subject = portal.register("mia@example.org").subject
    portal.hall.stopping = True
    visitor = portal.visitor()
    form = visitor.get(PATH).form(PATH)
    for _ in range(3):
        assert visitor.send(form, right="erase", identifier="mia@example.org").status == 200
    portal.hall.stopping = False
    assert asked.run(portal.hall) == 1
    assert demands(portal, subject) == ["erase:verifying"]
