"""Writes the reference of the command line, read off the commands themselves."""

from collections.abc import Iterator

import click

from troth.cli.entrance import SECTIONS, entrance

NOTE = "<!-- Written by `make docs` from the source; edits here are lost. -->\n"
INTRODUCTION = """
# The command line

`troth COMMAND --help` says what stands here. Commands exit with 0 when they are done, 1 for an error or a refusal, 2
for wrong usage, and 3 when something is not kept. Errors go to stderr, as `error[code]` with a fix; with `--json` the answer,
or the error, is one JSON document on stdout. Tables are plain text when they are piped, and NO_COLOR is respected.

## Options that many commands share

"""
SHARED = {
    "dir": "the house",
    "passphrase_file": "the house",
    "json_": "the answer",
    "about": "whom it is about: exactly one of the three",
    "about_file": "whom it is about: exactly one of the three",
    "about_stdin": "whom it is about: exactly one of the three",
    "role": "who asks",
    "staff": "who asks",
    "program": "who asks",
}


def command_page() -> str:
    """Return the page of every command, its arguments and its options."""
    shared: dict[tuple[str, str], None] = {}
    parts = []
    for title, section in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        for name in section:
            command = entrance.get_command(click.Context(entrance, info_name="troth"), name)
            assert command is not None  # noqa: S101 - it is in the list
            for path, each in _all(f"troth {name}", command):
                parts.append(_section(path, each))
                shared |= {row: None for option, row in _options(each) if _is_shared(option)}
    table = ["| option | meaning |\n|---|---|\n", *(f"| `{flag}` | {words} |\n" for flag, words in shared)]
    return "".join([NOTE, INTRODUCTION, *table, *parts])


def _all(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _all(f"{path} {name}", child)


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    told = command.help or command.short_help or ""
    paragraphs = [_paragraph(part) for part in told.split("\n\n")]
    own = [row for option, row in _options(command) if not _is_shared(option)]
    also = [row[0].split()[0].rstrip(",") for option, row in _options(command) if _is_shared(option)]
    lines = [f"\n### {path}\n\n```text\n{usage}\n```\n\n", "\n\n".join(paragraphs), "\n"]
    if own:
        lines += ["\n| option | meaning |\n|---|---|\n", *(f"| `{flag}` | {words} |\n" for flag, words in own)]
    if also:
        lines.append(f"\nAlso {', '.join(f'`{flag}`' for flag in also)}.\n")
    return "".join(lines)


def _paragraph(part: str) -> str:
    if part.startswith("\b\n"):
        return "```text\n" + part.removeprefix("\b\n").rstrip() + "\n```"
    return " ".join(part.split()).replace("|", "\\|")


def _options(command: click.Command) -> Iterator[tuple[click.Option, tuple[str, str]]]:
    context = click.Context(command)
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if isinstance(option, click.Option) and record is not None:
            flag, words = record
            yield option, (flag, " ".join(words.split()).replace("|", "\\|"))


def _is_shared(option: click.Option) -> bool:
    return option.name in SHARED or option.name == "directory"
