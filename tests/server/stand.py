"""A real collector in a process of its own, and what a test says to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

INGEST, READ, CHANGE = "i" * 43, "r" * 43, "c" * 43
#: Starts a collector at (store, folders, port, bytes its inbox may hold, port for gRPC).
START = """
import sys
from lineitem.ledger import inbox
from lineitem.server.collector import Parts
from lineitem.server.serve import Running, serve
from lineitem.surfaces.web.dashboard import Dashboard
db, dirs, port = sys.argv[1:4]
inbox.MOST = int(sys.argv[4]) or inbox.MOST
try:
    folders = [part for part in dirs.split("|") if part]
    code = serve(db, folders, db + ".live", {"ingest": "i" * 43, "read": "r" * 43, "change": "c" * 43}, int(port),
                 lambda text: print(text, flush=True), Parts(web=Dashboard(db, folders)),
                 grpc_port=int(sys.argv[5]) if sys.argv[5] else None)
except Running as other:
    print(other, flush=True)
    code = 0
sys.exit(code)
"""


def environment() -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root), *sys.path])}


class Stand:
    """The collector of the store `store.sqlite` in a folder."""

    def __init__(self, folder: Path, *dirs: Path, port: int = 0, inbox: int = 0, grpc: int | None = None) -> None:
        """inbox: bytes that may wait for the ledger, 0: as many as usual; grpc: its port, None: it is not spoken."""
        self.db = folder / "store.sqlite"
        self.live = folder / "store.sqlite.live"
        self.live.mkdir(mode=0o700, exist_ok=True)
        self._dirs = "|".join(map(str, dirs)) or str(folder / "nowhere")
        self._given = (str(port), str(inbox), "" if grpc is None else str(grpc))
        self.port = self.grpc = 0
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, *words: str) -> str:
        """Start it, or what these words for the interpreter are; the first line it says."""
        usual = ("-c", START, str(self.db), self._dirs, *self._given)
        self.process = subprocess.Popen(
            [sys.executable, *(words or usual)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT if words else None,
            text=True, env=environment(),
        )  # fmt: skip
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if "listens" in said:
            ports = [int(part.split(" ")[0].rstrip(".\n")) for part in said.split("127.0.0.1:")[1:]]
            self.port, self.grpc = ports[0], ports[-1]
        return said

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(how)
        code = process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = INGEST, **headers: str | None
    ) -> tuple[int, Any]:
        """(status, answer) of a request; a header given as None is left out."""
        status, text = self.raw(method, path, body, token, **headers)
        return status, json.loads(text) if text else None

    def raw(
        self, method: str, path: str, body: Any = None, token: str | None = INGEST, **headers: str | None
    ) -> tuple[int, bytes]:
        """As `ask`, with the answer as it came."""
        given: dict[str, str | None] = {"Content-Type": "application/json" if method == "POST" else None}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            host = given.pop("Host", f"127.0.0.1:{self.port}")
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            for name, value in {"Host": host, **given}.items():
                if value is not None:
                    connection.putheader(name, value)
            if data or method == "POST":
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
