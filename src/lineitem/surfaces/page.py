"""A page of styled lines, and how it reaches a terminal, a pipe or a picture.

In: lines of pieces, a piece being a text and its style: "", "bold", "dim", a kind of cause, or several of them.
Out: the same characters everywhere; colours only where a person looks and wants them.
Always: foreign text passes `clean` before it is a piece, so no transcript can steer the terminal it is shown on,
and no text is read as markup.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, TextIO

    Piece = tuple[str, str]
    Line = list[Piece]

#: Below this many columns the narrow form is shown.
ROOMY = 100
#: Where nobody says how wide it is.
UNSAID = 120

#: What stands for our own characters where the output cannot hold them.
_PLAIN = str.maketrans({
    "─": "-", "█": "#", "▏": "|", "▎": "|", "▍": "|", "▌": "|", "▋": "#", "▊": "#", "▉": "#", "■": "*", "·": "|",
    "–": "-", "…": ".", "×": "x", "≥": ">", "└": " ", "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=",
    "▇": "#",
})  # fmt: skip


def clean(text: str) -> str:
    """A foreign text as one harmless line: no escape sequence, control or bidi character is left."""
    if text.isprintable():
        return text
    if "\x1b" in text or "\x9b" in text or "\x9d" in text:
        import re

        text = re.sub(
            r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours, cursor
            r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # links, titles
            r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # device strings
            r"|\x1b[ -/]*[0-~]?",
            "",
            text,
        )
    from unicodedata import category

    kept: list[str] = []
    for letter in text:
        if letter.isprintable():
            kept.append(letter)
        elif letter.isspace():
            kept.append(" ")
        elif category(letter) not in ("Cc", "Cf"):  # surrogates, unassigned and private: we cannot know what shows
            kept.append("\N{REPLACEMENT CHARACTER}")
    return " ".join("".join(kept).split(" "))


def cells(text: str) -> int:
    """How many columns a clean text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(letter) in ("Mn", "Me") else 2 if east_asian_width(letter) in "WF" else 1 for letter in text
    )


