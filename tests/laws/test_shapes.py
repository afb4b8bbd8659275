"""The shape of a text: what a plain reading of it counts, at any length."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as draws

from lineitem.attribution.weights import FEATURES, WEIGHTS, estimate, kept, scaled, today, whole
from lineitem.sources.shapes import WHOLE, WINDOW, WINDOWS, counted, shape

PLAIN = draws.sampled_from(
    [
        b"the quick",
        b" ",
        b"  ",
        b"12",
        b"3456",
        b"\\n",
        b"({",
        b"_",
        b"x",
        b"\t",
        b"\x00",
        b"aXbY",
        b"Thheddst",
        b"YOUR sized",
    ]
)
OTHER = draws.sampled_from(
    ["é", "° ", "αβγ", "Привет", "سلام", "नमस्ते", "ก", "ხ", "──", "漢字かな", "한글", "ﷺ", "🦊"]
).map(str.encode)
TEXTS = draws.lists(PLAIN | OTHER | draws.binary(max_size=12), max_size=60).map(b"".join)
LENGTHS = draws.sampled_from([0, 1, 119, 120, 121, 288, 1_000, WHOLE - 1, WHOLE, WHOLE + 1, 50_000])


def plainly(text: bytes) -> list[int]:
    """The counts of a short text, one pattern after the other."""

    def count(pattern: bytes) -> int:
        return len(re.findall(pattern, text, re.DOTALL))

    return [
        len(text),
        count(rb"[A-Za-z]"),
        count(rb"[A-Za-z]+"),
        count(rb"[0-9]"),
        count(rb"[^A-Za-z0-9 \t\\\x00\x80-\xff]"),
        count(rb"[ \t]"),
        count(rb"[\x00\x80-\xff]"),
        count(rb"\\"),
        count(rb"[0-9]+"),
        sum(len(number) - 2 for number in re.findall(rb"[0-9]{3,}", text)),
        count(rb"[^A-Za-z0-9 \t\\\x00\x80-\xff](?=[^A-Za-z0-9 \t\\\x00\x80-\xff])"),
        count(rb"[ \t](?=[ \t])"),
        count(rb"[A-Z][a-z][A-Z]") if count(rb"[ \t]") * 16 < len(text) else 0,
        count(rb"[JQXZjqxz]"),
        count(rb"(?i)(?=he|st|ed|ou)"),
    ]


def scripts(text: bytes) -> list[int]:
    """The characters of a text beyond ASCII by the script that their first byte tells."""
    ends = (0xCB, 0xCF, 0xD4, 0xDF, 0xE0, 0xE1, 0xE2, 0xE9, 0xED, 0xEF, 0xFF)
    starts = (0xC3, *(end + 1 for end in ends))
    found = [sum(start <= byte <= end for byte in text) for start, end in zip(starts, ends, strict=False)]
    found[6] += text.count(b"\xc2")
    return [*found, len(re.findall(rb"\xe0[\xa4\xa5]", text)), text.count("──".encode())]


@given(text=TEXTS, times=draws.sampled_from([1, 1, 5, 40]))
def test_a_short_text_is_counted_whole(text: bytes, times: int) -> None:
    text = (text * times)[:WHOLE]
    expected = (plainly(text) + ([] if text.isascii() else scripts(text))) if text else [0]
    assert shape(memoryview(text)) == expected


@given(text=TEXTS.filter(lambda text: text != b""), size=LENGTHS)
def test_the_classes_add_up_to_what_was_looked_at(text: bytes, size: int) -> None:
    long = (text * (size // len(text) + 1))[:size]
    found = shape(long)
    if not size:
        assert found == [0]
        return
    looked = size if size <= WHOLE else WINDOW * WINDOWS
    assert found[0] == size
    assert found[1] + sum(found[3:8]) == looked
    assert len(scaled(found)) == FEATURES
    assert min(found) >= 0
    assert found == shape(memoryview(long)) == counted(long)


@given(text=TEXTS.filter(lambda text: text != b""), size=LENGTHS.filter(lambda size: size > 0))
def test_scaled_counts_add_up_to_the_text(text: bytes, size: int) -> None:
    found = scaled(shape((text * (size // len(text) + 1))[:size]))
    assert abs(found[0] + sum(found[2:7]) - size) < 1e-6 * size


@given(size=LENGTHS.filter(lambda size: size > WHOLE))
def test_a_long_text_of_one_kind_weighs_what_its_parts_weigh(size: int) -> None:
    text = b"word 12 " * 40
    long = (text * (size // len(text) + 1))[:size]
    per_byte = estimate(shape(text[:240])) / 240
    assert abs(estimate(shape(long)) / size / per_byte - 1) < 0.06


@given(text=TEXTS.filter(lambda text: text != b""), size=draws.integers(289, 50_000))
def test_a_shape_from_an_older_store_weighs_what_was_looked_at(text: bytes, size: int) -> None:
    """Older versions looked at 288 bytes of texts up to 3,000: such shapes are kept for good."""
    part = shape((text * (288 // len(text) + 1))[:288])
    older = [size, *part[1:]]
    assert abs(sum(scaled(older)[:1]) + sum(scaled(older)[2:7]) - size) < 1e-6 * size
    assert abs(estimate(older) / size - estimate(part) / 288) < 1000 / 288


@given(text=TEXTS.filter(lambda text: text != b""), size=LENGTHS.filter(lambda size: size > 0))
def test_an_older_shape_lacks_two_counts_and_still_tells_of_all_characters(text: bytes, size: int) -> None:
    found = shape((text * (size // len(text) + 1))[:size])
    older = found[:13] + found[15:]
    assert whole(found)
    assert whole(older)
    assert not whole([size])
    assert today(found) == found
    assert today(older)[:13] + today(older)[15:] == older
    assert estimate(older) == estimate(today(older))
    assert len(scaled(older)) == FEATURES


def test_weights_learnt_of_shapes_with_other_counts_are_not_used() -> None:
    learnt = tuple(range(1, FEATURES + 1))
    assert kept(" ".join(map(str, learnt))) == learnt
    for older in ("", None, " ".join(map(str, learnt[:-2]))):
        assert kept(older) == WEIGHTS
