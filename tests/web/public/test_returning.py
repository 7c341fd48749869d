"""Coming back: one answer to whatever is wrong, and not too often from one place."""

from tests.web.markup import faults
from tests.web.portal.test_later import back, sealed
from troth.vault.recovery import new_code


def test_another_code_an_unknown_name_and_no_code_are_one_answer(portal):
    code, _ = sealed(portal.register())
    portal.register("noor@example.org")
    tries = (
        ("mia@example.org", new_code()), ("nobody@example.org", code), ("noor@example.org", code),
        ("mia@example.org", "MOON"), ("", ""), ("mia@example.org" * 50, code * 20),
    )  # fmt: skip

    pages = [back(portal.visitor(), name, tried) for name, tried in tries]

    assert {page.status for page in pages} == {422}
    assert len({page.words for page in pages}) == 1
    assert faults(pages[0].tree) == []
    assert "mia@example.org" not in pages[0].text


def test_it_is_not_tried_too_often_from_one_place(portal):
    visitor = portal.visitor()
    form = visitor.get("/come-back").form("/come-back")

    statuses = [visitor.send(form, name="mia@example.org", code=new_code()).status for _ in range(70)]

    assert set(statuses) == {422, 429}


def test_the_form_counts_from_our_own_pages_alone(portal):
    code, _ = sealed(portal.register())

    page = portal.visitor().post("/come-back", {"name": "mia@example.org", "code": code})

    assert page.status == 403
    assert back(portal.visitor(), "mia@example.org", code).status == 200
