"""What commands ask in common: which house, about whom, by whom; as options, and as what they mean.

Personal identifiers come from stdin or a file, never from arguments, which other people on the
machine can see. `--about` takes only a reference that says nothing about the person to an outsider.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from troth.errors import FileUnusable, PassphraseMissing

if TYPE_CHECKING:
    from troth.library import Troth
    from troth.rules.decision import Actor

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LONGEST_REFERENCE = 1_000  # bytes read of a reference; the vault has the last word on its form


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ANN401
    ctx.meta[f"troth.{param.name}"] = value


def _kept(name: str) -> Any:  # noqa: ANN401
    return click.get_current_context().meta.get(f"troth.{name}")


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _quiet(*names: str, **more: Any) -> Callable[[F], F]:  # noqa: ANN401
    """Return an option that is kept in the context rather than given to the command."""
    return click.option(*names, expose_value=False, callback=_keep, **more)


as_json: Callable[[Any], Any] = click.option(
    "--json", "json_", is_flag=True, expose_value=False, help="Answer with one JSON document."
)
in_directory: Callable[[Any], Any] = _quiet(
    "--dir", "directory", type=click.Path(path_type=Path), envvar="TROTH_DIR", default=Path("troth-house"),
    show_default="TROTH_DIR, or ./troth-house", help="The house to work on.",
)  # fmt: skip
of_house: Callable[[Any], Any] = _options(
    in_directory,
    _quiet("--passphrase-file", type=FILE, help="A file whose first line opens the house."),
    as_json,
)
about_person: Callable[[Any], Any] = _options(
    _quiet("--about-stdin", is_flag=True, help="Read the person's reference from stdin, one line."),
    _quiet("--about-file", type=FILE, help="Read the person's reference from a file, one line."),
    _quiet(
        "--about", metavar="REF",
        help="The organisation's own reference for the person. It must not be personal (no e-mail address, "
        "phone or document number): others can see a command's arguments.",
    ),
)  # fmt: skip
by_someone: Callable[[Any], Any] = _options(
    _quiet("--as", "role", metavar="role:NAME", help="The role in which a member of staff asks."),
    _quiet("--staff", metavar="NAME", envvar="TROTH_STAFF", help="The sign-in name of that member of staff."),
    _quiet("--program", metavar="NAME", help="The program that asks, instead of staff."),
)

DRY = click.option("--dry-run", is_flag=True, help="Say what it would do; do nothing.")


def directory() -> Path:
    """Return the directory of the house."""
    found: Path = _kept("directory")
    return found


def first_line(path: Path) -> str:
    """Return the first line of a file; raises `FileUnusable`."""
    try:
        with path.open("rb") as file:
            return _line(file.readline(_LONGEST_REFERENCE + 2))
    except OSError as problem:
        raise FileUnusable(path=str(path), problem=problem.strerror or "it cannot be read") from None


def _line(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.UsageError("the line that was read is not UTF-8") from None
    if len(raw) > _LONGEST_REFERENCE:
        raise click.UsageError(f"the line that was read is longer than {_LONGEST_REFERENCE} bytes")
    return text


def stdin_line() -> str:
    """Return one line of stdin."""
    return _line(sys.stdin.buffer.readline(_LONGEST_REFERENCE + 2))


def about() -> str:
    """Return the reference of the person concerned; a usage error unless it is given exactly once."""
    stdin, file, reference = _kept("about_stdin"), _kept("about_file"), _kept("about")
    if sum((bool(stdin), file is not None, reference is not None)) != 1:
        raise click.UsageError("say once whom it is about: --about-stdin, --about-file FILE or --about REF")
    found: str = stdin_line() if stdin else first_line(file) if file else reference
    if not found.strip():
        raise click.UsageError("the reference is empty")
    return found


def about_nobody() -> None:
    """Raise a usage error where a person is named beside what is about everybody."""
    if _kept("about_stdin") or _kept("about_file") is not None or _kept("about") is not None:
        raise click.UsageError("say either whom it is about, or that it is about everybody")


def reads_stdin() -> bool:
    """Whether stdin is taken by the person's reference."""
    return bool(_kept("about_stdin"))


def asker(*, or_self: bool = False) -> "Actor":
    """Return who asks; the person themself when nobody is named and `or_self` says so."""
    from troth.rules.decision import member, program, staff

    role, name, software = _kept("role"), _kept("staff"), _kept("program")
    if software and role:
        raise click.UsageError("either staff (--as and --staff) or a program (--program) asks, not both")
    if software:
        return program(software)
    if role and name:
        return staff(name, role.removeprefix("role:"))
    if role:
        raise click.UsageError("--as needs --staff NAME (or TROTH_STAFF)")
    if or_self:
        return member()
    raise click.UsageError("say who asks: --as role:NAME --staff NAME, or --program NAME")


@contextmanager
def opened() -> "Iterator[Troth]":
    """Open the house that the options name, and close it; asks for its passphrase on a terminal only."""
    from troth.library import open as open_
    from troth.settings import read_settings

    here = directory()
    secret = None
    if read_settings(here).root == "passphrase":
        secret = passphrase()
    with open_(here, passphrase=secret) as house:
        yield house


def passphrase() -> str:
    """Return the passphrase from its file, TROTH_PASSPHRASE, or a terminal.

    Raises `PassphraseMissing` where there is none of them.
    """
    file = _kept("passphrase_file")
    if file is not None:
        return first_line(file)
    if "TROTH_PASSPHRASE" in os.environ:
        return os.environ["TROTH_PASSPHRASE"]
    if not sys.stdin.isatty():
        raise PassphraseMissing
    return str(click.prompt("Passphrase", hide_input=True, err=True))
