"""How a member is named changes only once a code that was sent to the new value came back."""

import pytest

from tests.web.markup import faults

OLD, NEW = "mia@example.org", "mia.new@example.org"


def kept(portal, member):
    handed = portal.house.access(about=member.subject, category="account")
    return {name: value.reveal() for name, value in handed.records[-1].values.items()}


def asked(member, value, name="email"):
    return member.send(member.get(f"/identifiers/{name}").form(f"/identifiers/{name}"), value=value)


def test_it_must_be_surely_them(portal):
    member = portal.register(OLD)
    portal.wait()
    page = member.get("/identifiers/email")
    assert page.path == "/confirm"


def test_nothing_changes_before_the_code_came_back(portal):
    member = portal.register(OLD)
    page = asked(member, NEW)
    assert "We wrote to mia.new@example.org" in page.words
    wrong = member.send(page.form("/identifiers/email/code"), code="00000000")
    assert wrong.status == 422
    assert kept(portal, member)["email"] == OLD


@pytest.mark.parametrize(
    ("name", "value"), [("email", "nobody"), ("email", ""), ("phone", "12"), ("username", "@")]
)
def test_what_is_not_of_its_type_is_asked_again(portal, name, value):
    member = portal.register(OLD)
    page = asked(member, value, name)
    assert page.status == 422
    assert faults(page.tree) == []


def test_an_identifier_that_the_agreement_does_not_name_is_not_there(portal):
    assert portal.register(OLD).get("/identifiers/shoe-size").status == 404


def test_what_somebody_else_has_looks_the_same_and_never_changes_hands(portal):
    member, other = portal.register(OLD), portal.register("noor@example.org")
    free, taken = asked(member, NEW), asked(member, "noor@example.org")
    assert free.status == taken.status == 200
    assert free.words.replace(NEW, "") == taken.words.replace("noor@example.org", "")
    assert "code is" not in portal.letter("noor@example.org")
    assert kept(portal, other)["email"] == "noor@example.org"


def test_a_flow_of_another_session_is_refused(portal):
    member, other = portal.register(OLD), portal.register("noor@example.org")
    mine = asked(member, NEW).form("/identifiers/email/code")
    theirs = asked(other, "noor.new@example.org").form("/identifiers/email/code")
    stolen = other.send(theirs, flow=mine.fields["flow"], code=portal.code(NEW))
    assert stolen.status == 422
    assert kept(portal, other)["email"] == "noor@example.org"


def test_the_new_value_is_kept_and_proven_once_its_code_came_back(portal):
    member = portal.register(OLD)
    page = asked(member, NEW)
    done = member.send(page.form("/identifiers/email/code"), code=portal.code(NEW))
    assert done.title == "It is kept"
    assert kept(portal, member)["email"] == NEW
    assert "yes, by a code" in member.get("/identifiers").words
    assert portal.visitor().sign_in(NEW).get("/home").status == 200


def test_the_old_address_is_told(portal):
    member = portal.register(OLD)
    page = asked(member, NEW)
    member.send(page.form("/identifiers/email/code"), code=portal.code(NEW))
    assert "What you sign in with was changed" in portal.letter(OLD)


def test_a_code_counts_once(portal):
    member = portal.register(OLD)
    form = asked(member, NEW).form("/identifiers/email/code")
    code = portal.code(NEW)
    member.send(form, code=code)
    again = member.send(form, code=code)
    assert again.status == 422


def test_a_name_that_no_code_can_prove_gets_digits_and_is_kept_at_once(portal):
    member = portal.register(OLD)
    done = asked(member, "mia", "username")
    assert done.status == 200
    name = kept(portal, member)["username"]
    assert name.startswith("mia-")
    assert name in done.words
    again = member.send(member.get("/identifiers/username").form("/identifiers/username"), value="mia")
    assert kept(portal, member)["username"] in again.words
    assert "no code can prove it" in member.get("/identifiers").words


def test_a_change_that_was_refused_is_told_to_nobody(portal):
    ada, ben = portal.register("ada@example.org"), portal.register("ben@example.org")
    forms = []
    for member in (ada, ben):
        form = asked(member, NEW).form("/identifiers/email/code")
        forms.append((member, form, portal.code(NEW)))
    (member, form, code), (late, other, second) = forms
    assert member.send(form, code=code).title == "It is kept"

    assert late.send(other, code=second).status == 409

    assert "What you sign in with was changed" not in late.get("/messages").words
    assert kept(portal, late)["email"] == "ben@example.org"


def test_a_name_that_no_code_proves_is_told_of_as_well(portal):
    member = portal.register(OLD)
    asked(member, "mia-moon", "username")

    assert "What you sign in with was changed" in portal.letter(OLD)
    assert "What you sign in with was changed" in member.get("/messages").words
