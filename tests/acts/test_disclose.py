import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    CLERK,
    DUTY,
    GUARD,
    IDENTITY,
    LAWYER,
    MIA,
    NOOR,
    OFFICER,
    OUTBOX,
    PAYMENT,
    PAYOUT,
    SECOND_OFFICER,
    joins,
    tells_everything,
)
from tests.inside import expect_refusal, ledger_of, rows_of, shown
from troth.acts.disclose import approve, disclosing
from troth.clock import DAY
from troth.errors import BadArgument, BadReference, NotFound, UnknownRecipient
from troth.store import schema

PAYMENTS = "processors.payments.payments-processor"
POLICE = "authorities.financial-police"
INSTRUMENTS = ("contract", "confidentiality", "safeguard")


def sign(house, recipient, *kinds, days=365):
    until = house.teller.house.clock() + days * DAY
    for kind in kinds:
        house.record_instrument(
            by=OFFICER, recipient=recipient, kind=kind, reference=f"file/{kind}", until=until
        )


@pytest.fixture
def full(house):
    """A house in which Mia told everything."""
    tells_everything(house)
    return house


@pytest.fixture
def paying(full):
    return full.purpose("service.payments", by=PAYOUT)


def police(by=OFFICER, **changes):
    asked = {"about": MIA, "category": "account", "to": POLICE, "purpose": "legal.request", "case": "A-1"}
    return disclosing(by=by, **{**asked, "reason": "court order", **changes})


def test_a_recipient_with_every_instrument_gets_what_its_clause_lists(full, paying):
    sign(full, PAYMENTS, *INSTRUMENTS)

    handed = paying.disclose(about=MIA, category="payment", to=PAYMENTS)

    assert shown(handed) == [PAYMENT]
    assert handed.tell == "on_change"
    entry = ledger_of(full)[handed.receipt.entry]
    assert (entry.kind, entry.recipient, entry.purpose) == ("record.disclosed", PAYMENTS, "service.payments")
    assert entry.clauses == ("disclose.processors.payments", "transfer.to-ireland")


@pytest.mark.parametrize("lacking", INSTRUMENTS)
def test_each_instrument_is_needed(full, paying, lacking):
    sign(full, PAYMENTS, *(kind for kind in INSTRUMENTS if kind != lacking))

    with expect_refusal(full, "instrument-missing", at=("disclose.processors.payments",)) as refused:
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)
    assert refused().words == (lacking,)


def test_a_disclosure_is_refused_from_the_instant_at_which_an_instrument_lapses(full, paying, clock):
    sign(full, PAYMENTS, "confidentiality", "safeguard")
    sign(full, PAYMENTS, "contract", days=30)
    clock.forward(30 * DAY - 1)
    assert len(paying.disclose(about=MIA, category="payment", to=PAYMENTS).records) == 1

    clock.forward(1)

    with expect_refusal(full, "instrument-missing") as refused:
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)
    assert refused().words == ("contract",)


def test_another_recipients_instruments_do_not_count(full, paying):
    sign(full, "processors.messages.mail-delivery", *INSTRUMENTS)

    with expect_refusal(full, "instrument-missing"):
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)


def test_fields_beyond_those_of_the_recipient_are_refused_by_name(full, paying):
    sign(full, PAYMENTS, *INSTRUMENTS)

    with expect_refusal(full, "field-not-covered") as refused:
        paying.disclose(about=MIA, category="identity", to=PAYMENTS, fields=["name", "birth_date"])
    assert refused().words == ("birth_date",)


def test_a_recipient_purpose_or_asker_that_no_clause_names_is_refused(full, paying):
    sign(full, PAYMENTS, *INSTRUMENTS)

    with expect_refusal(full, "unknown-recipient"):
        paying.disclose(about=MIA, category="payment", to="advertisers.adnet")
    with expect_refusal(full, "no-clause"):
        full.purpose("contact.service", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)
    with expect_refusal(full, "not-by", at=("disclose.processors.payments",)):
        full.purpose("service.payments", by=CLERK).disclose(about=MIA, category="payment", to=PAYMENTS)


def test_no_instrument_is_recorded_for_whom_no_clause_lists(house):
    with pytest.raises(UnknownRecipient):
        sign(house, "advertisers.adnet", "contract")

    assert rows_of(house, schema.instruments) == []


def test_an_instrument_is_remembered_with_its_kind_and_recipient(house):
    sign(house, PAYMENTS, "contract")

    entry = ledger_of(house)[-1]
    assert (entry.kind, entry.recipient, entry.fields) == ("instrument.recorded", PAYMENTS, ("contract",))


def test_a_recipient_in_the_same_place_needs_no_transfer_clause(full):
    hosting = "processors.hosting.cloud-hosting"
    sign(full, hosting, "contract", "confidentiality")

    handed = full.purpose("security.accounts", by=GUARD).disclose(
        about=MIA, category="network", to=hosting, fields=["ip"]
    )

    assert ledger_of(full)[handed.receipt.entry].clauses == ("disclose.processors.hosting",)


def test_what_no_transfer_clause_covers_does_not_go_abroad(full):
    hosting = "processors.hosting.irish-cloud-hosting"
    sign(full, hosting, *INSTRUMENTS)

    with expect_refusal(full, "transfer-missing", at=("disclose.processors.hosting",)):
        full.purpose("security.accounts", by=GUARD).disclose(
            about=MIA, category="network", to=hosting, fields=["ip"]
        )


