"""A manifest has the form of one; JSON that is small as bytes is not read where it would be large."""

import json
import tracemalloc

import pytest

from troth.errors import PackageFaulty
from troth.packages.manifest import MOST_KINDS, read_json, read_manifest

MANIFEST = {
    "format": "troth-package/1", "right": "port", "made": "2027-06-01T09:00:00Z", "log": "l", "person": "1",
    "case": "", "organisation": "o", "agreement": {}, "counts": {"account": 1}, "files": [],
}  # fmt: skip


def raw(**changed):
    return json.dumps({**MANIFEST, **changed}, sort_keys=True, separators=(",", ":")).encode()


def test_one_that_has_its_form_is_read():
    assert read_manifest(raw()) == MANIFEST


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "other"}, {"log": 1}, {"person": "x" * 1_001}, {"agreement": []}, {"files": {}},
        {"files": [{"path": "a"}]}, {"counts": {"account": "1"}}, {"counts": {"account": -1}},
        {"counts": {"x" * 1_001: 1}}, {"counts": {f"k{n}": 1 for n in range(MOST_KINDS + 1)}},
    ],
)  # fmt: skip
def test_one_that_has_another_is_refused(changed):
    with pytest.raises(PackageFaulty):
        read_manifest(raw(**changed))


@pytest.mark.parametrize("bomb", [b"[" + b"[]," * 1_000_001 + b"1]", b"[" + b"1," * 5_000_001 + b"1]"])
@pytest.mark.parametrize("read", [read_manifest, read_json])
def test_json_that_is_large_once_it_is_read_is_not_read(read, bomb):
    tracemalloc.start()

    with pytest.raises(PackageFaulty, match="size"):
        read(bomb)

    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
