"""How long from a key to the screen: `python -m bench.tui [--calls 10000]`.

In:   nothing; a session of that many tool calls is made up, a tenth of them by agents, and a hundred small sessions.
Out:  per screen and key: median, 95th percentile and longest of the milliseconds from a key to the last byte it led to.
Holds always: the command itself runs in a terminal of 120 x 40, with all that goes on behind it. A key counts as done
when nothing more was written for a while; that while is not counted.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineitem.core.periods import iso
from lineitem.wiring import Lineitem

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION = "0c4a11e5-0000-4000-8000-000000000001"
BEGIN = int(time.time() * 1000)
SIZE = (120, 40)
TOOLS = ("Bash", "Read", "Edit", "Grep", "mcp__github__get_issue")
GIVEN = {"Bash": "command", "Grep": "pattern"}
#: Seconds without a byte after which nothing more is expected.
QUIET = 0.15
DOWN, LEFT, RIGHT, PAGE, END, HOME, ESC = "\x1b[B", "\x1b[D", "\x1b[C", "\x1b[6~", "\x1b[F", "\x1b[H", "\x1b"

#: (what is measured, keys before it, keys that are measured, how often)
SCENES = (
    ("today: down", ["1"], [DOWN], 40),
    ("session: down, tree closed", ["2", "\r"], [DOWN], 15),
    ("session: close and open tools", [HOME], [RIGHT, LEFT], 20),
    ("session: open all", [], ["*"], 10),
    ("session: down, all open", [], [DOWN], 120),
    ("session: page down, all open", [], [PAGE], 40),
    ("session: end and home, all open", [], [END, HOME], 20),
    ("session: close and open, all open", [HOME], [LEFT, RIGHT], 20),
    ("session: calls and bill", [], ["c", "b"], 15),
    ("session: down in calls", ["c"], [DOWN], 80),
    ("session: end and home in calls", [], [END, HOME], 20),
    ("sessions: sort", [ESC], ["s"], 20),
    ("sessions: search", ["/"], ["b", "\x7f"], 20),
    ("from screen to screen", [ESC], ["1", "3", "4", "5", "2"], 10),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tui-") as folder:
        config = Path(folder, "claude")
        write(config, options.calls)
        database = f"sqlite:///{folder}/bench.sqlite"
        lineitem = Lineitem(database, [str(config)])
        lineitem.take_in(lambda *_: None, lambda _: None)
        lineitem.close()
        terminal = Terminal(["-m", "lineitem", "tui", "--db", database, "--config-dir", str(config)], folder)
        try:
            measured(terminal)
        finally:
            terminal.end()
    return 0


def measured(terminal: Terminal) -> None:
    """Go through the scenes and print what they took."""
    every: list[float] = []
    print(f"{'':<36}{'keys':>6}{'median':>9}{'p95':>9}{'longest':>9}   ms")
    terminal.settle(3.0)
    for name, before, keys, often in SCENES:
        for key in before:
            terminal.press(key)
        took = [found for _ in range(often) for key in keys if (found := terminal.press(key)) is not None]
        every += took
        _row(name, took)
    _row("all of them", every)


def _row(name: str, took: list[float]) -> None:
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else 0.0
    print(f"{name:<36}{len(took):>6}{statistics.median(took or [0]):>9.1f}{p95:>9.1f}{max(took, default=0):>9.1f}")


class Terminal:
    """A Python program in a terminal of ours."""

    def __init__(self, words: list[str], home: str) -> None:
        self.child, self.fd = pty.fork()
        if not self.child:
            os.environ.update(HOME=home, TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, *words])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))

    def settle(self, quiet: float = QUIET) -> float | None:
        """Read until nothing was written for a while; when the last byte came."""
        last = None
        while select.select([self.fd], [], [], quiet)[0]:
            os.read(self.fd, 1 << 16)
            last = time.perf_counter()
        return last

    def press(self, key: str) -> float | None:
        """Milliseconds from a key to its last byte; None: it led to none."""
        began = time.perf_counter()
        os.write(self.fd, key.encode())
        last = self.settle(1.0 if len(key) > 1 and key.isalpha() else QUIET)
        return (last - began) * 1000 if last else None

    def end(self) -> None:
        os.write(self.fd, b"q")
        try:
            while select.select([self.fd], [], [], 5)[0]:
                os.read(self.fd, 1 << 16)
        except OSError:  # the other end is closed
            pass
        os.waitpid(self.child, 0)


# -- the session


def write(config: Path, calls: int) -> None:
    """A session of so many tool calls, a tenth of them by agents, as a transcript, and a hundred small ones."""
    root = config / "projects/-code-shop"
    (root / SESSION / "subagents").mkdir(parents=True)
    with (root / f"{SESSION}.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in thread(calls * 9 // 10, ""))
    for number in range(10):
        name = f"agent-b{number:05d}"
        path = root / SESSION / "subagents" / f"{name}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in thread(calls // 100, name[6:], 100 * number))
        about = {"agentType": "Explore", "toolUseId": f"toolu_main{number * 7:06d}"}
        path.with_name(f"{name}.meta.json").write_text(json.dumps(about), encoding="utf-8")
    for number in range(100):
        session = f"{number:08x}-0000-4000-8000-000000000002"
        with (root / f"{session}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in thread(5, "", (number + 1) * 1000, session))


def thread(calls: int, agent: str, offset: int = 0, session: str = SESSION) -> Iterator[dict[str, Any]]:
    """The lines of one thread: a prompt every fifty calls."""
    at, size = BEGIN - calls * 3000 - offset * 1000, 20_000
    for number in range(calls):
        name = f"{agent or 'main' if session == SESSION else session[:8]}{number:06d}"
        head = {"sessionId": session, "cwd": "/code/shop", "version": "2.1.330", "isSidechain": bool(agent)}
        head |= {"agentId": agent} if agent else {}
        if number % 50 == 0:
            size = 20_000
            words = {"role": "user", "content": f"Look at part {number // 50}."}
            yield {**head, "type": "user", "uuid": f"u{name}", "timestamp": iso(at), "message": words}
        tool = "Agent" if not agent and number % 7 == 0 and number < 70 else TOOLS[number % len(TOOLS)]
        given = {GIVEN.get(tool, "file_path"): f"src/part{number % 97}/file{number}.py"}
        use = {"type": "tool_use", "id": f"toolu_{name}", "name": tool, "input": given}
        usage = {"input_tokens": 3, "cache_creation_input_tokens": 400, "cache_read_input_tokens": size,
                 "output_tokens": 60}  # fmt: skip
        message = {"id": f"msg_{name}", "type": "message", "role": "assistant", "model": "claude-opus-4-5",
                   "content": [use], "usage": usage}  # fmt: skip
        yield {**head, "type": "assistant", "uuid": f"a{name}", "timestamp": iso(at + 1000), "message": message}
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": "a line of what was found\n" * 20}
        answer = {"role": "user", "content": [result]}
        yield {**head, "type": "user", "uuid": f"r{name}", "timestamp": iso(at + 2000), "message": answer}
        at += 3000
        size += 460


if __name__ == "__main__":
    sys.exit(main())
