"""The store as it began: sealed records, choices and the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "store_0001"
down_revision: str | None = None


def upgrade() -> None:
    """Take the step, inside the transaction of whoever asked for it."""
    _rights_cases()
    _rights_events()
    _duties()
    _packages()
    _arrivals()
    _graces()
    _matters()
    _agents()
    _agent_cases()
    _agent_calls()
    _tellings()
    _askings()
    _tallies()
    _settings()
    _agreements()
    _subjects()
    _erased()
    _leavers()
    _origins()
    _records()
    _streams()
    _names()
    _tokens()
    _blobs()
    _holds()
    _erasures()
    _cases()
    _case_records()
    _instruments()
    _approvals()
    _program_keys()
    _repeats()
    _entries()
    _tiles()
    _checkpoints()
    _sightings()
    _statuses()
    _probes()


def _rights_cases() -> None:
    op.create_table(
        "rights_cases",
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("regimes", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("reference"),
        sqlite_with_rowid=False,
    )
    op.create_index("rights_cases_due", "rights_cases", ["look_at"], unique=False)
    op.create_index("rights_cases_queue", "rights_cases", ["state", "filed_at"], unique=False)
    op.create_index("rights_cases_subject", "rights_cases", ["subject"], unique=False)


def _rights_events() -> None:
    op.create_table(
        "rights_events",
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number", name="rights_events_pkey"),
        sqlite_with_rowid=False,
    )


def _duties() -> None:
    op.create_table(
        "duties",
        sa.Column("duty", sa.LargeBinary(length=16), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("duty"),
        sqlite_with_rowid=False,
    )
    op.create_index("duties_case", "duties", ["case_id"], unique=False)
    op.create_index("duties_due", "duties", ["state", "due_at"], unique=False)
    op.create_index("duties_subject", "duties", ["subject"], unique=False)


def _packages() -> None:
    op.create_table(
        "packages",
        sa.Column("package", sa.LargeBinary(length=16), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("right", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("busy_until", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("package"),
        sqlite_with_rowid=False,
    )
    op.create_index("packages_ends", "packages", ["ends_at"], unique=False)
    op.create_index("packages_subject", "packages", ["subject"], unique=False)


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("arrival", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sender", sa.String(length=256), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("arrival"),
        sa.UniqueConstraint("token"),
        sqlite_with_rowid=False,
    )
    op.create_index("arrivals_ends", "arrivals", ["ends_at"], unique=False)
    op.create_index("arrivals_subject", "arrivals", ["subject"], unique=False)


def _graces() -> None:
    op.create_table(
        "graces",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("noted", sa.Text(), nullable=False),
        sa.Column("standing", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_with_rowid=False,
    )
    op.create_index("graces_ends", "graces", ["ends_at"], unique=False)


def _matters() -> None:
    op.create_table(
        "matters",
        sa.Column("matter", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("untold", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("matter", "reason", name="matters_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("matters_ends", "matters", ["ends_at"], unique=False)


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("verify_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("redirects", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent"),
    )


def _agent_cases() -> None:
    op.create_table(
        "agent_cases",
        sa.Column("request", sa.LargeBinary(length=16), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("exercise", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.String(length=128), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request"),
        sqlite_with_rowid=False,
    )
    op.create_index("agent_cases_due", "agent_cases", ["due_at"], unique=False)


def _agent_calls() -> None:
    op.create_table(
        "agent_calls",
        sa.Column("signature", sa.LargeBinary(length=32), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signature"),
        sqlite_with_rowid=False,
    )
    op.create_index("agent_calls_until", "agent_calls", ["until"], unique=False)


def _tellings() -> None:
    op.create_table(
        "tellings",
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("reader", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number", "reader", name="tellings_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("tellings_due", "tellings", ["due_at"], unique=False)


def _askings() -> None:
    op.create_table(
        "askings",
        sa.Column("asking", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("asking"),
        sqlite_with_rowid=False,
    )
    op.create_index("askings_due", "askings", ["due_at"], unique=False)


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("field", sa.String(length=128), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("category", "field", "value", "month", name="tallies_pkey"),
        sqlite_with_rowid=False,
    )


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("effective", sa.BigInteger(), nullable=False),
        sa.Column("adopted_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sa.UniqueConstraint("hash"),
    )


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_with_rowid=False,
    )


def _erased() -> None:
    op.create_table(
        "erased",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("erased_on", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_with_rowid=False,
    )


def _leavers() -> None:
    op.create_table(
        "leavers",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_with_rowid=False,
    )
    op.create_index("leavers_due", "leavers", ["due_at"], unique=False)


def _origins() -> None:
    op.create_table(
        "origins",
        sa.Column("origin", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category_code", sa.SmallInteger(), nullable=False),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("circumstance", sa.String(length=128), nullable=False),
        sa.Column("clause", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept", sa.String(length=256), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("only_for", sa.String(length=128), nullable=False),
        sa.Column("stream", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin"),
        sa.UniqueConstraint("category", "circumstance", "clause", "version", "kept", name="origins_once"),
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("category_code", sa.SmallInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.BigInteger(), nullable=False),
        sa.Column("narrows_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "category_code", "record", name="records_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("records_expires", "records", ["expires_at", "origin"], unique=False)


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("category_code", sa.SmallInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.BigInteger(), nullable=False),
        sa.Column("narrows_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shelf", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "subject", "category_code", "record", "shelf", "expires_at", name="streams_pkey"
        ),
        postgresql_partition_by="RANGE (shelf, expires_at)",
        sqlite_with_rowid=False,
    )
    op.create_index("streams_expires", "streams", ["expires_at", "origin"], unique=False)


def _names() -> None:
    op.create_table(
        "names",
        sa.Column("token", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("token"),
        sqlite_with_rowid=False,
    )
    op.create_index("names_subject", "names", ["subject"], unique=False)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("token", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("token", "subject", "record", name="tokens_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("tokens_subject", "tokens", ["subject"], unique=False)


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("blob"),
    )
    op.create_index("blobs_subject", "blobs", ["subject"], unique=False)


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.String(length=256), nullable=False),
        sa.Column("matter", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kept", "matter", "reason", name="holds_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("holds_matter", "holds", ["matter", "reason"], unique=False)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("erasure", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("erasure"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("resumed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("reference"),
        sqlite_with_rowid=False,
    )
    op.create_index("cases_queue", "cases", ["name", "state", "changed_at"], unique=False)
    op.create_index("cases_subject", "cases", ["subject"], unique=False)


def _case_records() -> None:
    op.create_table(
        "case_records",
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("giver", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("subject", "record", name="case_records_pkey"),
        sqlite_with_rowid=False,
    )


def _instruments() -> None:
    op.create_table(
        "instruments",
        sa.Column("recipient", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=256), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "kind", "reference", name="instruments_pkey"),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("request", sa.LargeBinary(length=16), nullable=False),
        sa.Column("role", sa.String(length=128), nullable=False),
        sa.Column("approver", sa.String(length=32), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("request", "approver", name="approvals_pkey"),
    )
    op.create_index("approvals_subject", "approvals", ["subject"], unique=False)


def _program_keys() -> None:
    op.create_table(
        "program_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("program", sa.String(length=128), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )


def _repeats() -> None:
    op.create_table(
        "repeats",
        sa.Column("token", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", "subject", name="repeats_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("repeats_done", "repeats", ["done_at"], unique=False)
    op.create_index("repeats_subject", "repeats", ["subject"], unique=False)


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column(
            "entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry"),
    )


def _tiles() -> None:
    op.create_table(
        "tiles",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("tile", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "tile", name="tiles_pkey"),
        sqlite_with_rowid=False,
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column(
            "size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("pseudonym", sa.LargeBinary(length=16), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "entry", name="sightings_pkey"),
        sqlite_with_rowid=False,
    )


def _statuses() -> None:
    op.create_table(
        "statuses",
        sa.Column("clause", sa.String(length=128), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(length=16), nullable=False),
        sa.Column("failing", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("clause", "day", name="statuses_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("statuses_day", "statuses", ["day"], unique=False)


def _probes() -> None:
    op.create_table(
        "probes",
        sa.Column("name", sa.String(length=192), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
