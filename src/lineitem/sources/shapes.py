"""How many characters of which class a text has: all that is kept of it, and enough to weigh its tokens.

In: a JSON value as bytes (still escaped). Out: a shape, counts over the JSON form of the text:
    [chars, letters, words, digits, punctuation, spaces, other, newlines,
     numbers, punctuation pairs, double spaces, quadruple spaces]
Tokenizers cut words, groups of digits and runs of punctuation, so words, numbers and pairs say what plain
counts cannot. Looking must be cheap, since gigabytes pass by: three `bytes.translate` and some `bytes.count`,
over the whole of a short text and over evenly spaced windows of a long one (scaled up, so the counts of long
texts are estimates). The same bytes always give the same shape.
"""

from __future__ import annotations

#: Texts up to this many bytes are looked at whole.
WHOLE = 288
#: Longer ones through this many windows of this many bytes.
WINDOWS, WINDOW = 3, 96
#: Much longer ones through more windows, for they decide how a bill is split.
LONG, LONG_WINDOWS = 3_000, 10


def _classes() -> bytes:
    table = bytearray(b"." * 256)
    for c in range(256):
        if 97 <= c <= 122:
            table[c] = 97
        elif 65 <= c <= 90:
            table[c] = 65
        elif 48 <= c <= 57:
            table[c] = 48
        elif c in b" \t":
            table[c] = 32
        elif c == 92:
            table[c] = 92  # of an escape, not of the text
        elif c == 10:
            table[c] = 110
        elif c >= 128:
            table[c] = 117
    return bytes(table)


_CLASS = _classes()
_WORD = bytes(97 if c in (97, 65) else 32 for c in range(256))
_NUMBER = bytes(48 if c == 48 else 32 for c in range(256))


def sample(view: memoryview) -> bytes:
    """The bytes of a text that are looked at: all of a short one, windows of a long one."""
    size = view.nbytes
    if size <= WHOLE:
        return bytes(view)
    windows = WINDOWS if size < LONG else LONG_WINDOWS
    step = (size - WINDOW) // (windows - 1)
    return b"\x00".join([view[at : at + WINDOW] for at in range(0, step * windows, step)])


def shape(size: int, seen: bytes) -> list[int]:
    """The shape of a text of `size` bytes, of which `seen` was sampled."""
    if b"\\n" in seen:
        seen = seen.replace(b"\\n", b"\n")
    classes = seen.translate(_CLASS)
    count = classes.count
    looked = len(classes)
    digits = count(b"0")
    spaces = count(b" ")
    punctuation = count(b".")
    newlines = count(b"n")
    other = 0 if seen.isascii() else count(b"u")
    words = classes.translate(_WORD)
    numbers = 0
    if digits:
        runs = classes.translate(_NUMBER)
        numbers = runs.count(b" 0") + (runs[:1] == b"0")
    double = count(b"  ") if spaces else 0
    counts = [
        looked,
        looked - digits - spaces - punctuation - newlines - other,
        words.count(b" a") + (words[:1] == b"a"),
        digits,
        punctuation,
        spaces,
        other,
        newlines,
        numbers,
        count(b".."),
        double,
        count(b"    ") if double else 0,
    ]
    if size <= WHOLE or not looked:
        counts[0] = size
        return counts
    return [size, *[part * size // looked for part in counts[1:]]]
