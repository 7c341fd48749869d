"""20,000 records of one person: taken along, and erased to the last one, in bounded pieces."""

import io
import json
import zipfile

from tests.cast import MIA, USAGE, USAGE_SCRIPT, joins
from tests.inside import blobs_of, ledger_of, rows_of
from troth.acts.collect import offering
from troth.rules.rights_cases import State
from troth.store import schema

MANY = 20_000
CHUNK = 2_000


def test_a_person_with_20_000_records_takes_all_of_them_along_and_is_erased_to_the_last_one(house):
    joins(house)
    for _ in range(MANY // CHUNK):
        house.collect_many(
            [
                offering(by=USAGE_SCRIPT, about=MIA, category="usage", when="usage_log", values=USAGE)
                for _ in range(CHUNK)
            ]
        )
    assert len(rows_of(house, schema.streams)) == MANY
    assert house.demand(about=MIA, right="access").case.state is State.DONE
    (package,) = house.packages(about=MIA)
    with zipfile.ZipFile(io.BytesIO(b"".join(house.open_package(package.id, about=MIA)))) as found:
        assert json.loads(found.read("manifest.json"))["counts"]["usage"] == MANY
        some = [name for name in found.namelist() if name.startswith("data/usage") and name.endswith(".json")]
        assert sum(len(json.loads(found.read(name))["records"]) for name in some) == MANY
    done = house.demand(about=MIA, right="erase")
    assert (done.case.state, done.case.outcome["records"]) == (State.DONE, MANY + 1)
    for table in (schema.streams, schema.records, schema.subjects, schema.keys, schema.names, schema.tokens):
        assert rows_of(house, table) == [], table.name
    assert blobs_of(house) == []
    assert len(ledger_of(house)) < 200  # and not a line for each
