"""However and whenever files are read, the same files give the same store."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.pipeline.intake import Intake
from tests.laws.examples import examples
from tests.laws.histories import Deck, history
from tests.telling.digests import Said, agree, derived, everything
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts

histories = st.binary(min_size=40, max_size=160)
schedules = st.binary(min_size=12, max_size=48)
SAID = [{"type": "text", "text": "done"}]


def put(folder: Path, path: str, content: bytes) -> None:
    """A file as it is by now, grown in place like the client's."""
    place = folder / "projects" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    was = place.stat().st_size if place.exists() else 0
    with place.open("ab") as file:
        file.write(content[was:])


def at_once(told: dict[str, bytes], folder: Path) -> Said:
    """The store of everything read in one go."""
    for path, content in told.items():
        put(folder, path, content)
    with Books(folder) as store:
        store.read()
        store.fold()
        return everything(store.ledger)


def in_steps(told: dict[str, bytes], folder: Path, schedule: Deck) -> Said:
    """The store of the same files, grown and read bit by bit, file by file."""
    sidecars = {path: content for path, content in told.items() if not content.startswith(b"{") or ".meta." in path}
    files = [path for path in told if path not in sidecars]
    upto = dict.fromkeys(files, 0)
    for path, content in sidecars.items():
        put(folder, path, content)
    with Books(folder) as store:
        while not schedule.spent:
            path = files[schedule.below(len(files))]
            content = told[path]
            size = len(content) * (1 + schedule.below(8)) // 8
            if way := schedule.below(3):  # to the end of a line, or to where its newline is missing; else anywhere
                size = max(0, content.rfind(b"\n", 0, size) + 2 - way)
            if size > upto[path]:
                upto[path] = size
                put(folder, path, content[:size])
            for _ in range(schedule.below(3)):
                store.read()
            if schedule.below(4) == 3:
                store.fold()
        for path in files:
            put(folder, path, told[path])
        store.read()
        store.read()
        store.fold()
        return everything(store.ledger)


@given(histories, schedules)
@examples(80)
def test_any_cut_and_order_of_the_same_files_gives_the_same_store(choices: bytes, schedule: bytes) -> None:
    told = history(choices).told()
    with tempfile.TemporaryDirectory() as place:
        # the same path for both: the path decides among equals
        folder = Path(place) / "config"
        whole = at_once(told, folder)
        os.rename(folder, Path(place) / "done")
        parts = in_steps(told, folder, Deck(schedule))
    agree(whole, parts)


