"""Serve a house: the member portal, the public agreement page and the API, in one process."""

from functools import partial
from pathlib import Path

import click

from troth.cli.asking import FILE, directory, of_house, passphrase
from troth.cli.speaking import emit, say, wants_json

_EXPECTED = ("127.0.0.1", "localhost")  # where nobody wonders by which name it is reached


@click.command()
@of_house
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="0: any free one."
)
@click.option("--certificate", type=FILE, help="A certificate chain (PEM): serve TLS in this process.")
@click.option("--key", type=FILE, help="The private key of the certificate (PEM).")
def serve(host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the house in --dir until told to stop; what was begun is finished first."""
    from troth.errors import BadSettings
    from troth.opening import open_house
    from troth.settings import SETTINGS, read_settings
    from troth.web.listening import certified, listen
    from troth.web.running import Running

    if (certificate is None) != (key is None):
        raise click.UsageError("give both --certificate and --key, or neither")
    tls = certified(certificate, key) if certificate and key else None
    settings = read_settings(directory())
    url = settings.server.url if settings.server else ""
    if certificate and url.startswith("http://"):
        problem = f"`url` of `[server]` is `{url}`, and with --certificate browsers come by `https://`"
        raise BadSettings(path=str(directory() / SETTINGS), problem=problem)
    listener = listen(host, port)
    secret = passphrase() if settings.root == "passphrase" else None
    teller = open_house(directory(), passphrase=secret)
    try:
        running = Running(teller, settings, directory(), listener=listener, tls=tls)
        running.run(partial(_ready, explain=not url and host not in _EXPECTED))
    finally:
        teller.close()


def _ready(origin: str, *, explain: bool) -> None:
    if wants_json():
        emit({"url": origin})
        return
    say(f"serving on {origin}  (stop with Ctrl-C)")
    if explain:
        say("it answers to this name and no other; another is set by `url` of `[server]` in troth.toml")
