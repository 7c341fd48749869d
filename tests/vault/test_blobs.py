"""A large value is kept whole or not at all, and no part of it opens out of its place."""

import io
import os
import resource
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.known import failures, known_keyring, known_row, page, vectors
from troth.errors import BlobMissing, BlobTooLarge, NoRoom, SealBroken, UnknownSuite
from troth.vault.blobs import CHUNK, HEADER, BlobDirectory, seal_stream, unseal_stream
from troth.vault.keyring import new_pseudonym

SELFIE = b"record of the selfie"
NAME = "0123456789abcdef" * 2


@pytest.fixture
def blobs(tmp_path):
    return BlobDirectory(tmp_path / "blobs")


def files(tmp_path):
    return [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def sealed(content, ann):
    sink = io.BytesIO()
    seal_stream(io.BytesIO(content), sink, name=NAME, under=ann, about=SELFIE)
    return sink.getvalue()


def opened(blob, ann):
    return b"".join(unseal_stream(io.BytesIO(blob), name=NAME, under=ann, about=SELFIE))


def unseal_known(vector, tmp_path):
    row = page("keyring.json")["vectors"][0]
    key = known_keyring(tmp_path).unwrap(row["subject"], row["retention_class"], known_row(row))
    source = io.BytesIO(bytes.fromhex(vector["blob"]))
    about = bytes.fromhex(vector["about"])
    return b"".join(unseal_stream(source, name=vector["name"], under=key, about=about))


@pytest.mark.parametrize("vector", vectors("blobs.json", title="case"))
def test_a_known_blob_opens(vector, tmp_path):
    assert unseal_known(vector, tmp_path).hex() == vector["plaintext"]


@pytest.mark.parametrize(("vector", "failure"), failures("blobs.json", title="case"))
def test_a_known_forged_blob_fails_as_named(vector, failure, tmp_path):
    with pytest.raises(failure):
        unseal_known(vector, tmp_path)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_what_is_written_is_read_again_at_every_size(blobs, ann, size):
    content = os.urandom(size)
    blob = blobs.write(io.BytesIO(content), under=ann, about=SELFIE)
    assert blob.size == size
    assert b"".join(blobs.read(blob.name, under=ann, about=SELFIE)) == content


@settings(max_examples=60)
@given(st.integers(0, 2 * CHUNK), st.data())
def test_no_bit_can_be_flipped(ann, size, chosen):
    blob = bytearray(sealed(bytes(size), ann))
    bit = chosen.draw(st.integers(0, 8 * len(blob) - 1))
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises((SealBroken, UnknownSuite)):
        opened(bytes(blob), ann)


@settings(max_examples=60)
@given(st.integers(0, 2 * CHUNK), st.data())
def test_it_can_be_cut_nowhere(ann, size, chosen):
    blob = sealed(bytes(size), ann)
    with pytest.raises(SealBroken):
        opened(blob[: chosen.draw(st.integers(0, len(blob) - 1))], ann)


@given(st.binary(max_size=300), st.integers(1, 7))
def test_a_source_may_give_less_than_it_is_asked_for(ann, content, step):
    class Trickle(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, step))

    sink = io.BytesIO()
    seal_stream(Trickle(content), sink, name=NAME, under=ann, about=SELFIE)
    drip = Trickle(sink.getvalue())
    assert b"".join(unseal_stream(drip, name=NAME, under=ann, about=SELFIE)) == content


def test_it_opens_under_no_other_key_record_or_name(blobs, ann, keyring, tmp_path):
    blob = blobs.write(io.BytesIO(b"a picture"), under=ann, about=SELFIE)
    ben = keyring.unwrap(43, "account", keyring.make(43, "account", new_pseudonym()))
    other = blobs.write(io.BytesIO(b"another"), under=ann, about=SELFIE)
    [place] = [path for path in files(tmp_path) if path.name == other.name]
    [source] = [path for path in files(tmp_path) if path.name == blob.name]
    place.write_bytes(source.read_bytes())
    for name, key, about in ((blob.name, ben, SELFIE), (blob.name, ann, b"else"), (other.name, ann, SELFIE)):
        with pytest.raises(SealBroken):
            list(blobs.read(name, under=key, about=about))


