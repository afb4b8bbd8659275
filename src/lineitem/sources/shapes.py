"""How many characters of which class a text has: all that is kept of it, and enough to weigh its tokens.

In: a JSON value as bytes (still escaped). Out: a shape, the length of its JSON form and counts over what was
looked at:
    [bytes, letters, words, digits, punctuation, spaces, other, escapes,
     numbers, digits beyond the second of a number, punctuation pairs, double spaces, changes of case,
     rare letters, common pairs of letters]
and, where there is more than ASCII, the characters by script (`_SCRIPTS`), those of them in Devanagari, and the
pairs of box-drawing lines.
Tokenizers cut words, groups of digits and runs of punctuation, so words, numbers and pairs say what plain
counts cannot. Words of English and of code they know whole: rare letters and common pairs tell how much of a text is
such words, and how much names, hashes and other languages. A short text is looked at whole, a long one through evenly
spaced windows; whoever weighs it scales the counts up (the six classes add up to the bytes looked at). The same bytes
always give the same shape.
Stores keep shapes for good: older ones were looked at through fewer windows from 289 bytes on, counted the signs of
Latin-1 as letters with accents, and know nothing of rare letters and common pairs; nothing may take a shape for
today's.

Looking must be cheap, since gigabytes pass by: every byte becomes a hexadecimal digit with the bit of its
class, the whole sample one integer, and each count a mask and a population count. Shifted by one digit and
masked with itself, the integer shows which neighbours are of one class, and so where runs are.
"""

from __future__ import annotations

from lineitem.sources.compiled import module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Texts up to this many bytes are looked at whole.
WHOLE = 3_000
#: Longer ones through this many windows of this many bytes.
WINDOWS, WINDOW = 10, 256
#: Words are rare where less than one in so many bytes is a space: then changes of case tell base64 from code.
_SPARSE = 16


def _digit(byte: int) -> str:
    """The class of a byte as a hexadecimal digit; bytes of other alphabets and escapes have none."""
    if 97 <= byte <= 122 or 65 <= byte <= 90:
        return "1"
    if 48 <= byte <= 57:
        return "2"
    if byte in b" \t":
        return "8"
    return "0" if byte in (0, 92) or byte >= 128 else "4"


_CLASS = "".join(map(_digit, range(256))).encode()
#: The bits of one class in as many digits as are ever looked at.
_LETTERS = int("1" * max(WHOLE, (WINDOW + 1) * WINDOWS), 16)
_DIGITS, _PUNCTUATION, _SPACES = _LETTERS << 1, _LETTERS << 2, _LETTERS << 3


#: Letters that few words of English and of code have, and pairs that many have; none overlaps with itself.
_RARE = b"jqxzJQXZ"
_COMMON = (b"he", b"st", b"ed", b"ou")
_CASE = bytes(97 if 97 <= byte <= 122 else 65 if 65 <= byte <= 90 else 46 for byte in range(256))


def _script(byte: int) -> int:
    """The script that a character beginning with this byte of UTF-8 belongs to; 0: none begins so."""
    if 0xE0 <= byte <= 0xE2:
        return byte - 0xDB
    starts = ((0xF0, 11), (0xEE, 10), (0xEA, 9), (0xE3, 8), (0xD5, 4), (0xD0, 3), (0xCC, 2), (0xC3, 1), (0xC2, 7))
    return next((script for first, script in starts if byte >= first), 0)


#: Latin with accents, Greek, Cyrillic and Armenian, Hebrew and Arabic, Indic and Thai, Georgian and more, symbols (the
#: signs and the space of Latin-1 too), kana and Han, Hangul, compatibility forms, emoji.
_SCRIPTS = tuple(bytes((script,)) for script in range(1, 12))
_SCRIPT = bytes(map(_script, range(256)))
_NONE = bytes(byte for byte in range(256) if not _script(byte))
#: Where the characters of Indic and Thai scripts stand in a shape, and how those of Devanagari begin.
_INDIC, _DEVANAGARI = 19, (b"\xe0\xa4", b"\xe0\xa5")
_LINES = "\N{BOX DRAWINGS LIGHT HORIZONTAL}".encode() * 2


def counted(view: memoryview | bytes) -> list[int]:
    """The shape of a text, counted here; [0] where there is none."""
    size = len(view)
    if size <= WHOLE:
        if not size:
            return [0]
        seen = bytes(view)
        looked = size
    else:
        step = (size - WINDOW) // (WINDOWS - 1)
        seen = b"\x00".join([view[at : at + WINDOW] for at in range(0, step * WINDOWS, step)])
        looked = WINDOWS * WINDOW
    classes = int(seen.translate(_CLASS), 16)
    same = classes & (classes >> 4)
    letters = (classes & _LETTERS).bit_count()
    digits = (classes & _DIGITS).bit_count()
    punctuation = (classes & _PUNCTUATION).bit_count()
    spaces = (classes & _SPACES).bit_count()
    escapes = seen.count(b"\\")
    numbers = beyond = 0
    if digits:
        run = same & _DIGITS
        numbers = digits - run.bit_count()
        beyond = (run & (classes >> 8)).bit_count()
    counts = [
        size,
        letters,
        letters - (same & _LETTERS).bit_count(),
        digits,
        punctuation,
        spaces,
        looked - letters - digits - punctuation - spaces - escapes,
        escapes,
        numbers,
        beyond,
        (same & _PUNCTUATION).bit_count(),
        (same & _SPACES).bit_count(),
        seen.translate(_CASE).count(b"AaA") if spaces * _SPARSE < looked else 0,
        len(seen) - len(seen.translate(None, _RARE)),
        sum(map(seen.lower().count, _COMMON)),
    ]
    if not seen.isascii():
        scripts = seen.translate(_SCRIPT, _NONE)
        counts += [scripts.count(script) for script in _SCRIPTS]
        counts.append(sum(map(seen.count, _DEVANAGARI)) if counts[_INDIC] else 0)
        counts.append(seen.count(_LINES))
    return counts


#: The same, counted in C where that was built.
shape: Callable[[memoryview | bytes], list[int]] = counted if module is None else module.shape
