"""A signed webhook: one POST by the Standard Webhooks specification.

HTTPS to public addresses only, unless the setting `local` allows otherwise for this address; no redirects, no
proxies, bounded time, nothing read of the answer but its status. What goes wrong is told without the address.
"""

from __future__ import annotations

from lineitem.alerts.channels.guard import RefusedAddressError, connected
from lineitem.alerts.channels.signing import signed_headers, signing_key
from lineitem.alerts.delivery import LATER, NEVER, SENT, Outcome
from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from http.client import HTTPConnection
    from urllib.parse import SplitResult

    from lineitem.alerts.messages import Message
    from lineitem.alerts.settings import ChannelSettings

#: Seconds for one step, and for all of it: a receiver that answers a byte at a time ends here too.
_STEP, _WHOLE = 10.0, 20.0
_GONE = 410  #: by the specification: stop sending


class Webhook:
    """One receiver."""

    def __init__(self, settings: ChannelSettings, trust: ssl.SSLContext | None = None) -> None:
        """`trust`: whose certificates are believed, where it is not the system's choice."""
        self.settings, self._trust = settings, trust

    def send(self, message: Message, now: int) -> Outcome:
        """One signed POST."""
        from http.client import HTTPException

        try:
            body = body_of(message)
            headers = signed_headers(message.id, now // 1000, body, self._keys())
            status = self._post(body, {**headers, "content-type": "application/json", "user-agent": "lineitem"})
        except (UsageError, RefusedAddressError) as error:
            return Outcome(LATER, str(error))
        except TimeoutError:
            return Outcome(LATER, "no answer in time")
        except (OSError, HTTPException) as error:
            return Outcome(LATER, f"not reached ({type(error).__name__})")
        if 200 <= status < 300:
            return Outcome(SENT)
        return Outcome(NEVER if status == _GONE else LATER, f"answered {status}")

    def _keys(self) -> list[bytes]:
        """The present key, then the one before it."""
        given = (self.settings.secret, self.settings.previous_secret)
        return [signing_key(secret.read(), secret.label) for secret in given if secret is not None]

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer."""
        from http.client import HTTPConnection, HTTPSConnection
        from ssl import SSLSocket
        from threading import Timer
        from time import monotonic

        url = self._url()
        host = url.hostname or ""
        secure = url.scheme == "https"
        connection = (HTTPSConnection if secure else HTTPConnection)(host, url.port)
        begun = monotonic()
        wire = connected(host, connection.port, _STEP, _WHOLE, local=self.settings.local)
        left = max(0.0, begun + _WHOLE - monotonic())  # what connecting took is a part of it
        limit = Timer(left, lambda: _shut(connection.sock or wire))  # TLS takes the plain socket over
        limit.daemon = True
        limit.start()
        try:
            connection.sock = self._encrypted(wire, host) if secure else wire
            if isinstance(connection.sock, SSLSocket):
                connection.sock.do_handshake()
            connection.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), body, headers)
            return connection.getresponse().status
        finally:
            limit.cancel()
            _close(connection, wire)

    def _encrypted(self, wire: socket.socket, host: str) -> socket.socket:
        import ssl

        return (self._trust or ssl.create_default_context()).wrap_socket(
            wire, server_hostname=host, do_handshake_on_connect=False
        )

    def _url(self) -> SplitResult:
        secret = self.settings.url
        if secret is None:  # the settings refuse a webhook without one
            raise UsageError(f"alerts.channels.{self.settings.name} has no url.")
        return checked_url(secret.read(), secret.label, local=self.settings.local)


def checked_url(text: str, label: str, *, local: bool) -> SplitResult:
    """A webhook's address, if it is one that may be used; an error names the setting, never the address."""
    from urllib.parse import urlsplit

    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise UsageError(f"{label} is no valid address.") from None
    if any(letter <= " " or letter > "~" for letter in text) or not url.hostname:
        raise UsageError(f"{label} is no valid address.")
    if url.scheme != "https" and not (local and url.scheme == "http"):
        raise UsageError(f"{label} must begin with https:// (a local receiver with local = true also with http://).")
    if url.username is not None or url.password is not None or url.fragment:
        raise UsageError(f"{label} must hold neither a user name nor a fragment; the signature says who sends.")
    if port is not None and port < 1024 and port not in (80, 443):
        raise UsageError(f"{label}: that port belongs to another service; use 443 or one from 1024 on.")
    return url


def body_of(message: Message) -> bytes:
    """What is sent: the same bytes on every attempt."""
    from json import dumps

    from lineitem.alerts.sinks import harmless, plain
    from lineitem.core.periods import iso

    document = {
        "type": f"lineitem.{message.what}",
        "timestamp": iso(message.at),
        "data": {
            "id": message.id,
            "severity": message.severity,
            "title": harmless(message.title),
            "text": plain(message),
            "notices": list(message.facts),
        },
    }
    return dumps(document, ensure_ascii=True, separators=(",", ":")).encode()


def _shut(wire: socket.socket) -> None:
    """End a connection from outside: what waits on it fails."""
    import socket

    try:
        wire.shutdown(socket.SHUT_RDWR)
    except OSError:  # ended already
        pass


def _close(connection: HTTPConnection, wire: socket.socket) -> None:
    connection.close()
    wire.close()
