"""lineitem and ccusage side by side: `python -m bench.compare CORPUS`.

In:   a corpus made by `bench.corpus`, both programs.
Out:  per scenario the median of the ratios of pairs, with the smallest and the largest; peak memory; whether
every answer was exact.
Holds always: the two run in turns (A B A B ...), so that a machine whose speed drifts slows both; a ratio is
lineitem's time over ccusage's of the same pair. Neither has a network or a home with anything in it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measure import Run, adopt_orphans, own_peak_kb, run, without_network
from bench.scenarios import APPENDED, SCENARIOS, Contestant, Corpus, Scenario, native_ccusage
from conformance.adapters import load

if TYPE_CHECKING:
    from collections.abc import Sequence

KB_IN_MB = 1_000


@dataclass(frozen=True)
class Measured:
    """One run, and whether what it said was right."""

    run: Run
    right: bool | None


Pair = tuple[Measured, Measured]


def main() -> int:
    options = arguments()
    if not without_network():
        print("no network namespace to be had: the network stays on", file=sys.stderr)
    adopt_orphans()
    ours = load("lineitem", options.lineitem)
    theirs = load("ccusage", options.ccusage or native_ccusage())
    chosen = [scenario for scenario in SCENARIOS if not options.scenario or scenario.name in options.scenario]
    results = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Corpus(options.corpus) as corpus:
        pair = (
            Contestant(ours, corpus, Path(folder, "ours")),
            Contestant(theirs, corpus, Path(folder, "theirs")),
        )
        print(heading(options.corpus, corpus, options.pairs))
        for scenario in chosen:
            pairs = measure(scenario, pair, corpus, options.pairs)
            results[scenario.name] = summary(scenario, pairs)
            print(table(results[scenario.name]), flush=True)
    print(f"Peak memory below {own_peak_kb() // KB_IN_MB} MB cannot be told apart.")
    if options.json:
        document = {"corpus": str(options.corpus), "pairs": options.pairs, "scenarios": results}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result["right"] for result in results.values()) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare",
        description="lineitem and ccusage side by side, in turns. Exit 1 if lineitem was not exact.",
        epilog="Scenarios: " + "; ".join(f"{scenario.name} ({scenario.about})" for scenario in SCENARIOS),
    )
    parser.add_argument("corpus", type=Path, help="a folder made by bench.corpus")
    parser.add_argument("--pairs", type=int, default=11, help="pairs per scenario (default: 11)")
    parser.add_argument("--scenario", action="append", choices=[scenario.name for scenario in SCENARIOS])
    parser.add_argument("--lineitem", metavar="PATH", help="the program (default: the one beside this Python)")
    parser.add_argument("--ccusage", metavar="PATH", help="the program (default: from a node_modules, or the PATH)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    return parser.parse_args()


def measure(scenario: Scenario, pair: tuple[Contestant, Contestant], corpus: Corpus, count: int) -> list[Pair]:
    """`count` pairs, after one that is thrown away: it fills the page cache and a warm scenario's ledger."""
    pairs = []
    for number in range(count + 1):
        if scenario.appends and number:
            corpus.append(APPENDED)
        ours, theirs = (one(scenario, contestant) for contestant in pair)
        if number:
            pairs.append((ours, theirs))
    return pairs


def one(scenario: Scenario, contestant: Contestant) -> Measured:
    if scenario.cold:
        contestant.forget()
    found = run(contestant.command(scenario), contestant.place.environment())
    if found.code:
        print(f"{contestant.tool.name} exited with {found.code}: {found.errors.strip()[-300:]}", file=sys.stderr)
    return Measured(found, contestant.right(scenario, found.output) if not found.code else False)


def summary(scenario: Scenario, pairs: list[Pair]) -> dict[str, Any]:
    """The figures of one scenario."""
    ours, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
    return {
        "scenario": scenario.name,
        "about": scenario.about,
        "answerRatio": spread([a.run.answer_ms / b.run.answer_ms for a, b in pairs]),
        "exitRatio": spread([a.run.exit_ms / b.run.exit_ms for a, b in pairs]),
        "lineitem": side(ours),
        "ccusage": side(theirs),
        "right": all(measured.right is not False for measured in ours),
    }


def side(measured: Sequence[Measured]) -> dict[str, Any]:
    judged = [one.right for one in measured if one.right is not None]
    return {
        "answerMs": spread([one.run.answer_ms for one in measured]),
        "exitMs": spread([one.run.exit_ms for one in measured]),
        "peakKb": max(one.run.peak_kb for one in measured),
        "exact": f"{sum(judged)}/{len(judged)}" if judged else "not judged",
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
    }


def heading(folder: Path, corpus: Corpus, pairs: int) -> str:
    counts = corpus.expected["counts"]
    size = f"{counts['bytes'] / 1e6:.0f} MB, {counts['files']} files, {corpus.expected['requests']} requests"
    return f"{folder}: {size}; {pairs} pairs; ratio = lineitem / ccusage, median (min-max)\n"


def table(result: dict[str, Any]) -> str:
    ours, theirs = result["lineitem"], result["ccusage"]

    def ratio(name: str) -> str:
        found = result[name]
        return f"{found['median']:6.3f} ({found['min']:.3f}-{found['max']:.3f})"

    def ms(name: str) -> str:
        return f"{ours[name]['median']:7.0f} ms : {theirs[name]['median']:.0f} ms"

    return "\n".join(
        (
            f"{result['scenario']}: {result['about']}",
            f"    answer   {ratio('answerRatio'):<24} {ms('answerMs')}",
            f"    exit     {ratio('exitRatio'):<24} {ms('exitMs')}",
            f"    peak     {ours['peakKb'] / KB_IN_MB:7.1f} MB : {theirs['peakKb'] / KB_IN_MB:.1f} MB",
            f"    exact    {ours['exact']:>7} : {theirs['exact']}",
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
