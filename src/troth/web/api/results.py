"""The shapes of what programs get; the description of the API follows from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from troth.web.api.shapes import CaseReference, RecordId, Right, RightsState, SubjectId, Word

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Receipt(BaseModel):
    """Which ledger entry remembers it; enough to ask for a proof, for ever."""

    number: str
    entry: int
    leaf_hash: str
    kind: str
    at: Instant


class Taken(BaseModel):
    """What was taken in."""

    subject: SubjectId
    records: list[RecordId]
    receipt: Receipt


class Outcome(BaseModel):
    """What became of one of many: its status, and either what was done or the problem."""

    status: int
    done: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None


class Outcomes(BaseModel):
    """What became of each, in the order in which they were sent."""

    outcomes: list[Outcome]


class Record(BaseModel):
    """One record as it is handed out: masked where a clause says so."""

    record: RecordId
    category: Word
    clause: str
    collected_at: Instant
    expires_at: Instant | None
    version: str
    values: dict[str, Any]


class Records(BaseModel):
    """What is held, and the receipt of the entry that remembers that it was read."""

    records: list[Record]
    receipt: Receipt


class Disclosed(Records):
    """What the recipient gets, and when the person is told."""

    tell: str


class FoundOne(BaseModel):
    """Somebody who has the value, and the record that has it."""

    subject: SubjectId
    record: RecordId


class Found(BaseModel):
    """Whoever has the value; nobody looks like a value that cannot be anybody's."""

    found: list[FoundOne]
    receipt: Receipt


class Receipted(BaseModel):
    """That it was done."""

    receipt: Receipt


class AccessRecord(BaseModel):
    """One entry of the ledger about a person."""

    entry: int
    at: Instant
    kind: str
    act: str
    outcome: str
    actor: str
    on_behalf_of: str | None
    category: str | None
    fields: list[str]
    purpose: str | None
    recipient: str | None
    case: str | None
    clauses: list[str]
    agreement: int | None
    reasons: list[str]


class AccessRecords(BaseModel):
    """Entries about a person, newest first, and the cursor of the next page."""

    access_records: list[AccessRecord]
    next: str | None
    receipt: Receipt


class Approval(BaseModel):
    """A disclosure that waits for the yes of others, or has it."""

    approval_id: str
    state: Literal["waiting", "approved"]
    given: int
    needed: int


class Case(BaseModel):
    """A case as it stands; nothing that the person told."""

    reference: CaseReference
    name: str
    state: str
    subject: SubjectId
    opened_at: Instant
    changed_at: Instant
    ended_at: Instant | None
    reasons: list[str]


class CaseFiled(BaseModel):
    """A case as it stands now, and the receipt of the step."""

    case: Case
    receipt: Receipt


class CaseWhole(BaseModel):
    """A case, and the records that belong to it."""

    case: Case
    records: list[RecordId]


class CaseQueue(BaseModel):
    """Cases that wait in a state, the longest there first, and the cursor of the next page."""

    cases: list[Case]
    next: str | None


class RightsDeadline(BaseModel):
    """When an answer is due, and under which regime and law."""

    at: Instant
    regime: str
    law: str
    paused: bool
    extended: bool


class RightsCaseNamed(BaseModel):
    """A demand as a line of a list."""

    reference: CaseReference
    right: Right
    state: RightsState
    filed_at: Instant
    due: RightsDeadline | None


class RightsEvent(BaseModel):
    """What happened to a demand, and by whom as people are told."""

    at: Instant
    event: str
    by: str
    codes: list[str]


class RightsCase(RightsCaseNamed):
    """A demand as it stands; nothing that its person told."""

    needs: str
    proven: bool
    ended_at: Instant | None
    over: dict[str, Any]
    events: list[RightsEvent]
    erased: list[str]
    stays: list[dict[str, Any]]
    systems: list[dict[str, Any]]


class RightsFiled(BaseModel):
    """A demand as it stands now, and the receipt of the step."""

    case: RightsCase
    receipt: Receipt


class RightsSeen(BaseModel):
    """A demand as it stands, whose it is, and the receipt of the look."""

    case: RightsCase
    subject: SubjectId
    receipt: Receipt


class RightsQueue(BaseModel):
    """Demands in a state, the oldest first, and the cursor of the next page."""

    cases: list[RightsCaseNamed]
    next: str | None
    receipt: Receipt


class RightsOfOne(BaseModel):
    """The demands of one person, the oldest first, and the receipt of the look."""

    cases: list[RightsCaseNamed]
    receipt: Receipt


class MayBeSent(BaseModel):
    """That one message may be sent now; and the headers by which one click ends such letters."""

    headers: dict[str, str]
    receipt: Receipt


class AgreementNamed(BaseModel):
    """One version of the agreement, by its hash."""

    name: str
    title: str
    organisation: str
    version: int
    effective: Instant
    language: str
    hash: str
    in_force: bool


class Agreements(BaseModel):
    """Every version, the newest first."""

    agreements: list[AgreementNamed]


class ClauseNamed(BaseModel):
    """A clause by its name."""

    id: str
    number: str
    title: str


class Agreement(AgreementNamed):
    """One version with its text (Markdown)."""

    source: str
    clauses: list[ClauseNamed]


class Clause(ClauseNamed):
    """A clause with its text, and what its rules mean in plain words."""

    text: str
    means: list[str]


class ClauseStanding(ClauseNamed):
    """How a clause stands, and since when."""

    status: Literal["kept", "at_risk", "broken", "unproven", "attested"]
    since: Instant | None


class Status(BaseModel):
    """How each clause in force stands, and when that was checked."""

    version: int
    hash: str
    checked_at: Instant | None
    clauses: list[ClauseStanding]


class Pointer(BaseModel):
    """Where what was sent is not as it is described (RFC 6901), and how not; never what stood there."""

    pointer: str
    reason: str


class Reason(BaseModel):
    """One ground of a refusal."""

    code: str
    word: str


class Problem(BaseModel):
    """What went wrong (RFC 9457), under which clauses, and the way on."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    fix: str | None = None
    clauses: list[str] | None = None
    reasons: list[Reason] | None = None
    allowed: list[str] | None = None
    entry: int | None = None
    pointers: list[Pointer] | None = None
