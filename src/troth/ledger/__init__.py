"""Remembering: knows hashes, not people.

`entry` is what a line says, `tree` how lines are bound together, `checkpoint` the signed statement of
how many there are, `tiles` the published form, `proof` why one line is believed, and `audit` checks a
published ledger with neither database nor keys.
"""
