"""The vectors of the vault, and the keys that they were made with."""

import json
from pathlib import Path
from typing import Any

import pytest

from troth import errors
from troth.vault.keyring import Keyring, KeyRow
from troth.vault.roots import KeyFileRoot

FOLDER = Path(__file__).parent.parent / "vectors"
BY_CODE = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.TrothError)
}


def page(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def vectors(name: str, *, good: str = "opens", title: str = "name"):
    """The vectors of a file as parameters: those that open, or else those that must fail."""
    return [
        pytest.param(each, id=each.get(title) or f"{each['kind']} {each['text'][:20]!r}")
        for each in page(name)["vectors"]
        if each["expect"] == good
    ]


def failures(name: str, *, good: str = "opens", title: str = "name"):
    return [
        pytest.param(
            each, BY_CODE[each["expect"]], id=each.get(title) or f"{each['kind']} {each['text'][:20]!r}"
        )
        for each in page(name)["vectors"]
        if each["expect"] != good
    ]


def known_keyring(folder: Path) -> Keyring:
    held = page("keyring.json")["held"]
    path = folder / "root.key"
    path.touch(0o600)
    path.write_bytes(bytes.fromhex(held["root"]))
    epochs = {int(number): bytes.fromhex(wrapped) for number, wrapped in held["epochs"].items()}
    return Keyring(KeyFileRoot(path), bytes.fromhex(held["house"]), epochs)


def known_row(vector: dict[str, Any]) -> KeyRow:
    return KeyRow(vector["epoch"], bytes.fromhex(vector["wrapped"]), bytes.fromhex(vector["commitment"]))
