"""Writes the pages of the documentation that are read off the source.

`docs/errors.md` lists every error; `docs/modules.md` lists every module by the first sentence of its
docstring; the tables of `docs/reference/agreement-language.md` are those of the grammar;
`docs/reference/openapi.json` describes the API. `python scripts/pages.py` writes them, and that of the
commands; a test says when one is out of date.
"""

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import click

from troth import errors
from troth.cli.entrance import SECTIONS, entrance
from troth.terms import reference
from troth.web.api.docs import description
from troth.web.api.routes import routes

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "troth"
NOTE = "<!-- Written by `make docs` from the source; edits here are lost. -->\n"
COMMANDS = """
# The command line

`troth COMMAND --help` says what stands here. Commands exit with 0 when they are done, 1 for an error or a
refusal, 2 for wrong usage, and 3 when something is not kept. Errors go to stderr, as `error[code]` with a
fix; with `--json` the answer, or the error, is one JSON document on stdout. Tables are plain text when they
are piped, and NO_COLOR is respected.

## Options that many commands share

"""
SHARED = (
    "directory",
    "passphrase_file",
    "json_",
    "about",
    "about_file",
    "about_stdin",
    "role",
    "staff",
    "program",
)


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


def command_page() -> str:
    """Return the page of every command, its arguments and its options."""
    shared: dict[str, str] = {}
    parts = []
    for title, section in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        for name in section:
            command = entrance.get_command(click.Context(entrance, info_name="troth"), name)
            assert command is not None  # noqa: S101 - it is in the list
            for path, each in _all(f"troth {name}", command):
                parts.append(_section(path, each))
                for option, (flag, words) in _options(each):
                    if option.name in SHARED:
                        shared.setdefault(flag, words)
    table = [
        "| option | meaning |\n|---|---|\n",
        *(_row(f"`{flag}`", words) for flag, words in shared.items()),
    ]
    return "".join([NOTE, COMMANDS, *table, *parts])


def api_page() -> str:
    """Return the description of the API (OpenAPI 3.1)."""
    return json.dumps(description(routes()), indent=1, ensure_ascii=False) + "\n"  # not hashed


def main() -> None:
    """Write the pages."""
    (ROOT / "docs" / "reference" / "agreement-language.md").write_text(language_page(), encoding="utf-8")
    (ROOT / "docs" / "reference" / "cli.md").write_text(command_page(), encoding="utf-8")
    (ROOT / "docs" / "reference" / "openapi.json").write_text(api_page(), encoding="utf-8")
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


# ---- commands


def _all(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            child = command.get_command(context, name)
            if child is None:
                raise click.UsageError(f"{path} lists {name}, which is none of its commands")
            yield from _all(f"{path} {name}", child)


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    told = inspect.cleandoc(command.help or command.short_help or "")
    paragraphs = [_paragraph(part) for part in told.split("\n\n")]
    own = [row for option, row in _options(command) if option.name not in SHARED]
    also = [row[0].split()[0].rstrip(",") for option, row in _options(command) if option.name in SHARED]
    lines = [f"\n### {path}\n\n```text\n{usage}\n```\n\n", "\n\n".join(paragraphs), "\n"]
    if own:
        lines += [
            "\n| option | meaning |\n|---|---|\n",
            *(_row(f"`{flag}`", words) for flag, words in own),
        ]
    if also:
        lines.append(f"\nAlso {', '.join(f'`{flag}`' for flag in also)}.\n")
    return "".join(lines)


def _paragraph(part: str) -> str:
    if part.startswith("\b\n"):
        return "```text\n" + part.removeprefix("\b\n").rstrip() + "\n```"
    return " ".join(part.split())


def _options(command: click.Command) -> Iterator[tuple[click.Option, tuple[str, str]]]:
    context = click.Context(command)
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if isinstance(option, click.Option) and record is not None:
            flag, words = record
            yield option, (flag, " ".join(words.split()))


if __name__ == "__main__":
    main()
