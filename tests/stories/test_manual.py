"""Work logged by hand beside the bill: what counts, what Claude Code's own figures cover, what is told."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from lineitem.core.manual import CALL, Entry
from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.ledger import manual as kept
from lineitem.logbook import Logbook
from lineitem.reports.manual import priced
from lineitem.reports.query import Query
from tests.telling.language import Story
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, START, Tale, counts

MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "code" / "shop"
    made.mkdir(parents=True)
    return made


def opened(store: Books, folder: Path) -> Logbook:
    return Logbook(store.ledger, store.book, str(folder))


def asked(now: int) -> Query:
    return Query(Zone("UTC"), now)


def rates(book: Logbook) -> tuple[int, int]:
    """Nanodollars a token, in and out."""
    found: Any = book.book.rates(OPUS, START)
    return found.uncached_input // 1_000_000, found.output // 1_000_000


def worked(store: Books, folder: Path, at: int) -> int:
    """A Claude Code session in this folder at a moment; what it cost."""
    tale = Tale(at=at)
    pen = tale.session("auto", str(folder).replace("/", "-").replace("_", "-").replace(".", "-"))
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "ok"}], counts(1_000, 0, 0, 0, 500), model=OPUS)
    place = folder.parent / "config"
    tale.write(place)
    store.folders = [str(place)]
    store.read()
    return store.bill(pen.session)


def test_what_is_logged_is_priced_by_the_book_and_summed(folder: Path) -> None:
    with Books() as store:
        book = opened(store, folder)
        given, made = rates(book)
        book.start("checkout", OPUS, "", START)
        found = book.log("12k", "3,000", "tax rules", "", START + MINUTE)
        assert found.nanos == 12_000 * given + 3_000 * made
        assert (found.basis, found.covered) == ("estimated", False)
        (row,) = book.status(asked(START + 2 * MINUTE)).rows
        assert row["costNanos"] == row["handNanos"] == row["estimatedNanos"] == found.nanos
        assert row["inputNanos"] + row["outputNanos"] == found.nanos
        assert (row["inputTokens"], row["outputTokens"]) == (12_000, 3_000)


def test_a_kind_is_the_middle_of_a_range_and_says_so(folder: Path) -> None:
    with Books() as store:
        book = opened(store, folder)
        book.start("checkout", OPUS, "", START)
        found = book.quick("review", "", "", START + MINUTE)
        spread = found.range(store.book)
        assert spread is not None
        assert spread[0] < (found.nanos or 0) < spread[1]


def test_what_claude_code_bills_is_not_counted_again(folder: Path) -> None:
    with Books(db=folder.parent / "store.sqlite") as store:
        book = opened(store, folder)
        book.start("checkout", OPUS, "", START)
        before = book.log("12k", "3k", "", "", START + 5 * MINUTE)
        assert not before.covered
        bill = worked(store, folder, START + 2 * MINUTE)
        assert bill
        later = book.log("1k", "1k", "", "", START + 3 * HOUR)
        assert not later.covered
        table = book.status(asked(START + 4 * HOUR))
        (row,) = table.rows
        assert row["automaticNanos"] == bill
        assert row["coveredNanos"] == before.nanos
        assert row["costNanos"] == bill + (later.nanos or 0)
        assert table.tail["projectTotals"]["costNanos"] == row["costNanos"]


def test_work_elsewhere_covers_nothing(folder: Path) -> None:
    with Books(db=folder.parent / "store.sqlite") as store:
        book = opened(store, folder)
        book.start("checkout", OPUS, "", START)
        worked(store, folder.parent / "other", START + 2 * MINUTE)
        assert not book.log("1k", "1k", "", "", START + 3 * MINUTE).covered
        (row,) = book.status(asked(START + HOUR)).rows
        assert row["automaticNanos"] == 0


def called(number: int, mid: str, output: int = 20) -> Entry:
    counted = (10, 0, 0, 0, output, 0)
    return Entry(f"call{number}", "", "/code/shop", START, CALL, "", "nightly", OPUS, *counted, "", mid, None)


def test_an_api_answer_is_left_out_where_a_transcript_has_the_same(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.tell("prompt 20 chars\ncall uncached=10 out=20 id=known")
    (known,) = {row[0] for row in story.store.rows("select mid from request")}
    with story.store as store:
        kept.keep(store.ledger, [called(1, known), called(2, known, 21), called(3, "msg_own")])
        table = store.ask().report("daily", asked(START + HOUR))
        beside = table.tail["beside"]
        assert beside["entries"] == 3
        found = {each.entry.id: each for each in priced(store.ledger, store.book, kept.entries(store.ledger))}
        assert [each.covered for each in found.values()] == [True, False, False]
        assert beside["coveredNanos"] == found["call1"].nanos
        assert table.totals is not None
        assert table.totals["costNanos"] == story.bill()
        assert any("by programs of your own" in note for note in table.notes)


def test_a_bill_says_nothing_where_nothing_was_logged(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.tell("prompt 20 chars\ncall uncached=10 out=20")
    with story.store as store:
        assert "beside" not in store.ask().report("daily", asked(START + HOUR)).tail


def test_estimate_against_actual(folder: Path) -> None:
    with Books() as store:
        book = opened(store, folder)
        given, made = rates(book)
        book.start("checkout", OPUS, "400k", START)
        book.log("150k", "50k", "", "", START + MINUTE)
        assert book.status(asked(START + HOUR)).rows[0]["expectedShare"] == 0.5
        told = book.end(START + HOUR)
        assert any("50% of what was expected" in each for each in told["recommendations"])
        book.start("again", OPUS, "chat", START + HOUR)
        assert book.current().expected_nanos == 1_000 * given + 550 * made


def test_the_report_tells_the_session(folder: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, "-C", str(folder), *words], check=True, capture_output=True)

    git("init", "-q", "-b", "trunk")
    (folder / "a.txt").write_text("a")
    git("add", ".")
    git("commit", "-q", "-m", "tax: rounding", "--date=2026-01-01T00:00:00Z")
    (folder / "below").mkdir()
    with Books() as store:
        import time

        now = int(time.time() * 1000)
        book = opened(store, folder / "below")
        assert book.folder == str(folder)
        book.start("checkout", OPUS, "", now - HOUR)
        book.quick("feature", "tax", "", now - HOUR + MINUTE)
        book.note("slow\ntoday", now)
        book.note("smaller changes", now, to_do=True)
        told = book.end(now + MINUTE)
        assert told["git"]["branch"] == "trunk"
        assert told["git"]["changedFiles"] == 0
        assert [each["subject"] for each in told["git"]["commits"]] == ["tax: rounding"]
        assert [each["label"] for each in told["notes"]] == ["slow today"]
        assert [each["label"] for each in told["nextSteps"]] == ["smaller changes"]
        assert [each["kind"] for each in told["kinds"]] == ["feature"]
        assert told["hourNanos"] == told["manual"]["costNanos"] * HOUR // told["manual"]["elapsedMs"]
        assert book.open is None


def test_of_words_a_short_label_stays_without_secrets(folder: Path) -> None:
    with Books() as store:
        book = opened(store, folder)
        book.start("deploy token=abcdefgh1234", OPUS, "", START)
        book.log("1", "1", "key sk-ant-REDACTED " + "x " * 100, "", START)
        book.note("password: hunter2", START)
        said = " ".join(each.label for each in kept.entries(store.ledger)) + book.current().name
        assert "hunter2" not in said
        assert "abcdefgh" not in said
        assert all(len(each.label) <= 80 for each in kept.entries(store.ledger))


def test_the_model_is_the_one_named_else_the_latest_used(folder: Path) -> None:
    with Books(db=folder.parent / "store.sqlite") as store:
        book = opened(store, folder)
        book.start("checkout", "", "", START)
        with pytest.raises(UsageError, match="Say which model"):
            book.log("1", "1", "", "", START)
        with pytest.raises(UsageError, match="No model"):
            book.log("1", "1", "", "gpt", START)
        assert "sonnet" in book.log("1", "1", "", "sonnet", START).entry.model
        worked(store, folder, START + 2 * MINUTE)
        assert book.log("1", "1", "", "", START).entry.model == OPUS


@pytest.mark.parametrize("text", ["", "-1", "1.5", "many", "nan", "inf", "1e400", "9" * 30])
def test_no_number_of_tokens(folder: Path, text: str) -> None:
    with Books() as store:
        book = opened(store, folder)
        book.start("checkout", OPUS, "", START)
        with pytest.raises(UsageError, match="is no number of tokens"):
            book.log(text, "1", "", "", START)
