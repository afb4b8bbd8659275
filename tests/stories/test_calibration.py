"""An estimate is calibrated by what a person's own sessions measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lineitem.attribution.weights import family
from lineitem.core.periods import Zone
from lineitem.reports.query import Query
from tests.client.tokens import count_tokens
from tests.docs.pages import ROOT
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, START, Tale, counts

#: Characters of a piece that is read, and pieces of each file.
SIZE, MOST = 1_000, 20
FILES = (
    "README.md", "docs/how-it-works.md", "docs/json.md", "docs/cli.md", "src/lineitem/attribution/thread.py", "uv.lock",
    "src/lineitem/ledger/store.py", "tests/golden/v2_1_330.jsonl", "src/lineitem/surfaces/receipt.py", "AGENTS.md",
    "tests/telling/language.py", "pyproject.toml", "src/lineitem/pricing/table.py", "docs/telemetry.md",
)  # fmt: skip


def texts() -> list[str]:
    """Pieces of all kinds of files, in turn."""
    pieces = []
    for name in FILES:
        text = (ROOT / name).read_text(encoding="utf-8")
        pieces += [(at, name, text[at : at + SIZE]) for at in range(0, min(len(text), SIZE * MOST) - SIZE, SIZE)]
    return [text for _, _, text in sorted(pieces)]


def read(tale: Tale, pieces: list[str]) -> None:
    """A session that reads one piece after the other; the prompt grows by what the tokenizer says."""
    pen, context = tale.session(), 2_000
    pen.prompt("go")
    for number, piece in enumerate(pieces):
        call = f"toolu_{number:04d}"
        pen.answer([{"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": f"{number}.txt"}}],
                   counts(3, 0, 0, context - 3, 30), model=OPUS)  # fmt: skip
        pen.result(call, piece)
        context += 30 + count_tokens(piece)
    pen.answer([{"type": "text", "text": "done"}], counts(3, 0, 0, context - 3, 10), model=OPUS)


def test_what_was_measured_makes_the_estimate_better(tmp_path: Path) -> None:
    pieces = texts()
    tale = Tale()
    read(tale, pieces[: len(pieces) * 3 // 4])
    tale.write(tmp_path)

    def missed(store: Books) -> tuple[float, dict[str, Any]]:
        """How far the estimates of pieces nobody read are off, on the whole; and the calibration."""
        off, whole, table = 0, 0, None
        for piece in pieces[len(pieces) * 3 // 4 :]:
            query = Query(Zone("UTC"), START)
            query.model = OPUS
            table = store.ask().estimate(piece, "", query)
            off += abs(table.rows[0]["tokens"] - count_tokens(piece))
            whole += count_tokens(piece)
        assert table is not None
        return off / whole, table.tail["calibrations"][0]

    with Books(tmp_path, db=tmp_path / "store.sqlite") as store:
        store.read()
        before, first = missed(store)
        store.rebuild()
        after, learnt = missed(store)
    assert first["calibration"] == "first"
    assert (learnt["calibration"], learnt["tokenizer"]) == ("learnt", family(OPUS))
    assert learnt["examples"] >= 100
    assert learnt["medianErrorShare"] < 0.15
    assert after < before
