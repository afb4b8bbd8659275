"""A store of any older version becomes what a new one is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zlib import crc32

import apsw
import pytest

from lineitem.ledger import schema
from lineitem.ledger.schema import MIGRATIONS, VERSION
from lineitem.ledger.store import Ledger

_LINE = 0x6C696E65
#: Stores of these versions were made with the index and without it.
_EITHER = "create index audit_override on audit (seq) where what = 'override';"
#: Checksums of the steps without their comments. Append to these; where one changes, somebody's store lacks the change.
_PUBLISHED = [0xB76CE6D7, 0xDEBE5C0B, 0xC4C8056D, 0xBE834138, 0xFDCCA839, 0xB65CEBC9, 0x968406BD, 0x455E1009]


def made(path: Path, version: int, *more: str) -> None:
    """A store as a lineitem of this version left it, and with what else it may have had."""
    connection = apsw.Connection(str(path))
    connection.execute(schema._FIRST + "".join(MIGRATIONS[: version - 1]) + "".join(more))
    connection.execute(f"pragma user_version={version}; pragma application_id={_LINE}")
    connection.close()


def described(path: Path) -> dict[str, str]:
    """Tables, indexes and triggers of a store after it was opened, by name."""
    ledger = Ledger(str(path))
    try:
        rows = ledger.db.rows("select type || ' ' || name, coalesce(sql, '') from sqlite_schema")
        return {name: bare(sql) for name, sql in rows}
    finally:
        ledger.close()


def bare(sql: str) -> str:
    """Without comments, and with one space where there are several."""
    return " ".join(re.sub(r"--[^\n]*", "", sql).split())


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_store_of_any_version_becomes_what_a_new_one_is(tmp_path: Path, version: int) -> None:
    made(tmp_path / "old.sqlite", version)
    assert described(tmp_path / "old.sqlite") == described(tmp_path / "new.sqlite")


@pytest.mark.parametrize("version", range(3, VERSION))
def test_a_store_that_has_the_index_of_overrides_already_is_migrated_too(tmp_path: Path, version: int) -> None:
    made(tmp_path / "old.sqlite", version, _EITHER)
    assert described(tmp_path / "old.sqlite").keys() == described(tmp_path / "new.sqlite").keys()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_nobody_else_may_read_what_a_store_was_before(tmp_path: Path) -> None:
    made(tmp_path / "old.sqlite", 1)
    Ledger(str(tmp_path / "old.sqlite")).close()
    backup = tmp_path / "old.sqlite.version-1.backup"
    assert backup.stat().st_mode & 0o077 == 0
    assert apsw.Connection(str(backup)).execute("pragma user_version").fetchone() == (1,)


def test_no_step_that_stores_have_behind_them_was_edited() -> None:
    steps = [crc32(bare(step).encode()) for step in (schema._FIRST, *MIGRATIONS)]
    assert steps[: len(_PUBLISHED)] == _PUBLISHED
    assert len(steps) == len(_PUBLISHED), "a new step: add its checksum"
