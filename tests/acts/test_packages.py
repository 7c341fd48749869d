"""A package holds everything, is read back before it is ready, is given once, and goes with its person."""

import csv
import io
import json
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.cast import (
    AGENT,
    EVERYTHING,
    JPEG,
    LAWYER,
    MIA,
    NOOR,
    OFFICER,
    PORTAL,
    joins,
    tells,
    tells_everything,
)
from tests.inside import blobs_of, expect_refusal, kinds_since, ledger_of, rows_of
from troth.acts.packages import order, packing_of
from troth.clock import DAY, iso
from troth.custody.keymaking import PACKAGES
from troth.custody.packages import packing
from troth.custody.packages.making import made, read_back
from troth.errors import NotAbout, PackageBusy, PackageFaulty, PackageGone, TooManyWaiting
from troth.ledger.checkpoint import Verifier, open_note
from troth.ledger.entry import parse
from troth.ledger.proof import parse_proof, verify_proof
from troth.packages import unzipping
from troth.packages.manifest import signed_text
from troth.packages.zipping import Pulled
from troth.rules.decision import member
from troth.store import schema_keys, schema_rights


def fetched(house, package, about=MIA, **who):
    return ZipFile(io.BytesIO(b"".join(house.open_package(package.id, about=about, **who))))


def package_keys(house):
    return [row for row in rows_of(house, schema_keys.keys) if row.kept == PACKAGES]


# ---- refused


def test_nobody_less_sure_nor_without_the_right_has_a_package_made(house):
    joins(house)

    with expect_refusal(house, "assurance-missing", at=("right.access",)):
        house.package(about=MIA, by=member("portal", "signed_in"))
    with expect_refusal(house, "not-by", at=("right.access",)):
        house.package(about=MIA, by=AGENT)

    assert rows_of(house, schema_rights.packages) == []


def test_a_package_is_given_to_nobody_less_sure_and_to_nobody_else(house):
    joins(house)
    joins(house, NOOR)
    package = house.package(about=MIA)

    with expect_refusal(house, "assurance-missing"):
        house.open_package(package.id, about=MIA, by=member("portal", "signed_in"))
    with pytest.raises(NotAbout):
        house.open_package(package.id, about=NOOR)

    assert len(fetched(house, package).namelist()) > 5


# ---- made


def test_it_holds_every_value_in_three_forms_and_every_file_as_it_was_given(house):
    tells_everything(house)

    found = fetched(house, house.package(about=MIA))

    for category, _when, values, _by in EVERYTHING:
        (record,) = json.loads(found.read(f"data/{category}.json"))["records"]
        said = list(csv.DictReader(io.StringIO(found.read(f"data/{category}.csv").decode())))
        assert {row["field"] for row in said} == record["values"].keys() == values.keys()
        page = found.read(f"pages/{category}.html").decode()
        for name, value in values.items():
            kept = record["values"][name]
            if isinstance(value, bytes):
                assert found.read(kept["file"]) != b""
                assert kept["file"] in page
            else:
                assert kept == value
        assert all(record[name] for name in ("source", "basis", "purposes"))
        assert record["collected"] < record["kept"][0]["until"]
    picture = json.loads(found.read("data/camera.profile.json"))["records"][0]["values"]["picture"]
    assert found.read(picture["file"]).startswith(JPEG[:2])


def test_what_is_left_out_is_named_with_its_reason_and_clause(house):
    tells_everything(house)
    house.collect(
        about=MIA, category="signin.credentials", when="securing_account", by=PORTAL,
        values={"kind": "password", "key": "k-1", "secret": "argon2-secret"},
    )  # fmt: skip

    found = fetched(house, house.package(about=MIA))

    (gap,) = json.loads(found.read("withheld.json"))["withheld"]
    assert (gap["category"], gap["field"], gap["clause"]) == ("signin.credentials", "secret", "right.access")
    assert b"argon2-secret" not in b"".join(found.read(name) for name in found.namelist())


