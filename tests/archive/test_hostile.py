"""An archive that was damaged, or that somebody wrote who means no good."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

import pytest

from lineitem.archive import formats, manifest
from lineitem.archive.place import open_place
from lineitem.archive.pull import check
from lineitem.attribution.weights import WEIGHTS
from lineitem.core.problems import ArchiveTooNew
from lineitem.ledger.facts import BY_NAME
from lineitem.ledger.schema import VERSION
from tests.archive.stores import all_of, facts_of, live_facts, pulled, pushed
from tests.laws.histories import history
from tests.telling.stores import Books

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Row = dict[str, Any]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[tuple[Path, Books]]:
    with Books(history(bytes(range(60, 140))).write(tmp_path / "config")) as store:
        store.read()
        live_facts(store.ledger)
        store.ledger.keep_totals([(1, 0, 0, 0, 1, 5_000, 1, 0, "{}")])
        store.ledger.set_state("weights/finer", " ".join(map(str, WEIGHTS)))
        store.rebuild()
        pushed(store, tmp_path / "archive", "jsonl")
        yield tmp_path / "archive", store


def part_of(archive: Path, table: str) -> Path:
    return min((archive / "facts" / table).rglob("*.gz"))


def rewrite(archive: Path, table: str, change: Callable[[Row], object]) -> None:
    """Change the first row of a table, and let the manifest agree."""
    part = part_of(archive, table)
    rows = [json.loads(line) for line in gzip.decompress(part.read_bytes()).splitlines()]
    change(rows[0])
    data = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    part.write_bytes(data)

    def agree(said: Any) -> None:
        for each in said["parts"]:
            if each["path"] == str(part.relative_to(archive)):
                each["bytes"], each["sha256"] = len(data), sha256(data).hexdigest()

    forge(archive, agree)


def forge(archive: Path, change: Callable[[Any], object]) -> None:
    """A manifest that says something else, and is named for it."""
    (found,) = (archive / "manifests").rglob("*.json")
    said = json.loads(found.read_bytes())
    change(said)
    data = json.dumps(said).encode()
    found.unlink()
    found.with_name(f"{found.name[:8]}-{sha256(data).hexdigest()[:32]}.json").write_bytes(data)


@pytest.mark.parametrize("damage", ["cut", "flipped", "longer", "gone", "another"])
@pytest.mark.parametrize("table", ["sightings", "events", "transcripts", "learnt"])
def test_a_damaged_part_is_refused_by_name_and_nothing_of_it_taken(
    archive: tuple[Path, Books], damage: str, table: str
) -> None:
    folder, store = archive
    part = part_of(folder, table)
    data = part.read_bytes()
    if damage == "gone":
        part.unlink()
    elif damage == "another":
        part.write_bytes(part_of(folder, "api_calls").read_bytes())
    else:
        part.write_bytes({"cut": data[:-3], "flipped": data[:20] + bytes([data[20] ^ 1]) + data[21:],
                          "longer": data + b"\0"}[damage])  # fmt: skip
    assert not check(open_place(str(folder))).whole
    with Books() as empty:
        done = pulled(empty, folder)
        assert str(part.relative_to(folder)) in done.refused
        if table == "events":  # of another month there is a part, too
            assert sorted(row[1][0] for row in facts_of(empty.ledger)["events"]) == ["e1-one", "e2-one"]
        assert len(facts_of(empty.ledger)["api_calls"]) == 1
        part.write_bytes(data)
        assert pulled(empty, folder).whole
        assert all_of(empty) == all_of(store)


def test_a_torn_manifest_leaves_the_one_before(archive: tuple[Path, Books]) -> None:
    folder, store = archive
    before = facts_of(store.ledger)
    live_facts(store.ledger, "two")
    name = pushed(store, folder).manifest
    (folder / name).write_bytes((folder / name).read_bytes()[:-5])
    with Books() as empty:
        done = pulled(empty, folder)
        assert done.problems == [("archive-manifest-refused", name, "it is not what was written")]
        assert not done.whole
        assert facts_of(empty.ledger) == before
    assert pushed(store, folder).manifest > name


@pytest.mark.parametrize("key", ["version", "store_version"])
def test_a_newer_archive_is_left_alone(archive: tuple[Path, Books], key: str) -> None:
    folder, store = archive
    forge(folder, lambda said: said.update({key: 1 + max(manifest.VERSION, VERSION), "parts": "somewhere else"}))
    before = sorted(folder.rglob("*"))
    with Books() as empty, pytest.raises(ArchiveTooNew, match="newer lineitem"):
        pulled(empty, folder)
    with pytest.raises(ArchiveTooNew):
        pushed(store, folder)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("path", ["../../secret", "/etc/passwd", "facts/events/month=all/../../x.jsonl.gz", ""])
def test_a_manifest_names_no_file_outside(archive: tuple[Path, Books], path: str) -> None:
    folder, _ = archive
    forge(folder, lambda said: said["parts"][0].update(path=path))
    with Books() as empty:
        done = pulled(empty, folder)
        assert (done.parts, [slug for slug, _, _ in done.problems]) == (0, ["archive-manifest-refused"])


BAD: list[tuple[str, Row]] = [
    ("sightings", {"rows": "{}"}),
    ("sightings", {"rows": "[[0]]"}),
    ("sightings", {"rows": '[[0,0,"","",1,"m","r","","x",[1,2,3],0,[]]]'}),
    ("sightings", {"rows": '[[0,0,"","",1,"m","r","","x",[1,2,3,4,5,-6],0,[]]]'}),
    ("sightings", {"rows": '[[0,0,"","",1,"m","r","","x",[1,2,3,4,5,99999999999],0,[]]]'}),
    ("sightings", {"rows": '[[9,0,1,"env",[]]]'}),
    ("sightings", {"rows": '[[9,0,1,"env",[1,2,3,4,5]]]'}),
    ("sightings", {"rows": "[" * 100_000}),
    ("sightings", {"rows": "[[77,0]]"}),
    ("sightings", {"path": "/nobody/named/this.jsonl"}),
    ("sightings", {"start_byte": 10**30}),
    ("sightings", {"start_byte": True}),
    ("sightings", {"start_byte": None}),
    ("sightings", {"start_byte": 1.5}),
    ("totals", {"models": '{"x":[1]}'}),
    ("events", {"note": "[]"}),
    ("events", {"note": '{"a":' * 500 + "1" + "}" * 500}),
    ("events", {"key": None}),
    ("events", {"session": "\ud800"}),
    ("api_calls", {"labels": '{"a":{}}'}),
    ("budgets", {"body": "{}"}),
    ("budgets", {"name": "x" * 99}),
    ("followed", {"body": "{}"}),
    ("audit", {"body": "nothing"}),
    ("findings", {"body": '{"why":[]}'}),
    ("findings", {"severity": 77}),
    ("baselines", {"row": '["x"]'}),
    ("manual_entries", {"range": "[1]"}),
    ("learnt", {"value": "[]"}),
    ("learnt", {"key": "collector/token"}),
]


@pytest.mark.parametrize(("table", "change"), BAD, ids=[f"{t}-{n}" for n, (t, _) in enumerate(BAD)])
def test_rows_that_no_push_writes_are_refused(archive: tuple[Path, Books], table: str, change: Row) -> None:
    folder, _ = archive
    rewrite(folder, table, lambda row: row.update(change))
    with Books() as empty:
        done = pulled(empty, folder)
        assert [slug for slug, _, _ in done.problems] == ["archive-part-refused"], done.problems
        assert all(table in path for path in done.refused)
        empty.rebuild()  # what was taken in can be read


def test_a_part_that_unpacks_to_more_than_it_may_is_refused(
    archive: tuple[Path, Books], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = archive
    rewrite(folder, "events", lambda row: row.update(note='{"a":"' + "x" * 3_000_000 + '"}'))
    monkeypatch.setattr(formats, "MOST", 1 << 20)
    with Books() as empty:
        assert [note for _, _, note in pulled(empty, folder).problems] == ["it is torn, or too large"]


class Unpacked:
    """What Python took at most while a part was decoded."""

    def __enter__(self) -> Self:
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


BOMBS: list[tuple[bytes, int, int]] = [
    (b"{}\n", 4_000_000, 4_000_000),  # more rows than any part
    (b"{}\n", 1_000_000, 3),  # than it is said to have
    (b"\n", 4_000_000, 3),
    (b'{"session":"a","upto":1,' + b",".join(b'"%d":1' % at for at in range(200_000)) + b"}\n", 1, 1),  # wide
]


@pytest.mark.parametrize(("line", "times", "said"), BOMBS, ids=["rows", "unsaid", "empty", "wide"])
def test_few_bytes_do_not_become_much_memory(line: bytes, times: int, said: int) -> None:
    data = gzip.compress(line * times)
    with Unpacked() as memory:
        try:
            assert formats.decode("jsonl", data, BY_NAME["noticed"].columns, said) == [("a", 1)]
        except formats.Unsound:
            assert times > 1
    assert memory.most < 4 * len(line * times)


@pytest.mark.parametrize(
    ("text", "rows", "said"), [("x" * 1_000_000, 60, 60), ("x", 3_000_000, 3_000_000), ("x", 3_000_000, 9)]
)
def test_a_dictionary_does_not_become_much_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, rows: int, said: int
) -> None:
    """Millions of letters in a file of a few kilobytes."""
    monkeypatch.setattr(formats, "MOST", 16 << 20)
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet  # type: ignore[import-untyped]

    names = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text])).cast(pa.string())
    upto = pa.array([1_793_600_000_000] * rows, pa.timestamp("ms", tz="UTC"))
    parquet.write_table(pa.table({"session": names, "upto": upto}), tmp_path / "x", compression="zstd")
    data = (tmp_path / "x").read_bytes()
    assert len(data) < 1 << 20
    with Unpacked() as memory, pytest.raises(formats.Unsound):
        formats.decode("parquet", data, BY_NAME["noticed"].columns, said)
    assert memory.most < 1 << 20


def test_what_a_push_would_have_refused_is_said_when_it_is_sent(tmp_path: Path) -> None:
    with Books() as store:
        live_facts(store.ledger)
        store.ledger.db.run("update event set note = '[]'")
        problems = pushed(store, tmp_path / "archive").problems
        assert {slug for slug, _, _ in problems} == {"archive-row-odd"}


def test_parquet_of_other_types_is_refused(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = BY_NAME["noticed"].columns
    for table in (pa.table({"session": ["a"]}), pa.table({"session": [1], "upto": [1]})):
        parquet.write_table(table, tmp_path / "x")
        with pytest.raises(formats.Unsound):
            formats.decode("parquet", (tmp_path / "x").read_bytes(), columns, 1)
    for data in (b"", b"PAR1", b"PAR1" + b"\0" * 90 + b"PAR1", b"\x1f\x8b"):
        for format_ in ("parquet", "jsonl"):
            with pytest.raises(formats.Unsound):
                formats.decode(format_, data, columns, 1)
