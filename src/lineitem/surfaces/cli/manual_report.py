"""The report of a manual session as Markdown, in a form that version control shows well."""

from __future__ import annotations

from lineitem.surfaces import numbers
from lineitem.surfaces.markdown import code, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def markdown(found: dict[str, Any], zone: str) -> str:
    """The document of `lineitem manual end --json` as a page. zone: of its times, '' for the machine's."""
    row = found["manual"]
    parts = [f"# {plain(row['name'])}", _overview(found, zone), "## Cost", _cost(row)]
    if found["automatic"]:
        parts += ["### Claude Code, at the same time", _table(
            ("Model", "Requests", "Input", "Cache write", "Cache read", "Output", "Cost"),
            [(plain(each["modelName"]), f"{each['requests']:,}", *_tokens(each), _money(each["costNanos"], each))
             for each in found["automatic"]],
        )]  # fmt: skip
    if found["models"]:
        parts += ["### Logged, by model", _split(found["models"], "Model", "modelName")]
        parts += ["### Logged, by kind", _split(found["kinds"], "Kind", "kind")]
    parts += ["## How it went", _efficiency(found)]
    if found["recommendations"]:
        parts += ["## What follows", "\n".join(f"- {each}" for each in found["recommendations"])]
    git = found.get("git") or {}
    parts += ["## Log", _log(found["log"], git.get("commits") or [], zone)]
    if git.get("commits"):
        parts += ["## Commits", "\n".join(f"- `{each['commit']}` {plain(each['subject'])}" for each in git["commits"])]
    parts += ["## Notes", _list(found["notes"]), "## Next steps", _list(found["nextSteps"], "[ ] ")]
    return "\n\n".join(parts) + "\n"


def _overview(found: dict[str, Any], zone: str) -> str:
    row, git = found["manual"], found.get("git") or {}
    lines = [
        ("Project", code(row["project"])),
        ("From", numbers.moment(row["since"], zone)),
        ("To", numbers.moment(row["until"], zone)),
        ("Duration", numbers.duration(row["elapsedMs"])),
    ]
    if git.get("branch"):
        lines.append(("Branch", code(git["branch"])))
    if git.get("changedFiles") is not None:
        lines.append(("Not committed", numbers.many(git["changedFiles"], "file")))
    lines.append(("**Total**", f"**{_money(row['costNanos'], row)}**"))
    return _table(("", ""), lines)


def _cost(row: dict[str, Any]) -> str:
    lines = [
        ("Claude Code", _money(row["automaticNanos"]), "its own figures, unlogged spend included"),
        ("Programs", _money(row["callNanos"]), "what API answers said"),
        ("By hand", "~" + _money(row["handNanos"]), "estimated"),
        ("Left out", "-" + _money(row["coveredNanos"]) if row["coveredNanos"] else "0", "the bill covers it"),
        ("**Total**", f"**{_money(row['costNanos'], row)}**", "list price"),
    ]  # fmt: skip
    text = _table(("Part", "Cost", "How it is known"), lines)
    if row["inputNanos"] or row["outputNanos"]:
        text += f"\n\nOf what was logged, {_money(row['inputNanos'])} is input and {_money(row['outputNanos'])} output."
    if row["unpricedTokens"]:
        text += f"\n\n{row['unpricedTokens']:,} tokens have no price: they are in no cost above (≥)."
    return text


def _split(rows: list[dict[str, Any]], title: str, key: str) -> str:
    return _table(
        (title, "Entries", "Input", "Output", "Cost", "Share"),
        [
            (plain(each[key]), f"{each['entries']:,}", numbers.count(each["inputTokens"]),
             numbers.count(each["outputTokens"]),
             _money(each["costNanos"], each), "–" if each["share"] is None else f"{each['share'] * 100:.0f}%")
            for each in rows
        ],
    )  # fmt: skip


def _efficiency(found: dict[str, Any]) -> str:
    row = found["manual"]
    usual = found["usualNanos"]
    lines = [
        ("Cost an hour", numbers.UNKNOWN if found["hourNanos"] is None else _money(found["hourNanos"], row)),
        ("Tokens a minute", numbers.count(found["tokensPerMinute"])),
        ("Output for one of input, as logged", numbers.ratio(found["outputShare"])),
        ("Usual cost of a session here", numbers.UNKNOWN if usual is None else _money(usual)),
    ]  # fmt: skip
    if row["expectedShare"] is not None:
        lines.append((f"Of {_expected(row)} expected", f"{row['expectedShare'] * 100:,.0f}%"))
    return _table(("", ""), lines)


def _expected(row: dict[str, Any]) -> str:
    if row["expectedNanos"] is not None:
        return f"the {_money(row['expectedNanos'])}"
    return "what was" if row["expectedTokens"] is None else f"the {row['expectedTokens']:,} tokens"


def _log(log: list[dict[str, Any]], commits: list[dict[str, Any]], zone: str) -> str:
    rows = []
    for each in log:
        what = " ".join(part for part in (each["how"], each["kind"]) if part)
        if "costNanos" not in each:
            label = _commit(each["label"], commits) if each["how"] == "commit" else plain(each["label"])
            rows.append((numbers.clock(each["at"], zone), what, label, "", "", ""))
            continue
        cost = numbers.UNKNOWN if each["costNanos"] is None else _money(each["costNanos"])
        cost = cost if each["basis"] == "measured" or each["costNanos"] is None else f"~{cost}"
        rows.append((
            numbers.clock(each["at"], zone), what, plain(each["label"]), plain(each["modelName"]),
            f"{numbers.count(each['inputTokens'])} / {numbers.count(each['outputTokens'])}",
            f"{cost}, left out" if each["covered"] else cost,
        ))  # fmt: skip
    if not rows:
        return "Nothing was logged."
    return _table(("At", "What", "Context", "Model", "In / out", "Cost"), rows)


def _commit(name: str, commits: list[dict[str, Any]]) -> str:
    """A logged commit with its subject, where git still has it on this branch."""
    known = next((each for each in commits if each["commit"] and name.startswith(each["commit"])), None)
    return f"`{known['commit']}` {plain(known['subject'])}" if known else f"`{name}`"


def _tokens(each: dict[str, Any]) -> tuple[str, ...]:
    keys = ("inputTokens", "cacheCreationTokens", "cacheReadTokens", "outputTokens")
    return tuple(f"{each[key]:,}" for key in keys)


def _money(nanos: int | None, row: dict[str, Any] | None = None) -> str:
    """Dollars; `~` before one that is partly estimated, `≥` before a sum in which some price is missing."""
    if nanos is None:
        return numbers.UNKNOWN
    text = numbers.money(nanos, numbers.digits_for(nanos))
    if row and row.get("estimatedNanos"):
        text = numbers.about(text)
    return f"≥{text}" if row and row.get("unpricedTokens") else text


def _list(lines: Sequence[dict[str, Any]], mark: str = "") -> str:
    return "\n".join(f"- {mark}{plain(line['label'])}" for line in lines) or "-"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    made = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*made, *(f"| {' | '.join(row)} |" for row in rows)])
