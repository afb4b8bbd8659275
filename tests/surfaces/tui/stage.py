"""A dashboard on a made-up ledger, without a terminal: what is on its screen, as text.

The ledger holds the session of `lineitem demo`, a few of the days before it, budgets, and what the statusline said.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from lineitem.core import scopes
from lineitem.core.budgets import NANOS, TOKENS, Budget
from lineitem.core.live import Snapshot
from lineitem.core.periods import Zone, iso
from lineitem.ledger import live
from lineitem.reports.query import Query
from lineitem.surfaces.cli import story
from lineitem.surfaces.tui.answers import Asking
from lineitem.surfaces.tui.dashboard import Dashboard
from lineitem.surfaces.tui.question import Question
from lineitem.wiring import Lineitem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

#: When the example is looked at: 2026-11-02 12:00 UTC.
NOW = 1_793_620_800_000
DAY = 86_400_000
SIZES = {80: 24, 120: 36, 200: 50}
#: Ids of the sessions of the days before.
EARLIER = "7e{:02d}aa10-0000-4000-8000-000000000000"


def told(folder: Path) -> str:
    """Make the ledger; its address. The transcripts lie in `folder/claude`."""
    config = folder / "claude"
    story.tell(str(config))
    for day in range(1, 9):
        earlier(config, day)
    url = f"sqlite:///{folder / 'lineitem.sqlite'}"
    lineitem = opened(folder)
    lineitem.take_in(lambda *_: None, lambda _: None)
    limits = lineitem.limits
    since = NOW - 40 * DAY
    limits.keep(Budget("all", "month", 4 * 10**9, NANOS, since=since), "budget made")
    limits.keep(Budget("shop", "week", 10**9, NANOS, scopes.parse(["project=shop"]), since=since), "budget made")
    limits.keep(Budget("tokens", "day", 2_000_000, TOKENS, since=since), "budget made")
    said = Snapshot(story.SESSION, NOW - 300_000, "claude-opus-5-5", context=28_440, window=200_000, five_hour=4_150,
                    five_hour_resets=NOW + 2 * 3_600_000, week=6_200, week_resets=NOW + 3 * DAY)  # fmt: skip
    with lineitem.ledger.transaction():
        live.keep_snapshots(lineitem.ledger, [said])
    lineitem.close()
    return url


def earlier(config: Path, day: int) -> None:
    """A session that many days before: larger each day, the latest with a context that stands out."""
    session = EARLIER.format(day)
    root = config / "projects" / ("-code-shop" if day % 2 else "-code-press")
    root.mkdir(parents=True, exist_ok=True)
    with (root / f"{session}.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines(session, NOW - day * DAY, 4 + day, 9_000 * (9 - day)))


def lines(session: str, at: int, calls: int, size: int, name: str = "src/press/page.py") -> Iterator[dict[str, Any]]:
    """The transcript of a session of so many tool calls."""
    head = {"sessionId": session, "cwd": "/code/press", "version": "2.1.330", "isSidechain": False}
    asked = {"role": "user", "content": "Set the page anew."}
    yield {**head, "type": "user", "uuid": f"u-{session}", "timestamp": iso(at), "message": asked}
    for number in range(calls):
        at += 60_000
        tool, key = (("Read", "file_path"), ("Edit", "file_path"), ("Bash", "command"))[number % 3]
        use = {"type": "tool_use", "id": f"toolu_{session[:8]}{number:02d}", "name": tool, "input": {key: name}}
        usage = {"input_tokens": 4, "cache_creation_input_tokens": 1_800, "cache_read_input_tokens": size,
                 "output_tokens": 140}  # fmt: skip
        message = {"id": f"msg_{session[:8]}{number}", "type": "message", "role": "assistant",
                   "model": "claude-sonnet-4-5-20250929", "content": [use], "usage": usage}  # fmt: skip
        yield {**head, "type": "assistant", "uuid": f"a{number}-{session}", "timestamp": iso(at), "message": message}
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": "a line of the page\n" * 90}
        answer = {"role": "user", "content": [result]}
        yield {**head, "type": "user", "uuid": f"r{number}-{session}", "timestamp": iso(at + 900), "message": answer}
        size += 1_940


def opened(folder: Path, *, onlooker: bool = False) -> Lineitem:
    """The ledger of a folder."""
    url = f"sqlite:///{folder / 'lineitem.sqlite'}"
    return Lineitem(url, [str(folder / "claude")], alone=True, onlooker=onlooker)


def asked(now: int = NOW) -> Query:
    return Query(Zone("UTC"), now)


def dashboard(folder: Path, *, incognito: bool = False, dark: bool = True, make: Callable[[], Query] = asked,
              served: Callable[[Lineitem], bool] | None = None) -> Dashboard:  # fmt: skip
    """The dashboard of a folder's ledger; nothing new is read unless `served` says that nobody else does."""

    def open_it(*, onlooker: bool) -> Lineitem:
        return opened(folder, onlooker=onlooker)

    return Dashboard(open_it, Asking(make, incognito), served=served, dark=dark)


class Stage:
    """A dashboard that runs."""

    def __init__(self, app: Dashboard, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each when all that the one before led to is done."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until the screen has its answer and is drawn."""
        await self.pilot.pause()
        while isinstance(self.app.screen, Question) and self.app.screen.waiting:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)
        await self.pilot.pause()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is so; the test's own time limit ends it where that never comes."""
        while not holds():  # noqa: ASYNC110 - whatever it is, it tells nobody
            await asyncio.sleep(0.005)

    def text(self) -> str:
        """What is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(piece.text for piece in strip).rstrip() for strip in strips) + "\n"


def play(app: Dashboard, size: tuple[int, int], act: Callable[[Stage], Awaitable[Any]]) -> Any:
    """What an act on a dashboard comes to."""

    async def run() -> Any:
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot)
            await stage.settle()
            return await act(stage)

    try:
        return asyncio.run(run())
    finally:
        app.end()


def seen(app: Dashboard, size: tuple[int, int], *keys: str) -> str:
    """What is on the screen after these keys."""

    async def act(stage: Stage) -> str:
        await stage.press(*keys)
        return stage.text()

    found: str = play(app, size, act)
    return found