def test_nothing_of_the_content_is_on_the_disk_and_names_tell_nothing(blobs, ann, tmp_path):
    seen = []

    class Watching(io.BytesIO):
        def read(self, size=-1, /):
            seen.extend(path.read_bytes() for path in files(tmp_path))
            return super().read(size)

    blob = blobs.write(Watching(b"face of Ann " * 20_000), under=ann, about=SELFIE)
    [path] = files(tmp_path)
    assert len(seen) > 3
    assert all(b"face of Ann" not in content for content in (*seen, path.read_bytes()))
    assert path.relative_to(tmp_path / "blobs").parts == (blob.name[:2], blob.name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == HEADER + blob.size + 16 * 4


@pytest.mark.parametrize("limit", [0, 9, CHUNK, 2 * CHUNK])
def test_one_byte_beyond_the_limit_leaves_nothing(blobs, ann, tmp_path, limit):
    assert blobs.write(io.BytesIO(bytes(limit)), under=ann, about=SELFIE, limit=limit).size == limit
    with pytest.raises(BlobTooLarge, match=f"{limit} bytes"):
        blobs.write(io.BytesIO(bytes(limit + 1)), under=ann, about=SELFIE, limit=limit)
    assert len(files(tmp_path)) == 1


def test_a_source_that_breaks_off_leaves_nothing(blobs, ann, tmp_path):
    class Broken(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > CHUNK:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        blobs.write(Broken(bytes(4 * CHUNK)), under=ann, about=SELFIE)
    assert files(tmp_path) == []


def test_a_full_disk_is_a_typed_error_and_leaves_nothing(blobs, ann, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * CHUNK, before[1]))
    try:
        with pytest.raises(NoRoom):
            blobs.write(io.BytesIO(bytes(4 * CHUNK)), under=ann, about=SELFIE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(tmp_path) == []


def test_a_removed_blob_is_gone_and_may_be_removed_again(blobs, ann, tmp_path):
    blob = blobs.write(io.BytesIO(b"a picture"), under=ann, about=SELFIE)
    blobs.remove(blob.name)
    blobs.remove(blob.name)
    assert files(tmp_path) == []
    with pytest.raises(BlobMissing):
        list(blobs.read(blob.name, under=ann, about=SELFIE))


@pytest.mark.parametrize("name", ["../root.key", "", "ab/cd", "A" * 32, NAME + "\n", "ann@example.org"])
def test_what_is_no_name_reaches_no_file_and_is_not_repeated(blobs, ann, name, tmp_path):
    blobs.write(io.BytesIO(b"x"), under=ann, about=SELFIE)
    there = files(tmp_path)
    with pytest.raises(BlobMissing) as caught:
        list(blobs.read(name, under=ann, about=SELFIE))
    assert not name or name not in str(caught.value)
    blobs.remove(name)
    assert files(tmp_path) == there


def test_the_names_are_those_of_the_blobs_that_are_there(blobs, ann):
    written = {blobs.write(io.BytesIO(b"x"), under=ann, about=SELFIE).name for _ in range(5)}
    gone = written.pop()
    blobs.remove(gone)
    assert set(blobs.names()) == written


def test_what_a_killed_writer_left_is_swept_once_it_is_old(blobs, ann, tmp_path):
    blob = blobs.write(io.BytesIO(b"x"), under=ann, about=SELFIE)
    left = tmp_path / "blobs" / blob.name[:2] / ".new-left"
    left.write_bytes(b"sealed part")
    os.utime(left, (1_000, 1_000))
    assert blobs.sweep(until=1_000_000_000) == 0
    assert blobs.sweep(until=1_000_000_001) == 1
    assert list(blobs.names()) == [blob.name]
    assert len(files(tmp_path)) == 1


def test_memory_does_not_grow_with_the_value(blobs, ann):
    class Zeros(io.RawIOBase):
        left = 16 * 1024 * 1024

        def read(self, size=-1, /):
            given_now = min(size, self.left)
            self.left -= given_now
            return bytes(given_now)

    tracemalloc.start()
    try:
        blob = blobs.write(Zeros(), under=ann, about=SELFIE)
        total = sum(map(len, blobs.read(blob.name, under=ann, about=SELFIE)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == blob.size == 16 * 1024 * 1024
    assert peak < 1024 * 1024
