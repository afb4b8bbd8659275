"""`python -m conformance --tool NAME`: the cases against a tool, as a table; exit 1 if any differs.

`--export DIR` writes the transcripts and the expected figures instead, for a tool that is run by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.adapters import load
from conformance.cases import CASES, Case, matching
from conformance.run import Verdict, verdicts

if TYPE_CHECKING:
    from conformance.truth import Bill


def main() -> int:
    options = arguments()
    cases = [case for pattern in options.case or ["*"] for case in matching(pattern)]
    if not cases:
        print("no case of that name; --list shows all", file=sys.stderr)
        return 2
    if options.list:
        for case in cases:
            print(f"{case.name}\n    {case.about}")
            if doubt := case.told()[0].doubt:
                print(f"    Debatable: {doubt}.")
        return 0
    if options.export:
        export(cases, options.export)
        return 0
    found = []
    for verdict in verdicts(load(options.tool, options.bin), cases, jobs=options.jobs):
        found.append(verdict)
        if not options.json:
            print(row(verdict), flush=True)
    if options.json:
        print(json.dumps(as_json(options.tool, found), indent=1))
    else:
        print(summary(options.tool, found))
    return 0 if all(verdict.ok for verdict in found) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("--tool", default="lineitem", help="an adapter here, or the path of one (default: lineitem)")
    parser.add_argument("--bin", metavar="PATH", help="the tool's program, if it is not on the PATH")
    parser.add_argument("--case", metavar="GLOB", action="append", help="only these, e.g. 'copies/*'; repeatable")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time (default: 2)")
    parser.add_argument("--list", action="store_true", help="what the cases are about")
    parser.add_argument("--export", metavar="DIR", type=Path, help="write transcripts and expected figures to DIR")
    return parser.parse_args()


def row(verdict: Verdict) -> str:
    """One line of the table; where something differs, what was expected and what came."""
    marks = "  ".join(
        f"{name} {'--' if ok is None else 'ok' if ok else 'NO'}"
        for name, ok in (("tokens", verdict.tokens_ok), ("cost", verdict.cost_ok), ("days", verdict.days_ok))
    )
    line = f"{verdict.case.name:<72} {marks}"
    if verdict.ok:
        return line
    if verdict.got is None:
        return f"{line}\n      {verdict.problem}"
    lines = [line, f"      expected  {figures(verdict.expected)}", f"      got       {figures(verdict.got)}"]
    if verdict.days_ok is False:
        lines += [f"      expected  {days(verdict.expected)}", f"      got       {days(verdict.got)}"]
    return "\n".join(lines)


def figures(source: Any) -> str:
    """The totals of a bill or of a tool's answer, on one line."""
    input_, output, written, read = source.tokens
    usd = getattr(source, "usd", None)
    money = f"{usd:.9f}" if source.nanos is None and usd is not None else dollars(source.nanos)
    flag = getattr(source, "unpriced", None) or getattr(source, "unpriced_tokens", 0)
    return f"in {input_}  out {output}  write {written}  read {read}  ${money}{'  + unpriced' if flag else ''}"


def dollars(nanos: int | None) -> str:
    return "unknown" if nanos is None else f"{nanos // 10**9}.{nanos % 10**9:09d}"


def days(source: Any) -> str:
    return ", ".join(f"{day} {tuple(found.tokens or ())}" for day, found in sorted((source.days or {}).items()))


def summary(tool: str, found: list[Verdict]) -> str:
    def part(count: int, what: str) -> str:
        return f"{count}/{len(found)} {what}"

    parts = (
        part(sum(verdict.ok for verdict in found), "cases right"),
        part(sum(verdict.tokens_ok for verdict in found), "tokens"),
        part(sum(verdict.cost_ok for verdict in found), "cost"),
    )
    debatable = sum(not verdict.ok and bool(verdict.case.told()[0].doubt) for verdict in found)
    return f"{tool}: " + ", ".join(parts) + (f" ({debatable} of the others debatable)" if debatable else "")


def as_json(tool: str, found: list[Verdict]) -> dict[str, Any]:
    return {
        "tool": tool,
        "cases": [
            {
                "case": verdict.case.name,
                "tokensOk": verdict.tokens_ok,
                "costOk": verdict.cost_ok,
                "daysOk": verdict.days_ok,
                "problem": verdict.problem or None,
                "expected": expected_json(verdict.expected),
                "got": verdict.got and asdict(verdict.got),
            }
            for verdict in found
        ],
        "right": sum(verdict.ok for verdict in found),
        "total": len(found),
    }


def expected_json(expected: Bill) -> dict[str, Any]:
    """The expected figures as `--export` and `--json` write them."""
    return {
        "tokens": expected.tokens._asdict(),
        "costNanos": expected.nanos,
        "unpricedTokens": expected.unpriced_tokens,
        "unloggedNanos": expected.unlogged_nanos,
        "days": {
            day: {"tokens": found.tokens._asdict(), "costNanos": found.nanos} for day, found in expected.days.items()
        },
    }


def export(cases: list[Case], folder: Path) -> None:
    """`DIR/<number>/projects/...` and `DIR/<number>.expected.json` for every case."""
    for number, case in enumerate(cases):
        tree, expected = case.told()
        tree.write(folder / f"{number:03d}")
        about = {
            "case": case.name,
            "about": case.about,
            "debatable": tree.doubt or None,
            "timezone": tree.timezone,
        }
        document = about | {"checkDays": tree.check_days} | expected_json(expected)
        (folder / f"{number:03d}.expected.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{len(cases)} of {len(CASES)} cases in {folder}")


if __name__ == "__main__":
    sys.exit(main())
