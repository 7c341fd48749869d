"""The same engine under a clinic's agreement, which is unlike the reference one in every word."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import CLINIC_TEXT, MEMBER_TEXT, ROOT
from tests.inside import audited, count_of, expect_refusal, ledger_of, rows_of, shown
from troth.acts.disclose import approve, disclosing
from troth.clock import DAY
from troth.errors import NotFound
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.library import Troth
from troth.rules.decision import program, staff
from troth.store import schema
from troth.terms.agreement import Agreement, Collect, Disclose, Keep, Use
from troth.terms.parse import parse

DOCTOR, NURSE = staff("dov", "doctor"), staff("nia", "nurse")
OFFICE, SECOND, THIRD = (staff(name, "office") for name in ("ole", "ona", "oto"))
RESEARCHER, LAB, REMINDERS = staff("rex", "researcher"), program("lab-link"), program("reminders")
STATISTICS = program("statistics")
PAUL, VERA = "P-77", "P-78"
MEDLAB, PUBLIC, PRIVATE = "laboratory.medlab", "insurers.public", "insurers.private"

PATIENT = {
    "name": "Paul Kern", "phone": "+4312345678", "email": "paul@example.org", "born": "1958-02-11",
    "insurance": "AT:1237010180",
}  # fmt: skip
DIAGNOSIS = {"code": "J45.0", "finding": "Allergic asthma.\nWheezing at night."}
LAB_RESULT = {"test": "IgE", "result": {"value": "412", "unit": "kU/l"}}


@pytest.fixture
def clinic(new_house, clock):
    """A clinic's house in which Paul is a patient with a diagnosis."""
    house = new_house(CLINIC_TEXT, clock=clock)
    house.collect(about=PAUL, category="patient", when="admission", values=PATIENT)
    house.collect(about=PAUL, category="diagnosis", when="examination", values=DIAGNOSIS, by=DOCTOR)
    house.collect(about=PAUL, category="diagnosis.lab", when="sample", values=LAB_RESULT, by=LAB)
    return house


def sign(house: Troth, recipient: str, *kinds: str) -> None:
    until = house.teller.house.clock() + 365 * DAY
    for kind in kinds:
        house.record_instrument(by=OFFICE, recipient=recipient, kind=kind, reference="file/1", until=until)


def test_a_patient_joins_and_what_is_written_is_read_for_care_with_a_case(clinic):
    caring = clinic.purpose("care", by=NURSE, case="visit-1")

    assert shown(caring.read(about=PAUL, category="patient")) == [PATIENT]
    assert shown(caring.read(about=PAUL, category="diagnosis")) == [DIAGNOSIS]
    parts = shown(caring.read(about=PAUL, category="diagnosis.lab"))  # one goes earlier than the other
    assert {name: value for part in parts for name, value in part.items()} == LAB_RESULT
    with expect_refusal(clinic, "case-missing", at=("use.care",)):
        clinic.purpose("care", by=NURSE).read(about=PAUL, category="patient")


def test_only_a_doctor_writes_a_diagnosis_and_only_known_fields_are_taken(clinic):
    with expect_refusal(clinic, "not-by", at=("take.diagnosis",)):
        clinic.collect(about=PAUL, category="diagnosis", when="examination", values=DIAGNOSIS, by=NURSE)
    with expect_refusal(clinic, "unknown-field"):
        clinic.collect(
            about=PAUL,
            category="diagnosis",
            when="examination",
            values={**DIAGNOSIS, "mood": "low"},
            by=DOCTOR,
        )
    with pytest.raises(NotFound):
        clinic.collect(about=VERA, category="diagnosis", when="examination", values=DIAGNOSIS, by=DOCTOR)


def test_the_office_sees_codes_and_a_masked_number_and_never_findings(clinic):
    billing = clinic.purpose("billing", by=OFFICE, reason="May")

    assert shown(billing.read(about=PAUL, category="diagnosis")) == [{"code": "J45.0"}]
    (patient,) = shown(billing.read(about=PAUL, category="patient"))
    assert patient == {"name": "Paul Kern", "insurance": "AT:12****80"}
    with expect_refusal(clinic, "field-not-covered", at=("use.billing",)):
        billing.read(about=PAUL, category="diagnosis", fields=["finding"])


