"""Found in two databases: whether they are free, and freeing those of a founding that was cut off.

Two databases share no transaction. So the first row that a founding writes is a mark in the keystore,
and the last thing it does is to remove that: where the mark stands and the ledger has no line, nothing
was ever done in the house, and it may be founded again.
"""

from troth.errors import HouseExists
from troth.store import keystore
from troth.store.databases import Filing
from troth.store.unit import Prepared, unit

UNFINISHED = "founding"  # the mark, among the secrets
_PEOPLE = Prepared("SELECT count(*) FROM subjects")
_KEYS = Prepared("SELECT count(*) FROM keys")
_BEGUN_IN_STORE = tuple(map(Prepared, ("DELETE FROM settings", "DELETE FROM agreements")))
_BEGUN_IN_KEYSTORE = tuple(map(Prepared, ("DELETE FROM epochs", "DELETE FROM secrets")))
_FINISHED = Prepared("DELETE FROM secrets WHERE name = :name")


def free(filing: Filing) -> None:
    """Free both databases of a founding that was cut off.

    Raises `HouseExists`, changing nothing, where anything was done in them, or a founding was finished.
    """
    with unit(filing) as here, keystore.keeping(filing) as keeping:
        if here.size or here.rows(_PEOPLE)[0][0]:
            raise HouseExists(path="the store database")
        secrets = keystore.all_secrets(keeping)
        if keeping.rows(_KEYS)[0][0] or (secrets and UNFINISHED not in secrets):
            raise HouseExists(path="the keystore database")
        for statement in _BEGUN_IN_KEYSTORE:
            keeping.run(statement)
        for statement in _BEGUN_IN_STORE:
            here.run(statement)


def is_unfinished(filing: Filing) -> bool:
    """Whether a house was founded, but its ledger may not have begun."""
    with keystore.looking(filing) as looking:
        return UNFINISHED in keystore.all_secrets(looking)


def finish(filing: Filing) -> None:
    """Remove the mark: the ledger has begun."""
    with keystore.keeping(filing) as keeping:
        keeping.run(_FINISHED, UNFINISHED)
