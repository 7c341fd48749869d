"""Every step a database of Troth has taken, in order; `migrate` runs them, `env` lets Alembic in.

A revision is written out, knows nothing of `schema`, and once released is never changed. It only goes
forward. On SQLite a table WITHOUT ROWID that is made anew (`op.batch_alter_table`) stays so only when
`table_kwargs={"sqlite_with_rowid": False}` says it; adding a column or an index needs no such thing.
"""