def test_an_objection_to_reminders_counts_at_once(clinic):
    reminding = clinic.purpose("reminder", by=REMINDERS)
    assert shown(reminding.read(about=PAUL, category="patient")) == [
        {"phone": PATIENT["phone"], "email": PATIENT["email"]}
    ]
    clinic.object(about=PAUL, purpose="reminder")

    with expect_refusal(clinic, "objected", at=("use.reminder",)):
        reminding.read(about=PAUL, category="patient")
    with expect_refusal(clinic, "only-aggregates", at=("use.quality",)):
        clinic.purpose("audit.quality", by=STATISTICS).read(about=PAUL, category="diagnosis")


def test_a_study_is_kept_and_read_only_while_the_patient_agrees(clinic):
    diary = {"about": PAUL, "category": "study", "when": "study.visit", "values": {"mood": "fair"}, "age": 69}
    with expect_refusal(clinic, "consent-missing", at=("take.study",)):
        clinic.collect(**diary)
    clinic.consent(about=PAUL, purpose="research")
    clinic.collect(**diary)
    researching = clinic.purpose("research", by=RESEARCHER)
    assert shown(researching.read(about=PAUL, category="study")) == [{"mood": "fair"}]

    clinic.withdraw(about=PAUL, purpose="research")

    with expect_refusal(clinic, "consent-withdrawn", at=("use.research",)):
        researching.read(about=PAUL, category="study")


def test_the_laboratory_gets_the_code_under_contract_and_never_the_finding(clinic):
    asking = clinic.purpose("care.lab", by=DOCTOR)
    with expect_refusal(clinic, "instrument-missing", at=("give.lab",)) as refused:
        asking.disclose(about=PAUL, category="diagnosis", to=MEDLAB)
    assert set(refused().words) == {"contract", "confidentiality"}
    sign(clinic, MEDLAB, "contract", "confidentiality")

    assert shown(asking.disclose(about=PAUL, category="diagnosis", to=MEDLAB)) == [{"code": "J45.0"}]
    with expect_refusal(clinic, "denied", at=("never.findings",)):
        asking.disclose(about=PAUL, category="diagnosis", to=MEDLAB, fields=["finding"])


def test_an_insurer_gets_its_fields_after_two_others_of_the_office_approved(clinic):
    job = disclosing(by=OFFICE, about=PAUL, category="patient", to=PUBLIC, purpose="billing", reason="bill 7")
    sign(clinic, PUBLIC, "legal_basis")
    for somebody in (SECOND, THIRD):
        with expect_refusal(clinic, "approval-missing", at=("give.insurer",)):
            clinic.teller.ask(job)
        approve(clinic.teller, by=somebody, job=job)

    handed = clinic.teller.ask(job)

    assert shown(handed) == [{"insurance": PATIENT["insurance"]}]
    assert handed.tell == "after"


def test_what_goes_to_switzerland_goes_under_the_transfer_clause_and_a_safeguard(clinic):
    job = disclosing(
        by=OFFICE, about=PAUL, category="patient", to=PRIVATE, purpose="billing", reason="bill 7"
    )
    sign(clinic, PRIVATE, "legal_basis")
    for somebody in (SECOND, THIRD):
        approve(clinic.teller, by=somebody, job=job)
    with expect_refusal(clinic, "instrument-missing") as refused:
        clinic.teller.ask(job)
    assert refused().words == ("safeguard",)
    sign(clinic, PRIVATE, "safeguard")

    handed = clinic.teller.ask(job)

    assert ledger_of(clinic)[handed.receipt.entry].clauses == ("give.insurer", "where.swiss")


def test_an_erasure_leaves_what_the_law_keeps_and_a_sweep_removes_what_is_over(clinic, clock):
    clinic.collect(
        about=PAUL, category="appointment", when="booking",
        values={"time": "2027-06-09T10:00:00Z", "doctor": "Dov"},
    )  # fmt: skip

    gone = clinic.erase(about=PAUL)

    assert set(gone.erased) == {"calendar", "samples", "samples:care"}
    assert [(stay.kept, stay.clause) for stay in gone.stays] == [("chart", "keep.chart")]
    with expect_refusal(clinic, "duty", at=("keep.chart",)):
        clinic.erase(about=PAUL, classes=["chart"])
    clock.forward(31 * 366 * DAY)
    with expect_refusal(clinic, "expired"):
        clinic.purpose("care", by=DOCTOR, case="visit-2").read(about=PAUL, category="diagnosis")
    clinic.sweep()
    assert count_of(clinic, schema.records) == 0
    assert rows_of(clinic, schema.keys) == rows_of(clinic, schema.names) == []


