"""Export the ledger, verify an export offline, prove single entries, and check such proofs.

`verify` and `check-proof` need neither database nor keys, and import neither.
"""

from pathlib import Path
from typing import Any

import click

from troth.cli.asking import FILE, as_json, directory, in_directory, of_house, opened
from troth.cli.speaking import emit, progress, say, shown, wants_json
from troth.clock import iso
from troth.errors import FileUnusable

VKEY = click.option(
    "--vkey", metavar="KEY", help="The log's key as its operator published it, or a file with it."
)


@click.group()
def ledger() -> None:
    """Export, verify and prove the ledger."""


@ledger.command()
@click.argument("target", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@of_house
def export(target: Path) -> None:
    """Sign the ledger and write it to DIR as static files (C2SP tlog-tiles), for anyone to verify."""
    from troth.custody.publishing import export as exported

    with opened() as house:
        signed = house.teller.alone(lambda desk: exported(desk, target))
        vkey = house.teller.house.signer.verifier.vkey
    if wants_json():
        emit({"directory": str(target), "size": signed.size, "root": signed.root.hex(), "vkey": vkey})
        return
    say(f"{signed.size:,} entries in {target}; anyone can verify them:")
    say(f"  troth ledger verify {target} --vkey '{vkey}'")


@ledger.command()
@click.argument("target", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@VKEY
@click.option(
    "--since", type=FILE, help="A signed checkpoint kept from this ledger earlier: it must continue it."
)
@as_json
def verify(target: Path, vkey: str | None, since: Path | None) -> None:
    """Verify an exported ledger offline: every entry, every tile, the signed root.

    Finds a flipped, removed, added, reordered or truncated entry, and with --since a fork.
    """
    from troth.ledger.audit import audit

    previous = since.read_bytes() if since else None
    with progress("verifying", None) as bar:
        report = audit(target, vkey=_key(vkey), previous=previous, progress=bar)
    first, last = (None if at is None else iso(at) for at in (report.first_at, report.last_at))
    if wants_json():
        found: dict[str, Any] = {"origin": report.origin, "size": report.size, "root": report.root.hex()}
        found |= {"vkey": report.vkey, "trusted_on_first_use": report.trusted_on_first_use}
        emit({**found, "continues": report.continues, "first_at": first, "last_at": last})
        return
    say(f"verified: {report.size:,} entries of {report.origin}, from {first} to {last}")
    say(f"  root {report.root.hex()}")
    if report.continues is not None:
        say(f"  continues the checkpoint kept at {report.continues:,} entries")
    if report.trusted_on_first_use:
        say("  the key came with the ledger itself; give --vkey, from elsewhere, to rule out another log")


@ledger.command()
@click.argument("number", type=click.IntRange(0))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="NUMBER.tlog-proof by default."
)
@of_house
def prove(number: int, output: Path | None) -> None:
    """Write a proof that entry NUMBER is in the ledger, for anyone to check offline (C2SP tlog-proof)."""
    from dataclasses import replace

    from troth.custody.publishing import proof_of
    from troth.ledger.proof import SUFFIX, format_proof
    from troth.vault.files import whole

    with opened() as house:
        proof, leaf = house.teller.alone(lambda desk: proof_of(desk, number))
        vkey = house.teller.house.signer.verifier.vkey
    file = output or Path(f"{number}{SUFFIX}")
    written = format_proof(replace(proof, extra=leaf))
    try:
        if file.exists() and not file.is_file():  # a pipe or a terminal takes it as it comes
            file.write_bytes(written)
        else:
            with whole(file) as beside:
                beside.write(written)
    except OSError as problem:
        raise FileUnusable(path=str(file), problem=problem.strerror or "it cannot be written") from None
    if wants_json():
        emit({"entry": number, "file": str(file), "vkey": vkey})
        return
    say(f"entry {number} is proven in {file}, which holds the entry too; anyone can check it:")
    say(f"  troth ledger check-proof {file} --vkey '{vkey}'")


@ledger.command("check-proof")
@click.argument("file", type=FILE)
@click.option("--leaf", type=FILE, help="The entry's bytes, when the proof does not hold them.")
@VKEY
@in_directory
@as_json
def check_proof(file: Path, leaf: Path | None, vkey: str | None) -> None:
    """Check a proof offline; without --vkey, by the ledger key in the house's directory."""
    from troth.ledger.checkpoint import Verifier
    from troth.ledger.entry import parse
    from troth.ledger.proof import parse_proof, verify_proof

    given = _key(vkey) or _own_key()
    proof = parse_proof(file.read_bytes())
    entry = leaf.read_bytes() if leaf else proof.extra
    if entry is None:
        raise click.UsageError("the proof does not hold the entry: give its bytes with --leaf")
    signed = verify_proof(proof, entry, Verifier.from_vkey(given))
    said = parse(entry)
    if wants_json():
        found = {"entry": proof.index, "kind": said.kind, "at": iso(said.at), "outcome": said.outcome}
        emit({**found, "clauses": list(said.clauses), "size": signed.size, "root": signed.root.hex()})
        return
    say(f"proven: entry {proof.index} is in the ledger of {signed.origin}, signed at {signed.size:,} entries")
    under = f", under clause {', '.join(said.clauses)}" if said.clauses else ""
    say(shown(f"  {iso(said.at)}  {said.kind}  {said.outcome}{under}"))


def _key(vkey: str | None) -> str | None:
    """Return the key that an option gives, itself or in a file."""
    if vkey is None or "+" in vkey:
        return vkey
    try:
        return Path(vkey).read_text("utf-8").strip()
    except (OSError, ValueError):
        raise click.UsageError(
            "--vkey is neither a key (`name+12345678+base64`) nor a file with one"
        ) from None


def _own_key() -> str:
    file = directory() / "log.vkey"
    if not file.is_file():
        raise click.UsageError("give the ledger's key with --vkey, or the house with --dir")
    return file.read_text("utf-8").strip()
