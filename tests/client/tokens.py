"""The tokenizer of the stand-in API: how many tokens a text is.

Text goes in, a count comes out: the same on every machine, with nothing to download.
It is nobody's real tokenizer, but near one on prose, code, tables, JSON, logs and other alphabets:
prose is four to six characters a token, digits two, code lies between; long words break into pieces, and
which word breaks is a property of the word. So a bill that takes a length for a token count is found out.
What always holds: a text is at least one token.
"""

from __future__ import annotations

import re
from functools import lru_cache
from zlib import crc32

PIECES = re.compile(
    r"(?P<word>[A-Z]?[a-z]+|[A-Z]+)"
    r"|(?P<digits>\n?\d+)"
    r"|(?P<line>\n[ \t]*)"
    r"|(?P<space>[ \t\r]+)"
    r"|(?P<mark>[!-/:-@\[-`{-~]+)"
    r"|(?P<other>[^\x00-\x7f]+)"
    r"|(?P<control>.)",
    re.DOTALL,
)

FAMILIAR = 7  #: letters that any word may have and still be a single token
PIECE = 5  #: letters in a piece of a longer word, at the least


@lru_cache(maxsize=65_536)
def word_tokens(word: str) -> int:
    """Tokens of one word: one if it is short or, by the luck of its checksum, in the vocabulary."""
    if len(word) <= FAMILIAR:
        return 1
    most = -(-len(word) // PIECE)
    return 1 + crc32(word.lower().encode()) % most


def mark_tokens(run: str) -> int:
    """Tokens of a run of punctuation: repeats count once per eight, neighbours join two by two."""
    if len(set(run)) == 1:
        return -(-len(run) // 8)
    return -(-len(run) // 2)


#: First character of a script, and thousandths of a token that one of its characters is, near enough.
SCRIPTS = ((0x1F000, 3_000), (0xAC00, 1_360), (0x2E80, 1_000), (0x2000, 650), (0x1000, 1_300), (0x900, 1_900),
           (0x530, 1_240), (0x400, 620), (0x370, 1_340), (0x80, 2_000))  # fmt: skip


def script_milli(character: str) -> int:
    """Thousandths of a token of a character beyond ASCII."""
    return next(milli for first, milli in SCRIPTS if ord(character) >= first)


def piece_tokens(kind: str | None, piece: str) -> int:
    """Tokens of one piece, by its kind."""
    match kind:
        case "word":
            return word_tokens(piece)
        case "digits":
            return -(-len(piece) // 2)
        case "line":
            return 1 + len(piece) // 17
        case "space":
            return 0 if piece == " " else -(-len(piece) // 8)
        case "mark":
            return mark_tokens(piece)
        case "other":
            return max(1, sum(map(script_milli, piece)) // 1000)
        case _:
            return 1


@lru_cache(maxsize=16_384)
def count_tokens(text: str) -> int:
    """Tokens of a text: the sum over its pieces, at least one."""
    return max(1, sum(piece_tokens(match.lastgroup, match.group()) for match in PIECES.finditer(text)))
