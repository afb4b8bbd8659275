"""Speaks to the collector over its Unix socket, within a budget of time, and never fails.

Only the socket: it stands in a folder of ours that nobody else may enter, and its owner is looked at before the token
is sent. A TCP port could be anybody's. Where there are no Unix sockets, the spool alone is the way.
"""

from __future__ import annotations

import os
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

#: Seconds for everything, from the first look at the folder to the last byte.
BUDGET = 0.15
#: A longer path fits no socket address.
LONGEST = 100
_MOST = 64 << 10


def post(folder: str, route: str, body: bytes, key: str = "", budget: float = BUDGET) -> bytes | None:
    """What the collector answers to a JSON body; None where it does not, not in time, or not with 200."""
    end = monotonic() + budget
    try:
        line = _open(_address(folder), end)
        if line is None:
            return None
        try:
            line.sendall(_request(route, body, _token(folder), key))
            return _answer(line, end)
        finally:
            line.close()
    except (OSError, ValueError):
        return None


def _address(folder: str) -> str:
    """The socket in the live folder; where its path is too long, what the collector wrote down."""
    path = os.path.join(folder, "collector.sock")
    if len(os.fsencode(path)) <= LONGEST:
        return path
    from lineitem_hook.members import members

    with open(os.path.join(folder, "collector.json"), encoding="utf-8") as file:
        address = members(file.read(_MOST)).get("socket", ("",))[0]
    return address if isinstance(address, str) else ""


def _open(address: str, end: float) -> socket | None:
    """A connection to a socket that is ours; None where there is none."""
    try:
        from _socket import AF_UNIX, SOCK_STREAM, socket
    except ImportError:
        return None
    if os.lstat(address).st_uid != os.geteuid():
        return None
    line = socket(AF_UNIX, SOCK_STREAM)
    line.settimeout(max(0.001, end - monotonic()))
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line


def _token(folder: str) -> str:
    with open(os.path.join(folder, "ingest.token"), encoding="ascii") as file:
        token = file.read(200).strip()
    if not token.replace("-", "a").replace("_", "a").isalnum():
        raise ValueError
    return token


def _request(route: str, body: bytes, token: str, key: str) -> bytes:
    minted = f"x-lineitem-key: {key}\r\n" if key else ""
    head = (
        f"POST {route} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{minted}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


def _answer(line: socket, end: float) -> bytes | None:
    """The body of an answer with status 200."""
    found = b""
    while len(found) < _MOST:
        left = end - monotonic()
        if left <= 0:
            return None
        line.settimeout(left)
        part = line.recv(_MOST)
        found += part
        head, parted, body = found.partition(b"\r\n\r\n")
        if parted and not head.startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 ")):
            return None
        length = _length(head) if parted else None
        if length is not None and len(body) >= length:
            return body[:length]
        if not part:
            return body if parted and length is None else None
    return None


def _length(head: bytes) -> int | None:
    """The length the head of an answer names."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None
