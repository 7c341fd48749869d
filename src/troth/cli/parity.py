"""Compare giving and taking back on the pages of the portal, for every choice that an agreement offers."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from troth.cli.agreements import MEMBER, text_of
from troth.cli.asking import FILE, as_json
from troth.cli.speaking import emit, say, wants_json


@click.command()
@click.argument("file", type=FILE, required=False)
@as_json
@click.pass_context
def ui(ctx: click.Context, file: Path | None) -> None:
    """Compare each way to give with its way to take back, for the choices of the agreement FILE.

    Without a FILE, of the reference agreement. What is compared: steps, fields, controls, confirmations.
    Exits with 3 when a pair differs, or when a consent has none.
    """
    from troth.opening import sound
    from troth.rules.compiling import compile_rules
    from troth.web.parity import parity

    place = file or MEMBER
    rows = parity(compile_rules(sound(text_of(place), str(place))))
    unequal = [row for row in rows if row.differs]
    if wants_json():
        emit(
            {
                "file": str(place),
                "compared": len(rows),
                "unequal": len(unequal),
                "pairs": [_plain(r) for r in rows],
            }
        )
    else:
        for row in unequal:
            state = f" ({row.state})" if row.state else ""
            say(f"unequal: {row.pair} of `{row.about}`{state}: {', '.join(row.differs)}")
        say(f"{place}: {len(rows)} pairs compared, {len(unequal)} unequal")
    if unequal:
        ctx.exit(3)


def _plain(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a Row, which is imported at use
    found = asdict(row)
    for way in ("give", "withdraw"):
        if found[way] is not None:
            found[way] = {k: sorted(v) if isinstance(v, frozenset) else v for k, v in found[way].items()}
    found["differs"] = list(found["differs"])
    return found
