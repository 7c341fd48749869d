"""Serve a house: the member portal, the public agreement page and the API, in one process."""

from pathlib import Path

import click

from troth.cli.asking import FILE, directory, of_house, passphrase
from troth.cli.speaking import emit, say, wants_json


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
    from troth.opening import open_house
    from troth.settings import read_settings
    from troth.web.listening import check_certificate, listen
    from troth.web.running import Running

    if (certificate is None) != (key is None):
        raise click.UsageError("give both --certificate and --key, or neither")
    if certificate and key:
        check_certificate(certificate, key)
    settings = read_settings(directory())
    listener = listen(host, port)
    secret = passphrase() if settings.root == "passphrase" else None
    teller = open_house(directory(), passphrase=secret)
    try:
        running = Running(teller, settings, directory(), listener=listener, certificate=certificate, key=key)
        running.run(_ready)
    finally:
        teller.close()


def _ready(origin: str) -> None:
    if wants_json():
        emit({"url": origin})
    else:
        say(f"serving on {origin}  (stop with Ctrl-C)")