def test_part_of_a_sample_is_kept_longer_for_care_alone(clinic, clock):
    clock.forward(366 * DAY)

    caring = clinic.purpose("care", by=DOCTOR, case="visit-2")
    assert shown(caring.read(about=PAUL, category="diagnosis.lab")) == [{"result": LAB_RESULT["result"]}]
    assert shown(clinic.access(about=PAUL, category="diagnosis.lab")) == [{"result": LAB_RESULT["result"]}]
    clock.forward(2 * 366 * DAY)
    with expect_refusal(clinic, "expired"):
        caring.read(about=PAUL, category="diagnosis.lab")


def test_its_clauses_get_their_words_and_its_ledger_verifies(clinic, tmp_path):
    clinic.purpose("care", by=NURSE, case="visit-1").read(about=PAUL, category="patient")

    found = {each.clause: each.status for each in verify(clinic.teller).clauses}

    assert found["take.patient"] is found["use.care"] is Status.KEPT
    assert found["keep.chart"] is Status.UNPROVEN  # nothing tells the engine of the last treatment yet
    assert found["use.research"] is found["use.quality"] is Status.UNPROVEN
    assert found["about"] is None
    assert Status.BROKEN not in found.values()
    assert audited(clinic, tmp_path / "log").size == len(ledger_of(clinic))


# ---- the engine knows neither agreement

# Words of the agreement language and of the command line, which these texts happen to use as names too.
# Words that the language has, too.
ORDINARY = {"about", "activity", "arrival", "change", "doctor", "reminders", "usage", "verification"}


def words_of(agreement: Agreement) -> set[str]:
    """Return every word that is an agreement's own: what it collects, when, for what, from and for whom."""
    found = {clause.id for clause in agreement.clauses}
    for _, rule in agreement.rules():
        if isinstance(rule, Collect):
            found |= {rule.category, *rule.circumstances}
        if isinstance(rule, Keep):
            found.add(rule.name)
        if isinstance(rule, Use):
            found.add(rule.purpose)
        if isinstance(rule, Disclose):
            found |= {f"{rule.name}.{party.name}" for party in rule.parties} | set(rule.purposes)
        if isinstance(rule, Collect | Use | Disclose):
            found |= rule.by.roles | rule.by.programs
    return found


def engine() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "src/troth").rglob("*.py")):
        if {"agreements", "demo", "bench"}.isdisjoint(path.relative_to(ROOT).parts):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield every text of a module that is not a docstring."""
    spoken = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
            yield node


@pytest.mark.parametrize("text", [MEMBER_TEXT, CLINIC_TEXT], ids=["member", "clinic"])
def test_the_engine_knows_no_category_purpose_clause_or_circumstance_of_an_agreement(text):
    words = words_of(parse(text, "agreement.md"))

    found = [
        f"{path}:{node.lineno}: {node.value!r}"
        for path, tree in engine()
        for node in literals(tree)
        if node.value in words - ORDINARY
    ]

    assert found == []


def test_no_dotted_word_of_the_reference_agreement_occurs_anywhere_in_the_engine():
    own = {word for word in words_of(parse(MEMBER_TEXT, "agreement.md")) if re.search(r"[._-]", word)}
    pattern = re.compile(r"(?<![\w.-])(" + "|".join(map(re.escape, sorted(own))) + r")(?![\w.-])")

    found = [
        f"{path}: {match[0]}"
        for path, _ in engine()
        for match in pattern.finditer((ROOT / path).read_text("utf-8"))
    ]

    assert found == []


def test_the_scan_finds_a_word_that_is_there():
    tree = ast.parse('"""A docstring."""\nif category == "payment":\n    pass\n')

    assert [node.value for node in literals(tree)] == ["payment"]
    assert "payment" in words_of(parse(MEMBER_TEXT, "agreement.md"))
