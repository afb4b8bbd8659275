"""The bill of a pull request as Markdown, for a comment on GitHub or GitLab.

In: the JSON document of `lineitem pr NUMBER`. Out: one text. Always: a name stands in `<code>` with every sign but
letters and digits as an entity, so that it mentions nobody, links nowhere and breaks no table.
"""

from __future__ import annotations

from lineitem.surfaces import numbers
from lineitem.surfaces.names import PROVISIONAL, model_name, without_price

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    Row = dict[str, Any]

#: By which a program finds the comment again, to replace it.
MARK = "<!-- lineitem -->"
#: More commits than this are one row.
_MOST = 30
_DOLLAR = 1_000_000_000
_PLAIN = frozenset(" -.,/")


def comment(document: Row, *, paths: bool = False) -> str:
    """The comment; `paths`: also what the dearest tool calls were called on."""
    totals = document["totals"]
    digits = 2 if totals["costNanos"] >= _DOLLAR else numbers.digits_for(totals["costNanos"])
    name = " ".join(filter(None, (_name(document["pullRequest"]), _name(document["branch"]))))
    parts = [
        MARK,
        f"### {_cost({**totals, 'unpricedTokens': len(totals['unpricedModels'])}, digits)}: what {name} cost",
        _table(("Commit", "Requests", "Tokens", "Cost"), _commits(document["commits"], digits), totals, digits),
        _table(("Model", "Requests", "Tokens", "Cost"), _models(document["models"], digits)),
    ]
    if document.get("calls"):
        table = _table(("Tool call", "Cost over its life"), _calls(document["calls"], paths))
        parts.append(f"<details><summary>The dearest tool calls</summary>\n\n{table}\n\n</details>")
    said = ["List prices, by lineitem."]
    if totals["unpricedModels"]:
        said.append(_plain(without_price(totals["unpricedModels"])))
    if totals["provisional"]:
        said.append(PROVISIONAL)
    if document["projects"] > 1:
        said.append(f"Of branches of this name in {document['projects']} projects.")
    parts.append(f"<sub>{' '.join(said)}</sub>")
    return "\n\n".join(parts)


def _commits(rows: Sequence[Row], digits: int) -> Iterable[Sequence[str]]:
    made = [row for row in rows if not row.get("remainder")]
    for row in made[:_MOST]:
        yield _name(row["commit"]), *_figures(row, digits)
    if len(made) > _MOST:
        keys = ("requests", "totalTokens", "costNanos", "unpricedTokens")
        more: Row = {key: sum(row[key] for row in made[_MOST:]) for key in keys}
        more["provisional"] = any(row["provisional"] for row in made[_MOST:])
        yield f"{len(made) - _MOST} more", *_figures(more, digits)
    for row in rows:
        if row.get("remainder"):
            yield _plain(row["commit"].strip("()")), *_figures(row, digits)


def _models(rows: Iterable[Row], digits: int) -> Iterable[Sequence[str]]:
    return ((_name(model_name(row["model"])), *_figures(row, digits)) for row in rows)


def _calls(rows: Iterable[Row], paths: bool) -> Iterable[Sequence[str]]:
    rows = list(rows)
    digits = numbers.digits_for(max(row["totalNanos"] for row in rows))
    for row in rows:
        target = f" {_name(row['target'])}" if paths and row["target"] else ""
        text = numbers.money(row["totalNanos"], digits)
        guessed = row["basis"] != "measured" and row["totalNanos"]
        yield _name(row["tool"]) + target, _plain(numbers.about(text) if guessed else text)


def _figures(row: Row, digits: int) -> tuple[str, str, str]:
    return numbers.count(row["requests"]), numbers.tokens(row["totalTokens"]), _cost(row, digits)


def _cost(row: Row, digits: int) -> str:
    if row["unpricedTokens"] and not row["costNanos"]:
        return "unpriced"
    text = numbers.money(row["costNanos"], digits)
    if row.get("provisional"):
        text = numbers.about(text)
    return _plain(f"≥{text}" if row["unpricedTokens"] else text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], totals: Row | None = None, digits: int = 2) -> str:
    lines = [_line(heads), _line(["---", *["---:"] * (len(heads) - 1)]), *map(_line, rows)]
    if totals is not None:
        figures = _figures({**totals, "unpricedTokens": len(totals["unpricedModels"])}, digits)
        lines.append(_line([f"**{cell}**" for cell in ("Total", *figures)]))
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _name(text: str) -> str:
    """A name that stands for itself; "" for none."""
    return f"<code>{_plain(text)}</code>" if text else ""


def _plain(text: str) -> str:
    """Text in which no sign means anything."""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return "".join(
        letter if (letter.isascii() and letter.isalnum()) or letter in _PLAIN else f"&#{ord(letter)};"
        for letter in text
    )
