"""Text of any length, ready to stand in a JSON string.

In:   draws.
Out:  bytes that look like code, prose and tool output, already escaped; base64 for images and signatures.
Holds always: a text is put together from whole pieces, so no escape or character is ever cut.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.draws import Draws

SMALLEST = 5
"""Pieces of the first level have about 2**5 bytes, those of each next level twice as much."""
LEVELS = 14
PIECES = 48
IMAGE_BYTES = 1_300_000


class Pages:
    def __init__(self, draws: Draws) -> None:
        self.words = _words(draws)
        lines = [_line(draws, self.words) for _ in range(8 * PIECES)]
        self.levels = [lines]
        for _ in range(LEVELS - 1):
            below = self.levels[-1]
            self.levels.append([draws.one_of(below) + draws.one_of(below) for _ in range(PIECES)])
        raw = draws.bits(8 * IMAGE_BYTES).to_bytes(IMAGE_BYTES, "big")
        self.base64 = base64.b64encode(raw)

    def text(self, draws: Draws, size: int) -> bytes:
        """About `size` bytes."""
        units = min(size >> SMALLEST, (1 << LEVELS) - 1) or 1
        parts = []
        for pieces in self.levels:
            if units & 1:
                parts.append(draws.one_of(pieces))
            units >>= 1
            if not units:
                break
        return b"".join(parts)

    def noise(self, draws: Draws, size: int) -> bytes:
        """Exactly `size` bytes of base64 (a multiple of four)."""
        size = size // 4 * 4
        start = draws.below((len(self.base64) - size) // 4) * 4
        return self.base64[start : start + size]

    def word(self, draws: Draws) -> str:
        return draws.one_of(self.words)


def _words(draws: Draws) -> list[str]:
    syllables = [a + b for a in "bcdfghklmnprstvz" for b in "aeiou"]
    return ["".join(draws.one_of(syllables) for _ in range(draws.between(1, 4))) for _ in range(3_000)]


def _line(draws: Draws, words: list[str]) -> bytes:
    """One short line of something, escaped for JSON."""

    def w() -> str:
        return draws.one_of(words)

    shapes: tuple[Callable[[], str], ...] = (
        lambda: f"{w()} = {w()}({w()})\\n",
        lambda: f"    if {w()} is None:\\n",
        lambda: f'\\treturn \\"{w()}\\"\\n',
        lambda: f"{w()} {w()} {w()} {w()} {w()}. ",
        lambda: f"/{w()}/{w()}.py:{draws.below(900)}\\n",
        lambda: f"{draws.below(2000):>5}\\u2192  {w()},\\n",
        lambda: f"# {w()} {w()} – {w()}é\\n",
        lambda: f"C:\\\\{w()}\\\\{w()}\\r\\n",
        lambda: f'{{\\"{w()}\\": {draws.below(10_000)}}}\\n',
        lambda: f"{draws.below(1_000_000)} {draws.below(1_000_000)} {w()}\\n",
    )
    return draws.one_of(shapes)().encode()
