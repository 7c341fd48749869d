"""Read what a column holds as JSON text, which somebody may have written over."""

import json
from typing import TypeGuard


def loaded(text: object) -> object:
    """Return what JSON text says; None for what is none."""
    try:
        found: object = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return found


def are_names(found: object) -> TypeGuard[list[str]]:
    """Whether something is a list of texts."""
    return isinstance(found, list) and all(isinstance(one, str) for one in found)
