"""Writes the pages of the documentation that are read off the source.

`docs/errors.md` lists every error; `docs/modules.md` lists every module by the first sentence of its
docstring; the tables of `docs/reference/agreement-language.md` are those of the grammar. `python
scripts/pages.py` writes them; a test says when one is out of date.
"""

import ast
from pathlib import Path

from troth import errors
from troth.terms import reference

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "troth"
NOTE = "<!-- Written by `make docs` from the source; edits here are lost. -->\n"


def error_page() -> str:
    """Return the page of every error: its code, what it says, and what to do."""
    parts = [f"{NOTE}\n# Errors\n\nA code is stable for ever. `{{...}}` is filled in when it happens.\n"]
    for group in errors.TrothError.__subclasses__():
        kinds = sorted((kind for kind in _below(group) if "code" in vars(kind)), key=lambda kind: kind.code)
        parts.append(f"\n## {group.__name__}\n\n{_first(group.__doc__)}\n")
        if kinds:
            parts.append("\n| code | error | it says | what to do |\n|---|---|---|---|\n")
        parts += [
            _row(f"`{kind.code}`", f"{kind.__name__}: {_first(kind.__doc__)}", kind.sentence, kind.remedy)
            for kind in kinds
        ]
    return "".join(parts)


def module_page() -> str:
    """Return the page of every module and its job, room by room."""
    parts = [f"{NOTE}\n# Modules\n\nEvery module opens with one sentence that states its job.\n"]
    rooms = [SOURCE, *sorted(path.parent for path in SOURCE.rglob("*/__init__.py"))]
    for room in rooms:
        name = ".".join(room.relative_to(SOURCE.parent).parts)
        parts.append(f"\n## {name}\n\n{_job(room / '__init__.py')}\n")
        modules = [path for path in sorted(room.glob("*.py")) if path.stem != "__init__"]
        if modules:
            parts.append("\n| module | its job |\n|---|---|\n")
        parts += [_row(f"`{path.stem}`", _job(path)) for path in modules]
    return "".join(parts)


def language_page() -> str:
    """Return the page of the agreement language, its tables read off the grammar."""
    written = (ROOT / "docs" / "reference" / "agreement-language.md").read_text(encoding="utf-8")
    return f"{written.partition(NOTE)[0]}{NOTE}\n{reference.tables()}"


def main() -> None:
    """Write the pages."""
    (ROOT / "docs" / "reference" / "agreement-language.md").write_text(language_page(), encoding="utf-8")
    (ROOT / "docs" / "errors.md").write_text(error_page(), encoding="utf-8")
    (ROOT / "docs" / "modules.md").write_text(module_page(), encoding="utf-8")


def _below(kind: type[errors.TrothError]) -> list[type[errors.TrothError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_below(child))]


def _first(docstring: str | None) -> str:
    return " ".join((docstring or "").split("\n\n")[0].split())


def _job(path: Path) -> str:
    return _first(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    main()
