"""The tables of what people demand: cases, their events, duties of other systems, packages, holds."""

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
)

from troth.store.metadata import store

rights_cases = Table(  # what people demanded of their rights, and where each stands; outlives their keys
    "rights_cases",
    store,
    Column("case_id", LargeBinary(16), primary_key=True),
    Column("subject", BigInteger, nullable=False),
    Column("named", String(16), nullable=False),  # the right
    Column("state", String(16), nullable=False),  # as its events say
    Column("reference", String(32), nullable=False, unique=True),  # shown to people, and in the ledger
    Column("filed_at", BigInteger, nullable=False),
    Column("look_at", BigInteger, nullable=False),  # when a sweep looks at it next; FOREVER once it ended
    Column("ended_at", BigInteger, nullable=False),  # 0: it has not ended
    Column("regimes", Text, nullable=False),  # JSON list: whose clocks run for it
    Column("scope", Text, nullable=False),  # JSON: categories, classes and purposes of the agreement
    Column("sealed", LargeBinary, nullable=False),  # what the person told with it, under their own key
    Column("outcome", Text, nullable=False),  # JSON: what was done and what stays; no value of anybody
    Index("rights_cases_subject", "subject"),
    Index("rights_cases_due", "look_at"),
    Index("rights_cases_queue", "state", "filed_at"),
    sqlite_with_rowid=False,
)
rights_events = Table(  # what happened to each, in order: its state and its clock follow from these alone
    "rights_events",
    store,
    Column("case_id", LargeBinary(16), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String(16), nullable=False),
    Column(
        "actor", String(128), nullable=False
    ),  # `self`, `staff:ROLE`, `program:NAME`, `agent:ID` or `time`
    Column("codes", Text, nullable=False),  # JSON list
    PrimaryKeyConstraint("case_id", "number", name="rights_events_pkey"),
    sqlite_with_rowid=False,
)
duties = Table(  # what systems beyond ours still have to do for a case; it is not done before they did
    "duties",
    store,
    Column("duty", LargeBinary(16), primary_key=True),
    Column("case_id", LargeBinary(16), nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("system", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # `stuck`: it needs a person; `settled`: by one
    Column("tries", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # by what they know the person, under a key for duties
    Column("found", Text, nullable=False),  # JSON: counts by table, and the code of the last failure
    Index("duties_due", "state", "due_at"),
    Index("duties_case", "case_id"),
    Index("duties_subject", "subject"),
    sqlite_with_rowid=False,
)
packages = Table(  # copies of all that is held of somebody, sealed, until they were fetched or run out
    "packages",
    store,
    Column("package", LargeBinary(16), primary_key=True),
    Column("case_id", LargeBinary(16), nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("blob", String(64), nullable=False),  # its sealed file; empty once it is gone
    Column("size", BigInteger, nullable=False),  # bytes of the opened package
    Column("digest", LargeBinary(32), nullable=False),  # keyed, of the opened package
    Column("state", String(16), nullable=False),  # `making`, `ready`, `taken` or `gone`
    Column("right", String(16), nullable=False),  # `access` or `port`
    Column("made_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("busy_until", BigInteger, nullable=False),  # how long whoever makes or fetches it may be silent
    Column("sealed", LargeBinary, nullable=False),  # who asked for it and in which language, under its key
    Index("packages_ends", "ends_at"),
    Index("packages_subject", "subject"),
    sqlite_with_rowid=False,
)
arrivals = Table(  # packages of other providers that a person let come here, before they are taken in
    "arrivals",
    store,
    Column("arrival", LargeBinary(16), primary_key=True),
    Column("subject", BigInteger, nullable=False),
    Column("token", LargeBinary(32), nullable=False, unique=True),  # keyed, of the code the person was given
    Column("sender", String(256), nullable=False),  # the origin of its ledger; empty while it is awaited
    Column("blob", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # keyed, of the package
    Column("state", String(16), nullable=False),  # `awaited`, `here`, `taken` or `refused`
    Column("made_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),  # JSON: what was taken in and what was not, by category
    Index("arrivals_ends", "ends_at"),
    Index("arrivals_subject", "subject"),
    sqlite_with_rowid=False,
)
graces = Table(  # people whose keys are sealed away until a day on which they are destroyed
    "graces",
    store,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", LargeBinary(16), nullable=False),  # of the rights case it belongs to; b"" for none
    Column("ends_at", BigInteger, nullable=False),
    Column("sealed_at", BigInteger, nullable=False),  # 0: begun, and the keys are not sealed away yet
    Column("noted", Text, nullable=False),  # JSON: what went, under which clauses; what its lines commit to
    Column("standing", LargeBinary, nullable=False),  # sealed by a key that is sealed away; with it the rest
    Index("graces_ends", "ends_at"),
    sqlite_with_rowid=False,
)
matters = Table(  # why something is held: the matter itself; whom it holds is in each person's standing
    "matters",
    store,
    Column("matter", String(128), nullable=False),
    Column("reason", String(128), nullable=False),
    Column("owner", String(128), nullable=False),  # a role, or `program:NAME`
    Column("opened_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),  # FOREVER: until somebody ends it
    Column("untold", String(128), nullable=False),  # the legal ground not to tell people; empty: told
    PrimaryKeyConstraint("matter", "reason", name="matters_pkey"),
    Index("matters_ends", "ends_at"),
    sqlite_with_rowid=False,
)
agents = Table(  # who may demand rights for other people (Data Rights Protocol): their verify keys
    "agents",
    store,
    Column("agent", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("verify_key", LargeBinary(32), nullable=False),
    Column("redirects", Text, nullable=False),  # JSON list: where people may go on after a proof
    Column("token", LargeBinary(32), nullable=False),  # keyed hash of what they bear; empty: none yet
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),  # 0: still trusted
)
agent_cases = (
    Table(  # what agents asked for, whether or not somebody was found, with whom to tell how it stands
        "agent_cases",
        store,
        Column("request", LargeBinary(16), primary_key=True),
        Column("case_id", LargeBinary(16), nullable=False),  # empty: of nobody here, or answered at once
        Column("agent", String(64), nullable=False),
        Column("exercise", String(32), nullable=False),
        Column("made_at", BigInteger, nullable=False),
        Column("revoked_at", BigInteger, nullable=False),  # 0: it is not
        Column("told", String(128), nullable=False),  # what the agent was told last
        Column("tries", Integer, nullable=False),
        Column(
            "due_at", BigInteger, nullable=False
        ),  # when it is looked at whether there is something to tell
        Column("sealed", LargeBinary, nullable=False),  # JSON: their own number for it, where to call back
        Index("agent_cases_due", "due_at"),
        sqlite_with_rowid=False,
    )
)
agent_calls = Table(  # signatures that were used, for as long as each would be valid
    "agent_calls",
    store,
    Column("signature", LargeBinary(32), primary_key=True),  # SHA-256
    Column("until", BigInteger, nullable=False),
    Index("agent_calls_until", "until"),
    sqlite_with_rowid=False,
)
tellings = Table(  # what happened to demands and was not told yet, with whom it is to be told to
    "tellings",
    store,
    Column("case_id", LargeBinary(16), nullable=False),
    Column("number", SmallInteger, nullable=False),  # of the event
    Column("reader", String(16), nullable=False),  # `person`, or `house`: the organisation's own mailbox
    Column("stage", String(16), nullable=False),  # `inbox`, `only` (the inbox, and no letter) or `letter`
    Column("made_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    PrimaryKeyConstraint("case_id", "number", "reader", name="tellings_pkey"),
    Index("tellings_due", "due_at"),
    sqlite_with_rowid=False,
)
askings = Table(  # what was asked by an address alone, from the answer until it is filed: moments
    "askings",
    store,
    Column("asking", LargeBinary(32), primary_key=True),  # keyed, of the form that was sent
    Column("made_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # JSON, under a key of the house: nobody is known yet
    Index("askings_due", "due_at"),
    sqlite_with_rowid=False,
)
tallies = Table(  # what is left of anonymised data: how often a value was there in a month, of nobody
    "tallies",
    store,
    Column("category", String(128), nullable=False),
    Column("field", String(128), nullable=False),
    Column("value", String(128), nullable=False),  # coarse: a year, a month, a power of ten, or one of few
    Column("month", Integer, nullable=False),  # of collection, counted from the year 0
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("category", "field", "value", "month", name="tallies_pkey"),
    sqlite_with_rowid=False,
)
