"""The shapes of what programs send; the description of the API follows from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from troth.terms.vocabulary import LONGEST_PAIR, LONGEST_WORD
from troth.web.api.ids import RECORD, SUBJECT

NAME = r"^[A-Za-z][A-Za-z0-9_-]*$"
DOTTED = r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$"
CASE = r"^[A-Z]{1,4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$"
OWNER = r"^(program:)?[A-Za-z][A-Za-z0-9_-]*$"
MATTER = r"^[A-Za-z0-9_.:/#-]{1,128}$"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
MOST_FIELDS = 100
MOST_READS = 100

Word = Annotated[str, StringConstraints(pattern=DOTTED, max_length=LONGEST_WORD)]
Pair = Annotated[str, StringConstraints(pattern=DOTTED, max_length=LONGEST_PAIR)]
Name = Annotated[str, StringConstraints(pattern=NAME, max_length=LONGEST_WORD)]
SubjectId = Annotated[str, StringConstraints(pattern=SUBJECT)]
RecordId = Annotated[str, StringConstraints(pattern=RECORD)]
CaseReference = Annotated[str, StringConstraints(pattern=CASE)]
MatterName = Annotated[
    str,
    StringConstraints(pattern=MATTER),
    Field(description="The matter's own reference: a name, nothing personal.", examples=["LIT-2027-4"]),
]
Reason = Annotated[Word, Field(description="A reason for which a clause lets data be held.")]
Moment = Annotated[
    str,
    StringConstraints(pattern=MOMENT),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT}),
]
_NAMED: dict[str, Any] = {
    "type": "object",
    "description": "Values by the names of their fields; pictures and files go beside it, in a form.",
    "propertyNames": {"pattern": NAME, "maxLength": LONGEST_WORD},
    "maxProperties": MOST_FIELDS,
}
Values = Annotated[
    dict[Name, Any],
    Field(min_length=1, max_length=MOST_FIELDS),
    WithJsonSchema({**_NAMED, "minProperties": 1}),
]
Names = Annotated[list[Name], Field(max_length=MOST_FIELDS)]


class Sent(BaseModel):
    """What programs send: exactly these members, each of its own JSON type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BySubject(Sent):
    """A person, by the id that this API gave them."""

    subject: SubjectId


class ByReference(Sent):
    """A person, by the organisation's own reference."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=200)]


About = BySubject | ByReference


class Offer(Sent):
    """What is to be taken in: values of one category, in the circumstance that a clause names."""

    about: About
    category: Word
    when: Word
    values: Values
    age: Annotated[int, Field(ge=0, le=200)] | None = None
    case: CaseReference | None = Field(None, description="A case of the person that it belongs to.")
    opens: Word | None = Field(None, description="The name of a conversation that it opens.")


class OfferWithFiles(Offer):
    """What is to be taken in with pictures and files, which stand beside it in the form."""

    values: Annotated[dict[Name, Any], Field(max_length=MOST_FIELDS), WithJsonSchema(_NAMED)] = {}


class OneRead(Sent):
    """What is to be read: one category of one person, all that the purpose may have or some fields."""

    about: About
    category: Word
    fields: Names = []


class Reads(Sent):
    """Several reads for one purpose; each is decided and remembered by itself."""

    reads: Annotated[list[OneRead], Field(min_length=1, max_length=MOST_READS)]


class Correction(Sent):
    """The right values of some fields of a record."""

    values: Values


class Search(Sent):
    """A search for whoever has exactly this value, however it is written."""

    field: Pair = Field(description="Category and field, such as `account.email`.")
    value: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ConsentChoice(Sent):
    """A consent that is given, refused or withdrawn."""

    purpose: Word
    choice: Literal["given", "refused", "withdrawn"]


class ObjectionChoice(Sent):
    """An objection that is made or ended."""

    purpose: Word
    choice: Literal["made", "ended"]


class RestrictionChoice(Sent):
    """A restriction that is set or lifted, of one category or of everything."""

    category: Word | None = None
    choice: Literal["set", "lifted"]


class Disclosure(Sent):
    """What a recipient is to get of one category of one person."""

    about: About
    category: Word
    to: Pair = Field(description="The recipient, as `class.name` of the agreement.")
    fields: Names = []


class CaseOpening(Sent):
    """A case that is to be opened."""

    about: About
    name: Word


class CaseMove(Sent):
    """The state that a case is to go to, with the codes of its reasons."""

    to: Word
    reasons: Annotated[list[Word], Field(max_length=20)] = []


Right = Literal[
    "access",
    "correct",
    "erase",
    "restrict",
    "port",
    "object",
    "opt_out",
    "withdraw",
    "complain",
    "leave",
]
RightsState = Literal[
    "received", "verifying", "deciding", "working", "done", "partly", "refused", "cancelled"
]
Assurance = Annotated[
    Literal["signed_in", "step_up", "verified"],
    Field(description="How sure the program that signed the person in is that it is them."),
]


class RightsDemand(Sent):
    """What a person demands of a right, and over what."""

    about: About
    right: Right
    category: Word | None = None
    classes: Annotated[list[Word], Field(max_length=20)] = []
    purpose: Word | None = None
    channel: Word | None = None
    values: Values | None = Field(None, description="The right values, to correct.")
    record: RecordId | None = Field(None, description="The record to correct; else the latest.")
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] | None = Field(
        None, description="What they say."
    )
    assurance: Assurance | None = Field(
        None, description="Given, the person themself demands it through the program that signed them in."
    )


class RightsProof(Sent):
    """That it is the person themself who demands; said by the program that signs members in alone."""

    about: About
    assurance: Assurance


class RightsCancellation(Sent):
    """That a demand is taken back: by the program, or with both members by the person through it."""

    about: About | None = None
    assurance: Assurance | None = None


class RightsDecision(Sent):
    """What is decided; `ask` asks for a proof, until which the clock of most laws stands still."""

    decision: Literal["ask", "review", "grant", "refuse", "extend"]
    reasons: Annotated[list[Word], Field(max_length=20)] = []


class MessageAsked(Sent):
    """A message that is to be sent to a person, by one channel."""

    about: About
    channel: Word


class HoldPlaced(Sent):
    """A hold on what is kept of a person; the first of a matter opens it, and says what it is."""

    about: About
    matter: MatterName
    reason: Reason
    until: Moment | None = Field(None, description="When the matter ends by itself; else when it is ended.")
    owner: Annotated[str, StringConstraints(pattern=OWNER, max_length=LONGEST_PAIR)] | None = Field(
        None, description="Who alone may end it: a role, or `program:NAME`; the program itself when left out."
    )
    untold: Annotated[str, StringConstraints(pattern=MATTER, max_length=100)] | None = Field(
        None, description="The legal ground not to tell people of it before it ends; takes `until`."
    )


class HoldEnded(Sent):
    """That the hold of a matter on one person ends."""

    about: About
    matter: MatterName
    reason: Reason


class MatterEnded(Sent):
    """That a matter ends now, for everybody whom it holds."""

    matter: MatterName
    reason: Reason


class MatterMoved(MatterEnded):
    """When a matter ends by itself from now on, for everybody whom it holds."""

    until: Moment
