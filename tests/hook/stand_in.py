"""A stand-in for the collector: HTTP on a Unix socket in a live folder, as docs and forwarder agree on it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "t0ken_-" + "A" * 36


class Heard:
    """The requests that came, each as (head, body)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []


def make_live(folder: Path, name: str = "store.sqlite.live") -> Path:
    live = folder / name
    live.mkdir(mode=0o700)
    (live / "ingest.token").write_text(f"{TOKEN}\n")
    (live / "ingest.token").chmod(0o600)
    return live


@contextlib.contextmanager
def collector(live: Path, answer: bytes | None = b"{}", status: str = "200 OK", address: str = "") -> Iterator[Heard]:
    """Listens; `answer` None: takes connections and never says anything."""
    heard = Heard()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o077)
    server.bind(address or str(live / "collector.sock"))
    os.umask(old)
    server.listen(16)
    hung: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            if answer is None:
                hung.append(line)
                continue
            with line:
                data = b""
                while b"\r\n\r\n" not in data:
                    data += line.recv(1 << 16)
                head, _, body = data.partition(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                while len(body) < length:
                    body += line.recv(1 << 16)
                heard.requests.append((head.decode(), body))
                said = f"HTTP/1.1 {status}\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer
                with contextlib.suppress(OSError):
                    line.sendall(said)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        for line in hung:
            line.close()
