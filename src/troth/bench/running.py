"""Run the benchmark, some of it or all of it, and write down what was found."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from troth import clock
from troth.bench.report import Part, duration, rendered
from troth.bench.scene import FULL, QUICK, TINY, Scene, Sizes, commit_of_code
from troth.bench.work_bulk import bulk, deciding
from troth.bench.work_erasing import erasures, expiries
from troth.bench.work_expiring import streams
from troth.bench.work_http import web
from troth.bench.work_ledger import remembering
from troth.bench.work_paths import flush_time, reads, writes
from troth.bench.work_rights import copies, elsewhere, queue
from troth.bench.work_space import growth, space

WORKS: Mapping[str, Callable[[Scene], Part]] = {
    "write": writes,
    "read": reads,
    "bulk": bulk,
    "decide": deciding,
    "erase": erasures,
    "expire": expiries,
    "streams": streams,
    "elsewhere": elsewhere,
    "queue": queue,
    "copy": copies,
    "ledger": remembering,
    "space": space,
    "growth": growth,
    "http": web,
}
SIZES: Mapping[str, Sizes] = {sizes.name: sizes for sizes in (FULL, QUICK, TINY)}

_PREFACE = """\
Troth beside the same engine, with the same durability, in plaintext: no key, no decision, no ledger, as a
good developer would write it. Ratios are of throughput: 1 is as fast as plaintext, 2 twice as fast, and
more is better everywhere. Every ratio is of two medians of one run, in which the contestants took turns
(A B A B, {repetitions} turns of {seconds:g} s each, after one that does not count); *spread* is half the
range of the turns, of the wider of the two. `make bench` writes this page anew."""
_SMALL = """\
> **This was a {name} run**: smaller sizes and shorter turns than the full benchmark. Good for comparing
> two versions of the code; not to be quoted."""


def run(
    names: Sequence[str], size: str, out: Path, say: Callable[[str], object] = lambda _: None
) -> list[Part]:
    """Measure the named works (all of them when none is named) and write the report to `out`."""
    start, load = perf_counter(), os.getloadavg()[0]
    began, wanted = clock.now(), tuple(names or WORKS)
    parts: list[Part] = []
    with Scene(SIZES[size], say) as scene:
        head = [
            ("date", clock.iso(began)[:19] + "Z"),
            ("code", commit_of_code() or "unknown"),
            *scene.machine(),
            ("a flush of 4 KiB, before", _flushes(scene)),
        ]
        for name in wanted:
            parts.append(WORKS[name](scene))
            if len(parts) < len(wanted):  # what was measured is there, should the rest be cut off
                _write(out, head, parts, _preface(SIZES[size], wanted[: len(parts)]))
        head.append(("a flush of 4 KiB, after", _flushes(scene)))
    head.append(
        ("load average", f"{load:.2f} before, {os.getloadavg()[0]:.2f} after (the benchmark itself counts)")
    )
    head.append(("took", duration(perf_counter() - start)))
    _write(out, head, parts, _preface(SIZES[size], names))
    return parts


def _write(out: Path, head: list[tuple[str, str]], parts: list[Part], preface: list[str]) -> None:
    """Write the report and what stands beside it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(rendered(head, parts, preface), "utf-8")
    for part in parts:
        for file, content in part.files.items():
            (out.parent / file).write_text(content, "utf-8")


def _flushes(scene: Scene) -> str:
    """Say how long a bare flush takes: a disk that others use as well makes every commit as slow."""
    appended = flush_time(scene.directory, 4096, rewriting=False)
    rewritten = flush_time(scene.directory, 4096, rewriting=True)
    return f"{duration(appended)} at a file's end, {duration(rewritten)} over old bytes"


def _preface(sizes: Sizes, names: Sequence[str]) -> list[str]:
    text = [_PREFACE.format(repetitions=sizes.repetitions, seconds=sizes.seconds)]
    if sizes is not FULL:
        text += ["", _SMALL.format(name=sizes.name)]
    if names:
        text += ["", f"> Only a part of it was run: {', '.join(names)}."]
    return text
