"""Requests: what was asked for, and how each case stands, in words that people know."""

from tests.web.markup import faults


def test_a_case_stands_in_words_and_leads_to_its_page(portal):
    mia = portal.register()
    portal.house.consent(about=mia.subject, purpose="camera.identity")
    case = portal.house.open_case(about=mia.subject, name="identity-check").case
    portal.house.move_case(about=mia.subject, case=case.id, to="collecting")
    portal.house.open_case(about=mia.subject, name="conversation")

    page = mia.get("/requests")

    assert faults(page.tree) == []
    assert "You can leave and go on later" in page.words
    assert page.links("/verification")
    assert page.links("/support")
