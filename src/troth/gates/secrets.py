"""Read a secret from its file: one line, readable for its owner alone."""

import os
import stat
from pathlib import Path

_MOST = 4096  # bytes


def one_line(path: Path) -> str:
    """Return the one line of a file; raises `OSError`, and `ValueError`, which tells nothing of it."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise ValueError(f"the file is open to others (mode {mode:03o}); run chmod go-rwx")
        line = file.read(_MOST + 1).removesuffix(b"\n").removesuffix(b"\r")
    if not line or len(line) > _MOST or not all(0x20 <= byte <= 0x7E for byte in line):
        raise ValueError("the file does not hold one line of printed ASCII")
    return line.decode("ascii")