def test_it_says_what_holds_something_and_of_an_untold_matter_its_end_alone(house, clock):
    tells_everything(house)
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    end = clock.at + 9 * DAY
    house.hold(about=MIA, matter="case-2", reason="investigation", by=LAWYER, until=end, untold="AMLR-73")

    found = fetched(house, house.package(about=MIA))

    assert b'href="holds.json"' in found.read("index.html")
    holds = [each for each in json.loads(found.read("holds.json"))["holds"] if each["category"] == "account"]
    told, untold = holds
    assert (told["matter"], told["owner"], told["until"]) == ("case-1", "lawyer", None)
    assert untold == {"category": "account", "class": "account", "clause": "keep.account", "until": iso(end)}
    everything = b"".join(found.read(name) for name in found.namelist())
    assert b"case-1" in everything
    assert b"case-2" not in everything
    assert b"AMLR-73" not in everything


def test_it_says_what_was_asked_and_which_cases_there_are_and_what_was_told_to_its_person_alone(house):
    tells_everything(house)
    house.open_case(about=MIA, name="conversation")
    asked = house.demand(about=MIA, right="complain", text="You never answered me.").case
    house.demand(about=MIA, right="correct", category="support", values={"message": "it was Tuesday"})
    house.keep_shorter(about=MIA, kept="usage", days=2)

    found = fetched(house, house.package(about=MIA))
    said = json.loads(found.read("requests.json"))
    by_right = {each["right"]: each for each in said["requests"]}
    assert by_right["complain"]["reference"] == asked.reference
    assert by_right["complain"]["told"] == {"text": "You never answered me."}
    assert [each["event"] for each in by_right["complain"]["events"]] == ["filed", "proven"]
    assert by_right["correct"]["told"] == {"values": {"message": "it was Tuesday"}}
    cases = {(each.name, each.reference, each.state) for each in house.cases(about=MIA)}
    assert {(each["name"], each["reference"], each["state"]) for each in said["cases"]} == cases
    assert cases
    assert b'href="requests.json"' in found.read("index.html")
    assert json.loads(found.read("choices.json"))["shorter"] == [{"class": "usage", "days": 2, "ended": None}]

    officers = fetched(house, house.package(about=MIA, by=OFFICER, case="C-7"), by=OFFICER)
    assert [each["told"] for each in json.loads(officers.read("requests.json"))["requests"]] == [{}, {}]
    assert "requests.json" not in fetched(house, house.package(about=MIA, right="port")).namelist()


def test_to_port_gives_what_the_clause_names_and_says_what_it_does_not(house):
    tells_everything(house)
    house.collect(
        about=MIA, category="notices", when="announcement", by=PORTAL,
        values={"subject": "news", "text": "something"},
    )  # fmt: skip

    found = fetched(house, house.package(about=MIA, right="port"))

    assert "data/account.json" in found.namelist()
    assert "data/notices.json" not in found.namelist()
    gaps = {gap["category"] for gap in json.loads(found.read("withheld.json"))["withheld"]}
    assert "notices" in gaps
    assert json.loads(found.read("manifest.json"))["right"] == "port"


def test_consents_disclosures_and_its_own_beginning_are_proven_offline(house):
    tells_everything(house)

    found = fetched(house, house.package(about=MIA))

    key = Verifier.from_vkey(found.read("ledger/log.vkey").decode().strip())
    kinds = []
    for name in found.namelist():
        if name.endswith(".tlog-proof"):
            proof = parse_proof(found.read(name))
            verify_proof(proof, proof.extra, key)
            kinds.append(parse(proof.extra).kind)
    assert sorted(kinds) == ["consent.given", "consent.given", "package.begun"]
    assert sum(name.startswith("receipts/") for name in found.namelist()) == 2
    raw = found.read("manifest.json")
    assert open_note(found.read("manifest.sig"), key).text == signed_text(key.name, raw)


