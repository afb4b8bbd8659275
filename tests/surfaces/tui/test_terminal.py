"""In a real terminal: it begins, it ends, and the terminal is as it was; without Textual a sentence says what to do."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from lineitem.surfaces.cli import main
from tests.surfaces.answers import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

import pty
import termios

#: Puts the terminal into the dashboard's mode, and takes it out: the other screen, the mouse, the cursor.
INTO, OUT_OF = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    """`lineitem tui` in a terminal."""

    def __init__(self, ledger: Path, *words: str, **env: str) -> None:
        where = ["--db", f"sqlite:///{ledger / 'lineitem.sqlite'}", "--config-dir", str(ledger / "claude")]
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.pop("NO_COLOR", None)
            os.environ.update({"TERM": "xterm-256color", "COLUMNS": "", "LINES": ""} | env)
            os.execv(sys.executable, [sys.executable, "-m", "lineitem", "tui", *where, *words])
        self.said = b""
        self.before = termios.tcgetattr(self.fd)

    def until(self, text: bytes) -> None:
        """Read until this was written; what it never writes, the program's end tells."""
        while text not in self.said and self._read():
            pass
        assert text in self.said, self.said[-2_000:]

    def _read(self) -> bool:
        try:
            more = os.read(self.fd, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.said += more
        return bool(more)

    def end(self) -> int:
        """Wait for the end; the exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def restored(self) -> bool:
        """Whether the terminal is what it was: its screen, the mouse, the cursor."""
        last = self.said.rfind(INTO)
        left = self.said[last:]
        return OUT_OF in left and b"\x1b[?1000l" in left and b"\x1b[?25h" in left.rpartition(b"\x1b[?25l")[2]


@pytest.fixture
def terminals(ledger: Path) -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    del ledger
    for terminal in made:
        os.close(terminal.fd)


@pytest.mark.parametrize("key", [b"q", b"\x03"], ids=["q", "ctrl+c"])
def test_leaving_restores_the_terminal(ledger: Path, terminals: list[Terminal], key: bytes) -> None:
    terminal = Terminal(ledger)
    terminals.append(terminal)
    terminal.until(b"Today")
    os.write(terminal.fd, key)
    assert terminal.end() == 0
    assert terminal.restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_being_told_to_end_restores_the_terminal(ledger: Path, terminals: list[Terminal], number: int) -> None:
    terminal = Terminal(ledger)
    terminals.append(terminal)
    terminal.until(b"Today")
    os.kill(terminal.pid, number)
    assert terminal.end() == 0
    assert terminal.restored()


def test_what_breaks_is_a_sentence_after_the_terminal_is_restored(
    ledger: Path, terminals: list[Terminal], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import lineitem.surfaces.tui.sheet as sheet\n"
        "def broken(self, y): raise ZeroDivisionError('on purpose')\n"
        "sheet.Sheet.render_line = broken\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    terminal = Terminal(ledger, PYTHONPATH=path)
    terminals.append(terminal)
    assert terminal.end() == 1
    assert terminal.restored()
    after = terminal.said.rpartition(OUT_OF)[2].decode()
    assert "something broke that should not: ZeroDivisionError: on purpose" in after
    assert "Traceback" not in after


def test_without_colours_none_are_written(ledger: Path, terminals: list[Terminal]) -> None:
    for words, env in ((["--no-color"], {}), ([], {"NO_COLOR": "1"})):
        terminal = Terminal(ledger, *words, **env)
        terminals.append(terminal)
        terminal.until(b"Today")
        os.write(terminal.fd, b"2")
        terminal.until(b"Sessions")
        os.write(terminal.fd, b"q")
        assert terminal.end() == 0
        for colour in (b"38;2;", b"48;2;", b"38;5;", b"48;5;"):
            assert colour not in terminal.said


def test_the_pipe_is_no_terminal() -> None:
    code: list[int] = []
    out, err = shown(lambda: code.append(main(["tui"])), 80)
    assert (code, out) == ([2], "")
    assert "needs a terminal" in err


def test_without_textual_one_line_says_how_to_get_it(ledger: Path, terminals: list[Terminal], tmp_path: Path) -> None:
    """In a terminal, too, since it needs one."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'textual':\n"
        "            raise ModuleNotFoundError(\"No module named 'textual'\", name='textual')\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    terminal = Terminal(ledger, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    terminals.append(terminal)
    assert terminal.end() == 2
    assert terminal.said.decode().strip() == (
        "lineitem tui: needs Textual, which is not installed. `pip install 'lineitem[tui]'` gets it."
    )


def test_a_theme_that_is_none_is_refused() -> None:
    code: list[int] = []
    _, err = shown(lambda: code.append(main(["tui", "--theme", "pink"])), 80)
    assert code == [2]
    assert "--theme is dark or light, not 'pink'." in err


def test_nothing_but_the_dashboard_imports_textual() -> None:
    import subprocess

    program = "import sys; import lineitem.surfaces.cli.tui, lineitem.surfaces.cli.run; print('textual' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert said.stdout == "False\n"
