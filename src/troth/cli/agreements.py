"""Check an agreement, and print the schema of its rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import FILE, as_json
from troth.cli.speaking import answering, emit, say, shown, wants_json
from troth.errors import AgreementFaulty, FileUnusable

if TYPE_CHECKING:
    from troth.terms.agreement import Agreement

SHIPPED = Path(__file__).parent.parent / "agreements"
MEMBER, MINIMAL = (SHIPPED / name / "agreement.md" for name in ("member", "minimal"))
Row = dict[str, Any]


def text_of(file: Path) -> str:
    """Return the text of an agreement; raises `FileUnusable`."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise FileUnusable(path=str(file), problem="it is not UTF-8 text") from None
    except OSError as problem:
        raise FileUnusable(path=str(file), problem=problem.strerror or "it cannot be read") from None


def findings(file: Path) -> "tuple[Agreement | None, list[Row]]":
    """Return an agreement, None if it does not load, and all that is wrong or weak in it."""
    from troth.terms import check as lints
    from troth.terms.parse import parse

    try:
        agreement = parse(text_of(file), str(file))
    except AgreementFaulty as faulty:
        return None, [_row("error", f, f.code, None, f.sentence, f.fix) for f in faulty.problems]
    found = lints.check(agreement)
    return agreement, [_row(f.level, f.spot, f.code, f.clause, f.sentence, f.fix) for f in found]


def _row(level: str, at: Any, code: str, clause: str | None, sentence: str, fix: str) -> Row:  # noqa: ANN401
    place = {"file": at.file, "line": at.line, "column": at.column}
    return {"level": level, "code": code, **place, "clause": clause, "sentence": sentence, "fix": fix}


class _Checks(click.Group):
    """A group that takes a file, too: what is none of its commands is the agreement to check."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the name of a command, or a file."""
        named = bool(args) and (args[0] in self.list_commands(ctx) or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named or not args else ["file", *args])

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the names of all commands."""
        return ["file", "ui"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command; the one about pages is imported when it is called."""
        if cmd_name == "ui" and "ui" not in self.commands:
            from troth.cli.parity import ui

            self.add_command(ui)
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Checks)
def check() -> None:
    """Say what is wrong or weak in an agreement: `troth check FILE`; or in its pages: `troth check ui`."""


@check.command("file")
@click.argument("file", type=FILE)
@as_json
@click.pass_context
def check_file(ctx: click.Context, file: Path) -> None:
    """Say what is wrong (errors) or weak (warnings) in the agreement FILE.

    Exits with 3 when there is an error: with one, no house adopts the agreement.
    """
    agreement, rows = findings(file)
    counts = {level: sum(row["level"] == level for row in rows) for level in ("error", "warning")}
    if wants_json():
        found = {"file": str(file), "errors": counts["error"], "warnings": counts["warning"]}
        emit({**found, "hash": agreement.hash if agreement else None, "findings": rows})
    else:
        for row in rows:
            _show(row)
        promised = f"{len(agreement.clauses)} clauses, " if agreement else ""
        say(f"{file}: {promised}{counts['error']} errors, {counts['warning']} warnings")
    if counts["error"]:
        ctx.exit(3)


def _show(row: Row) -> None:
    colour = "red" if row["level"] == "error" else "yellow"
    clause = f" {{#{row['clause']}}}" if row["clause"] else ""
    with answering():
        click.secho(f"{row['level']}[{row['code']}]", fg=colour, bold=True, nl=False)
    say(f" {row['file']}:{row['line']}:{row['column']}{clause}: {shown(row['sentence'])}")
    say(f"  fix: {shown(row['fix'])}")


@click.command()
@click.option("--front", is_flag=True, help="The schema of the front matter instead.")
@as_json
def schema(front: bool) -> None:
    """Print the JSON Schema (2020-12) of a rule block, for editors; always JSON."""
    from troth.terms.schema import front_schema, rule_schema

    emit(front_schema() if front else rule_schema())
