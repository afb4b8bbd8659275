"""What was spent so far, by project and model: rows that only grow, for programs that ask again and again.

The number of names is bounded: those that were heard of first keep theirs, so that a series never changes what it
means; the rest share one name. In: a ledger.   Out: rows.   Always: their `costNanos` sum to the bill.
"""

from __future__ import annotations

from lineitem.ledger import questions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger

#: So many projects and models have a name of their own.
PROJECTS, MODELS = 100, 20
OTHER, UNLOGGED, UNKNOWN = "(other)", "(unlogged)", "(unknown)"
#: The sums of a row, in the order of the ledger's answer.
SUMS = (
    "requests", "uncachedInput", "output", "cacheWrite5m", "cacheWrite1h", "cacheRead", "webSearches", "costNanos",
    "unpricedTokens",
)  # fmt: skip
#: Classes of tokens: what a label calls them and their key in a row.
CLASSES = (
    ("uncached_input", "uncachedInput"), ("cache_write_5m", "cacheWrite5m"), ("cache_write_1h", "cacheWrite1h"),
    ("cache_read", "cacheRead"), ("output", "output"),
)  # fmt: skip


def metrics(
    ledger: Ledger, where: Filter, projects: int = PROJECTS, models: int = MODELS
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """(rows by project and model, how many names of each label share `OTHER`)."""
    usage = list(questions.usage_by_project(ledger, where))
    beyond = list(questions.beyond_by_run(ledger, where, projects=True))
    project_of, more_projects = _bounded({row[0] for row in usage} | {row[1] for row in beyond}, projects, ledger)
    model_of, more_models = _bounded({row[1] for row in usage}, models, ledger)
    rows: dict[tuple[str, str], dict[str, Any]] = {}

    def row(project: int, model: str) -> dict[str, Any]:
        name = project_of[project]
        known = rows.get((name, model))
        if known is None:  # what is unlogged has a cost, and nothing else is known of it
            counts = dict.fromkeys(SUMS, None if model == UNLOGGED else 0)
            known = rows[name, model] = {"project": name, "model": model, **counts, "costNanos": 0}
        return known

    for project, model, *sums in usage:
        each = row(project, model_of[model])
        for key, count in zip(SUMS, sums, strict=True):
            each[key] += count
    for _, project, _, nanos, _ in beyond:
        row(project, UNLOGGED)["costNanos"] += nanos
    return [rows[names] for names in sorted(rows)], {"project": more_projects, "model": more_models}


def _bounded(numbers: Iterable[int], most: int, ledger: Ledger) -> tuple[dict[int, str], int]:
    """(the name that stands for each number, how many have to share one); a lower number was heard of earlier."""
    ordered = sorted(numbers)
    names = {number: ledger.text(number) or UNKNOWN for number in ordered[:most]}
    return names | dict.fromkeys(ordered[most:], OTHER), max(0, len(ordered) - most)
