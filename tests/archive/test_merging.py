"""Several stores and one archive: everything once, and nothing newer is replaced by something older."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineitem.ledger import audit, budgets, manual
from lineitem.ledger.facts import BY_NAME, TABLES, rows_of
from tests.archive.stores import AT, all_of, facts_of, live_facts, pulled, pushed
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts

if TYPE_CHECKING:
    from pathlib import Path

SAID = [{"type": "text", "text": "done"}]


def told(folder: Path, session: str, answers: int = 2, cost: str = "0.05") -> bytes:
    """A session of some answers, written there; the bytes of its transcript."""
    tale = Tale(session)
    pen = tale.session(session)
    for number in range(answers):
        pen.prompt(f"{session} {number}")
        pen.answer(SAID, counts(3, 900 + number, 0, 100, 50))
    pen.total(cost)
    tale.write(folder)
    return pen.bytes()


def transcript(folder: Path) -> Path:
    (found,) = (folder / "projects").rglob("*.jsonl")
    return found


def test_two_machines_and_one_that_has_both(tmp_path: Path) -> None:
    for name in ("here", "there"):
        told(tmp_path / name, name)
    with (
        Books(tmp_path / "here") as here,
        Books(tmp_path / "there") as there,
        Books() as both,
        Books(tmp_path / "here", tmp_path / "there") as one,
    ):
        for store, name in ((here, "here"), (there, "there")):
            store.read()
            live_facts(store.ledger, name)
            pushed(store, tmp_path / "archive")
        one.read()
        live_facts(one.ledger, "here")
        live_facts(one.ledger, "there")
        one.rebuild()
        done = pulled(both, tmp_path / "archive")
        assert len(done.origins) == 2
        mine, theirs = all_of(both), all_of(one)
        assert mine[1] == theirs[1]
        for table in ("sightings", "totals", "events", "budgets", "manual_entries", "findings", "questions"):
            assert sorted(mine[0][table], key=repr) == sorted(theirs[0][table], key=repr), table
        assert audit.broken(audit.entries(both.ledger)) is None
        assert len(list(audit.entries(both.ledger))) == 4
        # and back again: the machines have each other's
        for store in (here, there):
            pulled(store, tmp_path / "archive")
            assert all_of(store)[1] == mine[1]
        pushed(here, tmp_path / "archive")
        again = pulled(both, tmp_path / "archive")
        assert sum(again.new.values()) == 0
        assert all_of(both) == mine


def test_a_store_that_read_on_is_not_set_back(tmp_path: Path) -> None:
    content = told(tmp_path / "config", "one", 6)
    half = content.rfind(b"\n", 0, len(content) // 2) + 1
    with Books(tmp_path / "config") as store:
        transcript(tmp_path / "config").write_bytes(content[:half])
        store.read()
        pushed(store, tmp_path / "archive")
        transcript(tmp_path / "config").write_bytes(content)
        store.read()
        whole = all_of(store)
        store.ledger.db.run("delete from state where key like 'archive/%'")
        assert sum(pulled(store, tmp_path / "archive").new.values()) == 0
        assert all_of(store) == whole


def test_a_pulled_store_reads_on_where_the_other_one_ended(tmp_path: Path) -> None:
    content = told(tmp_path / "config", "one", 6)
    half = content.rfind(b"\n", 0, len(content) // 2) + 1
    with Books(tmp_path / "config") as store, Books(tmp_path / "config") as new:
        transcript(tmp_path / "config").write_bytes(content[:half])
        store.read()
        pushed(store, tmp_path / "archive")
        pulled(new, tmp_path / "archive")
        transcript(tmp_path / "config").write_bytes(content)
        assert new.read().bytes == len(content) - half
        store.read()
        assert all_of(new)[1] == all_of(store)[1]
        assert new.read().files == 0


def test_the_same_transcript_in_another_folder_is_counted_once(tmp_path: Path) -> None:
    """A new machine with another home, to which the transcripts were copied, too."""
    content = told(tmp_path / "old", "one", 4)
    with Books(tmp_path / "old") as store, Books(tmp_path / "new") as new:
        store.read()
        pushed(store, tmp_path / "archive")
        told(tmp_path / "new", "one", 4)
        assert transcript(tmp_path / "new").read_bytes() == content
        pulled(new, tmp_path / "archive")
        new.read()
        assert new.requests() == store.requests()
        (session,) = store.sessions()
        assert new.bill(session) == store.bill(session)


def test_another_text_at_the_same_path_is_kept_beside_it(tmp_path: Path) -> None:
    """Two machines whose homes are called alike."""
    with Books(tmp_path / "config") as here, Books(tmp_path / "config") as there, Books() as both:
        told(tmp_path / "config", "one", 2, "0.05")
        place = transcript(tmp_path / "config")
        here.read()
        (session,) = here.sessions()
        bill = here.bill(session)
        place.write_bytes(place.read_bytes().replace(b"msg_", b"msg_x").replace(b"req_", b"req_x"))
        there.read()
        for store in (here, there):
            pushed(store, tmp_path / "archive")
        for store in (both, here, there):
            pulled(store, tmp_path / "archive")
            assert len(store.requests()) == 4
            assert store.rows("select count(*) from sighting") == [(2,)]
        assert both.bill(session) >= bill
        assert {frozenset(store.requests()) for store in (both, here, there)} == {frozenset(both.requests())}
        # and what is read from then on replaces none of it
        place.write_bytes(b'{"type":"summary","summary":"new"}\n' + place.read_bytes())
        here.read()
        assert len(here.requests()) == 4


def test_a_pull_that_ended_early_lets_transcripts_be_read_again(tmp_path: Path) -> None:
    """Where reading goes on is known only when all that was said before is here."""
    told(tmp_path / "config", "one", 4)
    with Books(tmp_path / "config") as store, Books(tmp_path / "config") as new:
        store.read()
        pushed(store, tmp_path / "archive", "jsonl")
        (part,) = (tmp_path / "archive/facts/sightings").rglob("*.gz")
        data = part.read_bytes()
        part.write_bytes(data[:-1])
        assert not pulled(new, tmp_path / "archive").whole
        new.read()
        assert new.requests() == store.requests()
        part.write_bytes(data)
        pulled(new, tmp_path / "archive")
        assert all_of(new)[1] == all_of(store)[1]


def test_a_restored_backup_keeps_what_was_pushed_since(tmp_path: Path) -> None:
    told(tmp_path / "config", "one", 2)
    with Books(tmp_path / "config") as store:
        store.read()
        pushed(store, tmp_path / "archive")
        origin = store.ledger.state("archive/origin")
        whole = all_of(store)
    told(tmp_path / "other", "two", 2)
    with Books(tmp_path / "other") as restored, Books() as empty:
        restored.ledger.set_state("archive/origin", origin)
        restored.read()
        pushed(restored, tmp_path / "archive")
        pulled(empty, tmp_path / "archive")
        assert [row for row in facts_of(empty.ledger)["sightings"] if row in whole[0]["sightings"]]
        assert len(empty.sessions()) == 2
        pulled(restored, tmp_path / "archive")
        assert restored.sessions() == empty.sessions()


def test_of_two_budgets_of_one_name_the_later_one_holds(tmp_path: Path) -> None:
    with Books() as here, Books() as there:
        budgets.begin(here.ledger, "shop", AT, '{"period":"month","limit":1,"unit":"nanos","scope":[],"warn":[],'
                      '"forecast":true,"act":"","on":[],"closed":false}')  # fmt: skip
        budgets.begin(there.ledger, "shop", AT + 5, '{"period":"day","limit":2,"unit":"nanos","scope":[],"warn":[],'
                      '"forecast":true,"act":"","on":[],"closed":false}')  # fmt: skip
        pushed(here, tmp_path / "archive")
        pushed(there, tmp_path / "archive")
        for store in (here, there):
            pulled(store, tmp_path / "archive")
            assert [(since, until) for since, until, _ in budgets.versions(store.ledger, "shop")] == [
                (AT, AT + 5), (AT + 5, None),
            ]  # fmt: skip
        budgets.end(here.ledger, "shop", AT + 9)
        pushed(here, tmp_path / "archive")
        pulled(there, tmp_path / "archive")
        assert budgets.in_force(there.ledger) == []
        pulled(here, tmp_path / "archive")
        assert budgets.in_force(here.ledger) == []


def test_a_manual_session_that_is_not_ended_waits_for_its_end(tmp_path: Path) -> None:
    with Books() as here, Books() as there:
        live_facts(here.ledger, "one")
        live_facts(there.ledger, "two")
        there.ledger.db.run("update manual_session set folder = '/code/one', cwd = '/code/one'")
        pushed(there, tmp_path / "archive")
        done = pulled(here, tmp_path / "archive")
        assert (done.waiting, [slug for slug, _, _ in done.problems]) == (1, ["archive-part-waits"])
        assert [each.id for each in manual.sessions(here.ledger)] == ["m-one"]
        manual.end(there.ledger, "m-two", AT + 60_000)
        pushed(there, tmp_path / "archive")
        assert pulled(here, tmp_path / "archive").waiting == 0
        assert sorted(each.id for each in manual.sessions(here.ledger)) == ["m-one", "m-two"]


def test_the_audit_log_goes_on_or_is_added_to(tmp_path: Path) -> None:
    with Books() as store, Books() as later:
        live_facts(store.ledger)
        pushed(store, tmp_path / "archive")
        pulled(later, tmp_path / "archive")
        assert list(audit.entries(later.ledger)) == list(audit.entries(store.ledger))
        audit.append(store.ledger, "c", AT + 9, "mira", "budget ended", "{}")
        pushed(store, tmp_path / "archive")
        pulled(later, tmp_path / "archive")
        assert list(audit.entries(later.ledger)) == list(audit.entries(store.ledger))


def test_nothing_is_told_twice_after_a_pull(tmp_path: Path) -> None:
    """Findings, and up to where was looked, come along; returns to sessions are old news."""
    from lineitem.returns import unheard

    told(tmp_path / "config", "one", 3)
    with Books(tmp_path / "config") as store, Books() as new:
        store.read()
        live_facts(store.ledger)
        store.rebuild()
        asked = store.ask()
        asked.notice()
        pushed(store, tmp_path / "archive")
        pulled(new, tmp_path / "archive")
        assert unheard(new.ledger) == []
        assert new.ask().notice() == []
        assert new.rows("select count(*) from finding") == store.rows("select count(*) from finding")


def test_rows_that_come_twice_change_nothing() -> None:
    with Books() as store:
        live_facts(store.ledger)
        before: dict[str, list[Any]] = facts_of(store.ledger)
        for facts in TABLES:
            rows = [row for _, row in rows_of(store.ledger, facts)]
            with store.ledger.transaction():
                assert BY_NAME[facts.name].merge(store.ledger, rows) == 0, facts.name
        assert facts_of(store.ledger) == before
