"""Lines far beyond any size: memory stays bounded, and what stands beside them is counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.telling.transcripts import Tale, counts, encode

SAID = [{"type": "text", "text": "done"}]
MIB = 1 << 20
#: How long the longest line is: a gigabyte in a full run.
LONG = 1_024 if os.environ.get("LINEITEM_EXAMPLES") else 200
READ = """
import json, sys
from tests.telling.stores import Books

def peak():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)

with Books(sys.argv[1]) as store:
    intake = store.read()
    again = store.read()
    store.fold()
    print(json.dumps({
        "outputs": sorted(row[7] for row in store.requests()), "slugs": store.slugs(), "lines": intake.lines,
        "unreadable": intake.unreadable, "again": again.lines,
        "rss": peak(),
    }))
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="measures memory as POSIX does")


def filler(kind: str, size: int) -> bytes:
    """The text inside a long line."""
    unit = {
        "ascii": b"a",
        "accents": "é".encode(),
        "emoji": "\U0001f600".encode(),
        "zero": b"\0",
        "objects": b'{"a":1},',
        "deep": b'{"a":',
        "quotes": b'\\"{\\"type\\":',
    }[kind]
    return unit * (size // len(unit))


def read(folder: Path) -> dict[str, object]:
    """What a fresh process says of this folder."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", READ, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root), *sys.path]), "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, object] = json.loads(done.stdout)
    return said


def told(folder: Path, long: bytes) -> Path:
    """Two answers, a long line, two answers."""
    tale = Tale()
    pen = tale.session()
    for output in (51, 52):
        pen.answer(SAID, counts(3, 1_000, 0, 0, output))
    pen.add(long)
    for output in (53, 54):
        pen.answer(SAID, counts(3, 1_000, 0, 0, output))
    tale.write(folder)
    return folder / "projects" / pen.path


KINDS = ("ascii", "accents", "emoji", "zero", "objects")
SIZES = [(size, kind) for size in (1, 30, 62) for kind in KINDS]


@pytest.mark.parametrize(("size", "kind"), [*SIZES, (3, "deep"), (30, "quotes")])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "broken"])
def test_a_long_line_takes_bounded_memory_and_no_neighbour(tmp_path: Path, size: int, kind: str, whole: bool) -> None:
    if size == 30 and kind in ("accents", "objects"):
        pytest.skip("the other sizes say the same")
    head, end = b'{"type":"user","uuid":"u","message":{"role":"user","content":"', b'"}}' if whole else b""
    told(tmp_path, head + filler(kind, size * MIB) + end)
    said = read(tmp_path)
    assert said["outputs"] == [51, 52, 53, 54]
    assert isinstance(said["rss"], float)
    assert said["rss"] <= 256
    assert said["again"] == 0


@pytest.mark.parametrize("end", ["closed", "open"])
def test_a_line_beyond_all_bounds_leaves_its_neighbours(tmp_path: Path, end: str) -> None:
    """A sparse file: the line is mostly holes."""
    tale = Tale()
    pen = tale.session()
    pen.answer(SAID, counts(3, 1_000, 0, 0, 51))
    tale.write(tmp_path)
    rest = tale.session("rest")
    for output in (52, 53):
        rest.answer(SAID, counts(3, 1_000, 0, 0, output))
    place = tmp_path / "projects" / pen.path
    with place.open("ab") as file:
        file.write(b'{"type":"user","message":{"role":"user","content":"')
        file.truncate(file.tell() + LONG * MIB)
        file.seek(0, os.SEEK_END)
        file.write(b'"}}\n' if end == "closed" else b"\n")
        file.write(rest.bytes())
    said = read(tmp_path)
    assert said["outputs"] == [51, 52, 53]
    assert said["slugs"] == {"line-too-long": 1}
    assert isinstance(said["rss"], float)
    assert said["rss"] <= 256


def test_a_line_beyond_all_bounds_without_an_end_waits(tmp_path: Path) -> None:
    place = told(tmp_path, b'{"type":"user","uuid":"u","message":{"role":"user","content":"x"}}')
    with place.open("ab") as file:
        file.write(b'{"type":"user","message":{"role":"user","content":"')
        file.truncate(file.tell() + 100 * MIB)
    said = read(tmp_path)
    assert said["outputs"] == [51, 52, 53, 54]
    assert isinstance(said["rss"], float)
    assert said["rss"] <= 256


@pytest.mark.parametrize("position", ["first", "last"])
def test_an_answer_beyond_all_bounds_is_told_by_its_ends(tmp_path: Path, position: str) -> None:
    tale = Tale()
    pen = tale.session()
    pen.answer([{"type": "text", "text": "MARK"}], counts(3, 1_000, 0, 0, 77))
    line = encode(pen.lines.pop()).replace(b"MARK", b"x" * (70 * MIB))
    if position == "first":
        pen.add(line)
    pen.answer(SAID, counts(3, 1_000, 0, 0, 51))
    if position == "last":
        pen.add(line)
    tale.write(tmp_path)
    said = read(tmp_path)
    assert said["outputs"] == [51, 77]


@pytest.mark.parametrize(
    "line",
    [
        b'{"k":[' * 400 + b"1," * 400_000,
        b'{"a":' * 50_000,
        b'{"type":"user","message":' * 20_000,
        b'{"a":"' * 100_000,
        b'{"type":"x",' + b",".join(b'"k%d":%d' % (n, n) for n in range(300_000)) + b"}",
        b"{" * 1_000_000,
        b'{"' * 500_000,
    ],
    ids=["nested", "deep", "deep records", "openings", "many keys", "braces", "stubs"],
)
def test_a_line_made_to_be_slow_takes_less_than_two_seconds(line: bytes) -> None:
    import time

    from lineitem.sources import salvage

    began = time.process_time()
    salvage.records(line)
    assert time.process_time() - began < 2
