from tests.cast import MIA, joins
from tests.inside import expect_refusal, ledger_of
from troth.acts import membership
from troth.rules.decision import member, program

PORTAL = program("portal")


def proves(house, field="account.email", by=PORTAL):
    return house.teller.ask(membership.proving(by=by, about=MIA, field=field))


def proven(house):
    def look(desk):
        desk.find([MIA])
        return desk.standing(MIA).proven

    return house.teller.alone(look)


def test_only_the_program_that_signs_members_in_says_that_a_code_came_back(house):
    joins(house)
    with expect_refusal(house, "not-by"):
        proves(house, by=member("portal", "step_up"))
    with expect_refusal(house, "not-by"):
        proves(house, by=program("exchange"))
    assert proven(house) == frozenset()


def test_what_no_code_can_reach_is_not_proven(house):
    joins(house, MIA, email="mia@example.org", username="mia")
    with expect_refusal(house, "field-not-covered"):
        proves(house, "account.username")


def test_a_proven_address_is_remembered_by_name_and_never_by_value(house):
    joins(house)
    receipt = proves(house)
    assert proven(house) == {"account.email"}
    entry = ledger_of(house)[receipt.entry]
    assert (entry.kind, entry.fields, entry.clauses) == ("field.proven", ("email",), ("account.sign-in",))


def test_a_corrected_address_is_to_be_proven_anew(house):
    joins(house, MIA, email="mia@example.org", phone="+442079460958")
    proves(house)
    proves(house, "account.phone")
    house.correct(about=MIA, category="account", values={"email": "new@example.org"})
    assert proven(house) == {"account.phone"}


def test_an_erased_account_leaves_nothing_proven(house):
    from tests.cast import tells_everything

    tells_everything(house)
    proves(house)
    house.erase(about=MIA)  # identity data stays under its duty, and so does the person's row
    assert proven(house) == frozenset()


def test_the_label_outlives_a_restart(new_house):
    house = new_house()
    joins(house)
    proves(house)
    assert proven(new_house.again(house)) == {"account.email"}
