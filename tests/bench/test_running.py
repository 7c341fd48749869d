"""The benchmark runs, on tiny sizes, and writes a report whose ratios are numbers; it is never timed here."""

import math
import re

import pytest
from click.testing import CliRunner

from troth.bench import people
from troth.bench.measure import Turn, interleave, rate_of, scattered
from troth.bench.plot import Series, plotted
from troth.bench.running import WORKS, run
from troth.cli.bench import bench


def test_every_work_is_measured_and_every_ratio_is_a_number(tmp_path):
    out = tmp_path / "bench" / "RESULTS.md"
    parts = run((), "tiny", out)
    lines = [line for part in parts for line in part.lines]
    assert len(parts) == len(WORKS)
    assert len(lines) > 20
    assert all(math.isfinite(line.ratio) and line.ratio > 0 for line in lines)
    text = out.read_text(encoding="utf-8")
    assert "This was a tiny run" in text
    assert all(f"## {part.title}" in text for part in parts)
    assert (out.parent / "growth.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_command_runs_what_it_is_asked_to_and_names_a_work_it_does_not_know(tmp_path):
    out = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(bench, ["--tiny", "--only", "decide", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "A decision alone" in out.read_text(encoding="utf-8")
    unknown = CliRunner().invoke(bench, ["--only", "nothing", "--out", str(out)])
    assert unknown.exit_code == 2
    assert "`nothing` is none of" in unknown.output


def test_what_was_measured_is_written_though_the_rest_is_cut_off(tmp_path):
    with pytest.raises(KeyError):
        run(["decide", "no-such-work"], "tiny", tmp_path / "results.md")
    assert "Only a part of it was run: decide." in (tmp_path / "results.md").read_text("utf-8")


def test_contestants_take_turns_and_the_first_turn_of_each_does_not_count():
    order = []

    def turn(name, rates):
        def take():
            order.append(name)
            return Turn(next(rates))

        return take

    found = interleave({"a": turn("a", iter([9, 1, 3, 2])), "b": turn("b", iter([9, 4, 6, 5]))}, 3)
    assert order == ["a", "b", "a", "b", "a", "b", "a", "b"]
    assert (found["a"].median, found["a"].low, found["a"].high) == (2, 1, 3)
    assert found["b"].median == 5


def test_percentiles_are_of_all_operations_of_all_turns():
    rate = rate_of([Turn(1, [1.0] * 50), Turn(1, [2.0] * 49 + [9.0])])
    assert (rate.p50, rate.p99) == (2.0, 9.0)


@pytest.mark.parametrize("total", [1, 2, 64, 1000])
def test_the_scattered_order_visits_everybody_once(total):
    assert {scattered(n, total) for n in range(total)} == set(range(total))


def test_no_two_members_of_the_benchmark_share_what_is_unique():
    accounts = [people.account(n) for n in range(2_000)]
    for name in ("phone", "email", "username"):
        assert len({account[name] for account in accounts}) == len(accounts)


def test_the_plot_has_a_line_for_each_series_and_a_name_for_each_point():
    svg = plotted("A title", ["10", "100"], [Series("one", [0.5, 1.5]), Series("other", [1, 1])])
    assert len(re.findall("<polyline", svg)) == 2
    assert all(f">{word}<" in svg for word in ("A title", "10", "100", "one", "other"))
