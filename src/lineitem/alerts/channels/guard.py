"""Where a webhook may connect to: public addresses, decided for the very address that is connected.

A name is resolved once; all its addresses must be public, and the connection goes to one of those, so a name that
answers differently a moment later gains nothing. An address that carries another (mapped, 6to4, Teredo, NAT64) is
judged by both.
"""

from __future__ import annotations

import ipaddress
import socket
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    #: What the system says of an address: family, kind, protocol, name, and what to connect to.
    _Place = tuple[Any, Any, int, str, Any]
    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: IPv4 in IPv6 without a prefix of its own, long deprecated, still understood by some systems.
_COMPATIBLE = ipaddress.ip_network("::/96")

#: So many names may be looked up at once: one that hangs holds up no other channel, and does not gather threads.
_LOOKING = BoundedSemaphore(8)


class RefusedAddressError(OSError):
    """The host's address is not public. The text names no address."""


def connected(
    host: str, port: int, timeout: float, whole: float, *, local: bool, clock: Callable[[], float] = monotonic
) -> socket.socket:
    """A connection to one of the host's addresses; unless `local`, all of them must be public.

    timeout: seconds for one address; whole: for looking them up and for all of them together. Raises TimeoutError when
    those are over.
    """
    end = clock() + whole
    found = _looked_up(host, port, whole)
    if not local and not all(is_public(str(entry[4][0])) for entry in found):
        raise RefusedAddressError("the address is not public; a local receiver needs local = true")
    refused: OSError = OSError("the host has no address")
    for family, kind, protocol, _, place in found:
        left = min(timeout, end - clock())
        if left <= 0:
            raise TimeoutError
        tried = socket.socket(family, kind, protocol)
        try:
            tried.settimeout(left)
            tried.connect(place)
        except OSError as error:
            tried.close()
            refused = error
        else:
            tried.settimeout(timeout)
            return tried
    raise refused


def _looked_up(host: str, port: int, seconds: float) -> list[_Place]:
    """The addresses of a host. Raises OSError, and TimeoutError when the time is over.

    The system's own looking up knows no limit, and cannot be ended: it is left alone, in a thread of its own.
    """
    if not _LOOKING.acquire(blocking=False):
        raise TimeoutError  # so many hang already: another one would, too
    answer: SimpleQueue[list[_Place] | OSError] = SimpleQueue()

    def look() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # a name that no host can have
            answer.put(error if isinstance(error, OSError) else OSError("the host cannot be looked up"))
        finally:
            _LOOKING.release()

    try:
        Thread(target=look, name="looking-up", daemon=True).start()
    except RuntimeError:  # no more threads
        _LOOKING.release()
        raise OSError("the host cannot be looked up") from None
    try:
        found = answer.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


def is_public(text: str) -> bool:
    """Whether an address, and every address inside it, belongs to the public internet."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if "%" in text:  # a scope: this link only
        return False
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in _carried(address))


def _carried(address: Address) -> Iterator[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:  # it is connected as IPv4; the outer address is only a spelling
        yield address.ipv4_mapped
        return
    if address in _NAT64 or address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    else:
        yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
