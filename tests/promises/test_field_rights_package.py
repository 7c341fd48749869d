"""FIELD 33 and 35: an export is complete against a model of everything; what is moved is what it was."""

import io
import json
import subprocess
import sys
from hashlib import sha256
from zipfile import ZipFile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import CONSENTS, EVERYTHING, MIA, joins, tells, tells_everything
from tests.houses import ROOT
from troth.acts.arrivals import Reception, expecting, taking_in
from troth.clock import Settable
from troth.custody.packages import packing
from troth.custody.packages.judging import whole_text
from troth.rules.decision import member

WORDS = ("collected", "source", "basis", "purposes", "kept")  # of each record


def package_of(house, right="access", who=MIA):
    made = house.package(about=who, right=right)
    return b"".join(house.open_package(made.id, about=who))


def values_in(raw):
    """Every value of a package as (category, record, field): plain, or the bytes of its file."""
    found = {}
    with ZipFile(io.BytesIO(raw)) as package:
        for path in package.namelist():
            if not (path.startswith("data/") and path.endswith(".json")):
                continue
            said = json.loads(package.read(path))
            for number, item in enumerate(said["records"]):
                for name, value in item["values"].items():
                    filed = isinstance(value, dict) and "file" in value
                    kept = package.read(value["file"]) if filed else value
                    found[said["category"], path, number, name] = kept
    return found


def test_field_33_an_export_holds_everything_that_was_told_with_where_it_came_from_and_what_for(house):
    tells_everything(house)
    for number in range(3):
        tells(house, MIA, "transactions", reference=f"T-{number}")
    told = {
        (category, name, str(value))
        for category, _when, values, _by in EVERYTHING
        for name, value in values.items()
        if not isinstance(value, bytes)
    } | {("transactions", "reference", f"T-{number}") for number in range(3)}
    raw = package_of(house)

    here = values_in(raw)

    assert told - {(key[0], key[3], str(value)) for key, value in here.items()} == set()
    filed = {(c, name) for c, _w, values, _b in EVERYTHING for name, v in values.items() if type(v) is bytes}
    assert {(key[0], key[3]) for key, value in here.items() if isinstance(value, bytes)} == filed
    with ZipFile(io.BytesIO(raw)) as package:
        for path in package.namelist():
            if path.startswith("data/") and path.endswith(".json"):
                for item in json.loads(package.read(path))["records"]:
                    lacking = [
                        word
                        for word in ("collected", "source", "basis", "purposes", "kept")
                        if not item[word]
                    ]
                    assert (path, lacking) == (path, [])
        choices = json.loads(package.read("choices.json"))
        assert {each["purpose"] for each in choices["consents"]} == set(CONSENTS)
        entries = json.loads(package.read("accesses.json"))["entries"]
        own = [number for number, _ in house.entries(about=MIA)]
        begun = max(each["entry"] for each in entries)
        assert {each["entry"] for each in entries} == {number for number in own if number <= begun}


text = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)
ibans = st.sampled_from(["DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606"])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(text, ibans), min_size=1, max_size=4))
def test_field_35_what_is_moved_to_another_provider_and_on_is_what_it_was(sqlite_house, told):
    here, there = sqlite_house(), sqlite_house()
    joins(here)
    joins(there)
    for holder, iban in told:
        try:
            tells(here, MIA, "payment", holder=holder.strip() or "x", iban=iban)
        except Exception:  # noqa: BLE001 - a name that the type does not take was never told
            continue
    before = package_of(here, "port")
    expected = expecting(there.teller, by=member(), about=MIA)
    signer = here.teller.house.signer
    text_ = whole_text(signer.name, sha256(before).digest(), len(before))
    reception = Reception(there.teller, expected.code, packing.signed(here.teller.house, text_))
    reception.write(before)
    reception.finish()
    taking_in(there.teller, by=member(), about=MIA, arrival=expected.id)

    after = package_of(there, "port")

    def payments(raw):
        return sorted(str(value) for key, value in values_in(raw).items() if key[0] == "payment")

    assert payments(before) == payments(after)


def test_field_35_a_package_of_files_takes_little_memory_and_no_plaintext_touches_the_disk(
    sqlite_house, tmp_path
):
    house = sqlite_house(clock=Settable(1_811_840_400_000_000))
    tells(house, MIA, "account")
    directory = house.teller.house.directory
    house.close()

    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(directory), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    grown, size = map(int, done.stdout.split())
    assert size > 30_000_000
    assert grown < 60_000_000, f"{grown:,} bytes more than before"


_MEASURED = """
import os, resource, sys
from os import urandom
sys.path.insert(0, sys.argv[2]); sys.path.insert(0, sys.argv[2] + "/src")
import troth
from tests.drawing import letter
from troth.clock import Settable
house = troth.open(sys.argv[1], clock=Settable(1_811_840_400_000_000))
import base64
for number in range(12):
    content = base64.b64encode(urandom(3_000_000))
    house.collect(about="M-1001", category="support", when="customer_service",
                  values={"topic": "t", "message": "canary-in-plain-text", "attachment": content})
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
package = house.package(about="M-1001")
grown = peak() - before
size = package.size
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            if b"canary-in-plain-text" in file.read():
                sys.exit(f"plaintext in {name}")
house.close()
print(grown, size)
"""