def test_it_is_read_in_pages_and_the_parts_of_a_record_stay_together(house):
    tells(house, MIA, "account")
    values = [{"reference": f"T-{n}"} for n in range(1_100)]
    for change in values:
        tells(house, MIA, "transactions", **change)
    before = len(ledger_of(house))

    job = packing_of(by=member(), about=MIA)
    package = made(house.teller, order(house.teller, job))
    found = fetched(house, package)

    pages = [
        name for name in found.namelist() if name.startswith("data/transactions") and name.endswith("json")
    ]
    records = [each for name in pages for each in json.loads(found.read(name))["records"]]
    assert sorted(each["values"]["reference"] for each in records) == sorted(v["reference"] for v in values)
    assert json.loads(found.read("manifest.json"))["counts"]["transactions"] == 1_100
    reads = [
        e for e in ledger_of(house)[before:] if e.kind == "record.accessed" and e.category == "transactions"
    ]
    assert sum(entry.count for entry in reads) == 1_100


# ---- given once


def test_it_is_given_once_and_then_its_file_and_its_key_are_gone(house):
    joins(house)
    package = house.package(about=MIA)
    assert len(package_keys(house)) == len(blobs_of(house)) == 1
    before = len(ledger_of(house))

    assert fetched(house, package).testzip() is None

    assert kinds_since(house, before) == ["package.opened", "package.fetched"]
    assert package_keys(house) == blobs_of(house) == []
    assert [each.state for each in house.packages(about=MIA)] == ["taken"]
    with pytest.raises(PackageGone):
        house.open_package(package.id, about=MIA)


def test_one_that_reads_back_otherwise_than_its_manifest_says_is_not_ready(house):
    joins(house)
    inner, altered = house.teller.house, io.BytesIO()
    whole = fetched(house, house.package(about=MIA))
    with ZipFile(altered, "w", ZIP_DEFLATED) as target:
        for name in whole.namelist():
            said = whole.read(name)
            target.writestr(name, said.replace(b"a", b"b", 1) if name.startswith("data/") else said)
    making = order(house.teller, packing_of(by=member(), about=MIA))
    row = making.row
    inner.blobs.write(Pulled(iter([altered.getvalue()])), under=making.key, about=row.package, name=row.blob)

    with pytest.raises(PackageFaulty, match="hash"):
        read_back(inner, making)


def test_what_was_given_is_given_no_more_while_another_keeps_its_key(house):
    joins(house)
    first, second = house.package(about=MIA), house.package(about=MIA, right="port")
    fetched(house, first)
    size = len(ledger_of(house))
    with pytest.raises(PackageGone):
        house.open_package(first.id, about=MIA)
    assert len(ledger_of(house)) == size
    assert fetched(house, second).testzip() is None


def test_of_two_who_fetch_it_at_once_the_second_waits_and_whoever_stops_can_begin_again(house):
    tells_everything(house)
    package = house.package(about=MIA)
    first = house.open_package(package.id, about=MIA)
    next(first)

    with pytest.raises(PackageBusy):
        house.open_package(package.id, about=MIA)
    first.close()

    assert fetched(house, package).testzip() is None


def test_its_time_may_end_while_it_is_fetched_and_then_the_rest_is_not_given(house, clock):
    tells_everything(house)
    package = house.package(about=MIA)
    chunks = house.open_package(package.id, about=MIA)
    next(chunks)

    clock.at += 8 * DAY
    house.sweep()

    with pytest.raises(PackageGone):
        list(chunks)
    assert blobs_of_packages(house) == []


def blobs_of_packages(house):
    return [row.blob for row in rows_of(house, schema_rights.packages) if row.blob]


def test_after_its_time_it_is_not_given_whether_or_not_it_was_swept(house, clock):
    joins(house)
    package = house.package(about=MIA)
    clock.at += 7 * DAY

    assert [each.state for each in house.packages(about=MIA)] == ["gone"]
    with pytest.raises(PackageGone):
        house.open_package(package.id, about=MIA)
    house.sweep()

    assert package_keys(house) == blobs_of(house) == []
    assert ledger_of(house)[-1].kind == "package.ended"
    clock.at += 31 * DAY
    house.sweep()
    assert rows_of(house, schema_rights.packages) == []


# ---- interrupted, and erased


