"""What lies in the scenarios' projects: texts of every kind, the same each time they are made.

Sizes go in, text comes out. The kinds differ in characters per token, which is why they must be told apart:
prose, code, tables of numbers, JSON, logs, letters beyond ASCII, pictures.
"""

from __future__ import annotations

import json
import struct
import zlib
from random import Random

WORDS = (
    "the a of and to in harbour morning boat engine quiet letter window between later number carried "
    "nobody remembered garden instrument measurement river usually perhaps accounting yesterday narrow "
    "station winter simple question answer particularly under above several colour notice unexpected "
    "schedule kitchen paper library understanding mountain because although whether small great old new "
    "first last every"
).split()
NOUNS = "order invoice parcel sensor ledger ticket route channel vessel reading".split()
ALPHABETS = (
    "Größe Straße über Öl für Ärger",
    "число строка ответ вопрос",
    "請求 合計 金額 明細",
    "naïve façade déjà élève",
)


def prose(sentences: int, seed: int = 1) -> str:
    """Sentences about nothing, two to a line."""
    dice = Random(seed)
    said = []
    for _ in range(sentences):
        words = [dice.choice(WORDS) for _ in range(dice.randint(6, 18))]
        said.append(" ".join(words).capitalize() + ".")
    return "".join(" ".join(said[at : at + 2]) + "\n" for at in range(0, len(said), 2))


def code(functions: int, seed: int = 2) -> str:
    """A Python module that runs and does nothing."""
    dice = Random(seed)
    lines = ["from __future__ import annotations", "", "import math", ""]
    for number in range(functions):
        noun, other = dice.choice(NOUNS), dice.choice(NOUNS)
        lines += [
            "",
            f"def {noun}_{number}({other}: int, *, {noun}_cap: float = {dice.randint(1, 99)}) -> list[int]:",
            f'    """Return the {noun} of {other} {number}."""',
            f"    found = [each for each in range({other}) if each % {dice.randint(2, 9)} == 0]",
            f"    if math.sqrt(len(found)) > {noun}_cap:",
            f"        raise ValueError(f'{noun} is too large: {{len(found)!r}}')",
            "    return found",
            "",
        ]
    return "\n".join(lines)


def numbers(rows: int, columns: int = 8, seed: int = 3) -> str:
    """A table of numbers, as comma separated values."""
    dice = Random(seed)
    return "".join(",".join(str(dice.randrange(10**6)) for _ in range(columns)) + "\n" for _ in range(rows))


def records(count: int, seed: int = 4) -> str:
    """A JSON list of records, indented."""
    dice = Random(seed)
    return json.dumps(
        [
            {
                "id": number,
                "kind": dice.choice(NOUNS),
                "open": number % 3 == 0,
                "amount": dice.randrange(10**4) / 100,
            }
            for number in range(count)
        ],
        indent=2,
    )


def log(lines: int, seed: int = 5) -> str:
    """Lines of a log: times, hexadecimal names, paths."""
    dice = Random(seed)
    return "".join(log_line(dice, number) for number in range(lines))


def log_line(dice: Random, number: int) -> str:
    """One line of it."""
    day, hour, minute = dice.randint(1, 28), dice.randrange(24), dice.randrange(60)
    level = dice.choice(("INFO", "WARN", "DEBUG"))
    said = f"/srv/{dice.choice(NOUNS)}/{number}: {dice.choice(WORDS)} {dice.choice(WORDS)}"
    return f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:00.000Z {level} [{dice.randrange(16**8):08x}] {said}\n"


def foreign(lines: int, seed: int = 6) -> str:
    """Words in letters beyond ASCII."""
    dice = Random(seed)
    return "".join(" ".join(dice.choice(ALPHABETS) for _ in range(3)) + "\n" for _ in range(lines))


def picture(width: int, height: int, seed: int = 7) -> bytes:
    """A PNG of coloured noise, which no compression makes small."""
    dice = Random(seed)
    rows = b"".join(b"\0" + dice.randbytes(3 * width) for _ in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
