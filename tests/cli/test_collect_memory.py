"""`collect` holds a batch in memory and no more, however long the stream is."""

import json
import tracemalloc

from tests.cli.conftest import answer

LETTER = "a line of a letter to customer service " * 250  # some 10 kB
BATCH = 20
FEW, MANY = 3 * BATCH, 60 * BATCH


def stream(path, count):
    """Write so many letters, of which every fourth cannot be taken."""
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            fields = {"message": LETTER} if n % 4 else {"message": 7, "topic": LETTER}
            act = {"reference": f"N-{n}", "circumstance": "customer_service", "category": "support"}
            file.write(json.dumps({**act, "fields": fields}) + "\n")
    return path


def peak(run, file):
    """Return how much Python held at most while a stream was collected, in bytes."""
    tracemalloc.start()
    try:
        found = answer(run("collect", file, "--batch", BATCH, "--allow-rejects", "--json"))
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return held, found


def test_a_stream_of_twenty_times_as_many_lines_takes_no_more_memory(run, directory, tmp_path):
    few, many = stream(tmp_path / "few.jsonl", FEW), stream(tmp_path / "many.jsonl", MANY)
    peak(run, few)  # so that everything is loaded
    low, first = peak(run, few)
    high, second = peak(run, many)

    assert (first["lines"], second["lines"]) == (FEW, MANY)
    assert second["rejected"] == MANY // 4
    assert high - low < 500_000, (low, high)  # bytes; the stream itself is 11 MB longer
