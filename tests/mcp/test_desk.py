"""The desk: one question after the other, each with a fresh store; nobody has to wait for one they gave up."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from lineitem.surfaces.mcp.answers import Answers
from lineitem.surfaces.mcp.desk import Desk, Refused
from lineitem.surfaces.mcp.place import Place
from lineitem.surfaces.mcp.veil import Veil


def desk(folder: Path, *, hides: bool = False) -> Desk:
    return Desk(str(folder / "store.sqlite"), [str(folder / "claude")], Place(Veil(hides=hides)))


def test_an_end_does_not_wait_for_an_answer(tmp_path: Path) -> None:
    asked, held = threading.Event(), threading.Event()

    def long(_: Answers) -> int:
        asked.set()
        held.wait()
        return 1

    async def talk() -> None:
        place = desk(tmp_path)
        waiting = asyncio.ensure_future(place.ask(long))
        await asyncio.to_thread(asked.wait)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        place.close(patience=0)
        held.set()

    asyncio.run(talk())


def test_a_question_that_was_given_up_is_not_begun(tmp_path: Path) -> None:
    begun: list[str] = []
    asked, held = threading.Event(), threading.Event()

    def first(_: Answers) -> str:
        asked.set()
        held.wait()
        return "first"

    async def talk() -> str:
        place = desk(tmp_path)
        one = asyncio.ensure_future(place.ask(first))
        two = asyncio.ensure_future(place.ask(lambda _: begun.append("two")))
        await asyncio.to_thread(asked.wait)
        two.cancel()
        held.set()
        answer = await one
        assert await place.ask(lambda _: "three") == "three"
        place.close()
        return answer

    assert asyncio.run(talk()) == "first"
    assert begun == []


@pytest.mark.parametrize("hides", [False, True])
def test_what_breaks_is_told_without_what_it_was_about(
    tmp_path: Path, hides: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Answers) -> int:
        raise ValueError("the secret plans")

    async def talk() -> None:
        place = desk(tmp_path, hides=hides)
        with pytest.raises(Refused, match="Something broke that should not") as told:
            await place.ask(broken)
        assert "secret" not in str(told.value)
        assert await place.ask(lambda _: 2) == 2
        place.close()

    asyncio.run(talk())
    assert "the secret plans" in caplog.text  # where the person's own programs log
