"""kill -9 at any statement of a package: made in the end or never begun, given once, never lying open."""

import io
import secrets
import zipfile

import pytest

from tests.cast import MIA, joins, tells
from tests.drawing import letter
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_demands import closed, goes_on
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import blobs_of, ledger_of, rows_of
from tests.privacy.canaries import search
from troth.errors import PackageBusy, PackageGone
from troth.store import schema, schema_keys
from troth.vault.files import TEMPORARY

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
TOLD = {b"m-1001@example.org": "address", b"Zk8package-canary": "comment"}


def ready(sqlite_house):
    house = sqlite_house()
    joins(house)
    for _ in range(2):  # larger than one chunk, as what is sealed is given in chunks
        noise = letter(secrets.token_hex(45_000))
        tells(house, MIA, "support", message="Zk8package-canary", attachment=noise)
    house.checkpoint()
    return house


def must_lie_sealed(house):
    """Nothing that was told lies in a file, and no file is left that no row knows."""
    directory = house.teller.house.directory
    assert search(directory, TOLD) == {}
    (directory / "planted").write_bytes(b"before Zk8package-canary after")
    assert search(directory, TOLD) == {"planted": ["comment"]}
    (directory / "planted").unlink()
    assert list(directory.rglob(f"{TEMPORARY}*")) == []


def lines_of(house):
    return [e.kind for e in ledger_of(house) if e.kind.startswith("package.")]


def kept_of(house):
    return sorted(row.blob for row in rows_of(house, schema.blobs))


def whole(chunks):
    with zipfile.ZipFile(io.BytesIO(b"".join(chunks))) as found:
        return found.testzip() is None and "manifest.json" in found.namelist()


def test_a_package_that_is_cut_off_is_made_by_the_next_sweep_or_was_never_begun(sqlite_house, tmp_path):
    model, at = closed(ready(sqlite_house))
    ways = set()
    for again, fate in at_every_cut(model, at, tmp_path, lambda house, _: house.package(about=MIA) and None):
        before = rows_of(again, schema.packages)
        if before and before[0].state != "ready":
            with pytest.raises(PackageBusy):
                again.open_package(before[0].package, about=MIA)
        goes_on(again)
        must_be_sound(again, fate.receipts)
        must_lie_sealed(again)
        packages = again.packages(about=MIA)
        ways.add((len(packages), before[0].state if before else ""))
        assert lines_of(again).count("package.made") == len(packages)
        for each in packages:
            assert each.state == "ready"
            assert whole(again.open_package(each.id, about=MIA))
            assert rows_of(again, schema_keys.keys) == [
                row for row in rows_of(again, schema_keys.keys) if row.kept != ":packages"
            ]
    assert {way for way, _ in ways} == {0, 1}


def test_a_package_is_given_once_wherever_its_giving_is_cut_off(sqlite_house, tmp_path):
    house = ready(sqlite_house)
    package = house.package(about=MIA).id
    model, at = closed(house)
    got = tmp_path / "got"

    def work(house, _):
        with got.open("wb") as sink:
            for chunk in house.open_package(package, about=MIA):
                sink.write(chunk)
                sink.flush()

    ways = set()
    for again, _ in at_every_cut(model, at, tmp_path, work):
        given = zipfile.is_zipfile(got)
        goes_on(again)
        (now,) = again.packages(about=MIA)
        fetched = lines_of(again).count("package.fetched")
        must_be_sound(again, [])
        must_lie_sealed(again)
        if now.state == "taken":
            assert blobs_of(again) == kept_of(again)
            with pytest.raises(PackageGone):
                again.open_package(package, about=MIA)
            assert fetched == 1
        else:
            assert (now.state, fetched, given) == ("ready", 0, False)
            assert whole(again.open_package(package, about=MIA))
        ways.add(now.state)
    assert ways == {"ready", "taken"}
