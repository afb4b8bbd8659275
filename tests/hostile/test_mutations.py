"""Ten thousand broken lines: no crash, every intact record beside and inside them counted, the rest named."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, PROJECT, START, counts, encode, stamp, uuid

LINES = 10_000
CHUNKS = 20
SESSION = uuid("hostile")


class Broken:
    """A file with harmed lines, and what must be found in it: message id -> output tokens."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.data = bytearray()
        self.intact: dict[str, int] = {}
        self.harmed = 0
        self._count = 0

    def record(self, text: str = "all done") -> tuple[str, int, bytes]:
        """An answer as a line: its id, its output tokens, its bytes."""
        self._count += 1
        mid, output = f"msg_{self._count:06d}", 10 + self._count
        block = {"type": "text", "text": text}
        line = {
            "parentUuid": None,
            "isSidechain": False,
            "type": "assistant",
            "uuid": uuid("line", self._count),
            "timestamp": stamp(START + self._count),
            "cwd": "/home/dev/shop",
            "sessionId": SESSION,
            "version": "2.1.330",
            "gitBranch": "main",
            "requestId": f"req_{self._count:06d}",
            "message": {
                "model": OPUS,
                "id": mid,
                "type": "message",
                "role": "assistant",
                "content": [block],
                "usage": counts(3, 100, 0, 9_000, output),
            },
        }
        return mid, output, encode(line)

    def whole(self, text: str = "all done", end: bytes = b"\n") -> None:
        mid, output, line = self.record(text)
        self.intact[mid] = output
        self.data += line + end

    def user(self) -> bytes:
        """A line with quotes, braces and a record told inside a text."""
        self._count += 1
        _, _, inner = self.record()
        line = {
            "parentUuid": None,
            "type": "user",
            "uuid": uuid("line", self._count),
            "sessionId": SESSION,
            "timestamp": stamp(START + self._count),
            "message": {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_1", "content": "} { " + inner.decode() + ' {"type":'}
                ],
            },
        }
        return encode(line)

    def harm(self) -> None:
        """One broken line, with intact neighbours."""
        self.harmed += 1
        getattr(self, "_" + self.chance.choice(KINDS))()
        if self.chance.random() < 0.3:
            self.whole()

    # -- seen in the field

    def _splice(self) -> None:
        """One writer was cut off by another."""
        _, _, stub = self.record() if self.chance.random() < 0.6 else (0, 0, self.user())
        self.data += stub[: self.chance.randrange(1, len(stub))]
        self.whole()

    def _joined(self) -> None:
        """Newlines are missing."""
        for _ in range(self.chance.randrange(1, 4)):
            self.whole(end=b"")
            if self.chance.random() < 0.4:
                self.data += self.user()
        self.whole()

    def _nuls(self) -> None:
        """A run of zeros before, inside or after a record."""
        mid, output, line = self.record()
        run = b"\0" * self.chance.randrange(1, 5_000)
        at = self.chance.choice((0, len(line), self.chance.randrange(len(line))))
        self.intact[mid] = output
        self.data += line[:at] + run + line[at:] + b"\n"

    # -- and worse

    def _flips(self) -> None:
        _, _, line = self.record()
        harmed = bytearray(line)
        for _ in range(self.chance.randrange(1, 6)):
            harmed[self.chance.randrange(len(harmed))] ^= 1 << self.chance.randrange(8)
        self.data += bytes(harmed).replace(b"\n", b" ") + b"\n"

    def _cut(self) -> None:
        _, _, line = self.record()
        self.data += line[self.chance.randrange(len(line)) :] + b"\n"

    def _swap(self) -> None:
        """Two halves of two records."""
        (_, _, one), (_, _, other) = self.record(), self.record()
        self.data += one[: len(one) // 2] + other[len(other) // 2 :] + b"\n"

    def _crlf(self) -> None:
        self.whole(end=b"\r\n")

    def _bom(self) -> None:
        self.data += b"\xef\xbb\xbf"
        self.whole()

    def _utf16(self) -> None:
        _, _, line = self.record()
        self.data += line.decode().encode("utf-16").replace(b"\n", b"") + b"\n"

    def _surrogate(self) -> None:
        """A text that is no text: half of a pair, as JSON writes it and as bytes."""
        mid, output, line = self.record("all MARK done")
        mark = self.chance.choice((b"\\ud83d", b"\\udc00", b"\xed\xa0\x80", b"\xff\xfe", b"\xc3"))
        self.intact[mid] = output
        self.data += line.replace(b"MARK", mark) + b"\n"

    def _deep(self) -> None:
        depth = self.chance.choice((900, 900, 900, 2_000, 30_000))
        shape = self.chance.choice((b"[", b'{"a":', b'{"type":"user","message":'))
        self.data += shape * depth + b"\n"

    def _numbers(self) -> None:
        """Numbers that no program likes, in fields that nobody needs."""
        mid, output, line = self.record()
        odd = self.chance.choice(
            (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 25, b"-" + b"9" * 25, b"0.1e-999")
        )
        self.intact[mid] = output
        field = self.chance.choice((b"nobodyNeeds", b"startTime", b"prNumber", b"keep", b"apiBlockIndex"))
        self.data += b'{"' + field + b'":' + odd + b"," + line[1:] + b"\n"

    def _digits(self) -> None:
        """More digits than an integer may have, in the counts."""
        _, _, line = self.record()
        many = b"9" * self.chance.choice((19, 20, 40, 5_000))
        self.data += line.replace(b'"input_tokens":3', b'"input_tokens":' + many) + b"\n"

    def _types(self) -> None:
        """A field of another type than it ever had."""
        _, _, line = self.record()
        record = json.loads(line)
        place = self.chance.choice((record, record["message"], record["message"]["usage"]))
        field = self.chance.choice(sorted(place))
        place[field] = self.chance.choice(({}, [], [[]], "x", 0.5, -1, True, None, {"a": {"b": []}}, "\0", "\ud800"))
        self.data += json.dumps(record).encode() + b"\n"

    def _noise(self) -> None:
        self.data += bytes(self.chance.randrange(256) for _ in range(self.chance.randrange(1, 400))).replace(b"\n", b"")
        self.data += b"\n"

    def _values(self) -> None:
        """JSON that is no record."""
        self.data += self.chance.choice(
            (b"[]", b"{}", b"null", b'"x"', b"7", b"[{}]", b'{"type":7}', b'{"type":"assistant"}')
        )
        self.data += b"\n"


KINDS = (
    "splice",
    "splice",
    "joined",
    "joined",
    "nuls",
    "nuls",
    "flips",
    "cut",
    "swap",
    "crlf",
    "bom",
    "utf16",
    "surrogate",
    "deep",
    "numbers",
    "digits",
    "types",
    "noise",
    "values",
)


def told(seed: int, lines: int) -> Broken:
    broken = Broken(seed)
    while broken.harmed < lines:
        broken.harm()
    broken.whole()
    return broken


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_intact_records_beside_and_inside_broken_lines_are_counted(tmp_path: Path, seed: int) -> None:
    broken = told(seed, int(os.environ.get("LINEITEM_EXAMPLES", LINES)) // CHUNKS or 1)
    place = tmp_path / "projects" / PROJECT / f"{SESSION}.jsonl"
    place.parent.mkdir(parents=True)
    place.write_bytes(broken.data)
    with Books(tmp_path) as store:
        intake = store.read()
        store.fold()
        found = {row[0]: row[7] for row in store.requests()}
        kept = sum(1 for mid, output in broken.intact.items() if found.get(mid) == output)
        lost = {mid for mid, output in broken.intact.items() if found.get(mid) != output}
        assert kept >= 0.995 * len(broken.intact), f"{len(lost)} of {len(broken.intact)} lost, e.g. {sorted(lost)[:5]}"
        slugs = store.slugs()
        assert intake.unreadable
        assert slugs["line-unreadable"] + slugs.get("line-too-long", 0) == intake.unreadable
        (session,) = store.sessions()
        assert sum(line.nanos for line in store.lines(session)) == store.bill(session)
