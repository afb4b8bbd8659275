"""Starts the collector: one per store, on loopback and on a Unix socket, until it is told to stop.

Claims, in this order, each with a plain sentence where it fails: the store's lock (another collector of this store is
no error), the store, the port. It listens when all that answers is ready, so that nobody waits for it; what was
written before is read in the background, while events are taken already.
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
    from types import FrameType

    import uvicorn

    from lineitem.ledger.inbox import Waiting
    from lineitem.server.collector import Collector, Parts
    from lineitem.server.otlp_grpc import OtlpGrpc

#: A Unix socket's path is at most this long on every platform.
_LONGEST_PATH = 100
#: How often a held lock is tried.
_LOOKS = 5


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
            _taken(port, error, "`lineitem serve --port N`, or [collector] port in settings.toml, then"
                   " `lineitem install` again")
        ) from error  # fmt: skip
    return listener


def listen_grpc(collector: Collector, token: str, port: int) -> OtlpGrpc:
    """The gRPC server of a collector, on 127.0.0.1, to be started. Raises PortTaken, GrpcMissing."""
    from lineitem.server.otlp_grpc import OtlpGrpc

    try:
        with socket.create_server(("127.0.0.1", port)):
            pass  # it is free; grpc itself would write about one that is not to our standard error
        return OtlpGrpc(collector, token, port)
    except OSError as error:
        raise PortTaken(
            _taken(port, error, "`lineitem serve --grpc-port N`, or [collector] grpc_port in settings.toml")
        ) from error


def _taken(port: int, error: OSError, way_out: str) -> str:
    return (
        f"Port {port} on 127.0.0.1 is taken by another program ({error.strerror}). Give the collector another:"
        f" {way_out}."
    )


def listen_unix(live: str) -> tuple[socket.socket, str] | None:
    """A listening Unix socket in the live folder, or in a folder of our own where that path is too long."""
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return None
    path = os.path.join(live, "collector.sock")
    if len(os.fsencode(path)) > _LONGEST_PATH:
        path = _shorter(live)
    _remove(path)  # we hold the lock: nobody listens there
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
    return _about(live) if held(live) else None


def held(live: str) -> bool:
    """Whether a collector runs, or is just starting: then it has said nothing about itself yet."""
    path = os.path.join(live, "collector.lock")
    if not os.path.exists(path):
        return False
    lock = Lock(path)
    free = lock.take()
    lock.release()
    return not free


def _about(live: str) -> dict[str, object] | None:
    """What a collector wrote about itself."""
    try:
        with open(os.path.join(live, "collector.json"), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _claimed(lock: Lock) -> bool:
    """Whether the lock is ours now; who only looks whether it is held has it for a moment."""
    for _ in range(_LOOKS):
        if lock.take():
            return True
        time.sleep(0.03)
    return False


def waiting(live: str) -> Waiting | None:
    """What was acknowledged and is not in the store yet; None where that cannot be known."""
    from lineitem.ledger.inbox import place_in
    from lineitem.ledger.inbox import waiting as found

    return found(place_in(live))


def serve(
    db: str, dirs: Sequence[str], live: str, tokens: Mapping[str, str], port: int, say: Callable[[str], None],
    parts: Parts | None = None, grpc_port: int | None = None,
) -> int:  # fmt: skip
    """Run the collector until SIGINT or SIGTERM; the exit code. grpc_port: take OTLP over gRPC, too.

    Raises Running, PortTaken, GrpcMissing, and what opening the store raises; what was claimed by then is let go of.
    """
    os.umask(0o077)  # whatever is made from here on is the owner's alone
    lock = Lock(os.path.join(live, "collector.lock"))
    if not _claimed(lock):
        lock.release()
        known = _about(live) or {}
        raise Running(f"A collector of this store already runs (process {known.get('pid', '?')},"
                      f" port {known.get('port', '?')}).")  # fmt: skip
    about = os.path.join(live, "collector.json")
    made, listeners = [about], []
    try:
        _remove(about)  # of a collector that was killed: nobody may take it for ours
        _open_once(db, dirs)
        import uvicorn  # noqa: F401 - takes longer than an event may wait: before anybody can knock

        from lineitem.server import app  # noqa: F401
        from lineitem.server.collector import Collector

        collector = Collector(db, dirs, live, parts)
        grpc = None if grpc_port is None else listen_grpc(collector, tokens["ingest"], grpc_port)
        listeners.append(listen_tcp(port))
        own = listeners[0].getsockname()[1]
        unix = listen_unix(live)
        if unix is not None:
            listeners.append(unix[0])
            made.append(unix[1])
        _write(about, {
            "pid": os.getpid(), "port": own, "socket": unix[1] if unix else None,
            "grpcPort": grpc.port if grpc else None, "started": time.time(),
        })  # fmt: skip
        places = [f"http://127.0.0.1:{own}", *(unix[1:] if unix else ())]
        places += [f"127.0.0.1:{grpc.port} (gRPC)"] if grpc else []
        say(f"The collector listens on {' and '.join(places)}.")
        return _run(collector, tokens, own, listeners, grpc)
    finally:
        for listener in listeners:
            listener.close()
        for path in made:
            _remove(path)
        lock.release()


def _open_once(db: str, dirs: Sequence[str]) -> None:
    """Make the store or bring it up to date: here a failure is a sentence, and later nobody has to wait for it."""
    from lineitem.wiring import Lineitem

    Lineitem(db, dirs).close()


def _run(
    collector: Collector, tokens: Mapping[str, str], port: int, listeners: list[socket.socket], grpc: OtlpGrpc | None
) -> int:
    import uvicorn

    from lineitem.server.app import make_app
    from lineitem.sources.crew import work_alone

    # An answer crosses two threads; while transcripts are folded in a third, each crossing would wait for 5 ms.
    sys.setswitchinterval(0.0002)
    work_alone()  # from here on there are threads: forking is not safe
    config = uvicorn.Config(
        make_app(collector, tokens, port, grpc), log_level="warning", access_log=False, proxy_headers=False,
        server_header=False, date_header=False, timeout_keep_alive=30, timeout_graceful_shutdown=3, ws="none",
        limit_concurrency=1_000, h11_max_incomplete_event_size=64 << 10, lifespan="on",
    )  # fmt: skip
    server = _server(config, collector.news.close)

    def end(_: int, __: object) -> None:
        """Before uvicorn listens to signals: it ends once it has begun. After: it raises them again, all is done."""
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    server.run(sockets=listeners)
    return 0 if server.started else 1


def _server(config: uvicorn.Config, ending: Callable[[], None]) -> uvicorn.Server:
    """A server that ends the streams of open pages when it is told to stop: they would listen for ever."""
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            ending()
            super().handle_exit(sig, frame)

    return Server(config)


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def _write(path: str, about: dict[str, object]) -> None:
    from lineitem import __version__

    fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump({**about, "version": __version__}, file)
    os.replace(f"{path}.new", path)
