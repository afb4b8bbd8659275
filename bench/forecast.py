"""How often the forecast's interval holds, and how often a change is seen where there is none.

In:   months of generated users, replayed day by day: nobody's real ones. Eight kinds, half of them with earlier months.
Out:  how often the interval of 80 % held, by day of the month and by kind; for `change`, how often it speaks.

usage: python -m bench.forecast [--months 500] [--seed 70000] [--every 1] [--trials 400]
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from typing import TYPE_CHECKING, NamedTuple

from lineitem.insights.change import ONCE_IN, change
from lineitem.insights.forecast import FEWEST, forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DOLLAR = 1_000_000_000
#: From this day of the month on the interval must hold.
FROM = 7


class Month(NamedTuple):
    """A month to replay: all days from the first with any use on, and the part of it that is the month."""

    kind: str
    days: list[int]
    inside: int
    weekday: int  #: of the month's first day


def _lognormal(chance: random.Random, sigma: float) -> float:
    return math.exp(chance.gauss(0, sigma))


def workday(chance: random.Random, count: int, weekday: int) -> list[float]:
    """Monday to Friday, now and then a weekend."""
    sigma, weekends, off = chance.uniform(0.3, 0.9), chance.choice((0, 0, 0.1, 0.3)), chance.uniform(0, 0.2)
    return [
        0 if chance.random() < (1 - weekends if (weekday + day) % 7 > 4 else off) else _lognormal(chance, sigma)
        for day in range(count)
    ]


def every_day(chance: random.Random, count: int, _: int) -> list[float]:
    """Each day alike."""
    sigma = chance.uniform(0.2, 1.0)
    return [_lognormal(chance, sigma) for _ in range(count)]


def bursts(chance: random.Random, count: int, _: int) -> list[float]:
    """Some days much, then some days little."""
    sigma, quiet, long = chance.uniform(0.3, 0.7), chance.uniform(0, 0.3), chance.uniform(3, 8)
    busy, found = chance.random() < 0.5, []
    for _ in range(count):
        if chance.random() < 1 / long:
            busy = not busy
        found.append(_lognormal(chance, sigma) * (1 if busy else quiet))
    return found


def growth(chance: random.Random, count: int, weekday: int) -> list[float]:
    """More and more in the last 60 days, or less and less: half to three times within 30."""
    a_day = chance.uniform(math.log(0.5), math.log(3)) / 30
    base = chance.choice((every_day, workday))(chance, count, weekday)
    return [amount * math.exp(a_day * max(0, 60 + day - count)) for day, amount in enumerate(base)]


def holidays(chance: random.Random, count: int, weekday: int) -> list[float]:
    """A worker who is away for 4 to 12 days in the last month or just before."""
    found = workday(chance, count, weekday)
    start, long = chance.randrange(max(1, count - 36), count), chance.randint(4, 12)
    return [0 if start <= day < start + long else amount for day, amount in enumerate(found)]


def heavy(chance: random.Random, count: int, _: int) -> list[float]:
    """Now and then a day that costs as much as weeks."""
    if chance.random() < 0.5:
        alpha = chance.uniform(1.3, 2.5)
        return [chance.paretovariate(alpha) for _ in range(count)]
    sigma = chance.uniform(1.0, 1.6)
    return [_lognormal(chance, sigma) for _ in range(count)]


def zeros(chance: random.Random, count: int, _: int) -> list[float]:
    """Few days with use."""
    often, sigma = chance.uniform(0.15, 0.5), chance.uniform(0.4, 1.1)
    return [_lognormal(chance, sigma) if chance.random() < often else 0 for _ in range(count)]


def projects(chance: random.Random, count: int, weekday: int) -> list[float]:
    """A worker whose level is another one every few weeks."""
    found, level = workday(chance, count, weekday), 1.0
    for day in range(count):
        if chance.random() < 1 / 18:
            level = math.exp(chance.gauss(0, 0.7))
        found[day] *= level
    return found


KINDS: dict[str, Callable[[random.Random, int, int], list[float]]] = {
    "workday": workday, "every day": every_day, "bursts": bursts, "growth": growth, "holidays": holidays,
    "heavy tails": heavy, "zeros": zeros, "projects": projects,
}  # fmt: skip


def month(seed: int) -> Month:
    """One user's month, and what was before it for half of them."""
    chance = random.Random(seed)
    name = list(KINDS)[seed % len(KINDS)]
    inside = chance.choice((28, 30, 31, 31))
    before = chance.randint(1, 150) if chance.random() < 0.5 else 0
    weekday, scale = chance.randrange(7), chance.uniform(0.2, 50) * _DOLLAR
    while True:
        made = KINDS[name](chance, before + inside, (weekday - before) % 7)
        days = [int(amount * scale) for amount in made]
        if any(days[:-8]):
            break
    first = next(place for place, amount in enumerate(days) if amount)
    return Month(name, days[first:], min(inside, len(days) - first), (weekday + max(0, first - before)) % 7)


