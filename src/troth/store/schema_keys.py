"""The tables of the keystore: wrapped keys and what wraps them, apart from all that they seal."""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from troth.store.metadata import keystore

keys = Table(  # one wrapped key per person and retention class; deleting the row erases
    "keys",
    keystore,
    Column("subject", BigInteger, nullable=False),
    Column("kept", String(256), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("commitment", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("subject", "kept", name="keys_pkey"),
    sqlite_with_rowid=False,
)
epochs = Table(  # the wrapped keys that wrap the keys
    "epochs",
    keystore,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)
secrets = Table(  # the house's own secrets, sealed under the root: index branch, ledger signing seed
    "secrets",
    keystore,
    Column("name", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
sealed_keys = Table(  # the keys of people in grace, sealed so that they alone bring them back
    "sealed_keys",
    keystore,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(16), nullable=False),  # of the key that their recovery code gives
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)
copies = Table(  # copies of the keystore that were read back in full: an epoch is destroyed by these alone
    "copies",
    keystore,
    Column("copy", LargeBinary(16), primary_key=True),
    Column("epoch", Integer, nullable=False),  # the current one when it was taken
    Column("oldest", Integer, nullable=False),  # that any key row in it needs
    Column("verified_at", BigInteger, nullable=False),
)
