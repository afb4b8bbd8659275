"""What the collector serves of the dashboard: its files, and readers that answer with reports and charts.

Always: files are told by name from a list that is made when the collector starts, so that no name leads out of their
folder; an answer is what `--json` prints, or a chart of it.
"""

from __future__ import annotations

import os
import time

from lineitem.core.problems import LineitemError, StoreError
from lineitem.surfaces import answering
from lineitem.surfaces.charts import make
from lineitem.surfaces.palette import KINDS
from lineitem.surfaces.web import changing, vega
from lineitem.tallying import Memory
from lineitem.wiring import Lineitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from lineitem.reports.lines import Line
    from lineitem.reports.query import Query

_STATIC = os.path.join(os.path.dirname(__file__), "static")
_MEDIA = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}  # fmt: skip


class Dashboard:
    """The dashboard of the store at `db`, which is fed from these config folders."""

    def __init__(self, db: str, dirs: Sequence[str]) -> None:
        self._db, self._dirs = db, list(dirs)
        self._memory = Memory()
        self._files: dict[str, tuple[bytes, str]] = {}
        for folder, _, names in os.walk(_STATIC):
            for name in names:
                path = os.path.join(folder, name)
                media = _MEDIA.get(os.path.splitext(name)[1])
                if media is not None:
                    with open(path, "rb") as file:
                        self._files[os.path.relpath(path, _STATIC).replace(os.sep, "/")] = (file.read(), media)
        self._files["palette.css"] = (colours().encode(), _MEDIA[".css"])
        if vega.NAME not in self._files:
            made = vega.made()
            if made is not None:
                self._files[vega.NAME] = (made, _MEDIA[".js"])

    def file(self, name: str) -> tuple[bytes, str] | None:
        """A file by its name in the address: its bytes and media type."""
        return self._files.get(name)

    def reader(self) -> Reader:
        """Somebody who answers the questions of one thread."""
        return Reader(self._db, self._dirs, self._memory)


#: So many line items are kept for the next question of the same range: a page asks several.
_KEPT = 60_000


class _Following(Lineitem):
    """A ledger that is only asked: the collector reads and folds, and says so when it did."""

    _known: tuple[object, list[Line]] = (None, [])
    _cut: tuple[object, list[Line]] = (None, [])

    def lines(self, query: Query) -> list[Line]:
        asked = (query.since, query.until, query.project, query.model, query.session, self.ledger.data_version())
        if self._known[0] == asked:
            return self._known[1]
        self._known = (None, [])  # not two at once
        found = super().lines(query)
        if len(found) <= _KEPT:
            self._known = (asked, found)
        return found

    def cut_lines(self, sessions: list[int], query: Query) -> Iterator[Line]:
        asked = (tuple(sessions), query.since, query.until, query.model, self.ledger.data_version())
        if self._cut[0] != asked:
            self._cut = (asked, list(super().cut_lines(sessions, query)))
        return iter(self._cut[1])


#: Reports that leave out all but the dearest below each cause by themselves.
_TREES = frozenset(("bill", "today"))


class Reader:
    """Answers questions with a connection of its own."""

    def __init__(self, db: str, dirs: Sequence[str], memory: Memory) -> None:
        """memory: of all readers."""
        self._lineitem = _Following(db, dirs, onlooker=True)
        self._lineitem.remember(memory)

    def close(self) -> None:
        self._lineitem.close()

    def answer(self, what: str, name: str, options: Mapping[str, str]) -> tuple[int, bytes]:
        """(status, JSON): 404 for what is not there, 400 for options that cannot be meant."""
        try:
            self._lineitem.renew()
            if what == "change":
                return 200, encoded(changing.change(self._lineitem, name, dict(options), _now()))
            if what == "chart":
                return self._chart(name, dict(options))
            return self._report(name, dict(options))
        except StoreError as error:
            return 503, encoded({"error": str(error)})
        except LineitemError as error:
            return 400, encoded({"error": str(error)})

    def _report(self, name: str, given: dict[str, str]) -> tuple[int, bytes]:
        if name not in answering.OPTIONS:
            return 404, encoded({"error": f"There is no report '{name}'.", "reports": sorted(answering.OPTIONS)})
        rows = make.number("rows", given.pop("rows", ""), 0, 1_000_000)
        options = answering.checked(name, given)
        if rows and name in _TREES:
            options["rows"] = str(rows)
        document = answering.document(self._lineitem, name, options, _now())
        if rows:
            _shortened(document, rows)
        return 200, encoded(document)

    def _chart(self, name: str, given: dict[str, str]) -> tuple[int, bytes]:
        if name not in make.CHARTS:
            return 404, encoded({"error": f"There is no chart '{name}'.", "charts": sorted(make.CHARTS)})
        chart, look = make.CHARTS[name], make.look_of(given)
        own = {key: given.pop(key) for key in chart.options if key in given}
        options = answering.checked(chart.report, {**chart.asks, **given})
        if chart.rows and chart.report in _TREES:
            options |= {"rows": str(chart.rows), "under": options.get("under") or own.get("root", "")}
        document = answering.document(self._lineitem, chart.report, options, _now())
        return 200, encoded(chart.draw(document, look, own))


def colours() -> str:
    """The palette of causes as styles: a kind's colour is the same on every surface."""
    return "".join(f".k-{kind} {{ --kind: {value}; }}\n" for kind, value in KINDS.items())


def _shortened(document: dict[str, Any], rows: int) -> None:
    """Leave only the first rows of each list, and say how many there are."""
    left = {}
    for key, value in document.items():
        if isinstance(value, list) and len(value) > rows:
            left[key] = len(value)
            document[key] = value[:rows]
    if left:
        document["rowsInAll"] = left


def encoded(document: Any) -> bytes:
    """A document as the command line writes it, in one line."""
    from json import dumps

    try:
        from msgspec.json import encode

        return encode(document)
    except (TypeError, ValueError, OverflowError, UnicodeEncodeError):  # a lone surrogate, a number beyond 64 bits
        return dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _now() -> int:
    return int(time.time() * 1000)