def test_one_whose_making_was_interrupted_is_made_again_by_whoever_comes_next(house, clock):
    tells_everything(house)
    making = order(house.teller, packing_of(by=member("portal", "step_up"), about=MIA, language="ar"))
    with pytest.raises(PackageBusy):
        house.package(about=MIA)
    assert house.sweep().packed == 0

    clock.at += packing.SILENT
    assert house.sweep().packed == 1

    (package,) = house.packages(about=MIA)
    assert (package.id, package.state) == (making.row.package, "ready")
    assert 'lang="ar" dir="rtl"' in fetched(house, package).read("index.html").decode()


def test_a_package_is_erased_with_its_person_and_with_any_part_of_what_it_holds(house):
    tells_everything(house)
    joins(house, NOOR)
    other = house.package(about=NOOR)
    for wanted in (["usage"], []):
        package = house.package(about=MIA)
        house.erase(about=MIA, classes=wanted)
        with pytest.raises(PackageGone):
            house.open_package(package.id, about=MIA)
        assert {row.subject for row in package_keys(house)} == {other.subject}

    assert fetched(house, other, NOOR).testzip() is None


def test_somebody_erased_while_their_package_is_made_has_none(house):
    joins(house)
    making = order(house.teller, packing_of(by=member(), about=MIA))
    house.erase(about=MIA)

    with pytest.raises(PackageGone):
        made(house.teller, making)

    assert blobs_of(house) == package_keys(house) == []


def test_a_sweep_leaves_the_files_of_packages(house, clock):
    joins(house)
    package = house.package(about=MIA)

    house.sweep()

    assert fetched(house, package).testzip() is None


def test_an_officer_makes_one_for_somebody_who_asked(house):
    joins(house)

    package = house.package(about=MIA, by=OFFICER, case="C-7")

    with fetched(house, package, by=OFFICER) as found:
        assert json.loads(found.read("manifest.json"))["case"] == "C-7"


def test_every_file_is_in_the_manifest_as_it_is(house):
    tells_everything(house)
    raw = b"".join(house.open_package(house.package(about=MIA).id, about=MIA))

    found = unzipping.opened(io.BytesIO(raw))

    assert found.verify() == sum(each["size"] for each in found.manifest["files"])
    assert found.manifest["agreement"]["hash"] == house.agreement.hash


def test_of_a_hold_that_may_not_be_told_no_file_says_more_than_until_when_at_most(house, clock):
    tells(house, MIA, "account")
    house.hold(
        about=MIA, matter="L-99", reason="litigation", until=clock.at + DAY, untold="AMLR-73", by=LAWYER
    )  # fmt: skip

    package = fetched(house, house.package(about=MIA))
    clock.at += DAY
    house.sweep()
    after = fetched(house, house.package(about=MIA))

    read = b"".join(package.read(name) for name in package.namelist() if name != "agreement.md")
    for word in (b"L-99", b"litigation", b"AMLR-73", b"hold.placed"):
        assert word not in read
    assert b"L-99" in after.read("ledger/entries.jsonl")


def test_what_nobody_fetches_does_not_fill_the_disk(house):
    tells(house, MIA, "account")
    for _ in range(packing.MOST):
        house.package(about=MIA)

    with pytest.raises(TooManyWaiting):
        house.package(about=MIA)
    assert len(blobs_of(house)) == packing.MOST
    house.demand(about=MIA, right="access", by=member(assurance="step_up"))
    house.sweep()

    states = [each.state for each in house.packages(about=MIA)]
    assert sorted(states) == ["gone", *["ready"] * packing.MOST]
    assert len(blobs_of(house)) == packing.MOST


def test_how_packages_stand_is_seen_by_whom_their_clauses_name_alone_and_each_look_is_a_line(house):
    joins(house)
    house.package(about=MIA)

    with expect_refusal(house, "not-by", at=("right.access",)):
        house.packages(about=MIA, by=AGENT)
    (seen,) = house.packages(about=MIA, by=OFFICER)

    line = ledger_of(house)[-1]
    assert (seen.state, line.kind, line.circumstance, line.count) == ("ready", "demand.followed", "access", 1)
