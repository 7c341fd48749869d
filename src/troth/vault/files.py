"""Files that are whole or absent, and that only their owner reads."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from troth.errors import (
    NoRoom,
    RootExists,
    RootExposed,
    RootForeign,
    RootMalformed,
    RootMissing,
    RootNotFile,
)

TEMPORARY = ".new-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def whole(path: Path, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write that becomes `path` when the block ends, durable, or else never was.

    It is created for its owner alone (0600) in the same folder, then moved into place. Raises
    `FileExistsError` when `path` exists and may not be replaced, `NoRoom` when the disk is full.
    """
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(16)}")
    try:
        with _roomy():
            temporary.touch(0o600, exist_ok=False)
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(path)
            else:
                path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was created, moved or removed in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_secret(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write a secret file; raises `RootExists` when it is there and may not be replaced."""
    try:
        with whole(path, replace=replace) as file:
            file.write(content)
    except FileExistsError:
        raise RootExists(path=str(path)) from None
    except FileNotFoundError:
        raise RootMissing(path=str(path.parent)) from None


def read_secret(path: Path, *, most: int) -> bytes:
    """Return a secret file of at most `most` bytes, if only its owner, and that is us, reads it.

    Raises `RootMissing`, `RootNotFile` (also for a symbolic link), `RootForeign`, `RootExposed`
    or `RootMalformed`. All is checked on the open file, not on its name.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise RootMissing(path=str(path)) from None
    except OSError as failure:
        if failure.errno in {errno.ELOOP, errno.ENXIO}:
            raise RootNotFile(path=str(path)) from None
        raise RootForeign(path=str(path)) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise RootNotFile(path=str(path))
        if found.st_uid != os.geteuid():
            raise RootForeign(path=str(path))
        if found.st_mode & 0o077:
            raise RootExposed(path=str(path), mode=f"{stat.S_IMODE(found.st_mode):03o}")
        content = os.read(descriptor, most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise RootMalformed(path=str(path), reason=f"it is longer than {most} bytes")
    return content


@contextmanager
def _roomy() -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if failure.errno in _FULL:
            raise NoRoom from None
        raise
