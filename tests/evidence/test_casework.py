"""What the checks of a case see: steps in the ledger, states in the store, and clocks."""

from dataclasses import replace

import pytest

from tests.acts.test_cases import moves, opens, shows, writes
from tests.cast import MIA, joins
from tests.houses import MEMBER_TEXT
from tests.inside import ledger_of
from troth.clock import DAY
from troth.evidence.casework import Steps
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.compiling import compile_rules
from troth.store import schema
from troth.terms.parse import parse

KEPT, BROKEN, UNPROVEN = Status.KEPT, Status.BROKEN, Status.UNPROVEN
BOOK = compile_rules(parse(MEMBER_TEXT))


def checks(house, clause="case.identity"):
    found = next(each for each in verify(house.teller).clauses if each.clause == clause)
    return {check.name: check.status for check in found.checks}


def write(house, statement):
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(statement)
        connection.commit()


@pytest.fixture
def decided(house):
    """A house in which Mia's check was verified, with pictures."""
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")
    case = moves(house, opens(house), "collecting")
    shows(house, case)
    moves(house, case, "submitted", "in_review", "verified")
    return house


def test_where_no_case_was_opened_nothing_is_proven(house):
    for clause in ("case.identity", "case.conversation"):
        assert set(checks(house, clause).values()) == {UNPROVEN}


def test_a_case_that_went_as_its_clause_says_is_kept(decided):
    assert checks(decided) == {"steps-allowed": KEPT, "states-told": KEPT, "clocks-run": KEPT}
    assert checks(decided, "keep.identity-pictures")["clocks-run"] is KEPT
    assert checks(decided, "keep.support")["clocks-run"] is UNPROVEN


def test_a_case_that_has_not_ended_proves_no_clock(house):
    writes(house, "conversation")

    found = checks(house, "case.conversation")
    assert found == {"steps-allowed": KEPT, "states-told": KEPT, "clocks-run": UNPROVEN}


@pytest.mark.parametrize(
    "change",
    [
        {"state": "rejected"},
        {"state": "in_review", "ended_at": 0},
        {"ended_at": 1},
        {"resumed": 1},
        {"reference": "IC-0000-0000"},
        {"name": "conversation"},
    ],
    ids=lambda change: "-".join(change),
)
def test_a_row_that_says_otherwise_than_the_ledger_is_found(decided, change):
    write(decided, schema.cases.update().values(**change))

    words = {checks(decided, clause)["states-told"] for clause in ("case.identity", "case.conversation")}
    assert BROKEN in words


def test_a_record_that_is_kept_as_if_its_case_had_not_ended_is_found(decided):
    late = schema.records.c.expires_at + 100 * DAY
    write(decided, schema.records.update().values(narrows_at=late, expires_at=late))

    assert checks(decided)["clocks-run"] is BROKEN
    assert checks(decided, "keep.identity-pictures")["clocks-run"] is BROKEN


# ---- steps, line by line


@pytest.fixture
def lines(decided):
    return [entry for entry in ledger_of(decided) if entry.kind.startswith("case.")]


def faults(lines):
    steps = Steps(BOOK)
    return [fault for fault in map(steps.read, lines) if fault]


def test_lines_that_the_house_wrote_are_without_fault(lines):
    assert len(lines) == 5
    assert faults(lines) == []


@pytest.mark.parametrize(
    ("number", "change", "said"),
    [
        (0, {"actor": "staff:reviewer:x"}, "opened"),
        (0, {"fields": ("verified",)}, "opened"),
        (1, {"fields": ("verified",)}, "brought a case from `consented` to `verified`"),
        (3, {"actor": "self"}, "somebody who may not"),
        (4, {"actor": "staff:support-agent:x"}, "somebody who may not"),
        (4, {"actor": "program:portal"}, "somebody who may not"),
        (4, {"actor": "program:verification", "fields": ("rejected",), "reasons": ("faces-differ",)}, "may"),
        (4, {"fields": ("rejected",)}, "without a reason"),
        (4, {"fields": ("rejected",), "reasons": ("ugly",)}, "without a reason"),
        (4, {"actor": "time"}, "somebody who may not"),
        (4, {"case": "IC-0000-0000"}, "never opened"),
        (4, {"circumstance": "conversation"}, "does not have"),
        (4, {"circumstance": None}, "does not have"),
        (4, {"fields": ()}, "does not have"),
    ],
    ids=range(14),
)  # fmt: skip
def test_a_line_that_its_clause_does_not_allow_is_a_fault(lines, number, change, said):
    lines[number] = replace(lines[number], **change)

    assert any(said in fault for fault in faults(lines))


def test_a_second_appeal_is_a_fault(lines):
    rejected = replace(lines[4], fields=("rejected",), reasons=("faces-differ",))
    appealed = replace(lines[1], fields=("in_review",))

    assert faults([*lines[:4], rejected, appealed, rejected]) == []
    assert faults([*lines[:4], rejected, appealed, rejected, appealed]) == ["took a case up once too often"]


def test_a_case_that_is_opened_twice_is_a_fault(lines):
    assert len(faults([lines[0], lines[0]])) == 1
