"""What a text would cost: its tokens, its price as input and carried, and what reading it really took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.weights import WEIGHTS, calibrated, estimate, family
from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.reports.estimate import pieces
from lineitem.reports.query import Query
from lineitem.reports.shapes import Table
from lineitem.sources.shapes import WHOLE, shape
from tests.telling.language import Story, prose
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, START

TEXT = prose(3_000)


def asked(store: Books, text: str, path: str = "", **options: Any) -> Table:
    query = Query(Zone("UTC"), START + 3_600_000)
    query.model = options.pop("model", "")
    query.options = options
    return store.ask().estimate(text, path, query)


@given(st.text(max_size=2_000).map(str.encode) | st.binary(max_size=2_000))
def test_pieces_are_the_text(text: bytes) -> None:
    found = [bytes(piece) for piece in pieces(text)]
    assert b"".join(found) == text
    assert all(0 < len(piece) <= WHOLE for piece in found)


def test_a_model_is_priced_by_the_book() -> None:
    with Books() as store:
        (row,) = asked(store, TEXT, model=OPUS, requests="50").rows
        rates: Any = store.book.rates(OPUS, START)
        assert row["inputNanos"] == row["tokens"] * rates.uncached_input // 1_000_000
        assert row["writeNanos"] == row["tokens"] * rates.cache_write_5m // 1_000_000
        assert row["carriedNanos"] == row["tokens"] * 50 * rates.cache_read // 1_000_000
        assert row["costNanos"] == row["writeNanos"] + row["carriedNanos"]
        assert row["basis"] == "estimated"


def test_twice_the_text_is_twice_the_tokens() -> None:
    with Books() as store:
        one, two = (asked(store, TEXT * times, model=OPUS).rows[0]["tokens"] for times in (5, 10))
        assert abs(two - 2 * one) <= one // 50


def test_without_usage_the_newest_models_are_shown_and_nothing_is_usual() -> None:
    with Books() as store:
        table = asked(store, TEXT)
        assert len(table.rows) == 4
        assert table.tail["requests"] == 20
        assert "as is usual" not in table.notes[0]
        assert asked(store, "", model=OPUS).rows[0]["tokens"] == 0


def test_the_calibration_is_said() -> None:
    with Books() as store:
        before = asked(store, TEXT, model=OPUS)
        assert before.rows[0]["calibration"] == "first"
        assert "`lineitem rebuild`" in before.notes[1]
        name = family(OPUS)
        store.ledger.set_state(f"calibration/{name}", "512 2000 83")
        after = asked(store, TEXT, model=OPUS)
        assert after.rows[0]["tokens"] > before.rows[0]["tokens"]
        assert after.rows[0]["calibration"] == "learnt"
        assert after.tail["calibrations"] == [
            {"tokenizer": name, "calibration": "learnt", "examples": 512, "medianErrorShare": 0.083}
        ]
        assert "512 measured pieces" in after.notes[1]
        assert "within 8%" in after.notes[1]


def test_what_reading_the_file_took_stands_beside_it(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.tell("""
        prompt 40 chars
        call uncached=3 write=900 out=50 uses Read(src/app.py)
        result Read(src/app.py) 3000 chars
        call uncached=3 write=800 read=900 out=20 says 80
        prompt 40 chars
        call uncached=3 write=60 read=1720 out=20 says 80
    """)
    with story.store as store:
        for path in ("/home/dev/shop/src/app.py", "/home/dev/shop/src/app.py"):
            found = asked(store, TEXT, path).tail["actual"]
            assert found["calls"] == 1
            assert found["tokens"] == story.call("Read(src/app.py)").ingest
            assert found["costNanos"] == story.call("Read(src/app.py)").nanos
        assert asked(store, TEXT, "/home/dev/other/src/app.py").tail["actual"] is None
        table = asked(store, TEXT, "/home/dev/shop/src/app.py")
        assert [row["modelName"] for row in table.rows] == [OPUS]
        assert "as is usual in your sessions" in table.notes[0]
        assert "sessions read this file once" in table.notes[-1]
        hidden = asked(store, TEXT, "/home/dev/shop/src/app.py", incognito=True)
        assert not any("this file" in note for note in hidden.notes)  # it says what that cost


def test_the_scale_is_what_was_measured_and_the_error_the_middle_one() -> None:
    one = shape(TEXT.encode())
    tokens = estimate(one) // 1000
    assert calibrated([(one, tokens)] * 99, WEIGHTS) is None
    exact = calibrated([(one, tokens * 2)] * 100, WEIGHTS)
    assert exact is not None
    assert exact[0] == 100
    assert abs(exact[1] - 2_000) <= 3
    assert exact[2] <= 2
    assert calibrated([(one, tokens * 2)] * 100 + [(one, tokens * 30)] * 2, WEIGHTS) == (102, *exact[1:])


@pytest.mark.parametrize("options", [{"requests": "-1"}, {"requests": "many"}, {"model": "gpt"}])
def test_what_cannot_be_meant(options: dict[str, str]) -> None:
    with Books() as store, pytest.raises(UsageError):
        asked(store, TEXT, **options)
