"""How many hook events a second the collector takes, each on disk before it is acknowledged.

100 sessions, each with a connection of its own, send 20,000 events in all, one after the other per session. Then the
collector is told to stop in the middle of as many more, and what it acknowledged is counted in its ledger.

usage: python -m bench.collector [--events N] [--sessions N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
import tempfile
import time
import uuid
from pathlib import Path

from lineitem.ledger.inbox import Inbox
from lineitem.ledger.store import Ledger
from tests.server.stand import INGEST, Stand

HEAD = "POST /v1/hook HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
HEAD += "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


def event(session: str, number: int) -> bytes:
    """A hook event of two kilobytes."""
    return json.dumps({
        "session_id": session, "hook_event_name": "PostToolUse", "tool_name": "Bash",
        "tool_use_id": f"toolu_{session[:8]}_{number}", "tool_input": {"command": "ls"},
        "tool_response": {"stdout": "x" * 1_600}, "duration_ms": 12, "cwd": "/home/dev/shop",
        "transcript_path": "/home/dev/.claude/projects/shop/session.jsonl",
    }).encode()  # fmt: skip


async def speak(port: int, count: int, took: list[float]) -> int:
    """One session: its events one after the other; how many were acknowledged."""
    session = str(uuid.uuid4())
    done = 0
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(count):
            body = event(session, number)
            began = time.perf_counter()
            writer.write(HEAD.format(port=port, token=INGEST, length=len(body)).encode() + body)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
            if not head.startswith(b"HTTP/1.1 200"):
                break
            took.append(time.perf_counter() - began)
            done += 1
        writer.close()
    except (OSError, asyncio.IncompleteReadError):
        pass
    return done


async def all_sessions(
    port: int, events: int, sessions: int, stop_after: float, process: int
) -> tuple[int, list[float]]:
    took: list[float] = []
    if stop_after:
        asyncio.get_running_loop().call_later(stop_after, os.kill, process, signal.SIGTERM)
    done = await asyncio.gather(*(speak(port, events // sessions, took) for _ in range(sessions)))
    return sum(done), took


def kept(stand: Stand) -> int:
    """Events in the ledger, after what lies in the inbox was moved there."""
    ledger = Ledger(str(stand.db))
    inbox = Inbox(str(stand.live / "inbox.sqlite"))
    inbox.move(ledger)
    inbox.close()
    (count,) = next(iter(ledger.db.rows("select count(*) from event")))
    ledger.close()
    return int(count)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--sessions", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        stand.start()
        assert stand.process is not None
        for _ in range(3):
            began = time.perf_counter()
            done, took = asyncio.run(all_sessions(stand.port, given.events, given.sessions, 0, 0))
            seconds = time.perf_counter() - began
            took.sort()
            print(
                f"{done:,} events of {given.sessions} sessions: {done / seconds:,.0f} a second,"
                f" p50 {took[len(took) // 2] * 1e3:.1f} ms, p99 {took[int(len(took) * 0.99)] * 1e3:.1f} ms"
            )
        acknowledged = 3 * given.events
        done, _ = asyncio.run(all_sessions(stand.port, given.events, given.sessions, 0.7, stand.process.pid))
        stand.stop()
        acknowledged += done
        found = kept(stand)
        print(f"told to stop amid {given.events:,} more: {acknowledged:,} acknowledged, {found:,} kept")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"peak memory of the collector: {peak} MB")
        return 0 if found >= acknowledged else 1


if __name__ == "__main__":
    raise SystemExit(main())