@given(histories, schedules)
@examples(60)
def test_a_rebuilt_store_is_the_store_that_grew(choices: bytes, schedule: bytes) -> None:
    told = history(choices).told()
    deck = Deck(schedule)
    with tempfile.TemporaryDirectory() as place, Books(place) as store:
        for path, content in told.items():
            put(Path(place), path, content[: len(content) * deck.below(9) // 8])
            if deck.below(3) == 0:
                store.read()
        for path, content in told.items():
            put(Path(place), path, content)
        store.read()
        store.fold()
        grown = derived(store.ledger)
        store.rebuild()
        agree(grown, derived(store.ledger))


@given(histories, st.binary(min_size=1, max_size=12))
@examples(40)
def test_a_store_of_rewritten_files_rebuilds_to_itself_and_never_shrinks(choices: bytes, schedule: bytes) -> None:
    """Files lose lines, are cut short, are written anew, vanish: what was read stays."""
    told = history(choices).told()
    deck = Deck(schedule)
    with tempfile.TemporaryDirectory() as place, Books(place) as store:
        for path, content in told.items():
            put(Path(place), path, content)
        store.read()
        asked = {row[:3]: row[3:8] for row in store.requests()}
        bills = {session: store.bill(session) for session in store.sessions()}
        for path, content in told.items():
            kind = deck.below(5)
            file = Path(place) / "projects" / path
            lines = content.splitlines(keepends=True)
            if kind == 1:
                file.write_bytes(b"".join(lines[deck.below(len(lines)) :]))
            elif kind == 2:
                file.write_bytes(content[: len(content) * deck.below(8) // 8])
            elif kind == 3:
                file.write_bytes(b'{"type":"summary","summary":"told before"}\n' + content)
            elif kind == 4:
                file.unlink()
        store.read()
        assert {row[:3]: row[3:8] for row in store.requests()} == asked
        assert {session: store.bill(session) for session in store.sessions()} == bills
        store.fold()
        grown = derived(store.ledger)
        store.rebuild()
        agree(grown, derived(store.ledger))


def test_two_programs_that_read_at_the_same_time_leave_what_one_would(tmp_path: Path) -> None:
    """A hook, a status line and a person may all read at once; the slower one looked before the other read."""
    tale = Tale()
    parent = tale.session("parent")
    parent.prompt("first")
    parent.answer(SAID, counts(3, 9_000, 0, 0, 50))
    parent.total("0.05")
    child = tale.fork(parent, "child", at="ffffffff-0000-4000-8000-000000000000")
    child.prompt("second")
    child.answer(SAID, counts(3, 100, 0, 9_003, 60))
    told = tale.told()
    config, db = tmp_path / "config", tmp_path / "store.sqlite"
    put(config, child.path, told[child.path])
    put(config, parent.path, told[parent.path][:-20])
    with Books(config, db=db) as slow, Books(config, db=db) as quick:
        quick.read()
        put(config, parent.path, told[parent.path])
        child.prompt("third")
        put(config, child.path, child.bytes())
        intake = Intake(slow.ledger, slow.book)
        intake.look(slow.folders)
        child.answer(SAID, counts(3, 80, 0, 9_163, 70))
        parent.total("0.06")
        for pen in (parent, child):
            put(config, pen.path, pen.bytes())
        quick.read()
        intake.take_in()
        quick.read()
        quick.fold()
        grown = everything(quick.ledger)
        generations = quick.rows("select max(generation) from file")
    with Books(config) as fresh:
        fresh.read()
        fresh.fold()
        agree(everything(fresh.ledger), grown)
    assert generations == [(0,)], "a file that another program has read further is not a file that was cut"


@pytest.mark.parametrize("late", ["the sidecar", "the transcript"])
def test_a_sidecar_is_known_whether_it_comes_first_or_last(tmp_path: Path, late: str) -> None:
    tale = Tale()
    main = tale.session()
    main.prompt("look")
    call = {"type": "tool_use", "id": "toolu_01a", "name": "Agent", "input": {"subagent_type": "Explore"}}
    main.answer([call], counts(3, 9_000, 0, 0, 50))
    agent = tale.agent(main, "explorer", card={"agentType": "Explore", "toolUseId": "toolu_01a"})
    agent.prompt("look")
    agent.answer(SAID, counts(3, 4_000, 0, 0, 30))
    told = tale.told()
    card = next(path for path in told if path.endswith(".meta.json"))
    last = card if late == "the sidecar" else agent.path
    with Books(tmp_path) as store:
        for path in sorted(told, key=lambda path: path == last):
            put(tmp_path, path, told[path])
            store.read()
        store.fold()
        assert store.rows("select type, call from agent") == [("Explore", "toolu_01a")]


def test_many_workers_read_and_fold_what_one_would(tmp_path: Path) -> None:
    """Enough sessions and bytes for forked workers; and the same store read session by session."""
    from lineitem.sources import crew

    for number in range(40):
        tale = history(bytes((number * 37 + step * 101) % 256 for step in range(150)))
        for pen in tale.pens.values():
            for line in pen.lines:
                if isinstance(line, dict) and line["type"] == "user":
                    line["padding"] = "x" * (crew.WORTH_A_CREW // 4_000)
        folder = tmp_path / "config" / "projects" / f"-p-{number}"
        for path, content in tale.told().items():
            place = folder / path.partition("/")[2].replace("58509fff", f"{number:08x}")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.replace(b'"msg_', b'"msg_%d_' % number).replace(b'"req_', b'"req_%d_' % number))
    whole = sum(place.stat().st_size for place in tmp_path.rglob("*.jsonl"))
    assert whole > crew.WORTH_A_CREW, "too little to be worth a crew"
    projects = sorted((tmp_path / "config" / "projects").iterdir())
    with Books(tmp_path / "config", db=tmp_path / "many.sqlite") as many:
        many.read()
        many.fold()
        assert len(many.sessions()) > 24
        together = everything(many.ledger)
    with Books(tmp_path / "config", db=tmp_path / "one.sqlite") as one:
        aside = tmp_path / "aside"
        (tmp_path / "config" / "projects").rename(aside)
        for project in projects:
            back = tmp_path / "config" / "projects" / project.name
            back.parent.mkdir(exist_ok=True)
            (aside / project.name).rename(back)
            one.read()
            one.fold()
        agree(everything(one.ledger), together)
