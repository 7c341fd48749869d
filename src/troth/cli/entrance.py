"""The command line as a whole: its commands, each imported at its first use, and how every one ends.

Exit codes: 0 done; 1 an error (also a proof that fails); 2 wrong usage; 3 something is not kept. This
is the edge of the program: what nobody expected ends here in one line, without its text, since that
may quote a value.
"""

import os
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from troth.cli.speaking import JSON, complain, drop, emit, note
from troth.errors import AnswerLost, TrothError

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "An agreement": {
        "check": ("troth.cli.agreements:check", "say what is wrong or weak in an agreement"),
        "explain": ("troth.cli.explain:explain", "explain a clause, or a code of an error or a refusal"),
        "schema": ("troth.cli.agreements:schema", "print the JSON Schema of rule blocks, for editors"),
    },
    "A house": {
        "init": ("troth.cli.init:init", "found a house under an agreement"),
        "verify": ("troth.cli.verify:verify", "say of every clause whether it is kept"),
        "sweep": ("troth.cli.verify:sweep", "do what time demands, and sign the ledger"),
        "backup": ("troth.cli.backup:backup", "copy the house, data and keys apart, and read it back"),
        "restore": ("troth.cli.restore:restore", "make a house of its copies; what was erased stays so"),
        "ledger": ("troth.cli.ledger:ledger", "export, verify and prove the ledger"),
        "recipient": ("troth.cli.recipient:recipient", "record what a recipient has signed"),
        "agent": ("troth.cli.agent:agent", "trust agents who demand rights for other people"),
        "key": ("troth.cli.key:key", "make, list and end the keys of programs"),
        "scan": (
            "troth.cli.scan:scan",
            "find personal columns of other databases that nobody mapped",
        ),
        "systems": ("troth.cli.systems:systems", "show what other systems owe, try it again, settle it"),
        "doctor": ("troth.cli.doctor:doctor", "show versions, settings, and what the store stands on"),
    },
    "What people do": {
        "collect": ("troth.cli.collect:collect", "take in a stream of acts, one JSON object a line"),
        "read": ("troth.cli.read:read", "read for a purpose, as staff or as a program"),
        "access": ("troth.cli.read:access", "show a person what is held of them"),
        "export": ("troth.cli.export:export", "write down everything that is held of a person"),
        "correct": ("troth.cli.choices:correct", "replace wrong values by right ones"),
        "consent": ("troth.cli.choices:consent", "give, refuse or withdraw consent"),
        "object": ("troth.cli.choices:object_", "object to a purpose, or end an objection"),
        "stop": ("troth.cli.choices:stop", "stop one way of reaching a person, or open it again"),
        "restrict": ("troth.cli.choices:restrict", "restrict what is held, or lift a restriction"),
        "leave": ("troth.cli.choices:leave", "leave: clocks that run from leaving start"),
        "shorten": (
            "troth.cli.choices:shorten",
            "keep some data for a shorter time",
        ),
        "tallies": ("troth.cli.tallies:tallies", "read what was counted of data whose time is over"),
        "kept": ("troth.cli.forecast:kept", "say why something of a person is kept, and until when"),
        "case": ("troth.cli.case:case", "file and follow what people demand of their rights"),
        "hold": ("troth.cli.hold:hold", "place or end a hold, which stops erasure"),
        "erase": ("troth.cli.erase:erase", "erase a person, or some retention classes of them"),
        "recall": ("troth.cli.recall:recall", "bring back what waits to be erased, with its code"),
    },
    "To see it": {
        "serve": ("troth.cli.serve:serve", "serve the member portal, the agreement page and the API"),
        "demo": ("troth.cli.demo:demo", "watch an agreement being kept, from collection to erasure"),
        "bench": ("troth.cli.bench:bench", "measure, beside the same engine without privacy"),
    },
}
COMMANDS = {name: found for section in SECTIONS.values() for name, found in section.items()}


class Entrance(click.Group):
    """A group that knows its commands by name, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        home, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(home), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, words) for name, (_, words) in section.items()], col_max=12)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and note whether its answer is to be JSON before it can fail."""
        ctx.meta[JSON] = "--json" in args
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the command; wrong usage of it is told in JSON where that is asked for."""
        asks = "--json" in args  # reading takes the arguments away
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as problem:
            if asks:
                _emit_usage(problem)
            raise

    def main(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run; say so when not even the help can be written."""
        try:
            return super().main(*given, **named)
        except (OSError, AnswerLost) as problem:
            why = problem.problem if isinstance(problem, AnswerLost) else problem.strerror
            with click.Context(self):
                _end_with(AnswerLost(problem=why or "it is closed"))
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - whatever a command returns
        """Run the command; turn what it raises into words, JSON and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except click.ClickException as problem:
            if ctx.meta.get(JSON):
                _emit_usage(problem)
            raise
        except TrothError as problem:
            _end_with(problem)
        except Exception as problem:  # noqa: BLE001 - the edge of the program
            if traceback.extract_tb(problem.__traceback__)[-1].name == "echo":  # the help of a command
                _end_with(AnswerLost(problem=getattr(problem, "strerror", None) or "it is closed"))
            else:
                _unexpected(problem)
        raise click.exceptions.Exit(1)


def _emit_usage(problem: click.ClickException) -> None:
    emit({"error": {"code": "usage", "message": problem.message, "fix": "", "clauses": []}})


def _end_with(problem: TrothError) -> None:
    """Say what went wrong; where the answer was lost, the rest of it goes nowhere."""
    try:
        complain(problem)
    except AnswerLost as lost:
        complain(problem := lost)
    if isinstance(problem, AnswerLost):
        drop(sys.stdout)


def _unexpected(problem: Exception) -> None:
    """Say that something unexpected happened, by the name of its type; its text may quote a value."""
    name = type(problem).__name__
    if os.environ.get("TROTH_DEBUG") == "1":
        note("".join(traceback.format_tb(problem.__traceback__)).rstrip())
    fix = "set TROTH_DEBUG=1 to see where it happened, and report it"
    if click.get_current_context().meta.get(JSON):
        emit({"error": {"code": "unexpected", "message": name, "fix": fix, "clauses": []}})
    note(f"error[unexpected]: something unexpected happened ({name})\n  fix: {fix}")


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from troth import __version__

        click.echo(f"troth {__version__}")
        ctx.exit()


@click.group(
    cls=Entrance,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 an error, 2 wrong usage, 3 something is not kept. Environment: TROTH_DIR, "
    "TROTH_PASSPHRASE, TROTH_STAFF, TROTH_DEBUG, NO_COLOR.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it and exit."
)
@click.pass_context
def entrance(ctx: click.Context) -> None:
    """A privacy agreement that executes.

    Nothing happens to personal data that the agreement does not say, and everything that happens is
    remembered in a ledger that anyone can verify.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