def shorten(text: str, width: int, keep: str = "start") -> str:
    """A clean text in at most `width` columns, "…" where something was left out; `keep` says which end stays."""
    if cells(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    if keep == "end":
        return "…" + _head(text[::-1], width - 1)[::-1]
    return _head(text, width - 1).rstrip() + "…"


def _head(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    taken = used = 0
    for letter in text:
        used += cells(letter)
        if used > width:
            break
        taken += 1
    return text[:taken]


class Page:
    """Lines to show, built from the top."""

    __slots__ = ("decoration", "lines", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.decoration: set[int] = set()  #: lines that say nothing without their colours

    def line(self, *pieces: str | Piece) -> None:
        """A line of its own; a bare text has no style."""
        self.lines.append([piece if isinstance(piece, tuple) else (piece, "") for piece in pieces])

    def paint(self, *pieces: Piece) -> None:
        """A line of colours alone: it is left out where there are none."""
        self.decoration.add(len(self.lines))
        self.decoration.add(len(self.lines) + 1)
        self.lines += [list(pieces), []]

    def bar(self, amounts: Sequence[tuple[str, int]]) -> None:
        """Amounts by kind as one coloured line as wide as the page."""
        whole = sum(amount for _, amount in amounts if amount > 0)
        if not whole:
            return
        room = self.width - 2
        pieces: list[Piece] = [(" ", "")]
        drawn = spent = 0
        for kind, amount in amounts:
            spent += max(0, amount)
            upto = (2 * room * spent + whole) // (2 * whole)
            pieces.append((" " * (upto - drawn), f"on {kind}"))
            drawn = upto
        self.paint(*pieces)

    def ends(self, left: Line, right: Line) -> None:
        """A line with something at either end; the left gives way where both do not fit."""
        room = self.width - sum(cells(text) for text, _ in right) - 2
        kept: Line = []
        for text, style in left:
            if room <= 0:
                break
            text = shorten(text, room)
            kept.append((text, style))
            room -= cells(text)
        self.lines.append([*kept, (" " * (max(0, room) + 2), ""), *right])

    def prose(self, text: str, style: str = "dim", indent: str = "") -> None:
        """A sentence, broken between words where it is wider than the page; a command stays in one piece."""
        line, room = "", self.width - cells(indent)
        for word in _words(text, room):
            if line and cells(line) + 1 + cells(word) > room:
                self.line((indent + line, style))
                line = word
            else:
                line = f"{line} {word}" if line else word
        self.line((indent + line, style))

    def add(self, lines: Iterable[Line]) -> None:
        self.lines.extend(lines)

    def text(self) -> str:
        """The page without colours."""
        return "".join(
            "".join(text for text, _ in line).rstrip() + "\n"
            for place, line in enumerate(self.lines)
            if place not in self.decoration
        )

    def show(self, options: dict[str, Any]) -> None:
        """Write the page to stdout."""
        out = sys.stdout
        if not coloured(out, options):
            text = self.text()
        elif os.name == "nt":
            self._print_with_rich()
            return
        else:
            text = self._painted()
        write(out, text)

    def _painted(self) -> str:
        """The page with the terminal's own colours: as many as it knows."""
        from rich.color import ColorSystem
        from rich.style import Style

        system = ColorSystem[_colour_system()]
        styles: dict[str, Style] = {}
        made: list[str] = []
        for line in self.lines:
            for text, style in line:
                if style and style not in styles:
                    styles[style] = Style.parse(meaning(style))
                made.append(styles[style].render(text, color_system=system) if style and text else text)
            made.append("\n")
        return "".join(made)

    def _print_with_rich(self) -> None:
        """Print through a Rich console: it knows old Windows terminals, which take no escape sequences."""
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, width=self.width)
        for line in self.lines:
            pieces = [(text, meaning(style)) for text, style in line]
            console.print(Text.assemble(*pieces), soft_wrap=True, highlight=False)


def _words(text: str, room: int) -> list[str]:
    """The words of a sentence, what stands between backticks being one; none is wider than the room."""
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("`") == 1 and cells(words[-1]) + 1 + cells(word) <= room:
            words[-1] += f" {word}"
        else:
            words.append(word)
    fitting: list[str] = []
    for word in words:
        rest = word
        while cells(rest) > room:
            head = _head(rest, room) or rest[:1]
            fitting.append(head)
            rest = rest[len(head) :]
        fitting.append(rest)
    return fitting


def meaning(style: str) -> str:
    """Our style in Rich's words: kinds of causes become their colours."""
    from lineitem.surfaces.palette import KINDS

    return " ".join(KINDS.get(word, word) for word in style.split())


def hint(text: str, options: dict[str, Any]) -> None:
    """A remark that is no data: one dim line on stderr."""
    dim = coloured(sys.stderr, options)
    write(sys.stderr, f"\x1b[2m{text}\x1b[0m\n" if dim else f"{text}\n")


def coloured(out: TextIO, options: dict[str, Any]) -> bool:
    """Whether colours are wanted there: what was typed, then NO_COLOR and FORCE_COLOR, then what `out` is."""
    if options.get("no_color"):
        return False
    if options.get("color"):
        return True
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR", "")
    if forced:
        return forced != "0"
    return out.isatty() and os.environ.get("TERM") != "dumb"


def room() -> int:
    """How many columns there are: COLUMNS, else the terminal's, else enough for everything."""
    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or UNSAID
    except (OSError, ValueError):
        return UNSAID


def write(out: TextIO, text: str) -> None:
    """Write, with plainer characters where the output's encoding lacks ours."""
    try:
        out.write(text)
    except UnicodeEncodeError:
        plain = text.translate(_PLAIN)
        out.write(plain.encode("ascii", "replace").decode("ascii"))
    out.flush()


def _colour_system() -> str:
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "TRUECOLOR"
    return "EIGHT_BIT" if "256" in os.environ.get("TERM", "") else "STANDARD"