def test_two_other_people_approve_exactly_this_request_and_it_goes_once(full):
    sign(full, POLICE, "legal_basis")
    approve(full.teller, by=SECOND_OFFICER, job=police())
    with expect_refusal(full, "approval-missing", at=("disclose.authorities",)):
        full.teller.ask(police())
    approve(full.teller, by=LAWYER, job=police())

    handed = full.teller.ask(police())

    assert shown(handed) == [ACCOUNT]
    assert handed.tell == "unless_forbidden"
    with expect_refusal(full, "approval-missing"):
        full.teller.ask(police())


def test_whoever_asks_and_whoever_holds_another_role_does_not_count_as_approving(full):
    sign(full, POLICE, "legal_basis")
    for somebody in (OFFICER, AGENT, LAWYER):
        approve(full.teller, by=somebody, job=police())

    with expect_refusal(full, "approval-missing") as refused:
        full.teller.ask(police())
    assert refused().words == ("1",)


def test_one_person_who_approves_twice_counts_once(full):
    sign(full, POLICE, "legal_basis")
    approve(full.teller, by=LAWYER, job=police())
    approve(full.teller, by=LAWYER, job=police())

    with expect_refusal(full, "approval-missing"):
        full.teller.ask(police())


@pytest.mark.parametrize(
    "changes",
    [
        {"category": "identity"},
        {"case": "A-2"},
        {"reason": "another"},
        {"about": NOOR},
        {"fields": ["email"]},
    ],
)
def test_approvals_of_another_request_do_not_count(full, changes):
    joins(full, NOOR)
    sign(full, POLICE, "legal_basis")
    for somebody in (LAWYER, SECOND_OFFICER):
        approve(full.teller, by=somebody, job=police())

    with expect_refusal(full, "approval-missing"):
        full.teller.ask(police(**changes))


def test_an_emergency_needs_no_approval_but_a_case_and_a_reason_and_the_member_is_told_at_once(full):
    saving = {"about": MIA, "category": "account", "to": "emergency.life.emergency-services"}
    with expect_refusal(full, "case-missing", "reason-missing", at=("disclose.emergency",)):
        full.purpose("emergency.life", by=DUTY).disclose(**saving)

    handed = full.purpose("emergency.life", by=DUTY, case="E-1", reason="collapsed").disclose(**saving)

    assert shown(handed) == [{"phone": ACCOUNT["phone"]}]
    assert handed.tell == "at_once"


def test_a_disclosure_is_refused_without_the_consent_its_purpose_stands_on(full):
    newsletter = "processors.promotions.newsletter-delivery"
    sign(full, newsletter, *INSTRUMENTS)
    promoting = full.purpose("contact.promotion", by=OUTBOX)

    with expect_refusal(full, "consent-missing"):
        promoting.disclose(about=MIA, category="account", to=newsletter)
    full.consent(about=MIA, purpose="contact.promotion")
    assert shown(promoting.disclose(about=MIA, category="account", to=newsletter)) == [
        {"email": ACCOUNT["email"]}
    ]
    full.withdraw(about=MIA, purpose="contact.promotion")
    with expect_refusal(full, "consent-withdrawn"):
        promoting.disclose(about=MIA, category="account", to=newsletter)


def test_what_is_restricted_is_not_disclosed(full, paying):
    sign(full, PAYMENTS, *INSTRUMENTS)
    full.restrict(about=MIA, category="payment")

    with expect_refusal(full, "restricted"):
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)
    assert shown(paying.disclose(about=MIA, category="identity", to=PAYMENTS)) == [{"name": IDENTITY["name"]}]


def test_somebody_unknown_is_not_found_for_a_recipient_either(full, paying):
    sign(full, PAYMENTS, *INSTRUMENTS)

    with pytest.raises(NotFound):
        paying.disclose(about="nobody", category="payment", to=PAYMENTS)


@pytest.mark.parametrize(
    "reference",
    ["", "binder 7", "Mia Moon, mia@example.org", "+44 20 7946 0958", "x" * 129, "a\nb", "a\x00b"],
)
def test_the_reference_of_an_instrument_is_a_name_and_no_text(house, reference):
    size, until = len(ledger_of(house)), house.teller.house.clock() + DAY
    said = {"by": OFFICER, "recipient": PAYMENTS, "kind": "contract", "until": until}

    with pytest.raises(BadReference) as caught:
        house.record_instrument(**said, reference=reference)

    assert not reference or reference not in str(caught.value)
    assert (rows_of(house, schema.instruments), len(ledger_of(house))) == ([], size)
    house.record_instrument(**said, reference="C-2027/12")


@pytest.mark.parametrize("kind", ["", "a contract with Mia Moon", "x" * 61, None, 5])
def test_the_kind_of_an_instrument_is_a_name(house, kind):
    until = house.teller.house.clock() + DAY
    with pytest.raises(BadArgument):
        house.record_instrument(by=OFFICER, recipient=PAYMENTS, kind=kind, reference="file/1", until=until)
    assert rows_of(house, schema.instruments) == []
