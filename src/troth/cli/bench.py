"""Measure what keeping the promises costs, beside plaintext, and write it down."""

from pathlib import Path

import click

from troth.cli.asking import as_json
from troth.cli.speaking import emit, note, say, wants_json


@click.command()
@click.option(
    "--quick", is_flag=True, help="Smaller sizes and shorter turns: minutes instead of half an hour."
)
@click.option("--only", multiple=True, metavar="NAME", help="Only this work; may be given several times.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("bench/RESULTS.md"),
    show_default=True,
    help="Where the report is written.",
)
@click.option("--tiny", is_flag=True, hidden=True)
@as_json
def bench(quick: bool, only: tuple[str, ...], out: Path, tiny: bool) -> None:
    """Measure reads, writes, erasure and the rest against the same engine in plaintext."""
    from troth.bench.running import WORKS, run

    unknown = [name for name in only if name not in WORKS]
    if unknown:
        raise click.BadParameter(f"`{unknown[0]}` is none of {', '.join(WORKS)}", param_hint="--only")
    size = "tiny" if tiny else "quick" if quick else "full"
    parts = run(only, size, out, note)
    lines = [line for part in parts for line in part.lines if line.target is not None]
    if wants_json():
        rows = [{"work": x.work, "against": x.baseline, "ratio": x.ratio, "aim": x.target} for x in lines]
        emit({"rows": rows, "report": str(out)})
        return
    for line in lines:
        mark = "ok  " if line.ratio >= (line.target or 0) else "short"
        say(f"{mark:6}{line.ratio:8.2f}  (aim {line.target:g})  {line.work}, against {line.baseline}")
    say(f"Written to {out}")
