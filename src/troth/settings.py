"""What `troth.toml` says of a house: its place, its root, its databases; no secret belongs in there."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from troth.errors import BadSettings, NoHouse
from troth.terms.vocabulary import LONGEST_WORD, WORD, Place

SETTINGS = "troth.toml"
PLACE = f"a word of at most {LONGEST_WORD} letters, digits, `-` and `_`, with dots between its parts"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `troth.toml` says."""

    place: Place
    root: str = "key-file"  # or "passphrase"
    root_file: str = "keys/root"
    store: str = "sqlite"
    keystore: str = ""


def read_settings(directory: Path) -> Settings:
    """Return what `troth.toml` says; raises `NoHouse` and `BadSettings`."""
    try:
        said = tomllib.loads((directory / SETTINGS).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise NoHouse(path=str(directory)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadSettings(path=str(directory / SETTINGS), problem="it is not TOML") from None
    except OSError as problem:
        why = problem.strerror or "it cannot be read"
        raise BadSettings(path=str(directory / SETTINGS), problem=why) from None
    try:
        place = _said(said, "house", "place")
        if not is_place(place):
            raise ValueError(f"`place` of `[house]` is not {PLACE}")
        return Settings(
            Place(place),
            _said(said, "root", "kind"),
            _said(said, "root", "file"),
            _said(said, "store", "url"),
            _said(said, "keystore", "url") if "keystore" in said else "",
        )
    except ValueError as problem:
        raise BadSettings(path=str(directory / SETTINGS), problem=str(problem)) from None


def is_place(text: str) -> bool:
    """Whether text names one place, by a word as the agreement language has it."""
    return bool(WORD.match(text)) and len(text) <= LONGEST_WORD


def _said(said: Mapping[str, Any], section: str, key: str) -> str:
    """Return one setting; raises `ValueError` with what is wrong with it."""
    found = said.get(section)
    found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str) or "\0" in found:
        raise ValueError(f"`{key}` of `[{section}]` is {'missing' if found is None else 'no text'}")
    return found


def written(settings: Settings) -> str:
    """Return the text of a `troth.toml`."""
    lines = [
        "# where this house stands, its root key, its databases; no secret belongs in here",
        "[house]",
        f"place = {json.dumps(settings.place)}",  # not hashed
        "",
        "[root]",
        f"kind = {json.dumps(settings.root)}",  # not hashed
        f"file = {json.dumps(settings.root_file)}",  # not hashed
        "",
        "[store]",
        f"url = {json.dumps(settings.store)}",  # not hashed
    ]
    if settings.keystore:
        lines += ["", "[keystore]", f"url = {json.dumps(settings.keystore)}"]  # not hashed
    return "\n".join(lines) + "\n"
