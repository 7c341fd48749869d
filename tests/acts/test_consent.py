import pytest

from tests.cast import AGENT, MIA, NOOR, OUTBOX, PORTAL, joins, tells
from tests.inside import expect_refusal, ledger_of, rows_of
from troth.errors import NotFound
from troth.rules.decision import member
from troth.store import schema

CHOICES = [("consent", "consent.given"), ("refuse", "consent.refused"), ("withdraw", "consent.withdrawn")]


@pytest.mark.parametrize(("act", "kind"), CHOICES)
def test_each_choice_is_answered_with_the_receipt_of_its_line(house, act, kind):
    joins(house)

    receipt = getattr(house, act)(about=MIA, purpose="contact.promotion")

    entry = ledger_of(house)[receipt.entry]
    assert (receipt.kind, entry.kind, entry.purpose) == (kind, kind, "contact.promotion")
    assert entry.agreement == house.agreement.version


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ((), "consent-missing"),
        (("refuse",), "consent-refused"),
        (("consent", "withdraw"), "consent-withdrawn"),
        (("consent", "refuse"), "consent-refused"),
        (("refuse", "consent", "withdraw"), "consent-withdrawn"),
    ],
)
def test_the_latest_choice_decides_the_next_read(house, acts, code):
    joins(house)
    for act in acts:
        getattr(house, act)(about=MIA, purpose="contact.promotion")

    with expect_refusal(house, code, at=("use.promotions",)):
        house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account")
    house.consent(about=MIA, purpose="contact.promotion")
    assert house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account").records


def test_a_choice_on_one_purpose_says_nothing_of_another(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")

    with expect_refusal(house, "consent-missing", at=("collect.camera.profile",)):
        tells(house, MIA, "camera.profile")


def test_one_persons_choice_says_nothing_of_another_person(house):
    joins(house)
    joins(house, NOOR)
    house.consent(about=MIA, purpose="contact.promotion")

    with expect_refusal(house, "consent-missing"):
        house.purpose("contact.promotion", by=OUTBOX).read(about=NOOR, category="account")


@pytest.mark.parametrize("purpose", ["service.payments", "security.accounts", "legal.request"])
def test_a_purpose_that_does_not_rest_on_consent_is_no_matter_of_one(house, purpose):
    joins(house)

    with expect_refusal(house, "no-clause", leaving=(schema.subjects,)):
        house.consent(about=MIA, purpose=purpose)
    with expect_refusal(house, "no-clause", leaving=(schema.subjects,)):
        house.object(about=MIA, purpose=purpose)


def test_consent_is_given_by_the_person_alone(house):
    joins(house)

    with expect_refusal(house, "not-by"):
        house.consent(about=MIA, purpose="contact.promotion", by=AGENT)
    with expect_refusal(house, "not-by"):
        house.object(about=MIA, purpose="service.upkeep", by=PORTAL)


@pytest.mark.parametrize("act", ["consent", "refuse"])
def test_a_program_that_takes_pictures_does_not_say_yes_or_no_for_the_person(house, act):
    joins(house)

    with expect_refusal(house, "not-by", at=("collect.camera.identity",)):
        getattr(house, act)(about=MIA, purpose="camera.identity", by=PORTAL)
    getattr(house, act)(about=MIA, purpose="camera.identity", by=member(through="portal"))

    said = ledger_of(house)[-1]
    assert (said.actor, said.on_behalf_of) == ("program:portal", "self")


def test_customer_service_enters_a_withdrawal_or_an_objection_for_nobody_who_did_not_prove_it(house):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")

    for choose, purpose in ((house.withdraw, "contact.promotion"), (house.object, "service.upkeep")):
        with expect_refusal(house, "assurance-missing"):
            choose(about=MIA, purpose=purpose, by=AGENT)


def test_nobody_unknown_chooses(house):
    with pytest.raises(NotFound):
        house.consent(about="nobody", purpose="contact.promotion")

    assert ledger_of(house)[-1].kind == "request.refused"
    assert rows_of(house, schema.subjects) == []


def test_a_choice_outlives_a_restart(house, new_house):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")

    reopened = new_house.again(house)

    assert reopened.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account").records


def test_an_objection_can_be_made_and_ended_again_and_again(house):
    joins(house)
    for _ in range(2):
        house.object(about=MIA, purpose="service.upkeep")
        house.object(about=MIA, purpose="service.upkeep")
        house.end_objection(about=MIA, purpose="service.upkeep")
        house.end_objection(about=MIA, purpose="service.upkeep")

    kinds = [entry.kind for entry in ledger_of(house) if entry.kind.startswith("objection")]
    assert kinds == ["objection.made", "objection.made", "objection.ended", "objection.ended"] * 2
