"""A privacy agreement that executes: nothing happens to personal data that the agreement does not say."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from troth.library import Context, Troth, init, open, restore  # noqa: A004 - `troth.open`
    from troth.rules.decision import member, program, staff
    from troth.vault.plaintext import Plaintext

__version__ = "0.1.0"
__all__ = [
    "Context",
    "Plaintext",
    "Troth",
    "__version__",
    "init",
    "member",
    "open",
    "program",
    "restore",
    "staff",
]

_HOMES = {
    "Context": "troth.library",
    "Troth": "troth.library",
    "init": "troth.library",
    "open": "troth.library",
    "restore": "troth.library",
    "member": "troth.rules.decision",
    "program": "troth.rules.decision",
    "staff": "troth.rules.decision",
    "Plaintext": "troth.vault.plaintext",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name at its first use, so that `import troth` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module `troth` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
