"""An example of a later revision: a column, a table filled from another, a table made anew."""

import sqlalchemy as sa
from alembic import op

from troth.store.migrate import HEAD

revision = "store_later"
down_revision = HEAD["store"]


def upgrade() -> None:
    op.add_column("settings", sa.Column("changed_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "farewells",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO farewells (subject) SELECT subject FROM erased WHERE erased_on > 0")
    with op.batch_alter_table(
        "erased",
        recreate="always" if op.get_context().dialect.name == "sqlite" else "never",
        table_kwargs={"sqlite_with_rowid": False},
    ) as erased:
        erased.alter_column("erased_on", new_column_name="gone_at")
