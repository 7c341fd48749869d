"""PROMISES 10: what no one else does, and Troth must."""

import subprocess
import sys

import pytest

from tests.cast import ACCOUNT, AGENT, EVERYTHING, IDENTITY, MIA, OUTBOX, PAYMENT, joins, tells_everything
from tests.houses import MEMBER_TEXT
from tests.inside import audited, expect_refusal, ledger_of, rows_of
from troth.errors import AgreementFaulty, EntryBroken, TrothError
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.library import init
from troth.store import schema

STRAY = "\n## 8.12 Something else {#keep.else}\nWe keep promises.\n"
ORPHAN = "\n# 10 More\n\n```rule\nnever: [sell]\n```\n"


@pytest.mark.parametrize("more", [STRAY, ORPHAN], ids=["a clause with no rule", "a rule with no clause"])
def test_t1_a_clause_with_no_rule_or_a_rule_with_no_clause_does_not_load(tmp_path, more):
    with pytest.raises(AgreementFaulty) as faulty:
        init(tmp_path / "house", MEMBER_TEXT + more)

    assert "agreement.md:" in str(faulty.value)
    assert not (tmp_path / "house").exists()


def test_t1_changing_a_rule_changes_what_is_done(tmp_path, sqlite_house):
    tighter = MEMBER_TEXT.replace(
        "of: [account]\nby: {roles: [support-agent], programs: [outbox]}",
        "of: [account]\nby: {roles: [support-agent]}",
    )
    assert tighter != MEMBER_TEXT
    before, after = sqlite_house(), sqlite_house(tighter)
    for house in (before, after):
        joins(house)

    assert before.purpose("contact.service", by=OUTBOX).read(about=MIA, category="account").records
    with expect_refusal(after, "not-by", at=("use.notices",)):
        after.purpose("contact.service", by=OUTBOX).read(about=MIA, category="account")


def test_t2_every_line_of_the_ledger_cites_clauses_that_the_agreement_has(house):
    tells_everything(house)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    house.object(about=MIA, purpose="service.upkeep")
    house.leave(about=MIA)
    house.erase(about=MIA)
    clauses = {clause.id for clause in house.agreement.clauses}

    lines = ledger_of(house)[1:]

    assert all(line.clauses for line in lines)
    assert {clause for line in lines for clause in line.clauses} <= clauses
    assert {line.agreement for line in lines} == {house.agreement.version}


def test_t2_a_refusal_names_its_clause_to_the_asker_and_in_the_ledger(house):
    joins(house)
    with expect_refusal(house, "consent-missing", at=("use.promotions",)) as refused:
        house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account")

    assert "`use.promotions`" in str(refused())


def test_t3_every_clause_shows_its_evidence_and_nothing_is_assumed(house):
    empty = verify(house.teller)
    kept = {each.clause for each in empty.clauses if each.status is Status.KEPT}
    assert kept == {"never.sell"}  # no act of the engine can; nothing else was put to the test yet
    tells_everything(house)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")

    full = verify(house.teller)

    assert [each.clause for each in full.clauses] == [clause.id for clause in house.agreement.clauses]
    found = {each.clause: each.status for each in full.clauses}
    assert found["collect.account"] is found["use.support"] is found["keep.transactions"] is Status.KEPT
    assert found["keep.usage"] is Status.KEPT
    assert found["use.identity"] is found["keep.support"] is Status.UNPROVEN  # no case has ended
    assert [each for each in full.clauses if each.status is Status.BROKEN] == []


def test_t6_anyone_verifies_the_ledger_offline_in_a_program_of_its_own_without_database_or_keys(
    house, tmp_path
):
    tells_everything(house)
    audited(house, tmp_path / "log")
    vkey = (house.teller.house.directory / "log.vkey").read_text("utf-8")
    program = (
        "import sys; from pathlib import Path; from troth.ledger.audit import audit;"
        " print(audit(Path(sys.argv[1]), vkey=sys.argv[2]).size);"
        " assert not {'sqlalchemy', 'troth.store', 'troth.vault', 'troth.custody'} & sys.modules.keys()"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "log"), vkey],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stderr == ""
    assert int(ran.stdout) == len(ledger_of(house))


def test_t6_a_change_to_one_entry_in_the_database_shows_in_what_is_exported(house, tmp_path):
    tells_everything(house)
    house.checkpoint()
    with house.teller.house.filing.connect("store") as connection:
        (leaf,) = connection.execute(schema.entries.select().where(schema.entries.c.entry == 3)).all()
        forged = bytes(leaf.leaf).replace(b"permitted", b"refused")
        connection.execute(schema.entries.update().where(schema.entries.c.entry == 3).values(leaf=forged))

    with pytest.raises((EntryBroken, TrothError)):
        audited(house, tmp_path / "log")


def test_t6_no_personal_data_is_in_the_ledger(house):
    tells_everything(house)
    house.correct(about=MIA, category="account", values={"email": "luna@example.org"})
    leaves = b"\n".join(bytes(row.leaf) for row in rows_of(house, schema.entries)).decode()

    told = [*ACCOUNT.values(), *IDENTITY.values(), *PAYMENT.values(), "luna@example.org", MIA]
    assert [value for value in told if value in leaves] == []
    assert all(category in leaves for category, *_ in EVERYTHING)
