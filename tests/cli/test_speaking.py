"""What is shown moves no cursor, and is plain when nobody looks."""

from click.testing import CliRunner

from troth.cli.speaking import shown, table, until
from troth.clock import FOREVER, instant


def test_control_characters_are_written_out():
    assert shown("a\x1b[2Jb\r\nc\x9bd\u202e") == "a\\x1b[2Jb\\r\\nc\\x9bd\\u202e"
    assert shown("Łukasz Żółć 李") == "Łukasz Żółć 李"


def test_a_table_is_aligned_text_when_it_is_piped():
    import click

    @click.command()
    def shows():
        table(("field", "value"), [("name", "x"), ("e", "\x1b[31mred")])

    done = CliRunner().invoke(shows)
    assert done.stdout == "field  value\nname   x\ne      \\x1b[31mred\n"


def test_what_has_no_end_says_so():
    assert until(FOREVER) == "no end yet"
    assert until(instant("2027-01-31T12:00:59Z")) == "2027-01-31 12:00 UTC"
