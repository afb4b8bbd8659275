"""Runs cases against a tool, each in a throw-away home, and compares the answers.

In:   a tool and cases.
Out:  one `Verdict` per case.
Holds always: tokens are compared exactly; money exactly for tools that give whole nanodollars, to a millionth
of a dollar for the others; a tool that leaves something out of its money has to say so.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.adapters import DayTotals, Place, Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.adapters import Tool
    from conformance.cases import Case
    from conformance.truth import Bill, Day

TIMEOUT_S = 60
NANOS_PER_MICRODOLLAR = 1_000


@dataclass(frozen=True)
class Verdict:
    case: Case
    expected: Bill
    got: Totals | None
    tokens_ok: bool = False
    cost_ok: bool = False
    days_ok: bool | None = None
    """None: this case is not about days."""
    problem: str = ""
    """What went wrong when the tool gave no answer."""

    @property
    def ok(self) -> bool:
        return self.tokens_ok and self.cost_ok and self.days_ok is not False


@cache
def offline() -> tuple[str, ...]:
    """What to put before a command so that it has no network; empty where that cannot be had."""
    prefix = ("unshare", "--map-root-user", "--net", "--")
    if shutil.which(prefix[0]) and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
        return prefix
    return ()


def verdict(tool: Tool, case: Case) -> Verdict:
    """One case against one tool."""
    tree, expected = case.told()
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        place = Place(tool.program, Path(folder, "config"), Path(folder, "home"), tree.timezone)
        place.home.mkdir()
        tree.write(place.config_dir)
        try:
            done = subprocess.run(
                [*offline(), *tool.adapter.command(place)],
                env=place.environment(),
                cwd=place.home,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(case, expected, None, problem=f"no answer within {TIMEOUT_S} s")
    try:
        got = tool.adapter.totals(done.stdout)
    except (ValueError, KeyError, TypeError) as error:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"{type(error).__name__}: {error}"
        return Verdict(case, expected, None, problem=f"exit {done.returncode}, {why}")
    return compare(case, expected, got, check_days=tree.check_days)


def compare(case: Case, expected: Bill, got: Totals, *, check_days: bool) -> Verdict:
    """An answer against the truth."""
    silent = expected.unpriced_tokens > 0 and not got.unpriced
    crying = expected.unpriced_tokens == 0 and bool(got.unpriced)
    nothing_priced = expected.nanos == 0 and got.nanos is None and got.usd is None
    money = nothing_priced or same_money(expected.nanos, got.nanos, got.usd)
    return Verdict(
        case,
        expected,
        got,
        tokens_ok=got.tokens == expected.tokens,
        cost_ok=money and not silent and not crying,
        days_ok=same_days(expected.days, got.days) if check_days and got.days is not None else None,
    )


def same_money(expected: int, nanos: int | None, usd: float | None) -> bool:
    """Exact for whole nanodollars, to a millionth of a dollar for floats."""
    if nanos is not None:
        return nanos == expected
    return usd is not None and abs(usd * 1e9 - expected) < NANOS_PER_MICRODOLLAR


def same_days(expected: dict[str, Day], got: dict[str, DayTotals]) -> bool:
    """The same days, with the same figures as far as the tool tells them."""
    if got.keys() != expected.keys():
        return False
    return all(
        theirs.tokens in {None, expected[day].tokens} and same_money(expected[day].nanos, theirs.nanos, theirs.usd)
        for day, theirs in got.items()
    )


def verdicts(tool: Tool, cases: Iterable[Case], *, jobs: int = 2) -> Iterator[Verdict]:
    """All cases in their order, a few at a time."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda case: verdict(tool, case), cases)
