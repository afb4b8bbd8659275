"""Clocks that were wrong: no moment keeps a report from being made, and none moves money out of the sum."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lineitem.core.periods import Zone
from lineitem.reports.query import Query
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts

NOW = 1_793_613_600_000
STAMPS: tuple[object, ...] = (
    "9999-12-31T23:59:59.999Z", "9999-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00.000Z", "2026-13-45T99:99:99.999Z", "2026-11-02T10:00:99.999Z", "2026-11-02T10:00:00Z",
    "2026-11-02T10:00:00.123456+14:00", "2026-11-02 10:00", "2026-11-02", "soon", "", "２０２６-11-02T10:00:00.000Z",
    "2026-11-02T10:00:00.²³¹Z", "2026-11-02T10:-1:00.000Z", "2026-W45-1T10:00:00.000Z", "99999-01-01T00:00:00.000Z",
    "2026-11-02T24:00:00.000Z", "2026-11-02T10:00:00.000z", None, 1_793_613_600_000, [],
)  # fmt: skip


@pytest.mark.parametrize("stamp", STAMPS)
def test_an_answer_with_any_time_is_in_every_sum(tmp_path: Path, stamp: object) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    for line in pen.lines:
        assert isinstance(line, dict)
        line["timestamp"] = stamp
    pen.total("0.05")
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        store.fold()
        ask = store.ask()
        for zone in ("UTC", "Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"):
            for name in (
                "daily",
                "weekly",
                "monthly",
                "session",
                "projects",
                "models",
                "tools",
                "prompts",
                "calls",
                "blocks",
                "check",
            ):
                table = ask.report(name, Query(Zone(zone), NOW))
                if name not in ("calls", "blocks", "check"):
                    assert table.totals is not None
                    assert table.totals["costNanos"] == 50_000_000, (zone, name)
            ranged = Query(Zone(zone), NOW)
            ranged.since, ranged.until = NOW - 86_400_000, NOW
            ask.report("daily", ranged)
            ask.report("tools", ranged)
            ask.session(pen.session, Query(Zone(zone), NOW)).json()


@pytest.mark.skipif(sys.platform == "win32", reason="TZ is POSIX")
def test_the_machines_own_zone_takes_any_time() -> None:
    """Without a zone asked for, the system's own library does the counting."""
    program = (
        "from lineitem.core.periods import Zone\n"
        "zone = Zone()\n"
        "for at in (0, 1, 253402300799999, 253402300800000 - 900000, 1793613600000):\n"
        "    year, month, day = zone.date(at)\n"
        "    assert zone.start(year, month, day) <= at\n"
    )
    for name in ("Europe/Berlin", "Pacific/Kiritimati", "UTC"):
        subprocess.run(
            [sys.executable, "-c", program], check=True, env={"TZ": name, "PYTHONPATH": os.pathsep.join(sys.path)}
        )
