"""Recall: bring back what is sealed away, with the recovery code that its person alone has."""

import sys

import click

from troth.cli.asking import about, about_person, of_house, opened, stdin_line
from troth.cli.choices import acknowledge


@click.command()
@about_person
@of_house
def recall() -> None:
    """Bring back what `erase --after` sealed away, as it was, before the last day is over.

    The recovery code is asked for, or read from one line of the input: an argument would stand in the list of
    processes and in the shell's history.
    """
    person = about()
    if sys.stdin.isatty():
        code: str = click.prompt("Recovery code", hide_input=True, err=True)
    else:
        code = stdin_line()
    with opened() as house:
        acknowledge(house.come_back(about=person, code=code.strip()))
