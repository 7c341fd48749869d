"""The tables, with what each holds and why; the migrations make exactly these.

What people demand of their rights stands in `schema_rights`, keys in `schema_keys`.

Two databases: the **store** holds sealed records, choices and the ledger; the **keystore** holds
wrapped keys, apart, so that a copy of the one without the other reads nothing. Times are whole
microseconds since the epoch. No column holds personal data in the clear: subjects are random numbers,
what a person told is inside `sealed`, what can be searched is a keyed token.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from troth.store.metadata import keystore, store  # noqa: F401
from troth.store.schema_keys import copies, epochs, keys, sealed_keys, secrets  # noqa: F401
from troth.store.schema_rights import (  # noqa: F401
    agent_calls,
    agent_cases,
    agents,
    arrivals,
    duties,
    graces,
    matters,
    packages,
    rights_cases,
    rights_events,
    tallies,
)

_ROWID = BigInteger().with_variant(Integer, "sqlite")  # SQLite clusters a table by INTEGER only


# ---- the house itself

settings = Table(  # what a house remembers of itself: name, ledger origin, verifier key, watermarks
    "settings",
    store,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
agreements = Table(  # every version ever adopted, readable for ever
    "agreements",
    store,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("effective", BigInteger, nullable=False),
    Column("adopted_at", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
)

# ---- people and what is held of them

subjects = Table(  # one row a person: a random number, and their standing (choices and limits)
    "subjects",
    store,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("joined_at", BigInteger, nullable=False),
    Column("standing", Text, nullable=False),
    sqlite_with_rowid=False,
)
erased = Table(  # random numbers of people who are gone, so that `Erased` is not `NotFound`
    "erased",
    store,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("erased_on", BigInteger, nullable=False),  # a day: an instant would lead to the ledger line
    sqlite_with_rowid=False,
)
leavers = Table(  # people who left, and from when on it may be that nothing is held of them any more
    "leavers",
    store,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("due_at", BigInteger, nullable=False),
    Index("leavers_due", "due_at"),
    sqlite_with_rowid=False,
)
origins = Table(  # how records came to be held; shared by all of one clause part and version
    "origins",
    store,
    Column("origin", Integer, primary_key=True, autoincrement=False),
    Column("category_code", SmallInteger, nullable=False),
    Column("category", String(128), nullable=False),
    Column("circumstance", String(128), nullable=False),
    Column("clause", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kept", String(256), nullable=False),
    Column("fields", Text, nullable=False),  # JSON list: the order in which values are sealed
    Column("only_for", String(128), nullable=False),
    Column("stream", SmallInteger, nullable=False),  # 1: records of the category stand in `streams`
    UniqueConstraint("category", "circumstance", "clause", "version", "kept", name="origins_once"),
)
records = Table(  # sealed values, clustered by person and category
    "records",
    store,
    Column("subject", BigInteger, nullable=False),
    Column("category_code", SmallInteger, nullable=False),
    Column("record", LargeBinary(16), nullable=False),
    Column("origin", Integer, nullable=False),
    Column("collected_at", BigInteger, nullable=False),
    Column("narrows_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("subject", "category_code", "record", name="records_pkey"),
    Index("records_expires", "expires_at", "origin"),  # all that a sweep on SQLite reads of a record
    sqlite_with_rowid=False,
)
streams = Table(  # the same for categories that are streams; on PostgreSQL a partition for each day or month
    "streams",
    store,
    Column("subject", BigInteger, nullable=False),
    Column("category_code", SmallInteger, nullable=False),
    Column("record", LargeBinary(16), nullable=False),
    Column("origin", Integer, nullable=False),
    Column("collected_at", BigInteger, nullable=False),
    Column("narrows_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("shelf", SmallInteger, nullable=False),  # how it goes: by day, by month, or never as a whole
    PrimaryKeyConstraint(
        "subject", "category_code", "record", "shelf", "expires_at", name="streams_pkey"
    ),  # the last two because PostgreSQL wants them
    Index("streams_expires", "expires_at", "origin"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (shelf, expires_at)",
)
names = Table(  # blind tokens that one person holds at a time: references, phones, e-mail addresses
    "names",
    store,
    Column("token", LargeBinary(16), primary_key=True),
    Column("subject", BigInteger, nullable=False),
    Column("record", LargeBinary(16), nullable=False),  # empty for the organisation's own reference
    Index("names_subject", "subject"),
    sqlite_with_rowid=False,
)
tokens = Table(  # blind tokens that several people may share
    "tokens",
    store,
    Column("token", LargeBinary(16), nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("record", LargeBinary(16), nullable=False),
    PrimaryKeyConstraint("token", "subject", "record", name="tokens_pkey"),
    Index("tokens_subject", "subject"),
    sqlite_with_rowid=False,
)
blobs = Table(  # sealed files of large values, named at random
    "blobs",
    store,
    Column("blob", String(64), primary_key=True),
    Column("subject", BigInteger, nullable=False),
    Column("record", LargeBinary(16), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Index("blobs_subject", "subject"),
)
holds = Table(  # what a sweep must not remove: a person's records of a retention class that is held
    "holds",
    store,
    Column("subject", BigInteger, nullable=False),
    Column("kept", String(256), nullable=False),  # the class, which its longer parts belong to
    Column("matter", String(128), nullable=False),
    Column("reason", String(128), nullable=False),
    PrimaryKeyConstraint("subject", "kept", "matter", "reason", name="holds_pkey"),
    Index("holds_matter", "matter", "reason"),
    sqlite_with_rowid=False,
)
erasures = Table(  # erasures under way: begun, to be finished whatever happens
    "erasures",
    store,
    Column("erasure", LargeBinary(16), primary_key=True),
    Column("subject", BigInteger, nullable=False),
    Column("classes", Text, nullable=False),  # JSON list of retention classes
    Column("whole", Integer, nullable=False),  # 1: the person too, when nothing remains
    Column("closing", Text, nullable=False),  # JSON: what the closing ledger line says
    Column("begun_at", BigInteger, nullable=False),
)

cases = Table(  # matters that have states and an end; the values that belong to them are records
    "cases",
    store,
    Column("case_id", LargeBinary(16), primary_key=True),
    Column("subject", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),  # of the rule
    Column("state", String(32), nullable=False),
    Column("reference", String(32), nullable=False, unique=True),  # shown to people, and in the ledger
    Column("opened_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),  # 0: it has not ended
    Column("reasons", Text, nullable=False),  # JSON list: the codes of the last step
    Column("resumed", Integer, nullable=False),  # how often it was taken up again after an end
    Index("cases_subject", "subject"),
    Index("cases_queue", "name", "state", "changed_at"),
    sqlite_with_rowid=False,
)
case_records = Table(  # which record belongs to which case, one at most
    "case_records",
    store,
    Column("subject", BigInteger, nullable=False),
    Column("record", LargeBinary(16), nullable=False),
    Column("case_id", LargeBinary(16), nullable=False),
    Column("giver", String(128), nullable=False),  # `self`, `staff:ROLE` or `program:NAME`
    PrimaryKeyConstraint("subject", "record", name="case_records_pkey"),
    sqlite_with_rowid=False,
)

# ---- what permits need

instruments = Table(  # contracts, confidentiality agreements, safeguards: what a recipient has signed
    "instruments",
    store,
    Column("recipient", String(256), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("reference", String(256), nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    PrimaryKeyConstraint("recipient", "kind", "reference", name="instruments_pkey"),
)
approvals = Table(  # second persons' yes to exactly one request, used once
    "approvals",
    store,
    Column("request", LargeBinary(16), nullable=False),  # a keyed token of it
    Column("role", String(128), nullable=False),
    Column("approver", String(32), nullable=False),  # pseudonym
    Column("approved_at", BigInteger, nullable=False),
    Column("subject", BigInteger, nullable=False),  # whom it is about, so that it goes with them
    PrimaryKeyConstraint("request", "approver", name="approvals_pkey"),
    Index("approvals_subject", "subject"),
)

program_keys = Table(  # what programs prove themselves with; of the key itself only a proof
    "program_keys",
    store,
    Column("key_id", String(32), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False),  # keyed, over the secret and all else of the row
    Column("program", String(128), nullable=False),
    Column("purposes", Text, nullable=False),  # JSON list; the key serves these and those below
    Column("rate", Integer, nullable=False),  # requests a minute
    Column("made_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)
repeats = Table(  # what was done for a caller's idempotency key, for a day
    "repeats",
    store,
    Column("token", LargeBinary(16), nullable=False),  # a keyed token of caller and key
    Column("subject", BigInteger, nullable=False),  # for whom, so that it goes with them; 0 for nobody known
    Column("content", LargeBinary(16), nullable=False),  # a keyed token of what was asked; b"" of who is gone
    Column("sealed", LargeBinary, nullable=False),  # JSON, under the person's key: numbers, record ids, codes
    Column("done_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("token", "subject", name="repeats_pkey"),
    Index("repeats_subject", "subject"),
    Index("repeats_done", "done_at"),
    sqlite_with_rowid=False,
)

# ---- the ledger

entries = Table(  # the leaves, in order, without a gap
    "entries",
    store,
    Column("entry", _ROWID, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
)
tiles = Table(  # complete tiles of 256 hashes (C2SP tlog-tiles); the rest is computed from the leaves
    "tiles",
    store,
    Column("level", SmallInteger, nullable=False),
    Column("tile", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "tile", name="tiles_pkey"),
    sqlite_with_rowid=False,
)
checkpoints = Table(  # every checkpoint that was signed
    "checkpoints",
    store,
    Column("size", _ROWID, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
)
sightings = Table(  # which entries speak of which pseudonym; filled by the sweep, in order
    "sightings",
    store,
    Column("pseudonym", LargeBinary(16), nullable=False),
    Column("entry", BigInteger, nullable=False),
    PrimaryKeyConstraint("pseudonym", "entry", name="sightings_pkey"),
    sqlite_with_rowid=False,
)

statuses = Table(  # how each clause stood on each day: the worst word of that day
    "statuses",
    store,
    Column("clause", String(128), nullable=False),
    Column("day", BigInteger, nullable=False),  # when it began, in UTC
    Column("word", String(16), nullable=False),
    Column("failing", String(64), nullable=False),  # the check that made it so; empty when none did
    PrimaryKeyConstraint("clause", "day", name="statuses_pkey"),
    Index("statuses_day", "day"),
    sqlite_with_rowid=False,
)

probes = Table(  # what came of trying the pages, the last time: each promise of theirs, by its name
    "probes",
    store,
    Column("name", String(192), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("passed", Integer, nullable=False),  # 0: something was found against it
    Column("tries", Integer, nullable=False),  # 0: it could not be tried
    Column("detail", String(64), nullable=False),  # a code of what was found; empty when nothing was
    sqlite_with_rowid=False,
)
