"""The command line: a face that asks, shows and exits."""


def main() -> None:
    """Run `troth`; nothing heavy is imported before a command that needs it is."""
    from troth.cli.entrance import entrance

    entrance(prog_name="troth")
