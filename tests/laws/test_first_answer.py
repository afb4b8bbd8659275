"""A first reading that answers before it keeps: it says what is kept, and keeps what a plain reading keeps."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.periods import Zone
from lineitem.pipeline.intake import Intake
from lineitem.reports.over_time import Fresh, over_time
from lineitem.reports.query import Query
from lineitem.sources import crew, native
from tests.laws.examples import examples
from tests.laws.histories import history
from tests.telling.digests import agree, everything
from tests.telling.stores import Books

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

histories = st.binary(min_size=40, max_size=160)


def one_after_the_other(tasks: Sequence[crew.Task]) -> Iterator[crew.Reading]:
    """Both rounds in this process, the second not begun before somebody asks for it."""
    yield from map(crew._work_quick, tasks)
    yield from (crew.Reading.unpacked(crew._work_rest(task)) for task in tasks)


def plainly(folder: Path) -> Any:
    with Books(folder) as store:
        store.read()
        store.fold()
        return everything(store.ledger)


@given(histories)
@examples(60)
def test_the_first_answer_is_the_kept_answer(choices: bytes) -> None:
    tale = history(choices)
    with tempfile.TemporaryDirectory() as place, Books(tale.write(Path(place))) as store:
        query = Query(Zone("Europe/Berlin"), 1_800_000_000_000)
        intake = Intake(store.ledger, store.book)
        assert intake.look(store.folders)
        totals = intake.read_quick()
        fresh = Fresh(intake.quick_cells(), intake.quick_beyond(totals))
        first = over_time(store.ledger, query, "daily", fresh).json()
        intake.take_in()
        assert first == over_time(store.ledger, query, "daily").json()
        store.fold()
        agree(plainly(Path(place)), everything(store.ledger))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of forks, from Python 3.12 on
@pytest.mark.skipif(not hasattr(os, "fork") or not native.here, reason="workers are forked, and read in C")
@given(histories, st.sampled_from([0, 50, 100]))
@examples(20)
def test_workers_keep_what_one_process_keeps(choices: bytes, at_once: int) -> None:
    """Whatever part of the files is read whole before the answer."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        folder = history(choices).write(Path(place))
        patch.setattr(crew, "WORTH_A_CREW", 0)
        patch.setattr(crew, "_AT_ONCE", at_once)
        patch.setattr(crew, "crew_size", lambda tasks: min(2, tasks))
        with Books(folder, db=Path(place) / "store.sqlite") as store:
            intake = Intake(store.ledger, store.book)
            assert intake.look(store.folders)
            intake.read_quick()
            intake.take_in()
            store.fold()
            found = everything(store.ledger)
        agree(plainly(folder), found)


@pytest.mark.skipif(not native.here, reason="without the C part nothing is read between answer and facts")
@pytest.mark.parametrize("change", ["goes on", "is cut", "vanishes", "is another"])
@given(histories)
@examples(12)
def test_a_file_that_changes_between_answer_and_facts_is_read_again(change: str, choices: bytes) -> None:
    """No request is kept without the facts it follows from, and none is missed."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        folder = history(choices).write(Path(place))
        patch.setattr(crew, "answers_then_all", one_after_the_other)
        files = sorted((folder / "projects").rglob("*.jsonl"))
        file = max(files, key=lambda path: path.stat().st_size)
        before = file.read_bytes()
        half = before[: before.rfind(b"\n", 0, len(before) // 2) + 1]
        if change == "goes on":
            file.write_bytes(half)
        with Books(folder) as store:
            intake = Intake(store.ledger, store.book)
            assert intake.look(store.folders)
            intake.read_quick()
            if change == "goes on":
                file.write_bytes(before)
            elif change == "is cut":
                file.write_bytes(half)
            elif change == "vanishes":
                file.unlink()
            else:
                file.write_bytes(before.replace(b'"msg_', b'"nsg_') + b"{}\n")
            intake.take_in()
            store.read()
            store.fold()
            found = everything(store.ledger)
            store.rebuild()
            agree(found, everything(store.ledger))
            if change in ("goes on", "vanishes"):
                agree(plainly(folder), found)
