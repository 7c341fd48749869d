"""The agreement that was adopted is the one that is kept: a text that was changed since opens no house."""

import pytest
from sqlalchemy import create_engine, delete, insert, update

import troth
from tests.cast import ACCOUNT, AGENT, MIA, PORTAL, joins
from tests.houses import MEMBER_TEXT
from tests.inside import count_of, ledger_of, rows_of
from troth.clock import Settable, instant
from troth.errors import AgreementChanged, NotFound, Refused
from troth.store import schema
from troth.terms.parse import parse

agreements, secrets = schema.agreements, schema.secrets


def change(house, statement):
    """Change a house's databases as somebody with their password could."""
    which = "keystore" if statement.table.metadata is schema.keystore else "store"
    with house.teller.house.filing.connect(which) as connection:
        connection.execute(statement)


def must_not_open(new_house, house, version=1):
    with pytest.raises(AgreementChanged) as caught:
        new_house.again(house)
    assert caught.value.version == version


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("mask: [account.phone, account.email]\n", ""),  # customer service sees them in clear
        ("by: {roles: [support-agent], programs: [helpdesk]}", "by: {roles: [analyst]}"),
        ("for: P30D\nfrom: leave\nat_most: P20Y", "for: P30D\nfrom: leave\nat_most: P21Y"),
        ("Customer service and its helpdesk program read", "Customer service reads"),  # the prose alone
        ("effective: 2026-01-01T00:00:00Z", "effective: 2025-01-01T00:00:00Z"),
    ],
)
def test_a_house_whose_agreement_was_changed_in_the_store_does_not_open(house, new_house, words, others):
    joins(house)
    other = MEMBER_TEXT.replace(words, others, 1)
    assert other != MEMBER_TEXT
    change(house, update(agreements).values(source=other))

    must_not_open(new_house, house)


def test_neither_does_one_whose_text_and_hash_were_changed_together(house, new_house):
    other = MEMBER_TEXT.replace("needs: [case]\n", "", 1)
    change(house, update(agreements).values(source=other, hash=parse(other, "agreement.md").hash))

    must_not_open(new_house, house)


def test_nor_one_with_a_version_that_nobody_adopted(house, new_house):
    (row,) = rows_of(house, agreements)
    second = {
        **row._mapping,
        "version": 2,
        "hash": "0" * 64,
        "source": MEMBER_TEXT.replace("version: 1", "version: 2", 1),
    }
    change(house, insert(agreements).values(**second))

    must_not_open(new_house, house, version=2)


def test_nor_one_whose_version_was_given_another_number(house, new_house):
    change(house, update(agreements).values(version=7))

    must_not_open(new_house, house, version=7)


def test_nor_one_whose_keystore_forgot_what_was_adopted(house, new_house):
    change(house, delete(secrets).where(secrets.c.name == "agreement.1"))

    must_not_open(new_house, house)


def test_the_same_text_put_back_opens_again(house, new_house):
    joins(house)
    change(house, update(agreements).values(source=MEMBER_TEXT.replace("needs: [case]\n", "", 1)))
    url = house.teller.house.filing.store.engine.url
    must_not_open(new_house, house)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(agreements).values(source=MEMBER_TEXT))
    engine.dispose()

    assert new_house.again(house).access(about=MIA, category="account").records


# ---- before it is in force


BEFORE = instant("2025-12-31T23:59:59.999999Z")


@pytest.fixture
def early(tmp_path):
    """A house that was founded a microsecond before its agreement is in force."""
    with troth.init(tmp_path / "house", MEMBER_TEXT, clock=Settable(BEFORE)) as house:
        yield house


ACTS = {
    "collect": lambda house: joins(house),
    "use": lambda house: house.purpose("support.reply", by=AGENT, case="C-1").read(
        about=MIA, category="account"
    ),
    "access": lambda house: house.access(about=MIA, category="account"),
    "consent": lambda house: house.consent(about=MIA, purpose="contact.promotion"),
    "restrict": lambda house: house.restrict(about=MIA),
    "leave": lambda house: house.leave(about=MIA),
    "erase": lambda house: house.erase(about=MIA),
}


@pytest.mark.parametrize("act", ACTS)
def test_before_an_agreement_is_in_force_nothing_is_done_under_it(early, act):
    with pytest.raises((NotFound, Refused)):
        ACTS[act](early)

    last = ledger_of(early)[-1]
    assert (last.kind, last.act, last.outcome) == ("request.refused", act, "refused")
    assert "not-in-force" in last.reasons
    assert count_of(early, schema.subjects) == count_of(early, schema.records) == 0


def test_from_its_very_instant_on_it_is_kept(early):
    early.teller.house.clock.forward(1)

    joins(early, MIA, **ACCOUNT)

    assert early.purpose("service.account", by=PORTAL).read(about=MIA, category="account").records
