from pathlib import Path

import pytest

from troth.terms.agreement import Collect
from troth.terms.parse import parse
from troth.terms.prose import notice, plain, register
from troth.terms.sentences import length
from troth.terms.vocabulary import Period

ROOT = Path(__file__).parents[2]
CLINIC = parse((ROOT / "tests/agreements/clinic.md").read_text(encoding="utf-8"))
MEMBER = parse((ROOT / "agreements/member/agreement.md").read_text(encoding="utf-8"))


def told(clause):
    return notice(CLINIC, CLINIC.clause(clause).rules[0])


def test_a_notice_says_what_why_who_how_long_and_what_choice():
    assert told("take.patient") == (
        "We ask for your name, a phone number, an e-mail address, your date of birth and your insurance "
        "number. "
        "What it is for: How you sign in; To treat you; To remind you of appointments; To send the bill; "
        "To learn how well we treat; The laboratory; Your insurer. Nothing else. "
        "Who of us sees it: the program patient pages, doctor, nurse, the program reminders and office. "
        "Who else may receive it: the laboratory MedLab; the public health insurance; your private insurer. "
        "It is erased 10 years after “last treatment”, and at the latest 30 years after it was taken in. "
        "You may leave out an e-mail address or your insurance number."
    )


def test_a_notice_of_consent_says_that_no_is_an_answer():
    assert told("take.study").endswith("You may say no, and you may withdraw a yes at any time.")
    assert "made anonymous 2 years after" in told("take.study")


def test_a_notice_tells_what_is_kept_longer():
    assert "Kept 3 years, for one thing alone (To treat you): diagnosis.lab.result." in told("take.lab")


def test_a_notice_written_in_the_clause_is_used_as_it_is():
    clause = MEMBER.clause("collect.camera.profile")
    assert notice(MEMBER, clause.rules[0]) == clause.rules[0].notice


@pytest.mark.parametrize("agreement", [CLINIC, MEMBER], ids=["clinic", "member"])
def test_every_rule_has_its_sentence_and_every_collection_its_notice(agreement):
    for _, rule in agreement.rules():
        assert plain(rule).endswith(".")
        if isinstance(rule, Collect):
            assert len(notice(agreement, rule)) > 80


CHART = (
    "patient and diagnosis: erased 10 years after “last treatment”, and at the latest 30 years after it was "
    "taken in; a legal duty keeps it until then: hospitals keep the medical history of a patient for at "
    "least ten years."
)


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        ("use.care", "Doctor or nurse may read patient, appointment and diagnosis for care, with a case."),
        (
            "never.findings",
            "Never disclose diagnosis, except diagnosis.code to laboratory or insurers.public.",
        ),
        ("never.sell", "Never sell or rent anything."),
        ("where.swiss", "patient.name and patient.insurance may go from EEA.AT to CH under adequacy."),
        ("keep.chart", CHART),
        ("right.see", "You may see what is held, answered within 1 month."),
        ("about", "Nothing to enforce: it describes the text itself and promises nothing about data."),
    ],
)
def test_a_rule_is_one_plain_sentence(clause, sentence):
    assert plain(CLINIC.clause(clause).rules[0]) == sentence


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("P1Y", "1 year"),
        ("P18M", "1 year and 6 months"),
        ("PT72H", "72 hours"),
        ("P0D", "no time"),
        ("P2W", "14 days"),
    ],
)
def test_periods_are_said_as_people_say_them(period, words):
    assert length(Period.parse(period)) == words


def test_the_register_has_a_row_for_each_purpose():
    rows = {row.purpose: row for row in register(CLINIC)}
    assert set(rows) == {"care", "reminder", "billing", "audit.quality", "research", "care.lab", "entrance"}
    billing = rows["billing"]
    assert billing.clauses == ("use.billing", "give.insurer")
    assert billing.recipients == ("insurers.public", "insurers.private")
    assert billing.transfers == ("EEA.AT to CH (adequacy)",)
    assert billing.basis == "contract"
    assert (
        "chart: erased 10 years after “last treatment”, and at the latest 30 years after it was taken in"
        in billing.retention
    )
    assert "mfa: staff" in billing.measures