class Tally:
    """How often the end lay below, within and above the interval."""

    def __init__(self) -> None:
        self.below = self.within = self.above = 0
        self.widths: list[float] = []

    def take(self, end: int, low: int, high: int) -> None:
        self.below += end < low
        self.above += end > high
        self.within += low <= end <= high
        if end:
            self.widths.append((high - low) / end)

    @property
    def count(self) -> int:
        return self.below + self.within + self.above

    def __str__(self) -> str:
        whole = max(1, self.count)
        width = sorted(self.widths)[len(self.widths) // 2] if self.widths else 0.0
        shares = " ".join(f"{count / whole:7.1%}" for count in (self.within, self.below, self.above))
        return f"{shares} {width:7.0%} {self.count:>9,}"


def replay(seeds: Sequence[int], every: int = 1) -> dict[str, Tally]:
    """Every month of these seeds from day 3 on: on every other day at noon, else at midnight."""
    tallies: dict[str, Tally] = {}
    for seed in seeds:
        told = month(seed)
        begins = len(told.days) - told.inside
        end = sum(told.days[begins:])
        for day in range(1 + seed % every, told.inside, every):
            noon = (seed + day) % 2
            known, now = told.days[: begins + day], told.days[begins + day]
            so_far = now * random.Random(seed * 100 + day).randint(20, 80) // 100 if noon else 0
            weekday, left = (told.weekday + day) % 7, told.inside - day - 1
            found = forecast(known, day, weekday, so_far, 500 if noon else 0, left)
            if found is None:
                continue
            names = [f"day {day:>2}"]
            if day >= FROM:
                fresh = "no month before" if not begins else "months before"
                names += ["all", told.kind, fresh, "at noon" if noon else "at midnight"]
            for name in names:
                tallies.setdefault(name, Tally()).take(end, found.low, found.high)
    return tallies


def _sessions(chance: random.Random, shape: str, count: int) -> list[int]:
    """What so many sessions, or days, cost."""
    if shape == "one huge":
        return [int(chance.paretovariate(1.2) * _DOLLAR) for _ in range(count)]
    if shape == "many zeros":
        return [int(_lognormal(chance, 1) * _DOLLAR) if chance.random() < 0.4 else 0 for _ in range(count)]
    if shape == "days in bursts":
        return [int(amount * _DOLLAR) for amount in bursts(chance, count, 0)]
    return [int(_lognormal(chance, 1.2 if shape == "skewed" else 0.4) * _DOLLAR) for _ in range(count)]


SHAPES = ("even", "skewed", "one huge", "many zeros", "days in bursts")
#: Values on each side.
COUNTS = ((5, 5), (8, 30), (30, 30))


def spoken(seed: int, shape: str, counts: tuple[int, int], trials: int, percent: int) -> tuple[int, int]:
    """(How often the mean, and the median, are said to have changed) where it became `percent` of what it was."""
    chance = random.Random(f"{seed} {shape} {counts} {percent}")
    means = medians = 0
    for _ in range(trials):
        # one row that is cut in two: days in bursts go on from before to after
        values = _sessions(chance, shape, sum(counts))
        found = change(values[: counts[0]], [value * percent // 100 for value in values[counts[0] :]])
        means += found.significant
        medians += found.median_chance is not None and found.median_chance * ONCE_IN <= 1_000_000
    return means, medians


def print_changes(seed: int, trials: int) -> None:
    heads = f"{'values':>8} {'nothing changed':>16} {'median':>7} {'half as much':>13} {'median':>7}"
    print(f"\n{'called a change':<18} {heads}")
    for shape in SHAPES:
        for counts in COUNTS:
            false = spoken(seed, shape, counts, trials, 100)
            true = spoken(seed, shape, counts, trials, 50)
            shares = [number / trials for number in (*false, *true)]
            print(f"{shape:<18} {counts[0]:>4}/{counts[1]:<3} {shares[0]:>16.1%} {shares[1]:>7.1%}"
                  f" {shares[2]:>13.1%} {shares[3]:>7.1%}")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.forecast", description="How often an interval holds.")
    parser.add_argument("--months", type=int, default=500)
    parser.add_argument("--seed", type=int, default=70_000, help="of the first month (default: 70000)")
    parser.add_argument("--every", type=int, default=1, help="replay every so many days (default: 1)")
    parser.add_argument("--trials", type=int, default=400, help="of `change`, per row (default: 400)")
    options = parser.parse_args()
    tallies = replay(range(options.seed, options.seed + options.months), options.every)
    print(f"{'':<18} {'holds':>7} {'below':>7} {'above':>7} {'width':>7} {'forecasts':>9}")
    for name in [
        *KINDS,
        "no month before",
        "months before",
        "at midnight",
        "at noon",
        "all",
        *(f"day {day:>2}" for day in range(FEWEST, 31)),
    ]:
        if name in tallies:
            print(f"{name:<18} {tallies[name]}")
    print_changes(options.seed, options.trials)
    return 0


if __name__ == "__main__":
    sys.exit(main())
