"""Starts the collector: one per store, on loopback and on a Unix socket, until it is told to stop.

Claims, in this order, each with a plain sentence where it fails: the store's lock (another collector of this store is
no error), the port. Then reads what is new (with workers, before there are threads), and listens.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time

from lineitem.core.problems import LineitemError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lineitem.server.gate import Gate
    from lineitem.server.guesser import Guesser
    from lineitem.server.teller import Teller
    from lineitem.wiring import Lineitem

#: A Unix socket's path is at most this long on every platform.
_LONGEST_PATH = 100


class PortTaken(LineitemError):
    """Another program listens on the port."""


class Running(Exception):
    """Another collector of this store runs; the text says where."""


class Lock:
    """Held as long as this process lives: the kernel lets go of it, however the process ends."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)

    def take(self) -> bool:
        """Whether the lock is ours now."""
        if sys.platform == "win32":
            import msvcrt

            try:
                msvcrt.locking(self._fd, msvcrt.LK_NBLCK, 1)
            except OSError:
                return False
            return True
        import fcntl

        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        os.close(self._fd)


def listen_tcp(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one. Raises PortTaken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} on 127.0.0.1 is taken by another program ({error.strerror}). Give the collector another:"
            " `lineitem serve --port N`, or [collector] port in settings.toml, then `lineitem install` again."
        ) from error
    return listener


def listen_unix(live: str) -> tuple[socket.socket, str] | None:
    """A listening Unix socket in the live folder, or in a folder of our own where that path is too long."""
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return None
    path = os.path.join(live, "collector.sock")
    if len(os.fsencode(path)) > _LONGEST_PATH:
        path = _shorter(live)
    if os.path.lexists(path):
        os.unlink(path)  # we hold the lock: nobody listens there
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(old)
    listener.listen(512)
    return listener, path


def _shorter(live: str) -> str:
    from hashlib import blake2b
    from tempfile import gettempdir

    folder = os.environ.get("XDG_RUNTIME_DIR") or os.path.join(gettempdir(), f"lineitem-{os.getuid()}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    info = os.lstat(folder)
    if info.st_uid != os.getuid() or info.st_mode & 0o077:
        raise LineitemError(f"The folder {folder} must belong to you alone: no Unix socket can be made there.")
    return os.path.join(folder, f"lineitem-{blake2b(os.fsencode(live), digest_size=8).hexdigest()}.sock")


def running(live: str) -> dict[str, object] | None:
    """What the running collector wrote about itself; None where none runs, however the last one ended."""
    path = os.path.join(live, "collector.lock")
    if not os.path.exists(path):
        return None
    lock = Lock(path)
    free = lock.take()
    lock.release()
    return None if free else _about(live)


def _about(live: str) -> dict[str, object] | None:
    """What a collector wrote about itself."""
    try:
        with open(os.path.join(live, "collector.json"), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def serve(
    db: str, dirs: Sequence[str], live: str, tokens: Mapping[str, str], port: int, say: Callable[[str], None],
    first: Callable[[], None], on_change: Callable[[Lineitem], None] | None = None, teller: Teller | None = None,
    gate: Gate | None = None, guesser: Guesser | None = None,
) -> int:  # fmt: skip
    """Run the collector until SIGINT or SIGTERM; the exit code.

    `first` reads what is new before anybody can ask. Raises Running, PortTaken.
    """
    os.umask(0o077)  # whatever is made from here on is the owner's alone
    lock = Lock(os.path.join(live, "collector.lock"))
    if not lock.take():
        known = _about(live) or {}
        raise Running(f"A collector of this store already runs (process {known.get('pid', '?')},"
                      f" port {known.get('port', '?')}).")  # fmt: skip
    listeners = [listen_tcp(port)]
    own = listeners[0].getsockname()[1]
    unix = listen_unix(live)
    if unix is not None:
        listeners.append(unix[0])
    first()
    about = os.path.join(live, "collector.json")
    try:
        _write(about, {"pid": os.getpid(), "port": own, "socket": unix[1] if unix else None, "started": time.time()})
        say(f"The collector listens on http://127.0.0.1:{own}" + (f" and {unix[1]}" if unix else "") + ".")
        return _run(db, dirs, live, tokens, own, listeners, on_change, teller, gate, guesser)
    finally:
        for path in (about, unix[1] if unix else ""):
            if path and os.path.lexists(path):
                os.unlink(path)
        lock.release()


def _run(
    db: str, dirs: Sequence[str], live: str, tokens: Mapping[str, str], port: int, listeners: list[socket.socket],
    on_change: Callable[[Lineitem], None] | None, teller: Teller | None, gate: Gate | None,
    guesser: Guesser | None,
) -> int:  # fmt: skip
    import uvicorn

    from lineitem.server.app import make_app
    from lineitem.server.collector import Collector
    from lineitem.sources.crew import work_alone

    # An answer crosses two threads; while transcripts are folded in a third, each crossing would wait for 5 ms.
    sys.setswitchinterval(0.0002)
    work_alone()  # from here on there are threads: forking is not safe
    collector = Collector(db, dirs, live, on_change, teller, gate, guesser)
    config = uvicorn.Config(
        make_app(collector, tokens, port), log_level="warning", access_log=False, proxy_headers=False,
        server_header=False, date_header=False, timeout_keep_alive=30, timeout_graceful_shutdown=3, ws="none",
        limit_concurrency=1_000, h11_max_incomplete_event_size=64 << 10, lifespan="on",
    )  # fmt: skip
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ended)  # uvicorn raises it again when all is done
    server.run(sockets=listeners)
    return 0 if server.started else 1


def _ended(_: int, __: object) -> None:
    """The server has stopped as it was told to: nothing is left to do."""


def _write(path: str, about: dict[str, object]) -> None:
    from lineitem import __version__

    fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump({**about, "version": __version__}, file)
    os.replace(f"{path}.new", path)
